import { leakedPaths, secretTexts } from "./leaks";
import { hasSecret, isMap, type PropertyMap, reveal, Secret, UNKNOWN } from "./property-values";
import { FILES, RELEASE } from "./providers/kubernetes";
import { type Digest, digestSecretData, type Json, redact, SecretMode, UNKNOWN_TEXT } from "./redaction";
import type { RecordedRequest } from "./requests";
import type { RunResult } from "./result";

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  /** `name` is only missing where the object says `generateName`. */
  metadata: { [key: string]: Json; name: string };
  [field: string]: Json;
}

/** A `helm.v3.Release`: where its chart comes from, and its values. */
export interface ChartRelease {
  name: string;
  namespace: string;
  coordinates: { [field: string]: Json };
  values: Json;
}

/** Files whose objects come before those that need them, for example CRDs. */
export interface FileGroup {
  /** Name of the resource. */
  name: string;
  /** URLs, or paths from the project's folder. */
  files: Json;
}

export interface ManifestOptions {
  /** @default "digest" */
  secrets?: SecretMode;
}

/** The part of a run's result that manifests are made from. */
export type Rendered = Pick<RunResult, "requests" | "secretTexts" | "digest">;

/** The run's Kubernetes objects, each after all that it depends on. Refuses a secret that stands in the open. */
export function manifests(run: Rendered, options: ManifestOptions = {}): KubernetesObject[] {
  const mode = options.secrets ?? SecretMode.Digest;
  const secrets = secretTexts(run);
  return objectRequests(run)
    .filter((request) => request.type !== RELEASE)
    .filter(({ outputs }) => !(mode === SecretMode.Existing && isSecretObject(outputs)))
    .map((request) => {
      refuseLeak(request, secrets);
      return kubernetesObject(request, mode, run.digest);
    });
}

/** The run's Helm releases, in the same order and with the same care for secrets. */
export function chartReleases(run: Rendered, options: ManifestOptions = {}): ChartRelease[] {
  const mode = options.secrets ?? SecretMode.Digest;
  const secrets = secretTexts(run);
  return objectRequests(run)
    .filter((request) => request.type === RELEASE)
    .map((request) => {
      refuseLeak(request, secrets);
      return chartRelease(request, mode, run.digest);
    });
}

/** The files that the run only names: their objects are in none of the manifests. */
export function fileGroups(run: Rendered, options: ManifestOptions = {}): FileGroup[] {
  const mode = options.secrets ?? SecretMode.Digest;
  return run.requests
    .filter(({ type }) => type === FILES)
    .map(({ name, inputs }) => ({ name, files: redact(inputs.files ?? [], `ConfigGroup/${name}`, mode, run.digest) }));
}

function objectRequests({ requests }: Rendered): RecordedRequest[] {
  return requests.filter(({ type, custom }) => custom && type.startsWith("kubernetes:"));
}

function isSecretObject(outputs: PropertyMap): boolean {
  return outputs.apiVersion === "v1" && outputs.kind === "Secret";
}

/** Leaves out the number of pods if an autoscaler sets it: applying the manifests again would undo that. */
const scaled = ({ outputs, ignoreChanges }: RecordedRequest): PropertyMap => {
  if (!ignoreChanges.includes("spec.replicas") || !isMap(outputs.spec ?? null)) return outputs;
  const { replicas, ...spec } = outputs.spec as PropertyMap;
  return { ...outputs, spec };
};

function kubernetesObject(request: RecordedRequest, mode: SecretMode, digest: Digest): KubernetesObject {
  const { name: resource } = request;
  const outputs = scaled(request);
  const { apiVersion, kind, metadata, ...rest } = outputs;
  const name = identity(metadata, "name", `${kind} "${resource}"`, mode);
  const namespace = identity(metadata, "namespace", `${kind} "${resource}"`, mode);
  const place = `${kind}/${name}`;
  const object = redact(rest, place, mode, digest) as { [field: string]: Json };
  if (isSecretObject(outputs) && mode !== SecretMode.Show) {
    delete object.data;
    object.stringData = digestSecretData(rest, name, digest);
  }
  const others = redact(metadata ?? {}, `${place}/metadata`, mode, digest) as { [field: string]: Json };
  delete others.name;
  delete others.namespace;
  return {
    apiVersion: String(apiVersion),
    kind: String(kind),
    metadata: {
      ...(name === "" ? {} : { name }),
      ...(namespace === "" ? {} : { namespace }),
      ...others,
    } as KubernetesObject["metadata"],
    ...object,
  };
}

/** A name stands in references and file names, where no digest can. */
function identity(holder: PropertyMap[string] | undefined, field: string, object: string, mode: SecretMode): string {
  const open = mode === SecretMode.Show ? reveal(holder ?? null) : holder;
  const value = isMap(open ?? null) ? (open as PropertyMap)[field] : undefined;
  if (typeof value === "string") return value === UNKNOWN ? UNKNOWN_TEXT : value;
  if (open instanceof Secret || value instanceof Secret) {
    throw new Error(
      `the ${field} of ${object} is secret, and a digest cannot stand for it; ` +
        "give it as a plain string, apart from the secret that it was combined with",
    );
  }
  return "";
}

const VALUE_FIELDS = new Set(["values", "valueYamlFiles", "name", "namespace", "status", "compat"]);

function chartRelease({ outputs, name: resource }: RecordedRequest, mode: SecretMode, digest: Digest): ChartRelease {
  if (outputs.valueYamlFiles) {
    throw new Error(
      `Release "${resource}" takes valueYamlFiles, which the embedded engine does not read; give \`values\``,
    );
  }
  const name = identity(outputs, "name", `Release "${resource}"`, mode);
  const namespace = identity(outputs, "namespace", `Release "${resource}"`, mode);
  const place = `Release/${name}`;
  const coordinates = Object.entries(outputs).filter(([field]) => !VALUE_FIELDS.has(field));
  return {
    name,
    namespace,
    coordinates: redact(Object.fromEntries(coordinates), place, mode, digest) as { [field: string]: Json },
    values: redact(outputs.values ?? {}, `${place}/values`, mode, digest),
  };
}

function refuseLeak({ outputs, urn }: RecordedRequest, secrets: ReadonlySet<string>): void {
  const open = isSecretObject(outputs) ? { metadata: outputs.metadata ?? null } : outputs;
  const [path] = leakedPaths(open, secrets);
  if (path === undefined) return;
  throw new Error(
    `${outputs.kind ?? "Release"} ${urn} has the value of a secret in the open, at ${path}; ` +
      `keep it in a Secret, and refer to it${hasSecret(outputs) ? "" : ", or pass it on as the secret output that it is"}`,
  );
}
