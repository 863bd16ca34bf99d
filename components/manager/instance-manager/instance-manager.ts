import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Facts, referenceTo, type SecretReference, withFacts } from "../../foundation";
import { checksumAnnotations } from "../../nginx";
import type { InstanceManagerBackends } from "../front";
import { adminPassword } from "./admin-password";
import { apigw, certificateFacts, managerSecrets } from "./certificates";
import { clickHousePassword } from "./clickhouse";
import type { InstanceManagerArgs } from "./instance-manager-args";
import { makeNetworkPolicies, makeService } from "./network";
import { type ResolvedInstanceManager, resolveInstanceManager } from "./resolve";
import { withParts } from "./values";

/**
 * NGINX Instance Manager 2 by its Helm chart, `nim`, with every certificate from an authority of yours and none from the chart, and a password of `admin`
 * that the chart knows by its hash only. From 2.22 on it needs no licence.
 *
 * The chart's own `agent.secure` stays off: with it NGINX rejects every agent with 401, since it never asks for a certificate (known issue 47465).
 * Agents show their certificates to an InstanceManagerProxy with `backendTls: manager`, in the same namespace.
 */
export class InstanceManager extends pulumi.ComponentResource {
  /** Namespace, also the one for an InstanceManagerProxy. */
  readonly namespace: pulumi.Output<string>;
  /** Name of the Helm release. */
  readonly releaseName: pulumi.Output<string>;
  /** Version of Instance Manager, for `management.instanceManagerVersion` of NGINX Plus. */
  readonly version: pulumi.Output<string>;
  /** Host name of the API gateway's Service inside the cluster, as in its certificate. */
  readonly host: pulumi.Output<string>;
  /** Endpoint for usage reports of NGINX Plus in the namespace; an InstanceManagerProxy has one for the others. */
  readonly usageEndpoint: pulumi.Output<string>;
  /** The password of `admin`, a secret; "" where only its hash was given. */
  readonly adminPassword: pulumi.Output<string>;
  /** Name of the Service of our own before the API gateway; "" where there is none. */
  readonly serviceName: pulumi.Output<string>;
  /** The parts that an InstanceManagerProxy talks to, for its `backends`. */
  readonly backends: InstanceManagerBackends;
  /** Secret whose `ca.crt` has the authorities of the parts' certificates: with `clientCertificate`, the `backendTls` of an InstanceManagerProxy. */
  readonly trustedCertificates: SecretReference;
  /** A certificate for an InstanceManagerProxy, by which the parts know it. */
  readonly clientCertificate: SecretReference;

  constructor(name: string, args: InstanceManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    const resolved = resolveInstanceManager(name, args);
    const { namespace, releaseName, version, hostnames, certificate, service } = resolved;

    super(
      "nginx-stacks:index:InstanceManager",
      name,
      { namespace, name: releaseName, version: version.version, chartVersion: version.chartVersion, hostnames },
      opts,
    );
    for (const warning of resolved.warnings) pulumi.log.warn(`InstanceManager "${name}": ${warning}`, this);

    const child = { parent: this, dependsOn: opts?.dependsOn };
    const admin = adminPassword(name, resolved.admin, child);
    const password = clickHousePassword(name, namespace, resolved.clickHouse, child);
    const secrets = managerSecrets(name, resolved, child);
    // The chart mounts the password's hash by subPath, and its parts read certificates at start only: new contents under the same name restart them.
    const { authority, core, dpm, ingestion, integrations, secmon } = secrets;
    const { "checksum/secrets": checksum } = checksumAnnotations(
      name,
      {},
      [
        ...[authority, core, dpm, ingestion, integrations, secmon, secrets.apigw, password ?? {}],
        { revision: admin.hash },
      ],
      child,
    );
    const parts = { secrets, adminPasswordHash: admin.hash, clickHousePassword: password, checksum: checksum! };
    const release = new k8s.helm.v3.Release(
      `${name}-release`,
      {
        name: releaseName,
        namespace,
        version: version.chartVersion,
        ...chartSource(resolved),
        values: withParts(resolved, parts),
      },
      child,
    );
    if (resolved.networkPolicies !== false) makeNetworkPolicies(name, resolved, child);
    const reachable = service && makeService(name, namespace, service, { ...child, dependsOn: [release] });

    const facts: Facts = { component: `InstanceManager ${JSON.stringify(name)}`, namespace };
    // NGINX looks the names of its backends up when it starts, so they come after the release.
    const hostOf = (part: string) =>
      withFacts(
        pulumi.all([namespace, release.urn]).apply(([place]) => `${part}.${place}.svc`),
        { ...facts, certificate: certificateFacts(part, resolved) },
      );
    const gatewayName = certificate === undefined ? apigw : (hostnames?.[0] ?? apigw);
    const outputs = {
      // The same Output where one was given, so that it keeps what is known of the Namespace.
      namespace: pulumi.Output.isInstance(namespace)
        ? (namespace as pulumi.Output<string>)
        : withFacts(pulumi.output(namespace), { ...facts, namespace: undefined, namespaceName: namespace }),
      releaseName: pulumi.output(releaseName),
      version: pulumi.output(version.version),
      host: hostOf(apigw),
      usageEndpoint: hostOf(apigw),
      adminPassword: admin.password,
      serviceName: reachable === undefined ? pulumi.output("") : reachable.metadata.name,
      backends: {
        apigw: { host: hostOf(apigw), serverName: gatewayName },
        dpm: { host: hostOf("dpm") },
        ingestion: { host: hostOf("ingestion") },
      },
      trustedCertificates: referenceTo(authority),
      clientCertificate: referenceTo(secrets.proxy),
    };
    this.namespace = outputs.namespace;
    this.releaseName = outputs.releaseName;
    this.version = outputs.version;
    this.host = outputs.host;
    this.usageEndpoint = outputs.usageEndpoint;
    this.adminPassword = outputs.adminPassword;
    this.serviceName = outputs.serviceName;
    this.backends = outputs.backends;
    this.trustedCertificates = outputs.trustedCertificates;
    this.clientCertificate = outputs.clientCertificate;
    this.registerOutputs(outputs);
  }
}

/** Returns chart and repository of the release. */
function chartSource({ registry, chartRepository }: ResolvedInstanceManager) {
  if (registry === undefined && chartRepository === undefined)
    return { chart: "nim", repositoryOpts: { repo: "https://helm.nginx.com/stable" } };
  const repository = pulumi.output(chartRepository ?? pulumi.interpolate`oci://${registry}/nginx/charts`);
  const isOci = (text: string) => text.startsWith("oci://");
  return {
    chart: repository.apply((text) => (isOci(text) ? `${text}/nim` : "nim")),
    repositoryOpts: repository.apply((text) => (isOci(text) ? {} : { repo: text })),
  };
}
