import * as k8s from "@pulumi/kubernetes";
import { Namespace, SpireAgent, SpireServer, WorkloadIdentity } from "../../components";
import { Sidecar, withSidecar } from "../../components/mesh/sidecar";
import { CertificateAuthority } from "../../components/pki";
import { nginxImage, nginxVersion } from "../dataplane/nginx-version";
import { crdSource } from "./crds";

/** Port of the workload, in its own network. */
export const port = 8080;
export const lifetimes = { caTtlSeconds: 360, svidTtlSeconds: 60, jwtSvidTtlSeconds: 60 };

/** A mesh below an authority with an intermediate, and a workload with a sidecar. The lifetimes are the minimum. */
export function realMesh(): void {
  const system = new Namespace("system", { name: "spire-system", podSecurity: "privileged" }).name;
  const issuer = new CertificateAuthority("authority", {
    subject: { commonName: "Root" },
    intermediate: { subject: { commonName: "Issuing" } },
    subordinateAuthorities: 1,
  });
  const mesh = new SpireServer("spire", {
    namespace: new Namespace("server", { name: "spire-server", podSecurity: "restricted" }).name,
    agentNamespace: system,
    trustDomain: "mesh.test",
    clusterName: "test",
    storage: { volume: { size: "1Gi" } },
    upstreamAuthority: { disk: { issuer } },
    lifetimes,
    monitoring: {},
    nodeLabelKeys: ["topology.kubernetes.io/zone"],
    validatingWebhook: false,
    crdSource,
  });
  const hostCertificate = "/var/lib/kubelet/pki/kubelet.crt";
  new SpireAgent("agent", { mesh, kubelet: { hostCertificate }, monitoring: {} });
  const namespace = new Namespace("shop", { name: "shop", podSecurity: "restricted" }).name;
  new WorkloadIdentity("web", {
    mesh,
    namespaces: ["shop"],
    everyPod: true,
    dnsNameTemplates: ["{{ .PodSpec.ServiceAccountName }}.{{ .PodMeta.Namespace }}.svc.{{ .ClusterDomain }}"],
  });
  const sidecar = new Sidecar("web", {
    namespace,
    mesh,
    edition: "oss",
    image: nginxImage,
    openSourceVersion: nginxVersion,
    inbound: [
      { port, applicationPort: 8888, protocol: "http", allow: [{ namespace: "shop", serviceAccount: "client" }] },
    ],
  });
  const labels = { app: "web" };
  const securityContext = {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  const { name: serviceAccountName } = new k8s.core.v1.ServiceAccount("web", {
    metadata: { name: "web", namespace },
  }).metadata;
  const template = {
    metadata: { labels },
    spec: { serviceAccountName, containers: [{ name: "web", image: "registry.example.com/web:1", securityContext }] },
  };
  new k8s.apps.v1.Deployment("web", {
    metadata: { namespace },
    spec: { selector: { matchLabels: labels }, template: withSidecar(template, sidecar) },
  });
}
