import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { factsOf } from "../../foundation";
import { checksumAnnotations } from "../../nginx";
import { nameLabel } from "../mesh-reference";
import { configurationAnnotation, secretsAnnotation } from "./layout";
import { hashTemplate, renderSidecarPod, resolvePodSettings } from "./pod";
import { setPrivateState } from "./private-state";
import { resolveSidecar } from "./resolve";
import type { SidecarArgs } from "./sidecar-args";

/**
 * The sidecar of a workload: NGINX, which proxies its connections by mutual TLS, and spiffe-helper, which fetches its certificate. The component is a ConfigMap with the
 * configuration. `withSidecar` adds the containers to a pod template, or a SidecarInjector adds them to pods with its labels.
 */
export class Sidecar extends pulumi.ComponentResource {
  /** Name of the ConfigMap. */
  readonly configMapName: pulumi.Output<string>;
  /** Digest of the configuration. */
  readonly revision: pulumi.Output<string>;
  /** Labels of the pods, by which a SidecarInjector selects them and their sidecar. A change of the containers changes them, so that the pods roll. `withSidecar` sets them. */
  readonly labels: pulumi.Output<Record<string, string>>;
  /** Annotations of the pods, which change with the configuration and the licence, so that the pods roll. `withSidecar` sets them. */
  readonly annotations: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: SidecarArgs, opts?: pulumi.ComponentResourceOptions) {
    const sidecar = resolveSidecar(name, args);
    const { namespace, mesh, inbound, outbound, redirect, edition, image, files } = sidecar;
    super(
      "nginx-stacks:index:Sidecar",
      name,
      {
        namespace,
        trustDomain: mesh.trustDomain,
        verifyDepth: mesh.verifyDepth,
        inbound,
        outbound,
        redirect,
        edition,
        image,
      },
      opts,
    );
    const denied = factsOf(namespace);
    if (denied?.defaultDeny)
      pulumi.log.warn(
        `Sidecar "${name}": namespace is of ${denied.component}, which denies all traffic; give the workload's pods a NetworkPolicy: in on the ports of inbound, out on those of outbound and on 53`,
        this,
      );
    for (const warning of sidecar.warnings) pulumi.log.warn(`Sidecar "${name}": ${warning}`, this);
    const configMap = new k8s.core.v1.ConfigMap(
      `${name}-config`,
      { metadata: { name: sidecar.name, namespace, labels: { [nameLabel]: "mesh-sidecar" } }, data: files },
      { parent: this, dependsOn: opts?.dependsOn },
    );
    // A fixed name is not read from the ConfigMap: a replaced ConfigMap would then replace the workload too.
    const configMapName = sidecar.name === undefined ? configMap.metadata.name : pulumi.output(sidecar.name);
    const containers = resolvePodSettings(sidecar, configMapName);
    const settings = { ...containers, templateHash: hashTemplate(containers) };
    const checksums = checksumAnnotations(name, files, settings.secrets, { parent: this });
    const annotations: Record<string, pulumi.Input<string>> = {
      [configurationAnnotation]: checksums["checksum/config"]!,
      // The checksum is keyed, so it reveals nothing; as a secret it would make all annotations secret.
      ...(checksums["checksum/secrets"] && {
        [secretsAnnotation]: pulumi.unsecret(pulumi.output(checksums["checksum/secrets"])),
      }),
    };
    setPrivateState(this, { name, sidecar, pod: settings, annotations });

    const outputs = {
      configMapName,
      revision: pulumi.output(files).apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex")),
      labels: pulumi.output(renderSidecarPod(settings).labels),
      annotations: pulumi.output(annotations),
    };
    this.configMapName = outputs.configMapName;
    this.revision = outputs.revision;
    this.labels = outputs.labels;
    this.annotations = outputs.annotations;
    this.registerOutputs(outputs);
  }
}
