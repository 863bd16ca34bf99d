import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checked } from "./checked";
import { labelName } from "./names";
import { checkPlain } from "./plain";
import { type Refuser, refuser } from "./refuse";

/** Levels of the Pod Security Standards. */
export const PodSecurityLevel = {
  privileged: "privileged",
  baseline: "baseline",
  restricted: "restricted",
} as const;
export type PodSecurityLevel = (typeof PodSecurityLevel)[keyof typeof PodSecurityLevel];

/** Arguments of a Namespace. */
export interface NamespaceArgs {
  /** Name of the Namespace, a DNS-1123 label. @default made up by Pulumi from the component's name */
  name?: pulumi.Input<string>;
  /** Labels, besides those of Pod Security. @default none */
  labels?: Record<string, pulumi.Input<string>>;
  /** Annotations. @default none */
  annotations?: Record<string, pulumi.Input<string>>;
  /** What pods may ask for: the level that is enforced, warned about and audited. @default "restricted" */
  podSecurity?: PodSecurityLevel;
  /** Kubernetes version whose Pod Security Standards apply, `latest` or for example `v1.34`. @default "latest" */
  podSecurityVersion?: pulumi.Input<string>;
  /** Whether a NetworkPolicy denies all traffic to and from pods that no other policy allows, DNS included. @default false */
  defaultDeny?: boolean;
  /** Name of a Namespace that is there already and is left as it is. @default a new one is made */
  existing?: pulumi.Input<string>;
}

/** A Namespace with a Pod Security level, and on request a NetworkPolicy that denies by default. */
export class Namespace extends pulumi.ComponentResource {
  /** Name of the Namespace; taking it from here makes whatever uses it wait for the Namespace. */
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: NamespaceArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("Namespace", name);
    checkNamespace(refuse, args);

    super("nginx-stacks:index:Namespace", name, args, opts);

    const childOpts = { parent: this, dependsOn: opts?.dependsOn };
    const outputs = {
      name:
        args.existing !== undefined
          ? pulumi.output(args.existing)
          : new k8s.core.v1.Namespace(
              `${name}-namespace`,
              {
                metadata: {
                  name: args.name,
                  labels: { ...args.labels, ...podSecurityLabels(args) },
                  annotations: args.annotations,
                },
              },
              childOpts,
            ).metadata.name,
    };
    if (args.defaultDeny)
      new k8s.networking.v1.NetworkPolicy(
        `${name}-default-deny`,
        { metadata: { namespace: outputs.name }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
        childOpts,
      );
    this.name = outputs.name;
    this.registerOutputs(outputs);
  }
}

function checkNamespace(refuse: Refuser, args: NamespaceArgs): void {
  const { labels, annotations, podSecurity, defaultDeny } = args;
  checkPlain(refuse, { labels, annotations, podSecurity, defaultDeny });
  if (args.existing !== undefined) {
    checked(args.existing, labelName(refuse, "existing"));
    for (const property of ["name", "labels", "annotations", "podSecurity", "podSecurityVersion"] as const)
      if (args[property] !== undefined)
        refuse(property, "is given beside existing", "remove one of the two: an existing Namespace is left as it is");
  }
  if (args.name !== undefined) checked(args.name, labelName(refuse, "name"));
  for (const label of Object.keys(args.labels ?? {}))
    if (label.startsWith("pod-security.kubernetes.io/"))
      refuse(`labels["${label}"]`, "is a label of Pod Security", "write podSecurity and podSecurityVersion instead");
  if (args.podSecurity !== undefined && !(args.podSecurity in PodSecurityLevel))
    refuse("podSecurity", "is not a Pod Security level", `write one of ${Object.keys(PodSecurityLevel).join(", ")}`);
  if (args.podSecurityVersion !== undefined)
    checked(args.podSecurityVersion, (version) => {
      if (!/^(latest|v1\.\d+)$/.test(version))
        refuse("podSecurityVersion", "is not a version of Kubernetes", "write `latest`, or for example `v1.34`");
    });
}

function podSecurityLabels(args: NamespaceArgs): Record<string, pulumi.Input<string>> {
  const level = args.podSecurity ?? PodSecurityLevel.restricted;
  const version = args.podSecurityVersion ?? "latest";
  return Object.fromEntries(
    ["enforce", "warn", "audit"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, level],
      [`pod-security.kubernetes.io/${mode}-version`, version],
    ]),
  );
}
