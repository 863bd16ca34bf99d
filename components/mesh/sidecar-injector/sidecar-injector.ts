import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { resolveArguments } from "../../foundation";
import { nameLabel } from "../mesh-reference";
import { checkImages } from "../pod-rules";
import { podSettings } from "../sidecar";
import { mutationPolicy } from "./mutation";
import { toPodLiterals } from "./pod-literals";
import { resolveSidecarInjector } from "./resolve";
import type { SidecarInjectorArgs } from "./sidecar-injector-args";
import { labelledPolicy, strictPolicy } from "./validation";

/** Label of namespaces in which every pod needs a sidecar. */
const strictLabels = { "nginx-stacks/mesh": "strict" };

/**
 * Adds sidecars to pods with the labels of a Sidecar when they are made: the same as `withSidecar` adds. A MutatingAdmissionPolicy does it in the API server, without a webhook and its server.
 *
 * It fails closed: a pod whose labels are not those of a Sidecar that it can inject is refused, and in strict namespaces every pod without a sidecar, or in the network of the node.
 */
export class SidecarInjector extends pulumi.ComponentResource {
  /** Name of the MutatingAdmissionPolicy; taking it from here makes pods come after everything that injects and refuses. */
  readonly policyName: pulumi.Output<string>;
  /** Labels for namespaces in which every pod needs a sidecar. */
  readonly strictLabels: Record<string, string>;

  constructor(name: string, args: SidecarInjectorArgs, opts?: pulumi.ComponentResourceOptions) {
    const resolved = resolveArguments("SidecarInjector", name, "SidecarInjectorArgs", args, (argument) => {
      checkImages(argument.field("images"));
      return resolveSidecarInjector(argument);
    });
    const { kubernetesVersion, strictNamespaces, edition, image, redirectImage } = resolved;
    super(
      "nginx-stacks:index:SidecarInjector",
      name,
      { kubernetesVersion, strictNamespaces, edition, image, redirectImage },
      opts,
    );
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const metadata = { labels: { [nameLabel]: "mesh-injector" } };
    const pod = toPodLiterals(podSettings({ ...resolved, redirect: { image: redirectImage } }, ""));
    const { v1 } = k8s.admissionregistration;

    // The validating policies come first, so that a pod is never accepted without its sidecar.
    const labelled = new v1.ValidatingAdmissionPolicy(
      `${name}-labelled`,
      { metadata, spec: pod.apply(labelledPolicy) },
      child,
    );
    const strict = new v1.ValidatingAdmissionPolicy(`${name}-strict`, { metadata, spec: strictPolicy }, child);
    const bind = (
      suffix: string,
      policy: k8s.admissionregistration.v1.ValidatingAdmissionPolicy,
      namespaceSelector?: Selector,
    ) =>
      new v1.ValidatingAdmissionPolicyBinding(
        `${name}-${suffix}-binding`,
        {
          metadata,
          spec: {
            policyName: policy.metadata.name,
            validationActions: ["Deny"],
            ...(namespaceSelector && { matchResources: { namespaceSelector } }),
          },
        },
        child,
      );
    const bindings = [
      bind("labelled", labelled),
      bind("strict", strict, { matchLabels: strictLabels }),
      ...(strictNamespaces.length > 0
        ? [
            bind("strict-names", strict, {
              matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: strictNamespaces }],
            }),
          ]
        : []),
    ];
    const policy = new v1.MutatingAdmissionPolicy(
      `${name}-policy`,
      { metadata, spec: pod.apply(mutationPolicy) },
      { ...child, dependsOn: bindings },
    );
    const binding = new v1.MutatingAdmissionPolicyBinding(
      `${name}-binding`,
      {
        metadata,
        spec: {
          policyName: policy.metadata.name,
        },
      },
      child,
    );

    const outputs = {
      policyName: pulumi.all([policy.metadata.name, binding.urn]).apply(([known]) => known),
      strictLabels,
    };
    this.policyName = outputs.policyName;
    this.strictLabels = outputs.strictLabels;
    this.registerOutputs(outputs);
  }
}

type Selector = k8s.types.input.meta.v1.LabelSelector;
