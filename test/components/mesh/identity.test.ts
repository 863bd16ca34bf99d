import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parseAllDocuments } from "yaml";
import { SpireServer, WorkloadIdentity, type WorkloadIdentityArgs } from "../../../components/mesh";
import { manifests, record } from "../../../engine";
import { requestLints } from "../../lints";
import { type Refusal, testRefusals } from "../refusals";
import { mesh } from "./mesh-fixture";
import { least, the } from "./server-fixture";

const narrow = { namespaces: ["shop"], podSelector: { matchLabels: { mesh: "yes" } } };

async function identity(args: Partial<WorkloadIdentityArgs> = {}) {
  const run = await record(() => void new WorkloadIdentity("web", { mesh, ...narrow, ...args }));
  return the("ClusterSPIFFEID", manifests(run, { secrets: "show" }));
}
const everything: Partial<WorkloadIdentityArgs> = {
  dnsNameTemplates: ["{{ .PodSpec.ServiceAccountName }}.{{ .PodMeta.Namespace }}.svc.{{ .ClusterDomain }}"],
  serviceNames: true,
  containerName: "mesh-identity",
  ttlSeconds: 1800,
  jwtTtlSeconds: 300,
  hint: "web",
  fallback: true,
};

describe("a ClusterSPIFFEID", () => {
  test("agentcube#251: always has namespace and service account in identity and name", async () => {
    expect((await identity()).spec).toEqual({
      className: "class",
      spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}",
      dnsNameTemplates: ["{{ .PodSpec.ServiceAccountName }}.{{ .PodMeta.Namespace }}.svc"],
      namespaceSelector: {
        matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["shop"] }],
      },
      podSelector: { matchLabels: { mesh: "yes" } },
    });
  });

  test("has every option", async () => {
    const { spec } = await identity({
      ...everything,
      namespaces: undefined,
      namespaceSelector: { matchExpressions: [{ key: "team", operator: "Exists" }] },
    });
    expect(spec).toMatchInlineSnapshot(`
{
  "autoPopulateDNSNames": true,
  "className": "class",
  "dnsNameTemplates": [
    "{{ .PodSpec.ServiceAccountName }}.{{ .PodMeta.Namespace }}.svc",
    "{{ .PodSpec.ServiceAccountName }}.{{ .PodMeta.Namespace }}.svc.{{ .ClusterDomain }}",
  ],
  "fallback": true,
  "hint": "web",
  "jwtTtl": "300s",
  "namespaceSelector": {
    "matchExpressions": [
      {
        "key": "team",
        "operator": "Exists",
      },
    ],
  },
  "podSelector": {
    "matchLabels": {
      "mesh": "yes",
    },
  },
  "spiffeIDTemplate": "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}",
  "ttl": "1800s",
  "workloadSelectorTemplates": [
    "k8s:container-name:mesh-identity",
  ],
}
`);
  });

  test("selects everything only if set", async () => {
    const { spec } = await identity({
      ...{ namespaces: undefined, podSelector: undefined, everyNamespace: true, everyPod: true },
    });
    expect(Object.keys(spec).sort()).toEqual(["className", "dnsNameTemplates", "spiffeIDTemplate"]);
  });

  const crds = join(__dirname, "../../../../shared/crds/spire-controller-manager-0.6.6.yaml");
  const named = existsSync(crds) ? test : test.skip;
  named(`has fields that its CRD has${existsSync(crds) ? "" : " (needs ../shared/crds)"}`, async () => {
    const documents = parseAllDocuments(readFileSync(crds, "utf8")).map((document) => document.toJS());
    const crd = documents.find((document) => document?.spec?.names.kind === "ClusterSPIFFEID");
    const { properties } = crd.spec.versions[0].schema.openAPIV3Schema.properties.spec;
    const { spec } = await identity(everything);
    for (const [field, value] of Object.entries(spec)) {
      const type = { string: "string", boolean: "boolean", object: Array.isArray(value) ? "array" : "object" };
      expect([field, properties[field]?.type]).toEqual([field, type[typeof value as keyof typeof type]]);
    }
  });

  test("helm-charts#72, agntcy/dir#774: is created after the server is ready, with its class", async () => {
    const run = await record(() => {
      const server = new SpireServer("spire", least);
      new WorkloadIdentity("web", { mesh: server, ...narrow });
    });
    const urn = (name: string) => run.requests.find((request) => request.name === name)!.urn;
    const { dependencies } = run.requests.find(({ name }) => name === "web-identity")!;
    expect(dependencies).toContain(urn("spire-server"));
    const objects = manifests(run, { secrets: "show" });
    const { matchLabels } = the("StatefulSet", objects).spec.selector;
    expect(the("ClusterSPIFFEID", objects).spec.className).toBe(matchLabels["app.kubernetes.io/instance"]);
    for (const lint of Object.keys(requestLints)) expect([lint, requestLints[lint]!(run)]).toEqual([lint, []]);
  });
});

const refused = (rule: string, args: object, error: string): Refusal => ({
  rule,
  component: WorkloadIdentity,
  args: { mesh, ...narrow, ...args },
  error,
  plain: true,
});
const template = (rule: string, dnsName: string, error: string) =>
  refused(rule, { dnsNameTemplates: [dnsName] }, `dnsNameTemplates[0] ${error}`);

describe("refusals", () => {
  testRefusals([
    refused(
      "no mesh",
      { mesh: undefined },
      "mesh is missing; write an object with trustDomain, clusterName, className, serverHost, serverPort, agentNamespace, agentServiceAccountName, bundleConfigMapName, bundleKey, verifyDepth, caTtlSeconds: SpireServer or ServiceMesh of the workloads",
    ),
    refused(
      "no selection of namespaces",
      { namespaces: undefined },
      "namespaces is missing, as is namespaceSelector, everyNamespace; give one of the three; everyNamespace: true selects all namespaces",
    ),
    refused(
      "no selection of pods",
      { podSelector: undefined },
      "podSelector is missing, as is everyPod; give one of the two; everyPod: true selects all pods",
    ),
    refused(
      "namespaces by name and all of them",
      { everyNamespace: true },
      "everyNamespace is given beside namespaces; give one of the three; everyNamespace: true selects all namespaces",
    ),
    refused(
      "no namespace in the list",
      { namespaces: [] },
      "namespaces is empty; name the namespaces of the pods, or set everyNamespace: true for all of them",
    ),
    {
      ...refused(
        "a namespace with a star",
        { namespaces: ["shop-*"] },
        "namespaces[0] is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
      ),
      plain: false,
    },
    refused(
      "a namespace that the mesh ignores",
      { namespaces: ["shop", "kube-system"] },
      "namespaces[1] is kube-system, whose pods the controller manager ignores; leave it out, or move the workloads to another namespace",
    ),
    {
      ...refused(
        "the namespace of the agents",
        { namespaces: ["spire-system"] },
        "namespaces[0] is spire-system, whose pods the controller manager ignores; leave it out, or move the workloads to another namespace",
      ),
      plain: false,
    },
    refused(
      "an empty selector of namespaces",
      { namespaces: undefined, namespaceSelector: {} },
      "namespaceSelector is empty, which selects everything; write at least one label, or set everyNamespace: true if that is intended",
    ),
    refused(
      "an empty selector of pods",
      { podSelector: { matchLabels: {} } },
      "podSelector is empty, which selects everything; write at least one label, or set everyPod: true if that is intended",
    ),
    refused(
      "a selector that is an Output as a whole",
      { podSelector: pulumi.output({ matchLabels: { a: "b" } }) },
      "podSelector is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    ),
    template(
      "a name of a label",
      "{{ .PodMeta.Labels.app }}.{{ .PodMeta.Namespace }}.svc",
      "has {{ .PodMeta.Labels.app }}; use only .TrustDomain, .ClusterName, .ClusterDomain, .PodMeta.Namespace, .PodMeta.Name, .PodSpec.ServiceAccountName: the creator of a pod chooses its labels",
    ),
    template(
      "a name without the namespace",
      "{{ .PodSpec.ServiceAccountName }}.mesh.test",
      "has no {{ .PodMeta.Namespace }}; add it: otherwise different workloads get the same name, and can impersonate each other",
    ),
    template(
      "a name without the service account",
      "web.{{ .PodMeta.Namespace }}.svc",
      "has no {{ .PodSpec.ServiceAccountName }}; add it: otherwise different workloads get the same name, and can impersonate each other",
    ),
    template(
      "a brace too many",
      "{{ .PodSpec.ServiceAccountName }}}.{{ .PodMeta.Namespace }}.svc",
      "has an unmatched brace; write `{{ .Field }}`",
    ),
    template(
      "a name with a slash",
      "{{ .PodMeta.Namespace }}/{{ .PodSpec.ServiceAccountName }}",
      "does not make a DNS name; write letters, digits, `-`, dots and `{{ .Field }}`",
    ),
    template(
      "the name that is there already",
      "{{.PodSpec.ServiceAccountName}}.{{.PodMeta.Namespace}}.svc",
      "is the name that every workload has; leave it out",
    ),
    refused(
      "a certificate that outlives its CA",
      { ttlSeconds: 86_400 },
      "ttlSeconds is 86400, more than a sixth of caTtlSeconds, 86400; write at most 14400, or increase caTtlSeconds: SPIRE would only warn, and issue certificates with a shorter lifetime",
    ),
    refused("a token of a second", { jwtTtlSeconds: 1 }, "jwtTtlSeconds is 1; write a whole number from 60 to 604800"),
    refused(
      "a container in capitals",
      { containerName: "Mesh" },
      "containerName is not the name of a container; write lower-case letters, digits and `-`",
    ),
    refused(
      "an empty hint",
      { hint: "" },
      "hint is empty or not in ASCII; write at most 1024 letters, digits and signs",
    ),
  ]);
});
