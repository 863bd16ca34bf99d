import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checkPlain, isPlainInput, refuser } from "../../foundation";
import { keptOf } from "./kept";
import { configurationAnnotation } from "./places";
import { sidecarPod } from "./pod";
import type { Sidecar } from "./sidecar";
import { checkTemplate } from "./template-checks";

type Template = types.input.core.v1.PodTemplateSpec;
type PodSpec = types.input.core.v1.PodSpec;
type Metadata = types.input.meta.v1.ObjectMeta;

/**
 * A pod template with a sidecar: its containers before the template's own init containers, its volumes, labels and annotations. The template itself stays as it was.
 *
 * What cannot work with a sidecar is refused: at once where the template is plain, otherwise as soon as its values are known.
 *
 * @param template the template of a Deployment, StatefulSet, DaemonSet or Job
 * @param sidecar the workload's Sidecar, in the namespace of the pods
 */
export function withSidecar(template: Template, sidecar: Sidecar): Template {
  const kept = keptOf(sidecar);
  const refuse = refuser("withSidecar", kept?.name ?? "");
  if (kept === undefined)
    return refuse("sidecar", "is no Sidecar of this program", "give the Sidecar itself, made with `new Sidecar`");
  const metadata = (template.metadata ?? {}) as Metadata;
  const spec = template.spec as PodSpec;
  checkPlain(refuse, { "template.metadata": metadata, "template.spec": spec });
  if (spec === undefined) refuse("template.spec", "is missing", "write the pod's containers");
  checkPlain(refuse, {
    "template.metadata.labels": metadata.labels,
    "template.metadata.annotations": metadata.annotations,
    "template.spec.initContainers": spec.initContainers,
    "template.spec.containers": spec.containers,
    "template.spec.volumes": spec.volumes,
    "template.spec.imagePullSecrets": spec.imagePullSecrets,
  });
  checkTemplate(template, kept, refuse);
  const added = sidecarPod(kept.pod);
  const annotations = { ...kept.annotations };
  if (!isPlain(template)) annotations[configurationAnnotation] = afterCheck(annotations[configurationAnnotation]!);
  return {
    ...template,
    metadata: {
      ...metadata,
      labels: { ...(metadata.labels as object), ...added.labels },
      annotations: { ...(metadata.annotations as object), ...annotations },
    },
    spec: {
      ...spec,
      shareProcessNamespace: added.shareProcessNamespace,
      initContainers: [...added.initContainers, ...((spec.initContainers as []) ?? [])],
      volumes: [...((spec.volumes as []) ?? []), ...added.volumes],
      ...((added.imagePullSecrets.length > 0 || spec.imagePullSecrets !== undefined) && {
        imagePullSecrets: [...((spec.imagePullSecrets as []) ?? []), ...added.imagePullSecrets],
      }),
    },
  };

  /** The annotation, once the values of the template have passed; it says nothing of them, so a secret among them is none of it. */
  function afterCheck(annotation: pulumi.Input<string>): pulumi.Output<string> {
    const passed = pulumi.output(template).apply((known) => {
      checkTemplate(known as Template, kept!, refuse);
      return "";
    });
    return pulumi.unsecret(pulumi.all([annotation, passed]).apply(([text]) => text));
  }
}

const isPlain = (value: unknown): boolean =>
  isPlainInput(value) && (typeof value !== "object" || value === null || Object.values(value).every(isPlain));
