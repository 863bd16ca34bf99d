import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { installCrds, makeInstance, publicText } from "../../foundation";
import { checksumAnnotations } from "../../nginx";
import { printHcl } from "../hcl";
import { bundleKey, meshLabels } from "../mesh-reference";
import { makeMonitoring, scrapeAnnotations } from "../monitoring";
import { serverAlerts } from "./alerts";
import { renderServerConfiguration } from "./configuration";
import { renderManagerConfiguration, renderWebhooks } from "./controller-manager";
import { collectDatabaseRevisions, connectionVariable, databaseFolders, makeConnectionSecret } from "./data-store";
import { managerFile, serverFile, serverLayout } from "./layout";
import { renderServerPolicy } from "./network-policy";
import { renderServerPod, renderVolumeClaims } from "./pod";
import { makeServerRoles } from "./rbac";
import { resolveSpireServer } from "./resolve";
import type { SpireServerArgs } from "./spire-server-args";
import { collectUpstreamRevisions, makeAuthoritySecret, renderUpstreamParts } from "./upstream";

/**
 * A SPIRE server with its controller manager. It attests the agents of a trust domain, and issues certificates to the workloads that ClusterSPIFFEIDs select.
 *
 * It is a MeshReference: SpireAgent, WorkloadIdentity and Sidecar take it as `mesh`, and so wait until it is ready.
 */
export class SpireServer extends pulumi.ComponentResource {
  /** Name of the trust domain. */
  readonly trustDomain: pulumi.Output<string>;
  /** Name of the cluster. */
  readonly clusterName: string;
  /** Class of the ClusterSPIFFEIDs of this server. Objects that use this output wait for the server, whose webhook validates them. */
  readonly className: pulumi.Output<string>;
  /** Host name of the server inside the cluster. */
  readonly serverHost: pulumi.Output<string>;
  /** Port of the server. */
  readonly serverPort: number;
  /** Namespace of the agents, and of the ConfigMap with the bundle. */
  readonly agentNamespace: pulumi.Output<string>;
  /** ServiceAccount of the agents, made for them. The server accepts tokens of no other account. */
  readonly agentServiceAccountName: pulumi.Output<string>;
  /** Name of the ConfigMap into which the server writes the roots of the trust domain. */
  readonly bundleConfigMapName: pulumi.Output<string>;
  /** Key of the roots in that ConfigMap; the value is PEM. */
  readonly bundleKey: string;
  /** Verification depth for peers: directives `ssl_verify_depth` and `proxy_ssl_verify_depth`. */
  readonly verifyDepth: number;
  /** Lifetime of SPIRE's CA in seconds. Certificates have at most a sixth of it. */
  readonly caTtlSeconds: number;
  /** Name of the StatefulSet. */
  readonly statefulSetName: pulumi.Output<string>;

  constructor(name: string, args: SpireServerArgs, opts?: pulumi.ComponentResourceOptions) {
    const server = resolveSpireServer(name, args);
    const { namespace, agentNamespace, trustDomain, clusterName, lifetimes, monitoring, replicas, upstream } = server;
    const verifyDepth = 1 + server.chainLength;
    super(
      "nginx-stacks:index:SpireServer",
      name,
      {
        ...{ namespace, agentNamespace, trustDomain, clusterName, className: server.className, replicas },
        ...{ lifetimes, verifyDepth },
      },
      opts,
    );
    for (const warning of server.warnings) pulumi.log.warn(`SpireServer "${name}": ${warning}`, this);
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const instance = makeInstance(name, { parent: this });
    const selector = meshLabels("spire-server", instance);
    const metadata = { namespace, labels: selector };
    const className = pulumi.output(server.className ?? instance);
    const leaseName = replicas > 1 ? pulumi.interpolate`spire-${instance}` : undefined;

    const crds = installCrds(name, server.crds, child);
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { ...metadata, annotations: server.serviceAccountAnnotations } },
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
      // The server writes the data.
      { ...child, ignoreChanges: ["data"] },
    );
    const service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: skipAwait },
        spec: { selector, ports: [{ name: "grpc", port: serverLayout.serverPort, targetPort: "grpc" }] },
      },
      child,
    );
    const webhook = server.validatingWebhook ? makeWebhook(name, namespace, className, selector, child) : undefined;
    if (server.denied)
      new k8s.networking.v1.NetworkPolicy(
        `${name}-network-policy`,
        { metadata, spec: renderServerPolicy(server, selector) },
        child,
      );
    const roles = makeServerRoles(
      name,
      server,
      {
        labels: selector,
        accountName: account.metadata.name,
        bundleConfigMapName: bundle.metadata.name,
        webhookName: webhook,
        leaseName,
      },
      child,
    );

    const data = {
      [serverFile]: publicText(
        printHcl(
          renderServerConfiguration(server, {
            agentServiceAccountName: agentAccount.metadata.name,
            bundleConfigMapName: bundle.metadata.name,
          }),
        ),
        server.openPlugins,
      ),
      [managerFile]: renderManagerConfiguration(server, { className, webhookName: webhook, leaseName }),
    };
    const configMap = new k8s.core.v1.ConfigMap(`${name}-config`, { metadata, data }, child);
    const database = server.database && makeConnectionSecret(name, server.database, namespace, child);
    const authority = upstream && makeAuthoritySecret(name, upstream, namespace, child);
    const secrets = [
      ...(database ? [database] : []),
      ...collectDatabaseRevisions(server.database),
      ...collectUpstreamRevisions(upstream),
      ...(server.secretVariables ?? []),
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
              // SPIRE reads its configuration only at start.
              annotations: {
                ...checksumAnnotations(name, data, secrets, child),
                ...(monitoring && scrapeAnnotations(serverLayout.metricsPort)),
              },
            },
            spec: renderServerPod(server, {
              serviceAccountName: account.metadata.name,
              configMapName: configMap.metadata.name,
              upstream: renderUpstreamParts(upstream, authority),
              databaseFolders: databaseFolders(server.database),
              database: database ? [connectionVariable(database.secretName, database.key)] : [],
              selector,
            }),
          },
          volumeClaimTemplates: renderVolumeClaims(server),
        },
      },
      pulumi.mergeOptions(child, { dependsOn: [...crds, ...roles] }),
    );
    if (monitoring?.prometheusOperator)
      makeMonitoring(
        name,
        { namespace, selector, instance, labels: monitoring.labels },
        ["metrics", "manager-metrics"],
        (job) => serverAlerts(job, lifetimes.caTtlSeconds),
        child,
      );

    /** Returns an output with a known value, for which consumers still wait until the server is ready. */
    const whenReady = <T>(value: pulumi.Input<T>) =>
      pulumi.all([value, statefulSet.urn]).apply(([known]) => known) as pulumi.Output<T>;
    const outputs = {
      trustDomain: pulumi.output(trustDomain),
      clusterName,
      className: whenReady(className),
      serverHost: whenReady(pulumi.interpolate`${service.metadata.name}.${namespace}.svc`),
      serverPort: serverLayout.serverPort,
      agentNamespace: toOutput(agentNamespace),
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

/** Annotation against a deadlock: the StatefulSet refers to the Service, which would wait for its pods. */
const skipAwait = { "pulumi.com/skipAwait": "true" };

/** Makes the webhook and its Service, and returns the webhook's name. */
function makeWebhook(
  name: string,
  namespace: pulumi.Input<string>,
  className: pulumi.Input<string>,
  selector: Record<string, pulumi.Input<string>>,
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
    { metadata: { labels: selector }, webhooks: renderWebhooks(service.metadata.name, namespace, className) },
    // The controller manager writes and renews the caBundle.
    { ...opts, ignoreChanges: ["webhooks[*].clientConfig.caBundle"] },
  ).metadata.name;
}

/** Returns the value as an output. An output is returned itself, so that its facts stay with it. */
const toOutput = (input: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.Output.isInstance(input) ? (input as pulumi.Output<string>) : pulumi.output(input);
