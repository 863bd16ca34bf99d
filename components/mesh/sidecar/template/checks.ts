import { containerNames, redirectLabel, sidecarLabel, sidecarUser, templateHashLabel } from "../layout";
import { sidecarVolumeNames } from "../pod";
import type { SidecarState } from "../private-state";
import { fieldOf, known, knownField, listOf, objectOf, type Part, requireKnown } from "./parts";
import { checkContainerPorts, type Ports, portsOf } from "./ports";
import { checkProbes, checkScrape } from "./probes";

/** Lists and objects to which the sidecar is added, so that they have to be known. */
const structure = {
  metadata: ["labels", "annotations"],
  spec: ["initContainers", "containers", "volumes", "imagePullSecrets"],
} as const;

/** Refuses a template that has no known lists and objects for the sidecar. */
export function checkStructure(template: Part): void {
  requireKnown(template);
  objectOf(template);
  for (const [part, fields] of Object.entries(structure)) {
    const outer = fieldOf(template, part);
    requireKnown(outer);
    objectOf(outer);
    for (const field of fields) requireKnown(fieldOf(outer, field));
  }
  const spec = fieldOf(template, "spec");
  if (spec.value === undefined || spec.value === null) spec.refuse("is missing", "write the pod's containers");
  listOf(fieldOf(spec, "imagePullSecrets"));
}

/** Refuses a template that cannot work with the sidecar, or would pass beside it. Outputs in it are left out. */
export function checkTemplate(template: Part, state: SidecarState): void {
  const metadata = fieldOf(template, "metadata");
  const spec = fieldOf(template, "spec");
  const labels = fieldOf(metadata, "labels");
  const present = [sidecarLabel, templateHashLabel, redirectLabel].filter(
    (label) => objectOf(labels)[label] !== undefined,
  );
  for (const label of present.slice(0, 1))
    fieldOf(labels, label).refuse("is there already", "leave it out: this function sets it");
  // All else that a template with a sidecar has is there already, too.
  if (present.length > 0) return;
  const ports = portsOf(state.sidecar);
  const added = sidecarVolumeNames(state.pod);
  template.check(
    () => checkPod(spec),
    () => checkVolumes(fieldOf(spec, "volumes"), added),
    () => checkScrape(fieldOf(metadata, "annotations"), ports),
    ...["initContainers", "containers"].flatMap((list) =>
      listOf(fieldOf(spec, list)).map((container) => () => checkContainer(container, ports, added)),
    ),
  );
}

function checkPod(spec: Part): void {
  if (knownField(spec, "hostNetwork") === true)
    fieldOf(spec, "hostNetwork").refuse(
      "is true, so the sidecar would be the node's",
      "leave it out: a pod in the mesh has a network of its own",
    );
  if (knownField(spec, "hostPID") === true)
    fieldOf(spec, "hostPID").refuse(
      "is true, beside which Kubernetes shares no processes in the pod",
      "leave it out: spiffe-helper signals NGINX in the pod",
    );
  if (knownField(spec, "shareProcessNamespace") === false)
    fieldOf(spec, "shareProcessNamespace").refuse(
      "is false",
      "leave it out: spiffe-helper signals NGINX, which is in another container",
    );
  if (knownField(spec, "os", "name") === "windows")
    fieldOf(spec, "os").refuse("is windows, which the sidecar does not run on", "leave the sidecar out there");
  const account = fieldOf(spec, "serviceAccountName");
  if ((account.value ?? fieldOf(spec, "serviceAccount").value ?? undefined) === undefined && known(spec) !== undefined)
    account.refuse(
      "is missing, so the workload would have the identity of every pod without one",
      'write the name of a ServiceAccount of its own (or, where that is meant, "default")',
    );
  checkUser(spec);
}

function checkUser(part: Part): void {
  const user = fieldOf(fieldOf(part, "securityContext"), "runAsUser");
  if (known(user) === sidecarUser)
    user.refuse(
      `is ${sidecarUser}, the sidecar's: it could read the key, and its connections would pass beside NGINX`,
      "use another user",
    );
}

function checkVolumes(volumes: Part, added: string[]): void {
  for (const volume of listOf(volumes)) {
    const name = knownField(volume, "name");
    if (added.includes(name as string))
      fieldOf(volume, "name").refuse(`is ${name}, the name of a volume of the sidecar`, "rename the volume");
  }
}

function checkContainer(container: Part, ports: Ports, added: string[]): void {
  const name = knownField(container, "name");
  if (Object.values<unknown>(containerNames).includes(name))
    fieldOf(container, "name").refuse(
      `is ${name}, the name of a container of the sidecar`,
      "rename it; or the template has a sidecar already",
    );
  checkUser(container);
  for (const mount of listOf(fieldOf(container, "volumeMounts"))) {
    const volume = knownField(mount, "name");
    if (added.includes(volume as string))
      mount.refuse(`is of ${volume}, a volume of the sidecar`, "leave it out: the identity is the sidecar's alone");
  }
  const declared = listOf(fieldOf(container, "ports"));
  checkContainerPorts(declared, ports);
  checkProbes(container, declared, ports);
}
