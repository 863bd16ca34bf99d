import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { refuser } from "../../foundation";
import { checksumAnnotations } from "../../nginx/checksums";
import { instanceName } from "../../nginx/labels";
import { printHcl } from "../hcl";
import { bundleKey, meshLabels } from "../mesh-reference";
import { checkSpireServer } from "./checks";
import { serverConfiguration } from "./configuration";
import { managerConfiguration } from "./controller-manager";
import { installCrds } from "./crds";
import { connectionSecret, connectionVariable, databaseFolders, databaseOf, databaseRevisions } from "./data-store";
import { scrapeAnnotations, serverAlerts } from "./monitoring";
import { makeMonitoring } from "./monitors";
import { inServerPod, managerFile, serverFile } from "./place";
import { serverPodSpec, volumeClaims } from "./pod";
import { makeRights } from "./rights";
import type { SpireServerArgs } from "./spire-server-args";
import { authoritySecret, upstreamParts, upstreamRevisions } from "./upstream";
import { webhooks } from "./webhook";

/**
 * The SPIRE server of a trust domain with its controller manager: it attests agents, and issues the certificates of the workloads that ClusterSPIFFEIDs select.
 *
 * It is a MeshReference: SpireAgent, WorkloadIdentity and sidecars take it as `mesh`, and by that wait until it is ready.
 */
export class SpireServer extends pulumi.ComponentResource {
  /** Name of the trust domain. */
  readonly trustDomain: pulumi.Output<string>;
  /** Name of the cluster. */
  readonly clusterName: string;
  /** Class of the ClusterSPIFFEIDs that this server sees to; taking it from here makes them wait for the server, whose webhook is asked about them. */
  readonly className: pulumi.Output<string>;
  /** Host name of the server inside the cluster. */
  readonly serverHost: pulumi.Output<string>;
  /** Port of the server. */
  readonly serverPort: number;
  /** Namespace of the agents, and of the ConfigMap with the bundle. */
  readonly agentNamespace: pulumi.Output<string>;
  /** ServiceAccount that was made for the agents, the one account whose tokens the server accepts. */
  readonly agentServiceAccountName: pulumi.Output<string>;
  /** Name of the ConfigMap into which the server writes the roots of the trust domain. */
  readonly bundleConfigMapName: pulumi.Output<string>;
  /** Key of the roots in that ConfigMap, in PEM. */
  readonly bundleKey: string;
  /** How deep a peer has to verify: directives `ssl_verify_depth` and `proxy_ssl_verify_depth`. */
  readonly verifyDepth: number;
  /** Life of SPIRE's CA in seconds; no certificate may live longer than a sixth of it. */
  readonly caTtlSeconds: number;
  /** Name of the StatefulSet. */
  readonly statefulSetName: pulumi.Output<string>;

  constructor(name: string, args: SpireServerArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("SpireServer", name);
    const { lifetimes, className, chainLength, replicas } = checkSpireServer(refuse, name, args);
    const { namespace, trustDomain, clusterName, monitoring, upstreamAuthority: upstream } = args;
    const agentNamespace = args.agentNamespace ?? namespace;
    const verifyDepth = 1 + chainLength;
    super(
      "nginx-stacks:index:SpireServer",
      name,
      { namespace, agentNamespace, trustDomain, clusterName, className, replicas, lifetimes, verifyDepth },
      opts,
    );
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const instance = instanceName(name);
    const selector = meshLabels("spire-server", instance);
    const metadata = { namespace, labels: selector };
    const leaseName = replicas > 1 ? `spire-${digest(instance)}` : undefined;

    const crds = installCrds(name, args, child);
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { ...metadata, annotations: args.serviceAccountAnnotations } },
      child,
    );
    const agentAccount = new k8s.core.v1.ServiceAccount(
      `${name}-agent-account`,
      { metadata: { namespace: agentNamespace, labels: meshLabels("spire-agent", instance) } },
      child,
    );
    const bundle = new k8s.core.v1.ConfigMap(
      `${name}-bundle`,
      { metadata: { namespace: agentNamespace, labels: selector } },
      // The server fills it, and goes on doing so.
      { ...child, ignoreChanges: ["data"] },
    );
    const service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: skipAwait },
        spec: { selector, ports: [{ name: "grpc", port: inServerPod.serverPort, targetPort: "grpc" }] },
      },
      child,
    );
    const webhook = (args.validatingWebhook ?? true) ? makeWebhook(name, args, className, selector, child) : undefined;
    const rights = makeRights(
      name,
      args,
      {
        labels: selector,
        agentNamespace,
        accountName: account.metadata.name,
        bundleConfigMapName: bundle.metadata.name,
        webhookName: webhook,
        leaseName,
      },
      child,
    );

    const data = {
      [serverFile]: printHcl(
        serverConfiguration(args, {
          agentNamespace,
          agentServiceAccountName: agentAccount.metadata.name,
          bundleConfigMapName: bundle.metadata.name,
        }),
      ),
      [managerFile]: managerConfiguration(args, { className, agentNamespace, webhookName: webhook, leaseName }),
    };
    const configMap = new k8s.core.v1.ConfigMap(`${name}-config`, { metadata, data }, child);
    const found = databaseOf(args.dataStore);
    const database = found && connectionSecret(name, found.database, namespace, child);
    const authority = upstream?.disk && authoritySecret(name, refuse, upstream.disk, chainLength, namespace, child);
    const secrets = [
      ...(database ? [database] : []),
      ...databaseRevisions(found?.database),
      ...upstreamRevisions(upstream),
    ];
    const statefulSet = new k8s.apps.v1.StatefulSet(
      `${name}-server`,
      {
        metadata,
        spec: {
          replicas,
          serviceName: service.metadata.name,
          selector: { matchLabels: selector },
          template: {
            metadata: {
              labels: selector,
              // SPIRE reads its configuration at start only.
              annotations: {
                ...checksumAnnotations(name, data, secrets, child),
                ...(monitoring && scrapeAnnotations(inServerPod.metricsPort)),
              },
            },
            spec: serverPodSpec(args, {
              serviceAccountName: account.metadata.name,
              configMapName: configMap.metadata.name,
              upstream: upstreamParts(upstream, authority),
              databaseFolders: databaseFolders(found?.database),
              database: database ? [connectionVariable(database.secretName, database.key)] : [],
              selector,
            }),
          },
          volumeClaimTemplates: volumeClaims(args),
        },
      },
      pulumi.mergeOptions(child, { dependsOn: [...crds, ...rights] }),
    );
    if (monitoring?.prometheusOperator)
      makeMonitoring(
        name,
        { namespace, selector, labels: monitoring.labels },
        ["metrics", "manager-metrics"],
        serverAlerts(instance, lifetimes.caTtlSeconds),
        child,
      );

    /** Known at once, and still only there once the server is ready. */
    const whenReady = <T>(value: pulumi.Input<T>) =>
      pulumi.all([value, statefulSet.urn]).apply(([known]) => known) as pulumi.Output<T>;
    const outputs = {
      trustDomain: pulumi.output(trustDomain),
      clusterName,
      className: whenReady(className),
      serverHost: whenReady(pulumi.interpolate`${service.metadata.name}.${namespace}.svc`),
      serverPort: inServerPod.serverPort,
      agentNamespace: pulumi.output(agentNamespace),
      agentServiceAccountName: agentAccount.metadata.name,
      bundleConfigMapName: whenReady(bundle.metadata.name),
      bundleKey,
      verifyDepth,
      caTtlSeconds: lifetimes.caTtlSeconds,
      statefulSetName: statefulSet.metadata.name,
    };
    this.trustDomain = outputs.trustDomain;
    this.clusterName = outputs.clusterName;
    this.className = outputs.className;
    this.serverHost = outputs.serverHost;
    this.serverPort = outputs.serverPort;
    this.agentNamespace = outputs.agentNamespace;
    this.agentServiceAccountName = outputs.agentServiceAccountName;
    this.bundleConfigMapName = outputs.bundleConfigMapName;
    this.bundleKey = outputs.bundleKey;
    this.verifyDepth = outputs.verifyDepth;
    this.caTtlSeconds = outputs.caTtlSeconds;
    this.statefulSetName = outputs.statefulSetName;
    this.registerOutputs(outputs);
  }
}

/** The StatefulSet names the Service, and waiting for the Service's pods first would wait for ever. */
const skipAwait = { "pulumi.com/skipAwait": "true" };

/** Makes the webhook and its Service; gives the name by which the controller manager finds the webhook. */
function makeWebhook(
  name: string,
  { namespace }: SpireServerArgs,
  className: string,
  selector: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const service = new k8s.core.v1.Service(
    `${name}-webhook-service`,
    {
      metadata: { namespace, labels: selector, annotations: skipAwait },
      spec: { selector, ports: [{ name: "webhook", port: 443, targetPort: "webhook" }] },
    },
    opts,
  );
  return new k8s.admissionregistration.v1.ValidatingWebhookConfiguration(
    `${name}-webhook`,
    { metadata: { labels: selector }, webhooks: webhooks(service.metadata.name, namespace, className) },
    // The controller manager writes its own there, and renews it.
    { ...opts, ignoreChanges: ["webhooks[*].clientConfig.caBundle"] },
  ).metadata.name;
}

/** A part of the name of a lease, which two servers of one namespace must not share. */
const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);
