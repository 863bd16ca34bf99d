import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Argument, Faults, isPlainThroughout } from "../../../foundation";
import { configurationAnnotation } from "../layout";
import { renderSidecarPod } from "../pod";
import { getPrivateState } from "../private-state";
import type { Sidecar } from "../sidecar";
import { checkStructure, checkTemplate } from "./checks";
import { addHooks } from "./hooks";

type Template = types.input.core.v1.PodTemplateSpec;
type PodSpec = types.input.core.v1.PodSpec;
type Metadata = types.input.meta.v1.ObjectMeta;

/**
 * Returns the pod template with a sidecar: its init containers before those of the template, its volumes, labels and annotations. Containers without a hook `preStop` get one that
 * sleeps 5 seconds, because nodes still send connections to a pod that begins to end.
 *
 * A template that does not work with a sidecar is refused: at once where it is plain, otherwise as soon as its values are known.
 *
 * @param template the template of a Deployment, StatefulSet, DaemonSet or Job
 * @param sidecar the workload's Sidecar, in the namespace of the pods
 */
export function withSidecar(template: Template, sidecar: Sidecar): Template {
  const state = getPrivateState(sidecar);
  const faults = new Faults(`withSidecar ${JSON.stringify(state?.name ?? "")}`);
  const given = new Argument<unknown>(faults, "template", template);
  if (state === undefined)
    new Argument<unknown>(faults, "sidecar", sidecar).refuse(
      "is not a Sidecar of this program",
      "give the Sidecar itself, made with `new Sidecar`",
    );
  else {
    faults.attempt(() => checkStructure(given));
    faults.attempt(() => checkTemplate(given, state));
  }
  faults.close();
  const metadata = (template.metadata ?? {}) as Metadata;
  const spec = template.spec as PodSpec;
  const added = renderSidecarPod(state!.pod);
  const annotations = { ...state!.annotations };
  if (!isPlainThroughout(template))
    annotations[configurationAnnotation] = whenChecked(annotations[configurationAnnotation]!);
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
      containers: addHooks(spec, added.preStop),
      volumes: [...((spec.volumes as []) ?? []), ...added.volumes],
      ...((added.imagePullSecrets.length > 0 || spec.imagePullSecrets !== undefined) && {
        imagePullSecrets: [...((spec.imagePullSecrets as []) ?? []), ...added.imagePullSecrets],
      }),
    },
  };

  /** Returns the annotation once the values of the template are checked. It contains none of them, so a secret among them does not make it one. */
  function whenChecked(annotation: pulumi.Input<string>): pulumi.Output<string> {
    const passed = pulumi.output(template).apply((found) => {
      checkTemplate(new Argument<unknown>(faults, "template", found), state!);
      return "";
    });
    return pulumi.unsecret(pulumi.all([annotation, passed]).apply(([text]) => text));
  }
}
