import {
  type DeliberateDifference,
  differences,
  eachUpstream,
  listed,
  undocumented,
  upstreamObjects,
  withoutRandom,
} from "./upstream";
import { plus, rendered, renderedWithNamespace } from "./v1-fixture";

const podTemplate = "Deployment/nginx-gateway.spec.template";

const podSecurity: DeliberateDifference = {
  path: "Namespace/nginx-gateway.metadata.labels",
  ours: Object.fromEntries(
    ["enforce", "warn", "audit"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, "baseline"],
      [`pod-security.kubernetes.io/${mode}-version`, "latest"],
    ]),
  ),
  upstream: undefined,
  reason: "no pod of the namespace gets more rights than these need",
};

const bootstrapName: DeliberateDifference[] = [
  "ConfigMap/nginx-includes-bootstrap.metadata.name",
  `${podTemplate}.spec.volumes[nginx-includes-bootstrap].configMap.name`,
].map((path) => ({
  path,
  ours: "gateway-bootstrap-<8 hex digits>",
  upstream: "nginx-includes-bootstrap",
  reason: "two installations in one namespace would overwrite each other's, and a change would not roll the pods",
}));

const checksum = (of: "config" | "secrets", reason: string): DeliberateDifference => ({
  path: `${podTemplate}.metadata.annotations["checksum/${of}"]`,
  ours: "<64 hex digits>",
  upstream: undefined,
  reason,
});
const configChecksum = checksum("config", "pods that start with a changed file are new pods");
const secretsChecksum = checksum("secrets", "a file mounted by subPath keeps the former licence while its pod lives");

const certificateKeys: DeliberateDifference[] = [["ca.crt"], ["tls.crt", "tls.key"]].map((keys, index) => ({
  path: `${podTemplate}.spec.volumes[nginx-plus-usage-certs].projected.sources[${index}].secret.items`,
  ours: keys.map((key) => ({ key, path: key })),
  upstream: undefined,
  reason: "a client certificate's Secret may have a ca.crt of its own, which would hide the other",
}));

/** What the chart writes beside the manifests of the same version. */
const ofTheChart = (chart: string): DeliberateDifference[] =>
  [
    "ServiceAccount/nginx-gateway",
    "ConfigMap/nginx-includes-bootstrap",
    "ClusterRole/nginx-gateway",
    "ClusterRoleBinding/nginx-gateway",
    "Service/nginx-gateway",
    "Deployment/nginx-gateway",
    "GatewayClass/nginx",
    "NginxGateway/nginx-gateway-config",
  ]
    .flatMap((object) => [
      { path: `${object}.metadata.labels["helm.sh/chart"]`, upstream: chart as unknown },
      { path: `${object}.metadata.labels["app.kubernetes.io/managed-by"]`, upstream: "Helm" },
    ])
    .concat([{ path: "ServiceAccount/nginx-gateway.metadata.annotations", upstream: {} }])
    .map((difference) => ({ ...difference, ours: undefined, reason: "no chart made it" }));

const deliberate = {
  oss: [podSecurity, ...bootstrapName, configChecksum],
  plus: [podSecurity, ...bootstrapName, configChecksum, secretsChecksum],
  render: [...bootstrapName, configChecksum, secretsChecksum, ...ofTheChart("nginx-gateway-fabric-1.6.2")],
};

const byPath = (one: { path: string }, other: { path: string }) => (one.path < other.path ? -1 : 1);

eachUpstream(["1.6.1", "1.6.2"])(
  "NGINX Plus with %s is upstream's manifest, but for what is listed",
  async (version) => {
    const found = differences(
      await renderedWithNamespace({ ...plus, version }),
      upstreamObjects(`gateway-fabric-${version}-nginx-plus.yaml`),
    );
    expect(found.sort(byPath)).toEqual(listed(deliberate.plus).sort(byPath));
  },
);

eachUpstream(["1.6.1", "1.6.2"])(
  "open source with %s is upstream's manifest, but for what is listed",
  async (version) => {
    const found = differences(
      await renderedWithNamespace({ edition: "oss", version }),
      upstreamObjects(`gateway-fabric-${version}-default.yaml`),
    );
    expect(found.sort(byPath)).toEqual(listed(deliberate.oss).sort(byPath));
  },
);

const license = { secretName: "nplus-license" };
const renders = {
  "usage-license": { usage: { license: { secretName: "my-license" } } },
  "usage-nim-skip-verify": { usage: { license, usageEndpoint: "nim.example.com:8443", unsafeSkipVerification: true } },
  "usage-nim-verified": {
    usage: {
      license,
      usageEndpoint: "nim.example.com",
      resolver: "10.0.0.10",
      trustedCertificates: { secretName: "nim-ca" },
      clientCertificate: { secretName: "nim-client" },
    },
  },
};

eachUpstream(Object.entries(renders))(
  "what the chart renders for %s is ours too, but for what is listed",
  async (name, args) => {
    const found = differences(
      await rendered({ ...plus, ...args }),
      upstreamObjects(`renders/gateway-fabric-1.6.2-${name}.manifests.yaml`),
    );
    const expected = [...deliberate.render, ...(name === "usage-nim-verified" ? certificateKeys : [])];
    expect(found.sort(byPath)).toEqual(listed(expected).sort(byPath));
  },
);

// Read from deploy/<variant>/deploy.yaml of v1.6.2, each beside the variant that it is compared with.
const rules = "ClusterRole/nginx-gateway.rules";
const flags = `${podTemplate}.spec.containers[nginx-gateway].args`;
describe("upstream's other variants differ from the plain one as ours do", () => {
  test("experimental-nginx-plus", async () => {
    const found = differences(
      await rendered({ ...plus, experimentalFeatures: true }),
      withoutRandom(await rendered(plus)),
    );
    expect(found).toEqual([
      { path: `${rules}[0].resources[3]`, ours: "configmaps", upstream: undefined },
      { path: `${rules}[7].resources[5]`, ours: "backendtlspolicies", upstream: undefined },
      { path: `${rules}[7].resources[6]`, ours: "tlsroutes", upstream: undefined },
      { path: `${rules}[8].resources[4]`, ours: "backendtlspolicies/status", upstream: undefined },
      { path: `${rules}[8].resources[5]`, ours: "tlsroutes/status", upstream: undefined },
      { path: `${flags}[10]`, ours: "--gateway-api-experimental-features", upstream: undefined },
    ]);
  });

  test("snippets-filters-nginx-plus", async () => {
    const found = differences(await rendered({ ...plus, snippetsFilters: true }), withoutRandom(await rendered(plus)));
    expect(found).toEqual([
      { path: `${rules}[10].resources[4]`, ours: "snippetsfilters", upstream: undefined },
      { path: `${rules}[11].resources[4]`, ours: "snippetsfilters/status", upstream: undefined },
      { path: `${flags}[10]`, ours: "--snippets-filters", upstream: undefined },
    ]);
  });

  test("openshift", async () => {
    const open = { edition: "oss" } as const;
    const found = differences(await rendered({ ...open, openshift: true }), withoutRandom(await rendered(open)));
    expect(found).toEqual([
      {
        path: `${rules}[13]`,
        ours: {
          apiGroups: ["security.openshift.io"],
          resourceNames: ["nginx-gateway-scc"],
          resources: ["securitycontextconstraints"],
          verbs: ["use"],
        },
        upstream: undefined,
      },
      {
        path: "SecurityContextConstraints/nginx-gateway-scc",
        ours: {
          apiVersion: "security.openshift.io/v1",
          kind: "SecurityContextConstraints",
          metadata: { name: "nginx-gateway-scc" },
          allowHostDirVolumePlugin: false,
          allowHostIPC: false,
          allowHostNetwork: false,
          allowHostPID: false,
          allowHostPorts: false,
          allowPrivilegeEscalation: false,
          allowPrivilegedContainer: false,
          allowedCapabilities: ["NET_BIND_SERVICE", "KILL"],
          fsGroup: { type: "MustRunAs", ranges: [{ min: 1001, max: 1001 }] },
          readOnlyRootFilesystem: true,
          requiredDropCapabilities: ["ALL"],
          runAsUser: { type: "MustRunAsRange", uidRangeMin: 101, uidRangeMax: 102 },
          seLinuxContext: { type: "MustRunAs" },
          seccompProfiles: ["runtime/default"],
          supplementalGroups: { type: "MustRunAs", ranges: [{ min: 1001, max: 1001 }] },
          users: ["system:serviceaccount:nginx-gateway:nginx-gateway"],
          volumes: ["emptyDir", "secret", "configMap", "projected"],
        },
        upstream: undefined,
      },
    ]);
  });

  test("nodeport, aws-nlb and azure", async () => {
    const open = { edition: "oss" } as const;
    const service = {
      type: "NodePort",
      annotations: { "service.beta.kubernetes.io/aws-load-balancer-type": "external" },
    } as const;
    const nodeSelector = { "kubernetes.io/os": "linux" };
    const found = differences(await rendered({ ...open, service, nodeSelector }), withoutRandom(await rendered(open)));
    expect(found).toEqual([
      { path: "Service/nginx-gateway.metadata.annotations", ours: service.annotations, upstream: undefined },
      { path: "Service/nginx-gateway.spec.type", ours: "NodePort", upstream: "LoadBalancer" },
      { path: `${podTemplate}.spec.nodeSelector`, ours: nodeSelector, upstream: undefined },
    ]);
  });
});

test("the documentation names every deliberate difference, with its reason", () => {
  const all = [...deliberate.plus, ...deliberate.render, ...certificateKeys];
  expect(undocumented(all)).toEqual([]);
});
