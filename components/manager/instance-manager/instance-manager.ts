import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { referenceTo, refuser, type SecretReference } from "../../foundation";
import { checksumAnnotations } from "../../nginx/checksums";
import type { InstanceManagerBackends } from "../instance-manager-proxy-options";
import { adminPassword } from "./admin-password";
import { apigw, managerSecrets } from "./certificates";
import { checkInstanceManager } from "./checks";
import { clickHousePassword } from "./clickhouse";
import type { InstanceManagerArgs } from "./instance-manager-args";
import { makeNetworkPolicies, makeService } from "./network";
import { chartValues, withParts } from "./values";
import { readInstanceManagerVersion } from "./versions";

/**
 * NGINX Instance Manager 2 by its Helm chart, `nim`, with every certificate from an authority of yours and none from the chart, and a password of `admin`
 * that the chart knows by its hash only. Its licence is not among the chart's values: upload it in the web interface, or by the API.
 *
 * The chart's own `agent.secure` stays off: it has NGINX look for certificates that it never asks agents for, so that every agent gets 401 (known issue 47465).
 * An InstanceManagerProxy with `backendTls: manager` is the way for agents to show one. It has to be in the same namespace.
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
  /** Where NGINX Plus in the namespace reports its usage; an InstanceManagerProxy has one for the others. */
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
    const refuse = refuser("InstanceManager", name);
    checkInstanceManager(args, refuse);
    const version = readInstanceManagerVersion(refuse, args);
    const values = chartValues(refuse, args, version);
    const { namespace, name: releaseName = "nim", hostnames, certificate, service, clickHouse } = args;
    super(
      "nginx-stacks:index:InstanceManager",
      name,
      { namespace, name: releaseName, version: version.version, chartVersion: version.chartVersion, hostnames },
      opts,
    );
    for (const remark of remarks(args)) pulumi.log.warn(`InstanceManager "${name}": ${remark}`, this);
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const admin = adminPassword(name, args.admin, child);
    const password = clickHousePassword(name, namespace, clickHouse, child);
    const secrets = managerSecrets(name, args, child);
    // The chart mounts the password's hash by subPath, and its parts read certificates at start only: what is renewed under the same name restarts them.
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
        ...chartSource(args),
        values: withParts(refuse, args, version, values, parts),
      },
      child,
    );
    if (args.networkPolicies !== false) makeNetworkPolicies(name, args, child);
    const reachable = service && makeService(name, namespace, service, { ...child, dependsOn: [release] });

    // NGINX looks the names of its backends up when it starts, so they come after the release.
    const hostOf = (part: string) => pulumi.all([namespace, release.urn]).apply(([place]) => `${part}.${place}.svc`);
    const gatewayName = certificate === undefined ? apigw : (hostnames?.[0] ?? apigw);
    const outputs = {
      namespace: pulumi.output(namespace),
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

/** Where the chart comes from. */
function chartSource({ registry, chartRepository }: InstanceManagerArgs) {
  if (registry === undefined && chartRepository === undefined)
    return { chart: "nim", repositoryOpts: { repo: "https://helm.nginx.com/stable" } };
  const repository = pulumi.output(chartRepository ?? pulumi.interpolate`oci://${registry}/nginx/charts`);
  const isOci = (text: string) => text.startsWith("oci://");
  return {
    chart: repository.apply((text) => (isOci(text) ? `${text}/nim` : "nim")),
    repositoryOpts: repository.apply((text) => (isOci(text) ? {} : { repo: text })),
  };
}

/** What works, and yet a user should know. */
const remarks = ({ registry, imagePullSecrets = [], persistence, clickHouse }: InstanceManagerArgs): string[] => [
  ...(registry === undefined && imagePullSecrets.length === 0
    ? ["imagePullSecrets: F5's registry gives nothing without credentials; name a RegistrySecret's secretName"]
    : []),
  ...(persistence?.unsafeEphemeral
    ? ["persistence.unsafeEphemeral: users, licence and inventory are gone with their pods"]
    : []),
  ...(clickHouse?.disabled
    ? ["clickHouse.disabled: there are no metrics and events, and agents have to be 2.41.1 or later"]
    : []),
];
