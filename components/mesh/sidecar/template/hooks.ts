import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../../../foundation";
import { leaveServiceSeconds } from "../layout";
import type { SidecarPod } from "../pod";

type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;
type Lifecycle = types.input.core.v1.Lifecycle;

/** Returns the pod's own containers, each with the hook unless it has one, or the pod has less time to end. */
export function addHooks(
  { containers, terminationGracePeriodSeconds }: PodSpec,
  preStop: SidecarPod["preStop"],
): pulumi.Input<Container>[] {
  const add = (own: Lifecycle | undefined, seconds: number | undefined): Lifecycle | undefined =>
    (own?.preStop ?? undefined) !== undefined || (seconds ?? defaultSeconds) <= leaveServiceSeconds
      ? own
      : { ...own, preStop };
  const addTo = (container: Container): Container => {
    const { lifecycle } = container;
    const added =
      isPlainInput(lifecycle) && isPlainInput(terminationGracePeriodSeconds)
        ? add(lifecycle, terminationGracePeriodSeconds)
        : pulumi
            .all([lifecycle, terminationGracePeriodSeconds])
            .apply(([own, seconds]) => add(own as Lifecycle | undefined, seconds)!);
    return added === undefined ? container : { ...container, lifecycle: added };
  };
  return (containers as pulumi.Input<Container>[]).map((container) =>
    isPlainInput(container) ? addTo(container) : pulumi.output(container).apply((known) => addTo(known as Container)),
  );
}

/** Time that Kubernetes gives a pod to end. */
const defaultSeconds = 30;
