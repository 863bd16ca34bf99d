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
import { assignHashes, parseTemplate, renderTemplate } from "./template";
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
  /** Containers and volumes that the injector adds, as JSON. Before a change of them, keep it for `earlierSidecars`. */
  readonly sidecarTemplate: pulumi.Output<string>;

  constructor(name: string, args: SidecarInjectorArgs, opts?: pulumi.ComponentResourceOptions) {
    const resolved = resolveArguments("SidecarInjector", name, "SidecarInjectorArgs", args, (argument) => {
      checkImages(argument.field("images"));
      return resolveContainedInjector(argument);
    });
    const { kubernetesVersion, strictNamespaces, earlierSidecars, edition, image, redirectImage } = resolved;
    super(
      "nginx-stacks:index:SidecarInjector",
      name,
      { kubernetesVersion, strictNamespaces, edition, image, redirectImage },
      opts,
    );
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const metadata = { labels: { [nameLabel]: "mesh-injector" } };
    const template = renderTemplate(resolvePodSettings({ ...resolved, redirect: { image: redirectImage } }, ""));
    const earlier = pulumi.all([template, pulumi.all(earlierSidecars)]).apply(([current, list]) =>
      assignHashes(
        current,
        list.map(({ template, until }) => ({ template: parseTemplate(template)!, until })),
      ),
    );
    const { v1 } = k8s.admissionregistration;

    const labelledSpec = pulumi
      .all([template, earlier])
      .apply(([current, list]) =>
        renderLabelledPolicy([current, ...list.map(({ template }) => template)].map((one) => toPodLiterals(one))),
      );

    // The validating policies come first, so that a pod is never accepted without its sidecar.
    const labelled = new v1.ValidatingAdmissionPolicy(`${name}-labelled`, { metadata, spec: labelledSpec }, child);
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
    const inject = (suffix: string, spec: pulumi.Output<MutationSpec>) => {
      const policy = new v1.MutatingAdmissionPolicy(
        `${name}${suffix}-policy`,
        { metadata, spec },
        { ...child, dependsOn: bindings },
      );
      const binding = new v1.MutatingAdmissionPolicyBinding(
        `${name}${suffix}-binding`,
        { metadata, spec: { policyName: policy.metadata.name } },
        child,
      );
      return pulumi.all([policy.metadata.name, binding.urn]).apply(([known]) => known);
    };
    const policyName = inject(
      "",
      template.apply((current) => renderMutationPolicy(toPodLiterals(current))),
    );
    const earlierNames = earlierSidecars.map((_, index) =>
      inject(
        `-earlier-${index}`,
        earlier.apply((list) => {
          const { template, hashes, until } = list[index]!;
          return renderMutationPolicy(toPodLiterals(template, hashes), until);
        }),
      ),
    );

    const outputs = {
      policyName: pulumi.all([policyName, ...earlierNames]).apply(([known]) => known!),
      strictLabels,
      sidecarTemplate: template.apply((known) => JSON.stringify(known)),
    };
    this.policyName = outputs.policyName;
    this.strictLabels = outputs.strictLabels;
    this.sidecarTemplate = outputs.sidecarTemplate;
    this.registerOutputs(outputs);
  }
}

type MutationSpec = k8s.types.input.admissionregistration.v1.MutatingAdmissionPolicySpec;
type Selector = k8s.types.input.meta.v1.LabelSelector;
