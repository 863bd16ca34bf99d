import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Argument, type Format, mapInputs, resolveArguments } from "../../foundation";
import { checkSvidTtl, duration } from "../lifetimes";
import type { MeshReference } from "../mesh-reference";
import { checkSelection, toSelectors, type WorkloadSelection } from "./selection";
import { checkDnsNameTemplate, dnsNameTemplate, spiffeIdTemplate } from "./templates";

/** Arguments of a WorkloadIdentity. */
export interface WorkloadIdentityArgs extends WorkloadSelection {
  /** SpireServer or ServiceMesh of the workloads. */
  mesh: MeshReference;
  /** Templates of further DNS names, each with namespace and service account. The first name is always `<service account>.<namespace>.svc`. @default none */
  dnsNameTemplates?: string[];
  /** `true`: certificates contain the names of the pod's Services (`autoPopulateDNSNames`). @default false */
  serviceNames?: boolean;
  /** Name of the only container of each pod that gets the identity. @default every container */
  containerName?: string;
  /** Lifetime of the certificates (`ttl`) in seconds, at most a sixth of that of the mesh's CA and 7 days. @default that of the mesh */
  ttlSeconds?: number;
  /** Lifetime of the JSON Web Tokens (`jwtTtl`) in seconds, at most a sixth of that of the mesh's CA and 7 days. @default that of the mesh */
  jwtTtlSeconds?: number;
  /** Hint by which a workload selects one of several identities (`hint`). @default none */
  hint?: string;
  /** `true`: only pods without another identity have this one (`fallback`). @default false */
  fallback?: boolean;
}

/**
 * An identity of workloads: each selected pod gets certificates for `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`.
 *
 * It is a ClusterSPIFFEID. Its `status.stats` counts pods with entries, and failures.
 */
export class WorkloadIdentity extends pulumi.ComponentResource {
  /** Name of the ClusterSPIFFEID. Workloads that use this output wait for their identity. */
  readonly clusterSpiffeIdName: pulumi.Output<string>;

  constructor(name: string, args: WorkloadIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    const { mesh, ...identified } = resolveArguments(
      "WorkloadIdentity",
      name,
      "WorkloadIdentityArgs",
      args,
      resolveWorkloadIdentity,
    );
    super("nginx-stacks:index:WorkloadIdentity", name, identified, opts);

    const { ttlSeconds, jwtTtlSeconds, containerName, dnsNameTemplates = [] } = identified;
    const identity = new k8s.apiextensions.CustomResource(
      `${name}-identity`,
      {
        apiVersion: "spire.spiffe.io/v1alpha1",
        kind: "ClusterSPIFFEID",
        metadata: {},
        spec: {
          className: mesh.className,
          ...toSelectors(identified),
          spiffeIDTemplate: spiffeIdTemplate,
          dnsNameTemplates: [dnsNameTemplate, ...dnsNameTemplates],
          autoPopulateDNSNames: identified.serviceNames,
          workloadSelectorTemplates: containerName && [`k8s:container-name:${containerName}`],
          ttl: ttlSeconds && duration(ttlSeconds),
          jwtTtl: jwtTtlSeconds && duration(jwtTtlSeconds),
          hint: identified.hint,
          fallback: identified.fallback,
        },
      },
      { parent: this, dependsOn: opts?.dependsOn },
    );

    const outputs = { clusterSpiffeIdName: identity.metadata.name };
    this.clusterSpiffeIdName = outputs.clusterSpiffeIdName;
    this.registerOutputs(outputs);
  }
}

/** Applies the rules of a WorkloadIdentity; Kubernetes sets its defaults. */
function resolveWorkloadIdentity(argument: Argument<WorkloadIdentityArgs>): WorkloadIdentityArgs {
  const { mesh } = argument.value;
  argument.check(
    checkSelection,
    () => {
      for (const namespace of argument.field("namespaces").entries())
        argument.check(() => checkIgnored(namespace, mesh.agentNamespace));
    },
    () => {
      for (const template of argument.field("dnsNameTemplates").entries()) checkDnsNameTemplate(template);
    },
    () => argument.field("containerName").matches(containerName),
    () => argument.field("hint").matches(hint),
    () => checkSvidTtl(argument.field("ttlSeconds"), argument.value.ttlSeconds, mesh.caTtlSeconds),
    () => checkSvidTtl(argument.field("jwtTtlSeconds"), argument.value.jwtTtlSeconds, mesh.caTtlSeconds),
  );
  return argument.value;
}

function checkIgnored(namespace: Argument<pulumi.Input<string>>, agentNamespace: pulumi.Input<string>): void {
  mapInputs({ name: namespace.value, agents: agentNamespace }, ({ name, agents }) => {
    if (name !== undefined && ["kube-system", "kube-public", agents].includes(name))
      namespace.refuse(
        `is ${name}, whose pods the controller manager ignores`,
        "leave it out, or move the workloads to another namespace",
      );
    return "";
  });
}

const containerName: Format = {
  test: (text) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text),
  wrong: "is not the name of a container",
  remedy: "write lower-case letters, digits and `-`",
};

const hint: Format = {
  test: (text) => /^[\x21-\x7e][\x20-\x7e]{0,1023}$/.test(text),
  wrong: "is empty or not in ASCII",
  remedy: "write at most 1024 letters, digits and signs",
};
