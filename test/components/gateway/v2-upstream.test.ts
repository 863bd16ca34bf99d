import type { GatewayFabricArgs } from "../../../components/gateway/gateway-fabric-args";
import {
  type DeliberateDifference,
  differences,
  eachUpstream,
  listed,
  undocumented,
  upstreamObjects,
} from "./upstream";
import { certificates, plus, rendered, renderedWithNamespace } from "./v2-fixture";

const generator = "nginx-gateway-cert-generator";
const template = "Deployment/nginx-gateway.spec.template.spec";
const labels = {
  "app.kubernetes.io/instance": "nginx-gateway",
  "app.kubernetes.io/name": "nginx-gateway",
  "app.kubernetes.io/version": "2.6.7",
};
const metadata = { labels, name: generator, namespace: "nginx-gateway" };

const podSecurity: DeliberateDifference = {
  path: "Namespace/nginx-gateway.metadata.labels",
  ours: Object.fromEntries(
    ["enforce", "warn", "audit"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, "restricted"],
      [`pod-security.kubernetes.io/${mode}-version`, "latest"],
    ]),
  ),
  upstream: undefined,
  reason: "no pod of the namespace gets more rights than the control plane needs",
};

const noJob = "the certificates are made by `pulumi up`, so nothing in the cluster may write Secrets for them";
const withoutGenerator: DeliberateDifference[] = [
  {
    path: `ServiceAccount/${generator}`,
    upstream: { apiVersion: "v1", automountServiceAccountToken: false, kind: "ServiceAccount", metadata },
  },
  {
    path: `Role/${generator}`,
    upstream: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata,
      rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["create", "update", "get"] }],
    },
  },
  {
    path: `RoleBinding/${generator}`,
    upstream: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: generator },
      subjects: [{ kind: "ServiceAccount", name: generator, namespace: "nginx-gateway" }],
    },
  },
  {
    path: `Job/${generator}`,
    upstream: {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata,
      spec: {
        template: {
          metadata: { annotations: null },
          spec: {
            automountServiceAccountToken: true,
            containers: [
              {
                args: [
                  "generate-certs",
                  "--service=nginx-gateway",
                  "--cluster-domain=cluster.local",
                  "--server-tls-secret=server-tls",
                  "--agent-tls-secret=agent-tls",
                ],
                env: [{ name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
                image: "ghcr.io/nginx/nginx-gateway-fabric:2.6.7",
                imagePullPolicy: "IfNotPresent",
                name: "cert-generator",
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                  readOnlyRootFilesystem: true,
                  runAsGroup: 1001,
                  runAsUser: 101,
                  seccompProfile: { type: "RuntimeDefault" },
                },
              },
            ],
            restartPolicy: "Never",
            securityContext: { fsGroup: 1001, runAsNonRoot: true },
            serviceAccountName: generator,
          },
        },
        ttlSecondsAfterFinished: 30,
      },
    },
  },
].map((difference) => ({ ...difference, ours: undefined, reason: noJob }));

const secretName = (holder: string) => `gateway-${holder}-tls-secret-<8 hex digits>`;
const ownSecrets: DeliberateDifference[] = ["agent", "server"].map((holder) => ({
  path: `Secret/${secretName(holder)}`,
  ours: {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: secretName(holder), namespace: "nginx-gateway" },
    type: "kubernetes.io/tls",
    data: { "ca.crt": "…", "tls.crt": "…", "tls.key": "…" },
  },
  upstream: undefined,
  reason: "upstream's Job makes it in the cluster; its keys are the same",
}));

const named = "two installations in one namespace would share it";
const certificateNames: DeliberateDifference[] = [
  {
    path: `${template}.containers[nginx-gateway].args[5]`,
    ours: `--agent-tls-secret=${secretName("agent")}`,
    upstream: "--agent-tls-secret=agent-tls",
    reason: named,
  },
  {
    path: `${template}.volumes[nginx-agent-tls].secret.secretName`,
    ours: secretName("server"),
    upstream: "server-tls",
    reason: named,
  },
];

const deliberate = [podSecurity, ...withoutGenerator, ...certificateNames, ...ownSecrets];

const editions: [string, Partial<GatewayFabricArgs>][] = [
  ["nginx-plus", plus],
  ["default", { edition: "oss" }],
];

const byPath = (one: { path: string }, other: { path: string }) => (one.path < other.path ? -1 : 1);

eachUpstream(editions)("%s is upstream's manifest, but for what is listed", async (variant, args) => {
  const found = differences(
    await renderedWithNamespace({ ...args, version: "2.6.7" }),
    upstreamObjects(`gateway-fabric-2.6.7-${variant}.yaml`),
  );
  expect(found.sort(byPath)).toEqual(listed(deliberate).sort(byPath));
});

/** What the chart writes beside the manifests of the same version. */
const ofTheChart: DeliberateDifference[] = [
  "ServiceAccount/nginx-gateway",
  "ClusterRole/nginx-gateway",
  "ClusterRoleBinding/nginx-gateway",
  "Service/nginx-gateway",
  "Deployment/nginx-gateway",
  "GatewayClass/nginx",
  "NginxGateway/nginx-gateway-config",
  "NginxProxy/nginx-gateway-proxy-config",
]
  .flatMap((object) => [
    { path: `${object}.metadata.labels["helm.sh/chart"]`, upstream: "nginx-gateway-fabric-2.6.7" as unknown },
    { path: `${object}.metadata.labels["app.kubernetes.io/managed-by"]`, upstream: "Helm" },
  ])
  .concat([{ path: "ServiceAccount/nginx-gateway.metadata.annotations", upstream: {} }])
  .map((difference) => ({ ...difference, ours: undefined, reason: "no chart made it" }));

/** Variants of upstream's main branch of the day, for which 2.7.2 stands. */
const main: [string, Partial<GatewayFabricArgs>][] = [
  ...editions,
  ["experimental-nginx-plus", { ...plus, experimentalFeatures: true }],
  ["nodeport", { edition: "oss", dataPlane: { service: { type: "NodePort" } } }],
  ["openshift", { edition: "oss", openshift: true }],
];

eachUpstream(main)("%s of 2.7 is the manifest of upstream's main branch before it", async (variant, args) => {
  const ofRelease = (object: object) =>
    JSON.parse(
      JSON.stringify(object)
        .replace(/\bedge\b/g, "2.7.2")
        .replace(/"Always"/g, '"IfNotPresent"'),
    );
  const found = differences(
    await rendered({ ...args, ...certificates, version: "2.7.2" }),
    upstreamObjects(`gateway-fabric-main-2026-08-20/${variant}.yaml`).map(ofRelease),
  );
  const others = ({ path }: { path: string }) => !/^Namespace\/|cert-generator/.test(path);
  expect(found.filter(others)).toEqual([]);
});

const license = { secretName: "nplus-license" };
const renders: [string, Partial<GatewayFabricArgs>][] = [
  ["usage-license", { usage: { license: { secretName: "my-license" } } }],
  [
    "usage-nim-skip-verify",
    { usage: { license, usageEndpoint: "nim.example.com:8443", unsafeSkipVerification: true } },
  ],
  [
    "usage-nim-verified",
    {
      usage: {
        license,
        usageEndpoint: "nim.example.com",
        resolver: "10.0.0.10",
        trustedCertificates: { secretName: "nim-ca" },
        clientCertificate: { secretName: "nim-client" },
      },
    },
  ],
];

eachUpstream(renders)("what the chart renders for %s is ours too, but for what is listed", async (name, args) => {
  const found = differences(
    await rendered({ ...plus, ...certificates, ...args, version: "2.6.7" }),
    upstreamObjects(`renders/gateway-fabric-2.6.7-${name}.manifests.yaml`),
  );
  expect(found.sort(byPath)).toEqual(listed(ofTheChart).sort(byPath));
});

/** What else its Job has in the variant for OpenShift. */
const onOpenshift: DeliberateDifference = {
  path: "SecurityContextConstraints/nginx-gateway-scc-cert-generator",
  ours: undefined,
  upstream: {},
  reason: noJob,
};

test("the documentation lists each difference with its reason", () => {
  expect(undocumented([...deliberate, onOpenshift, ...ofTheChart])).toEqual([]);
});
