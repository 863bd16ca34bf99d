import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checkPlain, type Refuser, readTogether, refuser } from "../../foundation";
import { checkSvidTtl, duration } from "../lifetimes";
import type { MeshReference } from "../mesh-reference";
import { checkSelection, selectors, type WorkloadSelection } from "./selectors";
import { checkDnsNameTemplate, dnsNameTemplate, spiffeIdTemplate } from "./templates";

/** Arguments of a WorkloadIdentity. */
export interface WorkloadIdentityArgs extends WorkloadSelection {
  /** The mesh: a SpireServer. */
  mesh: MeshReference;
  /** Templates of more DNS names, each with namespace and service account in it. The first name is always `<service account>.<namespace>.svc`. @default none */
  dnsNameTemplates?: string[];
  /** Whether the names of the Services in front of a pod become names in its certificate (`autoPopulateDNSNames`). @default false */
  serviceNames?: boolean;
  /** Name of the one container of each pod that gets the identity. @default every container */
  containerName?: string;
  /** Life of the certificates (`ttl`), in seconds; at most a sixth of the life of the mesh's CA and 7 days. @default that of the mesh */
  ttlSeconds?: number;
  /** Life of the JSON Web Tokens (`jwtTtl`), in seconds; at most a sixth of the life of the mesh's CA and 7 days. @default that of the mesh */
  jwtTtlSeconds?: number;
  /** A word by which a workload that has several identities tells them apart (`hint`). @default none */
  hint?: string;
  /** Whether only pods get it for which there is no other (`fallback`). @default false */
  fallback?: boolean;
}

/**
 * The identity of workloads: every pod that is selected gets certificates for `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`.
 *
 * It is a ClusterSPIFFEID, whose `status.stats` says for how many pods entries were made, and how many failed.
 */
export class WorkloadIdentity extends pulumi.ComponentResource {
  /** Name of the ClusterSPIFFEID; taking it from here makes workloads wait for their identity. */
  readonly clusterSpiffeIdName: pulumi.Output<string>;

  constructor(name: string, args: WorkloadIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("WorkloadIdentity", name);
    checkWorkloadIdentity(refuse, args);
    const { mesh, ...recorded } = args;
    super("nginx-stacks:index:WorkloadIdentity", name, recorded, opts);

    const { ttlSeconds, jwtTtlSeconds, containerName } = args;
    const identity = new k8s.apiextensions.CustomResource(
      `${name}-identity`,
      {
        apiVersion: "spire.spiffe.io/v1alpha1",
        kind: "ClusterSPIFFEID",
        metadata: {},
        spec: {
          className: mesh.className,
          ...selectors(args),
          spiffeIDTemplate: spiffeIdTemplate,
          dnsNameTemplates: [dnsNameTemplate, ...(args.dnsNameTemplates ?? [])],
          autoPopulateDNSNames: args.serviceNames,
          workloadSelectorTemplates: containerName && [`k8s:container-name:${containerName}`],
          ttl: ttlSeconds && duration(ttlSeconds),
          jwtTtl: jwtTtlSeconds && duration(jwtTtlSeconds),
          hint: args.hint,
          fallback: args.fallback,
        },
      },
      { parent: this, dependsOn: opts?.dependsOn },
    );

    const outputs = { clusterSpiffeIdName: identity.metadata.name };
    this.clusterSpiffeIdName = outputs.clusterSpiffeIdName;
    this.registerOutputs(outputs);
  }
}

function checkWorkloadIdentity(refuse: Refuser, args: WorkloadIdentityArgs): void {
  checkPlain(refuse, { ...args, namespaces: undefined });
  const { mesh, dnsNameTemplates = [], containerName, ttlSeconds, jwtTtlSeconds, hint } = args;
  if (mesh === undefined) refuse("mesh", "is missing", "give the SpireServer of the trust domain");
  checkSelection(refuse, args);
  for (const [index, namespace] of (args.namespaces ?? []).entries())
    readTogether({ namespace, agents: mesh.agentNamespace }, (names) => {
      if (["kube-system", "kube-public", names.agents].includes(names.namespace))
        refuse(
          `namespaces[${index}]`,
          `is ${names.namespace}, whose pods the controller manager ignores`,
          "leave it out, or move the workloads: nothing would say that they got no identity",
        );
      return "";
    });
  for (const [index, template] of dnsNameTemplates.entries())
    checkDnsNameTemplate(refuse, `dnsNameTemplates[${index}]`, template);
  if (containerName !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(containerName))
    refuse("containerName", "is not the name of a container", "write lower-case letters, digits and `-`");
  if (ttlSeconds !== undefined) checkSvidTtl(refuse, "ttlSeconds", ttlSeconds, mesh.caTtlSeconds);
  if (jwtTtlSeconds !== undefined) checkSvidTtl(refuse, "jwtTtlSeconds", jwtTtlSeconds, mesh.caTtlSeconds);
  if (hint !== undefined && !/^[\x21-\x7e][\x20-\x7e]{0,1023}$/.test(hint))
    refuse("hint", "is empty or not in ASCII", "write at most 1024 letters, digits and signs");
}
