import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Argument, type Format, formats, resolveArguments, withFacts } from "./arguments";

/** Levels of the Pod Security Standards. */
export const PodSecurityLevel = {
  privileged: "privileged",
  baseline: "baseline",
  restricted: "restricted",
} as const;
export type PodSecurityLevel = (typeof PodSecurityLevel)[keyof typeof PodSecurityLevel];

/** A Namespace that is there already. */
export interface ExistingNamespace {
  /** Name of the Namespace, a DNS-1123 label. */
  name: pulumi.Input<string>;
}

/** Arguments of a Namespace. */
export interface NamespaceArgs {
  /** Name of the Namespace, a DNS-1123 label. @default made up by Pulumi from the component's name */
  name?: pulumi.Input<string>;
  /** Labels, besides those of Pod Security. @default none */
  labels?: Record<string, pulumi.Input<string>>;
  /** Annotations. @default none */
  annotations?: Record<string, pulumi.Input<string>>;
  /** Pod Security level that is enforced, warned about and audited. @default "restricted", for a new Namespace */
  podSecurity?: PodSecurityLevel;
  /** Kubernetes version whose Pod Security Standards apply, `latest` or for example `v1.34`. @default "latest", for a new Namespace */
  podSecurityVersion?: pulumi.Input<string>;
  /** `true`: a NetworkPolicy denies all traffic to and from pods that no other policy allows, DNS included. @default false */
  defaultDeny?: boolean;
  /** A Namespace that is there already and is left as it is. @default a new one is made */
  existing?: ExistingNamespace;
}

/** A Namespace with a Pod Security level, and on request a NetworkPolicy that denies by default. */
export class Namespace extends pulumi.ComponentResource {
  /** Name of the Namespace; taking it from here makes whatever uses it wait for the Namespace. */
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: NamespaceArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const { existing, labels, annotations, podSecurity, podSecurityVersion, defaultDeny } = resolveNamespace(
      name,
      args,
    );

    super("nginx-stacks:index:Namespace", name, args, opts);

    const childOpts = { parent: this, dependsOn: opts?.dependsOn };
    const namespace = existing
      ? pulumi.output(existing.name)
      : new k8s.core.v1.Namespace(
          `${name}-namespace`,
          {
            metadata: {
              name: args.name,
              labels: { ...labels, ...podSecurityLabels(podSecurity, podSecurityVersion) },
              annotations,
            },
          },
          childOpts,
        ).metadata.name;
    const outputs = {
      name: withFacts(namespace, {
        component: `Namespace "${name}"`,
        namespaceName: existing?.name ?? args.name,
        defaultDeny,
        podSecurity: existing ? undefined : podSecurity,
      }),
    };
    if (defaultDeny)
      new k8s.networking.v1.NetworkPolicy(
        `${name}-default-deny`,
        { metadata: { namespace: outputs.name }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
        childOpts,
      );
    this.name = outputs.name;
    this.registerOutputs(outputs);
  }
}

const podSecurityVersions: Format = {
  test: (text) => /^(latest|v1\.\d+)$/.test(text),
  wrong: "is not a version of Kubernetes",
  remedy: "write `latest`, or for example `v1.34`",
};

/** Returns the arguments with their defaults. */
function resolveNamespace(name: string, args: NamespaceArgs) {
  return resolveArguments("Namespace", name, "NamespaceArgs", args, (argument: Argument<NamespaceArgs>) => {
    argument.field("name").matches(formats.dnsLabel);
    argument.field("existing").given((existing) => {
      existing.field("name").matches(formats.dnsLabel);
      argument.alone(["existing", "defaultDeny"], "an existing Namespace is left as it is");
    });
    for (const [label, value] of argument.field("labels").record())
      if (label.startsWith("pod-security.kubernetes.io/"))
        value.refuse("is a label of Pod Security", "write podSecurity and podSecurityVersion instead");
    argument.field("podSecurityVersion").matches(podSecurityVersions);
    const {
      podSecurity = PodSecurityLevel.restricted,
      podSecurityVersion = "latest",
      defaultDeny = false,
    } = argument.value;
    return { ...argument.value, podSecurity, podSecurityVersion, defaultDeny };
  });
}

function podSecurityLabels(
  level: PodSecurityLevel,
  version: pulumi.Input<string>,
): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    ["enforce", "warn", "audit"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, level],
      [`pod-security.kubernetes.io/${mode}-version`, version],
    ]),
  );
}
