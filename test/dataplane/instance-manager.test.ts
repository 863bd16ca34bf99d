import type { Server as HttpsServer } from "node:https";
import { request } from "node:https";
import {
  Certificate,
  CertificateAuthority,
  InstanceManager,
  InstanceManagerProxy,
  TrustedCertificates,
} from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { data } from "../../loopback/pod";
import { type GrpcCall, grpcClients, prepareGrpcClients } from "./grpc-clients";
import { closedPort, type GrpcBackend, gateway, grpcBackend, hostname, methods, type Pems } from "./manager-stack";
import { nginxImage, nginxVersion } from "./nginx-version";

const missing = missingPrograms("nginx");
const describeOnTheWire = missing ? describe.skip : describe;

const namespace = "nim";
type Ports = Record<"apigw" | "dpm" | "ingestion", number>;

/** An InstanceManager and the proxy before it, as a user writes them; only the ports are those of the loopback. */
async function render(ports: Ports): Promise<KubernetesObject[]> {
  const run = await record(() => {
    const authority = (name: string) =>
      new CertificateAuthority(name, {
        subject: { commonName: name },
        intermediate: { subject: { commonName: `${name} issuer` } },
      });
    const [servers, agents] = [authority("servers"), authority("agents")];
    const manager = new InstanceManager("manager", {
      namespace,
      issuer: servers,
      internalCertificates: { keyAlgorithm: "ECDSA" },
    });
    new Certificate("agent", { namespace, issuer: agents, usage: "client", subject: { commonName: "agent" } });
    const local = (part: keyof Ports) => ({ ...manager.backends[part], host: "127.0.0.1", port: ports[part] });
    new InstanceManagerProxy("front", {
      namespace,
      edition: "oss",
      pods: { image: nginxImage },
      openSourceVersion: nginxVersion,
      hostname,
      certificate: new Certificate("server", {
        namespace,
        issuer: servers,
        usage: "server",
        subject: { commonName: "front" },
        dnsNames: Object.values(hostname),
      }),
      agentAuthorities: new TrustedCertificates("trust", { namespace, certificatesPem: agents.bundle }),
      backendTls: manager,
      backends: { apigw: local("apigw"), dpm: local("dpm"), ingestion: local("ingestion") },
    });
  });
  return manifests(run, { secrets: "show" });
}

describeOnTheWire(`InstanceManager behind InstanceManagerProxy${missing ? ` (${missing})` : ""}`, () => {
  let stack: Loopback | undefined;
  let ports: Ports;
  let servers: { dpm: GrpcBackend; ingestion: GrpcBackend; apigw: HttpsServer };
  let front: Pems;
  let agent: Pems;
  let ingestionPems: Pems;

  beforeAll(prepareGrpcClients);
  beforeAll(async () => {
    ports = { apigw: await closedPort(), dpm: await closedPort(), ingestion: await closedPort() };
    const objects = await render(ports);
    const texts = (name: string) => {
      const secret = objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith(`${name}-`));
      return Object.fromEntries(Object.entries(data(secret!)).map(([key, value]) => [key, `${value}`]));
    };
    const roots = texts("manager-authority")["ca.pem"]!;
    const part = (name: string): Pems => {
      const { [`${name}-server.pem`]: certificate, [`${name}-server.key`]: key } = texts(
        `manager-${name}-certificates`,
      );
      return { certificate: certificate!, key: key!, roots };
    };
    const pair = (name: string, trusted: string): Pems => {
      const { "tls.crt": certificate, "tls.key": key } = texts(name);
      return { certificate: certificate!, key: key!, roots: trusted };
    };
    front = pair("server-secret", texts("server-secret")["ca.crt"]!);
    agent = pair("agent-secret", roots);
    ingestionPems = part("ingestion");
    servers = {
      dpm: await grpcBackend("dpm", part("dpm"), ports.dpm),
      ingestion: await grpcBackend("ingestion", ingestionPems, ports.ingestion),
      apigw: (await gateway(pair("manager-apigw-server-secret", roots), ports.apigw)).server,
    };
    stack = await runOnLoopback(objects);
  });
  afterAll(async () => {
    await stack?.stop();
    servers?.dpm.stop();
    servers?.ingestion.stop();
    servers?.apigw.close();
  });

  const call = (changes: Partial<GrpcCall> = {}): GrpcCall => ({
    port: stack!.port("nginx", "https"),
    serverName: hostname.agents,
    roots: front.roots,
    certificate: agent.certificate,
    key: agent.key,
    method: methods.download,
    ...changes,
  });

  describe.each(grpcClients)("seen by %s", (_name, send, clientMissing) => {
    const testHere = clientMissing ? test.skip : test;

    testHere("A2: an agent gets through to parts that have the certificates of the chart's Secrets", async () => {
      expect(await send(call())).toEqual({ code: 0, message: "", reply: "dpm" });
      expect(await send(call({ method: methods.stream }))).toEqual({ code: 0, message: "", reply: "ingestion" });
    });
  });

  test("A1: the web interface comes from apigw, whose certificate the proxy verifies", async () => {
    const status = await new Promise<number>((resolve, reject) =>
      request(
        {
          host: "127.0.0.1",
          port: stack!.port("nginx", "https"),
          servername: hostname.manager,
          headers: { host: hostname.manager },
          path: "/ui/",
          ca: front.roots,
        },
        (response) => resolve(response.resume().statusCode!),
      )
        .on("error", reject)
        .end(),
    );
    expect(status).toBe(200);
  });

  test("E17: another part in the place of dpm is not taken for it", async () => {
    servers.dpm.stop();
    servers.dpm = await grpcBackend("ingestion", ingestionPems, ports.dpm);
    const [[, send]] = grpcClients as unknown as [[string, (one: GrpcCall) => Promise<{ code: number }>]];
    expect((await send(call())).code).toBe(14);
    expect(servers.dpm.calls).toEqual([]);
  });
});
