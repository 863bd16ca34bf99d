import type { types } from "@pulumi/kubernetes";
import type { Refuser } from "../../foundation";
import type { KeptSidecar } from "./kept";
import { containerNames, kindLabel, redirectLabel, sidecarLabel, sidecarUser } from "./places";
import { plain } from "./plain";
import { addedVolumes } from "./pod";
import { checkContainerPorts, type Ports, portsOf } from "./port-checks";
import { checkProbes, checkScrape } from "./probe-checks";

type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;

/** Refuses a template that cannot work with the sidecar, or would walk around it. Outputs in it are passed over. */
export function checkTemplate(template: types.input.core.v1.PodTemplateSpec, kept: KeptSidecar, refuse: Refuser): void {
  const spec = plain(template.spec) as PodSpec;
  const metadata = (plain(template.metadata) ?? {}) as types.input.meta.v1.ObjectMeta;
  checkLabels(metadata, refuse);
  checkPod(spec, refuse);
  checkVolumes(spec, addedVolumes(kept.pod), refuse);
  const ports = portsOf(kept);
  for (const [list, containers] of Object.entries({ initContainers: spec.initContainers, containers: spec.containers }))
    for (const [index, input] of ((plain(containers) ?? []) as Container[]).entries()) {
      const container = plain(input);
      if (container !== undefined)
        checkContainer(container, `template.spec.${list}[${index}]`, { spec, kept, ports }, refuse);
    }
  checkScrape((plain(metadata.annotations) ?? {}) as Record<string, unknown>, ports, refuse);
}

function checkLabels({ labels }: types.input.meta.v1.ObjectMeta, refuse: Refuser): void {
  for (const label of [sidecarLabel, kindLabel, redirectLabel])
    if ((plain(labels) as Record<string, unknown> | undefined)?.[label] !== undefined)
      refuse(`template.metadata.labels["${label}"]`, "is there already", "leave it out: this function sets it");
}

function checkPod(spec: PodSpec, refuse: Refuser): void {
  if (plain(spec.hostNetwork) === true)
    refuse(
      "template.spec.hostNetwork",
      "is true, so the sidecar would be the node's",
      "leave it out: a pod in the mesh has a network of its own",
    );
  if (plain(spec.hostPID) === true)
    refuse(
      "template.spec.hostPID",
      "is true, beside which Kubernetes shares no processes in the pod",
      "leave it out: spiffe-helper signals NGINX in the pod",
    );
  if (plain(spec.shareProcessNamespace) === false)
    refuse(
      "template.spec.shareProcessNamespace",
      "is false",
      "leave it out: spiffe-helper signals NGINX, which is in another container",
    );
  if ((plain(spec.os) as { name?: unknown } | undefined)?.name === "windows")
    refuse("template.spec.os", "is windows, which the sidecar does not run on", "leave the sidecar out there");
  if (spec.serviceAccountName === undefined && spec.serviceAccount === undefined)
    refuse(
      "template.spec.serviceAccountName",
      "is missing, so the workload would have the identity of every pod without one",
      'write the name of a ServiceAccount of its own (or, where that is meant, "default")',
    );
  checkUser(spec.securityContext, "template.spec", refuse);
}

function checkUser(context: unknown, property: string, refuse: Refuser): void {
  const user = (plain(context) as { runAsUser?: unknown } | undefined)?.runAsUser;
  if (user === sidecarUser)
    refuse(
      `${property}.securityContext.runAsUser`,
      `is ${sidecarUser}, the sidecar's: it could read the key, and its connections would pass beside NGINX`,
      "use another user",
    );
}

function checkVolumes(spec: PodSpec, added: string[], refuse: Refuser): void {
  for (const [index, volume] of ((plain(spec.volumes) ?? []) as { name?: unknown }[]).entries()) {
    const name = plain(volume)?.name;
    if (added.includes(name as string))
      refuse(
        `template.spec.volumes[${index}].name`,
        `is ${name}, the name of a volume of the sidecar`,
        "rename the volume",
      );
  }
}

/** What a container is judged by, beside itself. */
interface Surroundings {
  spec: PodSpec;
  kept: KeptSidecar;
  ports: Ports;
}

function checkContainer(container: Container, property: string, { kept, ports }: Surroundings, refuse: Refuser): void {
  const name = plain(container.name);
  if (Object.values<unknown>(containerNames).includes(name))
    refuse(
      `${property}.name`,
      `is ${name}, the name of a container of the sidecar`,
      "rename it; or the template has a sidecar already",
    );
  checkUser(container.securityContext, property, refuse);
  const added = addedVolumes(kept.pod);
  for (const [index, mount] of ((plain(container.volumeMounts) ?? []) as { name?: unknown }[]).entries())
    if (added.includes(plain(mount)?.name as string))
      refuse(
        `${property}.volumeMounts[${index}]`,
        `is of ${mount.name}, a volume of the sidecar`,
        "leave it out: the identity is the sidecar's alone",
      );
  checkContainerPorts(container, property, ports, refuse);
  checkProbes(container, property, ports, refuse);
}
