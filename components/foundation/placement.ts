import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";

/** Placement of pods. Kubernetes documents the fields under "Assigning Pods to Nodes". */
export interface PodPlacement {
  /** Labels that a node must have. @default any node */
  nodeSelector?: Record<string, Input<string>>;
  /** Taints that the pods tolerate. @default none */
  tolerations?: types.input.core.v1.Toleration[];
  /** Rules about nodes and other pods, required or preferred. @default none */
  affinity?: types.input.core.v1.Affinity;
  /** Name of the PriorityClass of the pods. @default the cluster's default class */
  priorityClassName?: Input<string>;
  /** Spread of the pods over zones or nodes. @default the component's own, if it has one */
  topologySpreadConstraints?: types.input.core.v1.TopologySpreadConstraint[];
}
