import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Cluster } from "../cluster/fixture";
import { OpenSsl } from "../dataplane/openssl";

// biome-ignore lint/suspicious/noExplicitAny: as the API server answers
type Loose = any;

/** What SPIRE and its controller manager do to the objects of a mesh: no pod of the test's cluster runs a program, so this does it for them. */
export interface ControllerManager {
  /** Where it answers the API server's questions, over TLS. */
  url: string;
  /** Requests that it received: `CREATE ClusterSPIFFEID web-identity`; `too early:` before it while no server was ready to answer. */
  asked: string[];
  /** Takes another certificate for the webhook, as the controller manager does each day. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

const manager = "spire-controller-manager";

/** As long as it is not ready, or the webhook has no certificate, the API server refuses every ClusterSPIFFEID of its class. */
export async function playControllerManager(cluster: Cluster): Promise<ControllerManager> {
  const openssl = new OpenSsl();
  const asked: string[] = [];
  let authority = webhookCertificate(openssl);
  const server = createServer({ key: authority.key, cert: authority.certificate }, (request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", async () => {
      const { apiVersion, kind, request: question } = JSON.parse(body);
      const what = `${question.operation} ${question.kind.kind} ${question.name.replace(/-[0-9a-f]{8}$/, "")}`;
      if (!(await serversReady(cluster))) {
        asked.push(`too early: ${what}`);
        response.writeHead(503).end();
        return;
      }
      asked.push(what);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion, kind, response: { uid: question.uid, allowed: true } }));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  /** Writes the certificate into every webhook of SPIRE that has none, or another. */
  async function certify(): Promise<void> {
    const caBundle = Buffer.from(authority.certificate).toString("base64");
    for (const { metadata, webhooks } of await webhooksOf(cluster)) {
      const stale = (webhooks as Loose[]).some(({ clientConfig }) => clientConfig.caBundle !== caBundle);
      if (!stale) continue;
      const patch = (webhooks as Loose[]).map((_, index) => ({
        op: "add",
        path: `/webhooks/${index}/clientConfig/caBundle`,
        value: caBundle,
      }));
      await cluster.kubectl([
        ...["patch", "validatingwebhookconfiguration", metadata.name, `--field-manager=${manager}`],
        ...["--type=json", `--patch=${JSON.stringify(patch)}`],
      ]);
    }
  }

  let running = true;
  const working = (async () => {
    while (running) {
      // An object that has gone meanwhile is none of its concern.
      await certify().catch(() => undefined);
      await new Promise((over) => setTimeout(over, 200));
    }
  })();
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/validate`,
    asked,
    async renew() {
      authority = webhookCertificate(openssl);
      server.setSecureContext({ key: authority.key, cert: authority.certificate });
      await certify();
    },
    async stop() {
      running = false;
      await working;
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      openssl.remove();
    },
  };
}

function webhookCertificate(openssl: OpenSsl) {
  const key = openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
  const certificate = openssl.run([
    ...["req", "-x509", "-key", openssl.file(key), "-subj", "/CN=webhook", "-days", "1"],
    ...["-addext", "subjectAltName=IP:127.0.0.1"],
  ]);
  return { key, certificate };
}

const ofServers = "--selector=app.kubernetes.io/name=spire-server";

/** SPIRE's webhooks, with the certificates that they have. */
export async function webhooksOf(cluster: Cluster): Promise<Loose[]> {
  return JSON.parse(await cluster.kubectl(["get", "validatingwebhookconfigurations", ofServers, "-o", "json"])).items;
}

async function serversReady(cluster: Cluster): Promise<boolean> {
  const { items } = JSON.parse(await cluster.kubectl(["get", "statefulsets", "-A", ofServers, "-o", "json"]));
  const asked = (items as Loose[]).filter(({ spec }) =>
    spec.template.spec.containers.some(({ ports }: Loose) => ports?.some(({ name }: Loose) => name === "webhook")),
  );
  return asked.length > 0 && asked.every(({ spec, status }) => status.readyReplicas === spec.replicas);
}

/** Writes the roots of the trust domain as SPIRE's publisher does. */
export async function publishBundle(cluster: Cluster, namespace: string, name: string, bundle: string): Promise<void> {
  const document = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    data: { "bundle.crt": bundle },
  };
  await cluster.kubectl(
    [
      ...["apply", "--server-side", "--force-conflicts", "--field-manager=spire-bundlepublisher-k8s_configmap"],
      ...["-f", "-"],
    ],
    JSON.stringify(document),
  );
}

/** Writes how many pods have the identity, as the controller manager does. */
export async function reportIdentity(cluster: Cluster, name: string, podsSelected: number): Promise<void> {
  const stats = {
    namespacesSelected: 1,
    namespacesIgnored: 0,
    podsSelected,
    podEntryRenderFailures: 0,
    entriesMasked: 0,
    entriesToSet: podsSelected,
    entryFailures: 0,
  };
  await cluster.kubectl([
    ...["patch", "clusterspiffeid", name, "--subresource=status", `--field-manager=${manager}`],
    ...["--type=merge", `--patch=${JSON.stringify({ status: { stats } })}`],
  ]);
}
