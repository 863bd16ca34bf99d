import { isMap, type PropertyMap, reveal, Secret, UNKNOWN } from "../property-values";
import type { Provider, ResourceAnswer, ResourceRequest } from "./provider";

/** Kinds without a namespace. */
const CLUSTER_SCOPED = new Set([
  "APIService",
  "CertificateSigningRequest",
  "ClusterRole",
  "ClusterRoleBinding",
  "ClusterTrustBundle",
  "ComponentStatus",
  "CSIDriver",
  "CSINode",
  "CustomResourceDefinition",
  "DeviceClass",
  "FlowSchema",
  "IngressClass",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "ResourceSlice",
  "RuntimeClass",
  "SelfSubjectReview",
  "StorageClass",
  "TokenReview",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
  "VolumeAttributesClass",
  "ServiceCIDR",
  "IPAddress",
]);

/** Kubernetes' own API groups: of their kinds the scope is known, of a custom resource's it is not. */
const OWN_GROUPS = new Set([
  "",
  "core",
  ...["apps", "autoscaling", "batch", "extensions", "policy"],
  ...[
    "admissionregistration",
    "apiextensions",
    "apiregistration",
    "authentication",
    "authorization",
    "certificates",
    "coordination",
    "discovery",
    "events",
    "flowcontrol.apiserver",
    "networking",
    "node",
    "rbac.authorization",
    "resource",
    "scheduling",
    "storage",
    "storagemigration",
  ].map((group) => `${group}.k8s.io`),
]);

/** Types that expand files, charts or remote content into objects, and why that cannot happen here. */
const NOT_OBJECTS = [
  /^kubernetes:yaml(\/v2)?:/,
  /^kubernetes:helm\.sh\/(v2|v3|v4):Chart$/,
  /^kubernetes:kustomize(\/v2)?:/,
];

export const RELEASE = "kubernetes:helm.sh/v3:Release";

/** Stands for the objects of files; those are listed, and not read. */
export const FILES = "kubernetes:yaml/v2:ConfigGroup";

export const kubernetes: Provider = {
  name: "kubernetes",
  answerComponent({ type, inputs }) {
    if (type === FILES && isListOfFiles(inputs)) return { resources: [] };
    refuseExpansion(type);
    return undefined;
  },
  create(request) {
    refuseExpansion(request.type);
    return request.type === RELEASE ? createRelease(request) : createObject(request);
  },
};

function refuseExpansion(type: string): void {
  const ownList = /(List|Patch)$/.test(type) && isOwn(parseType(type).apiVersion);
  if (ownList || NOT_OBJECTS.some((pattern) => pattern.test(type))) {
    throw new Error(
      `the embedded engine cannot expand "${type}": it writes single Kubernetes objects and helm.v3.Release, and lists the files of yaml.v2.ConfigGroup; ` +
        "declare the objects themselves, or use `pulumi up`",
    );
  }
}

/** Returns whether a ConfigGroup takes files only, and not objects as text or data. */
function isListOfFiles({ files, yaml, objs }: PropertyMap): boolean {
  return Array.isArray(files) && yaml === undefined && objs === undefined;
}

/** `kubernetes:apps/v1:Deployment` → apps/v1, Deployment; `core/v1` is just v1. */
function parseType(type: string): { apiVersion: string; kind: string } {
  const [, group = "", kind = ""] = type.split(":");
  return { apiVersion: group.replace(/^core\//, ""), kind };
}

function isOwn(apiVersion: string): boolean {
  return OWN_GROUPS.has(apiVersion.includes("/") ? (apiVersion.split("/")[0] as string) : "");
}

function createObject(request: ResourceRequest): ResourceAnswer {
  const { inputs, settings, preview } = request;
  if (inputs.metadata === UNKNOWN) return { id: "", outputs: inputs };
  const apiVersion = (reveal(inputs.apiVersion ?? null) as string | null) ?? parseType(request.type).apiVersion;
  const kind = (reveal(inputs.kind ?? null) as string | null) ?? parseType(request.type).kind;
  const metadata = openMetadata(inputs);
  if (!metadata.values.name && !metadata.values.generateName) metadata.values.name = autoname(request);
  if (!metadata.values.namespace && isOwn(apiVersion) && !CLUSTER_SCOPED.has(kind)) {
    metadata.values.namespace = settings.namespace ?? "default";
  }
  const { name, namespace } = metadata.values;
  const identity = [namespace, name].filter((part) => part !== undefined).map((part) => reveal(part));
  return {
    id: preview ? "" : identity.join("/"),
    outputs: {
      ...inputs,
      apiVersion,
      kind,
      metadata: metadata.secret ? new Secret(metadata.values) : metadata.values,
    },
  };
}

function openMetadata(inputs: PropertyMap): { values: PropertyMap; secret: boolean } {
  const metadata = inputs.metadata;
  const secret = metadata instanceof Secret;
  const values = secret ? metadata.value : metadata;
  return { values: isMap(values ?? null) ? { ...(values as PropertyMap) } : {}, secret };
}

/** The provider's form `<resource name>-<8 hex digits>`; here the digits are fixed per state folder. */
function autoname({ name, urn, state }: ResourceRequest): string {
  return `${name}-${state.digest("autoname", urn).slice(0, 8)}`;
}

function createRelease(request: ResourceRequest): ResourceAnswer {
  const { inputs, preview } = request;
  const name = inputs.name ?? autoname(request);
  const namespace = inputs.namespace ?? request.settings.namespace ?? "default";
  const status = { name, namespace, chart: inputs.chart ?? null, version: inputs.version ?? null, status: "deployed" };
  return {
    id: preview ? "" : `${reveal(namespace)}/${reveal(name)}`,
    outputs: { ...inputs, name, namespace, ...(preview ? {} : { status }) },
  };
}
