import { containerNames, redirectLabel, sidecarLabel, sidecarUser, templateHashLabel } from "../layout";
import { sidecarVolumeNames } from "../pod";
import type { SidecarState } from "../private-state";
import { getField, known, knownField, type Part, readList, readObject, requireKnown } from "./parts";
import { checkContainerPorts, type Ports, toPorts } from "./ports";
import { checkProbes, checkScrape } from "./probes";

/** Lists and objects to which the sidecar is added, and which therefore have to be known. */
const structure = {
  metadata: ["labels", "annotations"],
  spec: ["initContainers", "containers", "volumes", "imagePullSecrets"],
} as const;

/** Refuses a template whose lists and objects for the sidecar are not known. */
export function checkStructure(template: Part): void {
  requireKnown(template);
  readObject(template);
  for (const [part, fields] of Object.entries(structure)) {
    const outer = getField(template, part);
    requireKnown(outer);
    readObject(outer);
    for (const field of fields) requireKnown(getField(outer, field));
  }
  const spec = getField(template, "spec");
  if (spec.value === undefined || spec.value === null) spec.refuse("is missing", "write the pod's containers");
  readList(getField(spec, "imagePullSecrets"));
}

/** Refuses a template that cannot work with the sidecar, or would bypass it. Outputs in it are not checked. */
export function checkTemplate(template: Part, state: SidecarState): void {
  const metadata = getField(template, "metadata");
  const spec = getField(template, "spec");
  const labels = getField(metadata, "labels");
  const present = [sidecarLabel, templateHashLabel, redirectLabel].find(
    (label) => readObject(labels)[label] !== undefined,
  );
  // A template with a label of a sidecar has its containers too, so no other rule is of use.
  if (present) {
    getField(labels, present).refuse("is there already", "leave it out: withSidecar sets it");
    return;
  }
  const ports = toPorts(state.sidecar);
  const added = sidecarVolumeNames(state.pod);
  template.check(
    () => checkPod(spec),
    () => checkVolumes(getField(spec, "volumes"), added),
    () => checkScrape(getField(metadata, "annotations"), ports),
    ...["initContainers", "containers"].flatMap((list) =>
      readList(getField(spec, list)).map((container) => () => checkContainer(container, ports, added)),
    ),
  );
}

/** Values of a pod's spec with which a sidecar does not work. */
const unsupported: [path: string[], value: unknown, wrong: string, remedy: string][] = [
  [
    ["hostNetwork"],
    true,
    "is true, so the sidecar would proxy the node",
    "leave it out: the sidecar needs the pod's own network",
  ],
  [
    ["hostPID"],
    true,
    "is true, which excludes shareProcessNamespace",
    "leave it out: spiffe-helper signals NGINX in the pod",
  ],
  [["shareProcessNamespace"], false, "is false", "leave it out: spiffe-helper signals NGINX in another container"],
  [["os", "name"], "windows", "is windows, on which the sidecar does not run", "leave the sidecar out"],
];

function checkPod(spec: Part): void {
  for (const [path, value, wrong, remedy] of unsupported)
    if (knownField(spec, ...path) === value) path.reduce(getField, spec).refuse(wrong, remedy);
  const account = getField(spec, "serviceAccountName");
  if ((account.value ?? getField(spec, "serviceAccount").value ?? undefined) === undefined && known(spec) !== undefined)
    account.refuse(
      "is missing, so the workload would share the identity of all pods without one",
      'write the name of a ServiceAccount of its own (or "default", if that is intended)',
    );
  checkUser(spec);
}

function checkUser(part: Part): void {
  const user = getField(getField(part, "securityContext"), "runAsUser");
  if (known(user) === sidecarUser)
    user.refuse(
      `is ${sidecarUser}, the user of the sidecar, which reads the key and whose connections bypass NGINX`,
      "use another user",
    );
}

function checkVolumes(volumes: Part, added: string[]): void {
  for (const volume of readList(volumes)) {
    const name = knownField(volume, "name");
    if (added.includes(name as string))
      getField(volume, "name").refuse(`is ${name}, the name of a volume of the sidecar`, "rename the volume");
  }
}

function checkContainer(container: Part, ports: Ports, added: string[]): void {
  const name = knownField(container, "name");
  if (Object.values<unknown>(containerNames).includes(name))
    getField(container, "name").refuse(
      `is ${name}, the name of a container of the sidecar`,
      "rename it, or leave withSidecar out if the template has a sidecar",
    );
  checkUser(container);
  for (const mount of readList(getField(container, "volumeMounts"))) {
    const volume = knownField(mount, "name");
    if (added.includes(volume as string))
      mount.refuse(`is of ${volume}, a volume of the sidecar`, "leave it out: only the sidecar may read the identity");
  }
  const declared = readList(getField(container, "ports"));
  checkContainerPorts(declared, ports);
  checkProbes(container, declared, ports);
}
