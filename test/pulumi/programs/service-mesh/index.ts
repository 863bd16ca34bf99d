import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  CertificateAuthority,
  Namespace,
  Sidecar,
  SpiffeCsiDriver,
  SpireAgent,
  SpireServer,
  WorkloadIdentity,
  withSidecar,
} from "nginx-stacks";

const config = new pulumi.Config();
const serverNamespace = new Namespace("server", { podSecurity: "restricted" }).name;
const systemNamespace = new Namespace("system", { podSecurity: "privileged" }).name;
const workloadNamespace = new Namespace("workloads", { podSecurity: "restricted" }).name;

/** No pod of the test's cluster can be reached, so the webhook is not asked by its Service. */
const webhookAt =
  (url: string): pulumi.ResourceTransformation =>
  ({ type, props, opts }) => {
    if (type !== "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration") return undefined;
    const webhooks = pulumi
      .output(props.webhooks as object[])
      .apply((known) => known.map((webhook) => ({ ...webhook, clientConfig: { url } })));
    return { props: { ...props, webhooks }, opts };
  };

/** Something of the user's own, whose change is an update of the object into which SPIRE writes. */
const noted: pulumi.ResourceTransformation = ({ name, props, opts }) => {
  if (name !== "mesh-bundle") return undefined;
  const annotations = { "example.com/note": config.require("note") };
  return { props: { ...props, metadata: { ...props.metadata, annotations } }, opts };
};

const mesh = new SpireServer(
  "mesh",
  {
    namespace: serverNamespace,
    agentNamespace: systemNamespace,
    trustDomain: "mesh.test",
    clusterName: "test",
    className: config.require("className"),
    logLevel: config.require("logLevel") as "INFO",
    storage: { volume: { size: "1Gi" } },
    upstreamAuthority: {
      disk: {
        issuer: new CertificateAuthority("authority", {
          subject: { commonName: "Root" },
          intermediate: { subject: { commonName: "Issuing" } },
          subordinateAuthorities: 1,
        }),
      },
    },
    monitoring: {},
    crdSource: config.get("crdSource"),
  },
  { transformations: [webhookAt(config.require("webhookUrl")), noted] },
);
const agent = new SpireAgent("agent", { mesh, kubelet: { clusterAuthority: true } });
const driver = new SpiffeCsiDriver("csi", { namespace: systemNamespace }, { dependsOn: agent });
const identity = new WorkloadIdentity("web", { mesh, namespaces: [workloadNamespace], everyPod: true });

const sidecar = new Sidecar("web", {
  namespace: workloadNamespace,
  mesh,
  edition: "oss",
  inbound: [{ port: 8080, applicationPort: 8888, protocol: "http", allowTrustDomain: true }],
});
const account = new kubernetes.core.v1.ServiceAccount("web", { metadata: { namespace: workloadNamespace } });
const labels = { app: "web" };
const securityContext = {
  runAsNonRoot: true,
  runAsUser: 1000,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};
const template = {
  metadata: { labels },
  spec: {
    serviceAccountName: account.metadata.name,
    containers: [{ name: "web", image: "registry.example.com/web:1", securityContext }],
  },
};
new kubernetes.apps.v1.Deployment(
  "web",
  {
    metadata: { namespace: workloadNamespace },
    spec: { selector: { matchLabels: labels }, template: withSidecar(template, sidecar) },
  },
  { dependsOn: [driver, identity] },
);

const database = new SpireServer(
  "database",
  {
    namespace: new Namespace("database", { podSecurity: "restricted" }).name,
    trustDomain: "database.test",
    clusterName: "test",
    replicas: 2,
    keyManager: "memory",
    dataStore: { postgresql: { connectionString: config.requireSecret("connectionString") } },
    validatingWebhook: false,
    crds: "existing",
  },
  { dependsOn: mesh },
);

export const namespaces = {
  server: serverNamespace,
  system: systemNamespace,
  workloads: workloadNamespace,
  database: database.agentNamespace,
};
export const bundle = mesh.bundleConfigMapName;
export const identityName = identity.clusterSpiffeIdName;
