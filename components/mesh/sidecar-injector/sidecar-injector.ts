import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { resolveArguments } from "../../foundation";
import { nameLabel } from "../mesh-reference";
import { checkImages } from "../pod-rules";
import { resolvePodSettings } from "../sidecar";
import { renderMutationPolicy } from "./mutation";
import { toPodLiterals } from "./pod-literals";
import { resolveContainedInjector } from "./resolve";
import type { SidecarInjectorArgs } from "./sidecar-injector-args";
import { renderLabelledPolicy, strictPolicy } from "./validation";

/** Label of namespaces in which every pod needs a sidecar. */
const strictLabels = { "nginx-stacks/mesh": "strict" };

/**
 * Adds the sidecars of `withSidecar` to new pods with the labels of a Sidecar. A MutatingAdmissionPolicy in the API server adds them, so that there is no webhook.
 *
 * It fails closed: pods whose labels do not match an injectable Sidecar are rejected. In strict namespaces, so are pods without sidecar or with `hostNetwork`.
 */
export class SidecarInjector extends pulumi.ComponentResource {
  /** Name of the MutatingAdmissionPolicy. Pods that use this output are created after all policies. */
  readonly policyName: pulumi.Output<string>;
  /** Labels of namespaces in which every pod needs a sidecar. */
  readonly strictLabels: Record<string, string>;

  constructor(name: string, args: SidecarInjectorArgs, opts?: pulumi.ComponentResourceOptions) {
    const resolved = resolveArguments("SidecarInjector", name, "SidecarInjectorArgs", args, (argument) => {
      checkImages(argument.field("images"));
      return resolveContainedInjector(argument);
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
    const pod = toPodLiterals(resolvePodSettings({ ...resolved, redirect: { image: redirectImage } }, ""));
    const { v1 } = k8s.admissionregistration;

    // The validating policies come first, so that a pod is never accepted without its sidecar.
    const labelled = new v1.ValidatingAdmissionPolicy(
      `${name}-labelled`,
      { metadata, spec: pod.apply(renderLabelledPolicy) },
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
      { metadata, spec: pod.apply(renderMutationPolicy) },
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
