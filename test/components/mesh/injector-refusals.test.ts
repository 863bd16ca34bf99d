import { ServiceMesh, SidecarInjector } from "../../../components/mesh";
import { type Refusal, testRefusals } from "../refusals";
import { earlierTemplate } from "./sidecar-fixture";

const least = { kubernetesVersion: "1.36", edition: "oss" };
const injector = (rule: string, args: object, error: string, more: Partial<Refusal> = {}): Refusal => ({
  rule,
  component: SidecarInjector,
  args: { ...least, ...args },
  error,
  ...more,
});
const plain = { plain: true };
const until = "2027-01-31T00:00:00Z";

const meshArgs = {
  trustDomain: "mesh.test",
  clusterName: "test",
  server: { storage: { volume: { size: "1Gi" } } },
  agent: { kubelet: { clusterAuthority: true } },
  injection: { kubernetesVersion: "v1.36.2", sidecars: { edition: "oss" } },
};
const mesh = (rule: string, args: object, error: string, more: Partial<Refusal> = plain): Refusal => ({
  rule,
  component: ServiceMesh,
  args: { ...meshArgs, ...args },
  error,
  ...more,
});
const injection = (more: object) => ({ injection: { ...meshArgs.injection, ...more } });

testRefusals([
  injector(
    "9: a cluster without the policy",
    { kubernetesVersion: "v1.35.4" },
    "kubernetesVersion is v1.35.4, and MutatingAdmissionPolicy v1 needs 1.36; use withSidecar instead, which adds the same sidecars to pod templates",
    plain,
  ),
  injector(
    "no version",
    { kubernetesVersion: undefined },
    "kubernetesVersion is missing; write a string: Version of Kubernetes in the cluster, for example `1.36`",
  ),
  injector(
    "a version of something else",
    { kubernetesVersion: "latest" },
    "kubernetesVersion is not a version of Kubernetes; write for example `1.36`",
    plain,
  ),
  injector(
    "a namespace's name",
    { strictNamespaces: ["shop", "Shop"] },
    "strictNamespaces[1] is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  ),
  injector(
    "a namespace of Kubernetes",
    { strictNamespaces: ["kube-system"] },
    "strictNamespaces[0] is kube-system, whose pods must start without the mesh; name the namespaces of your workloads",
  ),
  injector(
    "a namespace twice",
    { strictNamespaces: ["shop", "shop"] },
    'strictNamespaces[1] repeats "shop"; write each namespace once',
    plain,
  ),
  injector(
    "an edition",
    { edition: "free", image: "x", license: { secretName: "license" } },
    'edition is "free"; write one of "plus", "oss"',
    plain,
  ),
  injector(
    "NGINX Plus without an image",
    { edition: "plus", license: { secretName: "license" } },
    'image is missing: F5\'s images of NGINX Plus for unprivileged users have no njs, which reads SPIFFE IDs; name an image of your own with nginx-plus-module-njs, or use edition "oss"',
  ),
  injector(
    "NGINX Plus without a licence",
    { edition: "plus", image: "registry.example.com/nginx-plus:1" },
    'license is missing; give a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)',
  ),
  injector(
    "a licence for open-source NGINX",
    { license: { secretName: "license" } },
    'license is for NGINX Plus; leave it out for edition "oss", or use edition "plus"',
  ),
  injector(
    "a mirror with a scheme",
    { images: { registry: "https://registry.example.com" } },
    "images.registry is not a registry; write it without scheme and final slash, for example `registry.example.com/mirror`",
  ),
  injector(
    "an image with a scheme",
    { redirectImage: "docker://iptables" },
    "redirectImage is not the name of an image; write it without scheme, for example `registry.example.com/nginx:1.30.7`",
  ),
  mesh(
    "K2: an image of the sidecars",
    injection({ sidecars: { edition: "oss", images: { spiffeHelper: "a b" } } }),
    "injection.sidecars.images.spiffeHelper is not the name of an image; write it without scheme, for example `registry.example.com/nginx:1.30.7`",
    {},
  ),
  injector(
    "K10: an earlier sidecar that no injector wrote",
    { earlierSidecars: [{ template: "{}", until }] },
    "earlierSidecars[0].template is not an output sidecarTemplate, or was edited; write the whole output of the SidecarInjector as it was before the change",
  ),
  injector(
    "K10: an earlier sidecar that was edited",
    { earlierSidecars: [{ template: earlierTemplate.replace("mesh-proxy", "mesh-proxies"), until }] },
    "earlierSidecars[0].template is not an output sidecarTemplate, or was edited; write the whole output of the SidecarInjector as it was before the change",
  ),
  injector(
    "K10: an earlier sidecar without end",
    { earlierSidecars: [{ template: earlierTemplate }] },
    "earlierSidecars[0].until is missing; write a string: Instant in UTC from which new pods with these sidecars are rejected, for example `2027-01-31T00:00:00Z`",
  ),
  ...["2027-01-31", "2027-02-30T00:00:00Z", "2027-01-31T00:00:00+01:00", "2027-01-31T00:00:00Z\n"].map((wrong) =>
    injector(
      `K10: an end of an earlier sidecar: ${JSON.stringify(wrong)}`,
      { earlierSidecars: [{ template: earlierTemplate, until: wrong }] },
      "earlierSidecars[0].until is not an instant in UTC; write for example `2027-01-31T00:00:00Z`",
    ),
  ),
  injector(
    "K10: an earlier sidecar twice",
    { earlierSidecars: [1, 2].map(() => ({ template: earlierTemplate, until })) },
    "earlierSidecars[1].template is the template of another entry; write each template once",
  ),
  mesh(
    "K10: an end of an earlier sidecar in a mesh",
    injection({ earlierSidecars: [{ template: earlierTemplate, until: "soon" }] }),
    "injection.earlierSidecars[0].until is not an instant in UTC; write for example `2027-01-31T00:00:00Z`",
    {},
  ),
  injector("ports", { firstPort: 80 }, "firstPort is 80; write a whole number from 1024 to 65036"),
  mesh(
    "19: a trust domain of documentation",
    { trustDomain: "example.org" },
    "trustDomain is example.org, a trust domain of examples; write a name of your own, or for a trial unsafeExampleTrustDomain: true",
    {},
  ),
  mesh(
    "no server",
    { server: undefined },
    "server is missing; write an object: SPIRE server of the mesh, at least with `storage` for its data",
  ),
  mesh(
    "a server without storage",
    { server: {} },
    "server.storage is missing; give a volume { size, storageClass }, or for a trial unsafeEphemeral: true; only a database with keyManager memory needs none",
  ),
  mesh(
    "no agent",
    { agent: undefined },
    "agent is missing; write an object with kubelet: SPIRE agents of the mesh, at least with `kubelet` for the verification of kubelets",
  ),
  mesh(
    "an agent that believes any kubelet",
    { agent: {} },
    "agent.kubelet is missing; write an object: Verification of the kubelets, by exactly one of clusterAuthority, authorities, hostCertificate and unsafeSkipVerification",
  ),
  mesh(
    "13: lives of certificates",
    { server: { ...meshArgs.server, lifetimes: { caTtlSeconds: 3600 } } },
    "server.lifetimes.svidTtlSeconds is 3600, more than a sixth of caTtlSeconds, 3600; write at most 600, or increase caTtlSeconds: SPIRE would only warn, and issue certificates with a shorter lifetime",
  ),
  mesh(
    "one namespace for what is privileged and what is not",
    { serverNamespace: "spire", systemNamespace: "spire" },
    "systemNamespace is also serverNamespace; use two: agents and driver need a Namespace that admits privileged pods, and the server does not",
  ),
  mesh(
    "the kubelet's folder",
    { csiDriver: { kubeletFolder: "kubelet" } },
    "csiDriver.kubeletFolder is not an absolute path; write for example `/var/lib/kubelet`",
  ),
  mesh(
    "9: injection before Kubernetes 1.36",
    injection({ kubernetesVersion: "1.34" }),
    "injection.kubernetesVersion is 1.34, and MutatingAdmissionPolicy v1 needs 1.36; use withSidecar instead, which adds the same sidecars to pod templates",
  ),
  mesh(
    "the mesh's own namespace as a strict one",
    { systemNamespace: "spire-system", ...injection({ strictNamespaces: ["spire-system"] }) },
    "injection.strictNamespaces[0] is a Namespace of the mesh, whose pods have no sidecar; name the namespaces of your workloads",
  ),
  mesh(
    "sidecars of NGINX Plus without a licence",
    injection({ sidecars: { image: "registry.example.com/nginx-plus:1" } }),
    'injection.sidecars.license is missing; give a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)',
  ),
]);
