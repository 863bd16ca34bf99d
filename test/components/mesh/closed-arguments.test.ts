import * as pulumi from "@pulumi/pulumi";
import {
  ServiceMesh,
  Sidecar,
  SidecarInjector,
  SpiffeCsiDriver,
  SpireAgent,
  SpireServer,
  WorkloadIdentity,
  withSidecar,
} from "../../../components/mesh";
import { record } from "../../../engine";
import { type Refusal, testRefusals, thrownBy, withoutPlace } from "../refusals";
import { mesh } from "./mesh-fixture";
import { least as server } from "./server-fixture";
import { least as sidecar } from "./sidecar-fixture";

const kubelet = { clusterAuthority: true };
const wholeMesh = {
  trustDomain: "mesh.test",
  clusterName: "test",
  server: { storage: { volume: { size: "1Gi" } } },
  agent: { kubelet },
};
const subdomain =
  "is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit";
const label =
  "is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit";

const of = (component: Refusal["component"], least: object) => (rule: string, args: object, error: string) => ({
  ...{ rule, component, error, plain: true },
  args: { ...least, ...args },
});
const ofSidecar = of(Sidecar, sidecar);
const ofServer = of(SpireServer, server);
const ofAgent = of(SpireAgent, { mesh, kubelet });
const ofMesh = of(ServiceMesh, wholeMesh);
const inbound = (more: object) => ({ inbound: [{ ...sidecar.inbound![0], ...more }] });

describe("names that do not exist", () => {
  testRefusals([
    ofSidecar(
      "K1: a rule for egress, misspelt",
      { redirect: { egres: "declared" } },
      "redirect.egres is not an argument; write redirect.egress",
    ),
    ofSidecar(
      "K1: one network in place of several",
      { redirect: { excludedCidr: ["10.0.0.0/8"] } },
      "redirect.excludedCidr is not an argument; write redirect.excludedCidrs",
    ),
    ofSidecar(
      "K1: paths in the singular",
      inbound({ plainPath: ["/healthz"] }),
      "inbound[0].plainPath is not an argument; write inbound[0].plainPaths",
    ),
    ofSidecar(
      "K1: a mode of a prototype",
      inbound({ mode: "toString" }),
      'inbound[0].mode is "toString"; write one of "strict", "permissive", "off"',
    ),
    ofServer(
      "K1: a volume without its name",
      { storage: { volume: { sise: "1Gi", size: "1Gi" } } },
      "storage.volume.sise is not an argument; write storage.volume.size",
    ),
    ofServer(
      "K1: a database's password that is no connection string",
      { dataStore: { mysql: { existing: { name: "a", secretKey: "b" } } } },
      "dataStore.mysql.existing.secretKey is not an argument; remove it; dataStore.mysql.existing has key, name, revision",
    ),
    ofAgent(
      "K1: SPIRE's own name of an argument",
      { kubelet: { clusterAuthority: true, skipKubeletVerification: true } },
      "kubelet.skipKubeletVerification is not an argument; write kubelet.unsafeSkipVerification",
    ),
    ofMesh(
      "K2: a name in a part of a mesh",
      { agent: { kubelet, imagePullSecret: ["registry"] } },
      "agent.imagePullSecret is not an argument; write agent.imagePullSecrets",
    ),
  ]);
});

describe("values of other types", () => {
  testRefusals([
    ofSidecar(
      "K1: a port as text",
      inbound({ port: "8080" }),
      'inbound[0].port is "8080"; write a number: Port to which clients and probes connect',
    ),
    ofSidecar(
      "K1: peers as one object",
      inbound({ allow: {} }),
      "inbound[0].allow is an object; write a list, each entry an object with namespace, serviceAccount",
    ),
    ofServer("K1: storage as text", { storage: "1Gi" }, "storage is a string; write an object"),
    ofServer("K1: a number of replicas as text", { replicas: "3" }, 'replicas is "3"; write a number'),
    ofAgent(
      "K1: kubelets as text",
      { kubelet: "clusterAuthority" },
      "kubelet is a string; write an object: Verification of the kubelets, by exactly one of clusterAuthority, authorities, hostCertificate and unsafeSkipVerification",
    ),
    ofMesh(
      "K2: injection as a flag",
      { injection: true },
      "injection is a boolean; write an object with kubernetesVersion",
    ),
  ]);
});

/** Arguments with at least five faults, and their messages. */
const fiveFaults: Record<string, [component: Refusal["component"], args: object, ...faults: string[]]> = {
  SpireServer: [
    SpireServer,
    {
      ...server,
      namespace: "Spire",
      clusterName: "eu/1",
      replicas: 0,
      imagePullSecrets: ["Registry"],
      upstreamAuthority: { vault: { address: "http://vault", tokenLogin: { secretName: "token" }, chainLength: 1 } },
    },
    `namespace ${label}`,
    "clusterName is not a name that a SPIFFE ID can have; write at most 63 letters, digits, `.`, `_` and `-`, beginning and ending with a letter or digit",
    "replicas is 0; write a whole number from 1 to 9",
    `imagePullSecrets[0] ${subdomain}`,
    "upstreamAuthority.vault.address is not the address of a Vault with TLS; write `https://`, its host and its port: `https://vault.example.com:8200`",
  ],
  SpireAgent: [
    SpireAgent,
    {
      mesh,
      kubelet: { authorities: { secretName: "Kubelets" }, hostCertificate: "kubelet.crt" },
      rebootstrapDelaySeconds: 0,
      maxUnavailable: "none",
      logLevel: "info",
    },
    'logLevel is "info"; write one of "DEBUG", "INFO", "WARN", "ERROR"',
    "rebootstrapDelaySeconds is 0; write a whole number from 1 to 86400",
    "maxUnavailable is neither a number nor a percentage; write for example `1` or `25%`",
    "kubelet.hostCertificate is given beside authorities; give one of the four verifications",
    `kubelet.authorities.secretName ${subdomain}`,
    "kubelet.hostCertificate is not an absolute path; write for example `/var/lib/kubelet/pki/kubelet.crt`",
  ],
  SpiffeCsiDriver: [
    SpiffeCsiDriver,
    {
      namespace: "Spire",
      name: "csi/spiffe",
      kubeletFolder: "/var/lib/../kubelet",
      imagePullSecrets: ["registry", "Registry"],
      images: { registry: "https://registry.example.com" },
    },
    `namespace ${label}`,
    "images.registry is not a registry; write it without scheme and final slash, for example `registry.example.com/mirror`",
    "name is not the name of a CSI driver; write at most 63 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    "kubeletFolder is not an absolute path; write for example `/var/lib/kubelet`",
    `imagePullSecrets[1] ${subdomain}`,
  ],
  WorkloadIdentity: [
    WorkloadIdentity,
    {
      mesh,
      namespaces: ["Shop"],
      everyPod: true,
      dnsNameTemplates: ["web.{{ .PodMeta.Namespace }}.svc"],
      containerName: "Mesh",
      ttlSeconds: 1,
      hint: "",
    },
    `namespaces[0] ${label}`,
    "dnsNameTemplates[0] has no {{ .PodSpec.ServiceAccountName }}; add it: otherwise different workloads get the same name, and can impersonate each other",
    "containerName is not the name of a container; write lower-case letters, digits and `-`",
    "hint is empty or not in ASCII; write at most 1024 letters, digits and signs",
    "ttlSeconds is 1; write a whole number from 60 to 604800",
  ],
  Sidecar: [
    Sidecar,
    {
      ...sidecar,
      namespace: "Shop",
      drainSeconds: 0,
      redirect: { egres: "declared", excludedCidrs: ["10.0.0.0/33"] },
      inbound: [{ port: 8080, protocol: "http", allow: [{ namespace: "shop", serviceAccount: "Web" }] }],
    },
    "redirect.egres is not an argument; write redirect.egress",
    `namespace ${label}`,
    "drainSeconds is 0; write a whole number from 1 to 86400",
    "redirect.excludedCidrs[0] is not a network in CIDR notation; write for example `192.0.2.0/24`",
    `inbound[0].allow[0].serviceAccount ${subdomain}`,
  ],
  SidecarInjector: [
    SidecarInjector,
    {
      kubernetesVersion: "1.35",
      edition: "oss",
      firstPort: 80,
      strictNamespaces: ["kube-system", "Shop"],
      license: { secretName: "license" },
    },
    "kubernetesVersion is 1.35, and MutatingAdmissionPolicy v1 needs 1.36; use withSidecar instead, which adds the same sidecars to pod templates",
    "firstPort is 80; write a whole number from 1024 to 65036",
    'license is for NGINX Plus; leave it out for edition "oss", or use edition "plus"',
    "strictNamespaces[0] is kube-system, whose pods must start without the mesh; name the namespaces of your workloads",
    `strictNamespaces[1] ${label}`,
  ],
  ServiceMesh: [
    ServiceMesh,
    {
      ...wholeMesh,
      images: { registry: "https://registry.example.com" },
      trustDomain: "spiffe://mesh.test",
      server: { ...wholeMesh.server, lifetimes: { caTtlSeconds: 60 }, imagePullSecrets: ["Registry"] },
      agent: { kubelet, plugins: [{ name: "Notifier", block: [] }] },
      csiDriver: { kubeletFolder: "kubelet" },
      injection: { kubernetesVersion: "1.36", sidecars: { edition: "oss", firstPort: 80 } },
      systemNamespace: "spire_system",
    },
    `systemNamespace ${label}`,
    "trustDomain is a URI; write the trust domain alone, without `spiffe://` and path",
    "images.registry is not a registry; write it without scheme and final slash, for example `registry.example.com/mirror`",
    `server.imagePullSecrets[0] ${subdomain}`,
    "server.lifetimes.caTtlSeconds is 60; write a whole number from 360 to 315360000",
    "agent.plugins[0].name is Notifier, which the mesh configures: agents attest by k8s_psat, and keep their keys in memory; write one of SVIDStore, WorkloadAttestor",
    "csiDriver.kubeletFolder is not an absolute path; write for example `/var/lib/kubelet`",
    "injection.sidecars.firstPort is 80; write a whole number from 1024 to 65036",
  ],
};

test.each(Object.entries(fiveFaults))(
  "%s: several faults are reported at once, each once",
  (name, [component, args, ...faults]) => {
    const thrown = thrownBy(() => new component("wrong", args as never)) as pulumi.InputPropertiesError;
    expect(thrown.errors.map(({ reason }) => reason)).toEqual(faults.map((fault) => `${name} "wrong": ${fault}`));
    expect(thrown.errors.map(({ propertyPath }) => propertyPath)).toEqual(faults.map((fault) => fault.split(" ")[0]));
  },
);

test("K2: a fault that is known late has the name and path of the mesh", async () => {
  const later = { ...wholeMesh, trustDomain: pulumi.output("spiffe://mesh.test") };
  await expect(record(() => void new ServiceMesh("edge", later as never))).rejects.toThrow(
    'ServiceMesh "edge": trustDomain is a URI; write the trust domain alone',
  );
});

describe("withSidecar", () => {
  /** Returns the faults of a template of any shape. */
  const faultsOf = async (template: unknown): Promise<string[]> => {
    let thrown: unknown;
    await record(() => {
      const made = new Sidecar("shop", sidecar);
      thrown = thrownBy(() => withSidecar(template as never, made));
    });
    if (thrown === undefined) return [];
    if (!(thrown instanceof pulumi.InputPropertiesError)) throw thrown;
    return withoutPlace(thrown.message)
      .split("\n")
      .map((line) => line.replace('withSidecar "shop": ', ""));
  };
  const spec = { serviceAccountName: "web", containers: [{ name: "app" }] };

  test.each<[string, unknown, ...string[]]>([
    ["a text", "spec", "template is a string; write an object", "template.spec is missing; write the pod's containers"],
    ["nothing", undefined, "template.spec is missing; write the pod's containers"],
    [
      "a list as spec",
      { spec: [] },
      "template.spec is a list; write an object",
      'template.spec.serviceAccountName is missing, so the workload would share the identity of all pods without one; write the name of a ServiceAccount of its own (or "default", if that is intended)',
    ],
    [
      "containers by their names",
      { spec: { ...spec, containers: { app: {} } } },
      "template.spec.containers is an object; write a list",
    ],
    [
      "a container as text",
      { spec: { ...spec, containers: ["app"] } },
      "template.spec.containers[0] is a string; write an object",
    ],
    [
      "no volume in the list",
      { spec: { ...spec, volumes: [null] } },
      "template.spec.volumes[0] is missing; write an object",
    ],
    [
      "a port as a number",
      { spec: { ...spec, containers: [{ name: "app", ports: [8080] }] } },
      "template.spec.containers[0].ports[0] is a number; write an object",
    ],
    [
      "a probe as text",
      { spec: { ...spec, containers: [{ name: "app", readinessProbe: "/healthz" }] } },
      "template.spec.containers[0].readinessProbe is a string; write an object",
    ],
    ["labels as a list", { metadata: { labels: ["a"] }, spec }, "template.metadata.labels is a list; write an object"],
    [
      "pull secrets as texts",
      { spec: { ...spec, imagePullSecrets: ["a"] } },
      "template.spec.imagePullSecrets[0] is a string; write an object",
    ],
  ])("refuses %s with a message", async (_, template, ...faults) => {
    expect(await faultsOf(template)).toEqual(faults);
  });

  test("reports all faults of a template at once", async () => {
    const containers = [
      { name: "mesh-proxy", ports: [{ containerPort: 9999 }], securityContext: { runAsUser: 2102 } },
      { name: "app", readinessProbe: { httpGet: { path: "/ready", port: 8080 } } },
    ];
    const faults = await faultsOf({ spec: { hostNetwork: true, serviceAccountName: "web", containers } });
    expect(faults.map((fault) => fault.split(" ")[0])).toEqual([
      "template.spec.hostNetwork",
      "template.spec.containers[0].name",
      "template.spec.containers[0].securityContext.runAsUser",
      "template.spec.containers[0].ports[0].containerPort",
      "template.spec.containers[1].readinessProbe.httpGet",
    ]);
  });
});
