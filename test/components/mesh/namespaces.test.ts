import type * as pulumi from "@pulumi/pulumi";
import { LicenseSecret, Namespace, type NamespaceArgs, RegistrySecret } from "../../../components/foundation";
import {
  ServiceMesh,
  type ServiceMeshArgs,
  Sidecar,
  type SidecarArgs,
  SpiffeCsiDriver,
  SpireAgent,
  SpireServer,
} from "../../../components/mesh";
import { Certificate, CertificateAuthority, TrustedCertificates } from "../../../components/pki";
import { manifests, record } from "../../../engine";
import { goodToken } from "../foundation/token";
import { mesh } from "./mesh-fixture";
import { least as server, the } from "./server-fixture";
import { least as sidecar } from "./sidecar-fixture";

/** Runs a program and returns the messages of its refusal, none where it is accepted. */
async function faultsOf(program: () => void): Promise<string[]> {
  const message = await record(program).then(
    () => "",
    (error: Error) => error.message,
  );
  return message.match(/\w+ "\w+": .*(?= {4}at|$)/gm) ?? [];
}
const kubelet = { clusterAuthority: true };
const namespace = (args: NamespaceArgs, name = "shop") => new Namespace(name, args).name;
const elsewhere =
  "which is in another namespace; make it in the namespace of the pods that use it, once for each namespace";
const plus = { edition: "plus", image: "registry.example.com/nginx-plus:1", redirect: {} } as const;

describe("K4: Secrets of another namespace", () => {
  const jwt = goodToken();
  const license = (where: pulumi.Input<string>) => new LicenseSecret("license", { namespace: where, jwt });
  const pull = (where: pulumi.Input<string>) => [new RegistrySecret("pull", { namespace: where, jwt }).secretName];
  const authorities = (where: pulumi.Input<string>) =>
    new TrustedCertificates("ca", {
      namespace: where,
      certificatesPem: new CertificateAuthority("root", { subject: { commonName: "root" } }).bundle,
    });

  test("of a Sidecar are refused", async () => {
    const made = (where: pulumi.Input<string>) => () =>
      void new Sidecar("web", { ...sidecar, ...plus, license: license(where), imagePullSecrets: pull(where) });
    expect(await faultsOf(made("shop"))).toEqual([]);
    expect(await faultsOf(made("shared"))).toEqual([
      `Sidecar "web": imagePullSecrets[0] is of RegistrySecret "pull", ${elsewhere}`,
      `Sidecar "web": license.secretName is of LicenseSecret "license", ${elsewhere}`,
    ]);
  });

  test("of server, agents and driver are refused", async () => {
    const made = (where: pulumi.Input<string>) => () => {
      const imagePullSecrets = pull(where);
      new SpireAgent("agent", { mesh, kubelet: { authorities: authorities(where) }, imagePullSecrets });
    };
    expect(await faultsOf(made("spire-system"))).toEqual([]);
    expect((await faultsOf(made("shared"))).map((fault) => fault.split(" is of")[0])).toEqual([
      'SpireAgent "agent": kubelet.authorities.secretName',
      'SpireAgent "agent": imagePullSecrets[0]',
    ]);
    expect(
      await faultsOf(() => void new SpiffeCsiDriver("csi", { namespace: "a", imagePullSecrets: pull("b") })),
    ).toEqual([`SpiffeCsiDriver "csi": imagePullSecrets[0] is of RegistrySecret "pull", ${elsewhere}`]);
    expect(
      await faultsOf(() => void new SpireServer("spire", { ...server, imagePullSecrets: pull("spire-system") })),
    ).toEqual([`SpireServer "spire": imagePullSecrets[0] is of RegistrySecret "pull", ${elsewhere}`]);
  });

  test("of a ServiceMesh are refused, also with Namespaces made by the mesh", async () => {
    const made = (args: Partial<ServiceMeshArgs>) => () => {
      const own = namespace({}, "own");
      new ServiceMesh("mesh", {
        trustDomain: "mesh.test",
        clusterName: "test",
        server: { storage: { unsafeEphemeral: true }, imagePullSecrets: pull(own) },
        agent: { kubelet },
        ...args,
        ...(args.serverNamespace && { serverNamespace: own }),
      });
    };
    expect(await faultsOf(made({}))).toEqual([
      `ServiceMesh "mesh": server.imagePullSecrets[0] is of RegistrySecret "pull", ${elsewhere}`,
    ]);
    expect(await faultsOf(made({ serverNamespace: "own" }))).toEqual([]);
  });

  test("a server certificate is refused as client certificate for a database", async () => {
    const made = (usage: "server" | "client") => () => {
      const issuer = new CertificateAuthority("root", { subject: { commonName: "root" } });
      const clientCertificate = new Certificate("database", {
        namespace: server.namespace,
        issuer,
        usage,
        ...(usage === "server" ? { dnsNames: ["spire.test"] } : {}),
        subject: { commonName: "spire" },
      });
      new SpireServer("spire", {
        ...server,
        dataStore: { mysql: { existing: { name: "database" }, clientCertificate } },
      });
    };
    expect(await faultsOf(made("client"))).toEqual([]);
    expect(await faultsOf(made("server"))).toEqual([
      'SpireServer "spire": dataStore.mysql.clientCertificate.secretName is of Certificate "database", a certificate for a server; give one with usage "client" or "serverAndClient"',
    ]);
  });
});

describe("K4: Pod Security of a Namespace", () => {
  test.each(["restricted", "baseline"] as const)(
    "%s refuses a redirect, and takes explicit ports",
    async (podSecurity) => {
      const made = (args: Partial<SidecarArgs>) => () =>
        void new Sidecar("web", { ...sidecar, namespace: namespace({ podSecurity }), ...args });
      expect(await faultsOf(made({}))).toEqual([
        `Sidecar "web": redirect needs an init container with NET_ADMIN, and Namespace "shop" enforces ${podSecurity} Pod Security; leave it out, and write applicationPort and localPort; or give that Namespace podSecurity "privileged"`,
      ]);
      const inbound = sidecar.inbound!.map((one) => ({ ...one, applicationPort: 9080 }));
      expect(await faultsOf(made({ redirect: undefined, inbound }))).toEqual([]);
      expect(await faultsOf(made({ namespace: "shop" }))).toEqual([]);
      expect(
        await faultsOf(
          () => void new Sidecar("web", { ...sidecar, namespace: namespace({ podSecurity: "privileged" }) }),
        ),
      ).toEqual([]);
    },
  );

  test("must admit agents and driver", async () => {
    const remedy = 'give that Namespace podSecurity "privileged", or use another one';
    expect(
      await faultsOf(() => {
        const spire = new SpireServer("spire", {
          ...server,
          namespace: namespace({}, "spire"),
          agentNamespace: undefined,
        });
        new SpireAgent("agent", { mesh: spire, kubelet });
      }),
    ).toEqual([
      `SpireAgent "agent": mesh.agentNamespace is Namespace "spire", which enforces restricted Pod Security, and the agents are privileged; ${remedy}`,
    ]);
    expect(
      await faultsOf(
        () => void new SpiffeCsiDriver("csi", { namespace: namespace({ podSecurity: "baseline" }, "spire") }),
      ),
    ).toEqual([
      `SpiffeCsiDriver "csi": namespace is Namespace "spire", which enforces baseline Pod Security, and the driver is privileged; ${remedy}`,
    ]);
    const whole = (podSecurity: "privileged" | "restricted") => () =>
      void new ServiceMesh("mesh", {
        trustDomain: "mesh.test",
        clusterName: "test",
        server: { storage: { unsafeEphemeral: true } },
        agent: { kubelet },
        systemNamespace: namespace({ podSecurity }, "system"),
      });
    expect(await faultsOf(whole("privileged"))).toEqual([]);
    expect(await faultsOf(whole("restricted"))).toEqual([
      `ServiceMesh "mesh": systemNamespace is Namespace "system", which enforces restricted Pod Security, and agents and driver are privileged; ${remedy}`,
    ]);
  });
});

describe("K5: a Namespace that denies by default", () => {
  const made = async (defaultDeny: boolean, more: Partial<ServiceMeshArgs> = {}) =>
    manifests(
      await record(() => {
        new ServiceMesh("mesh", {
          trustDomain: "mesh.test",
          clusterName: "test",
          server: { storage: { unsafeEphemeral: true } },
          agent: { kubelet },
          serverNamespace: namespace({ name: "server", defaultDeny }, "server"),
          systemNamespace: namespace({ name: "system", podSecurity: "privileged", defaultDeny }, "system"),
          ...more,
        });
      }),
      { secrets: "show" },
    );
  const tcp = (...ports: number[]) => ({ ports: ports.map((port) => ({ port, protocol: "TCP" })) });

  test("a Sidecar warns which policy the workload's pods need", async () => {
    const warnings = async (defaultDeny: boolean) => {
      const { log } = await record(
        () =>
          void new Sidecar("shop", { ...sidecar, namespace: namespace({ defaultDeny, podSecurity: "privileged" }) }),
      );
      return log.filter(({ severity }) => severity === "warning").map(({ message }) => message);
    };
    expect(await warnings(true)).toContain(
      'Sidecar "shop": namespace is of Namespace "shop", which denies all traffic; give the workload\'s pods a NetworkPolicy: in on the ports of inbound, out on those of outbound and on 53',
    );
    expect((await warnings(false)).filter((message) => message.includes("NetworkPolicy"))).toEqual([]);
  });

  test("gets policies for server and agents only", async () => {
    const objects = await made(true);
    const of = (prefix: string) => the("NetworkPolicy", objects, prefix);
    const names = objects.filter(({ kind }) => kind === "NetworkPolicy").map(({ metadata }) => metadata.name);
    expect(names.filter((name) => !/^(server|system)-default-deny-/.test(`${name}`))).toHaveLength(2);
    expect(of("mesh-server")).toMatchObject({
      metadata: { namespace: "server" },
      spec: { podSelector: the("StatefulSet", objects).spec.selector, ingress: [tcp(8081, 9443)], egress: [{}] },
    });
    const { metadata, spec } = of("mesh-agent");
    expect(metadata.namespace).toBe("system");
    expect(spec.podSelector).toEqual(the("DaemonSet", objects, "mesh-agent").spec.selector);
    expect(spec.ingress ?? []).toEqual([]);
    expect(spec.egress).toEqual([
      { ports: ["UDP", "TCP"].map((protocol) => ({ port: 53, protocol })) },
      tcp(8081, 10250),
    ]);
    expect((await made(false)).filter(({ kind }) => kind === "NetworkPolicy")).toEqual([]);
  });

  test("allows metrics, and egress of agents with plugins", async () => {
    const agent = {
      kubelet,
      plugins: [{ name: "SVIDStore", labels: ["x"], block: [{ name: "plugin_data", block: [] }] }],
    };
    const objects = await made(true, { monitoring: {}, agent });
    expect(the("NetworkPolicy", objects, "mesh-server").spec.ingress).toEqual([tcp(8081, 9443, 9988, 8082)]);
    expect(the("NetworkPolicy", objects, "mesh-agent").spec).toMatchObject({ ingress: [tcp(9988)], egress: [{}] });
  });
});
