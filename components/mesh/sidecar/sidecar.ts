import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { refuser } from "../../foundation";
import { Edition } from "../../nginx";
import { checksumAnnotations } from "../../nginx/checksums";
import { nginxImage } from "../../nginx/image";
import { derived } from "../../nginx/inputs";
import { instanceName } from "../../nginx/labels";
import { managementPaths } from "../../nginx/management";
import { managementVolume, type SecretVolume, secretVolumes } from "../../nginx/mounts";
import type { NginxPlusArgs } from "../../nginx/nginx-plus-args";
import { meshLabels } from "../mesh-reference";
import { meshImage } from "../versions";
import { checkSidecar } from "./checks";
import { sidecarFiles } from "./files";
import { keep } from "./kept";
import { kindOf } from "./kind";
import { configurationAnnotation, secretsAnnotation } from "./places";
import { type SidecarPodSettings, sidecarPod } from "./pod";
import { allot } from "./ports";
import { MeshIpFamily, type SidecarArgs } from "./sidecar-args";

/**
 * The sidecar of a workload: NGINX that speaks mutual TLS for it, and spiffe-helper that brings its certificate. It makes a ConfigMap with the
 * configuration; `withSidecar` adds the containers to a pod template, or a SidecarInjector does so to pods with its labels.
 */
export class Sidecar extends pulumi.ComponentResource {
  /** Name of the ConfigMap. */
  readonly configMapName: pulumi.Output<string>;
  /** A digest of the configuration: it changes when that does. */
  readonly revision: pulumi.Output<string>;
  /** Labels of the pods: by them a SidecarInjector finds them, and knows what to add; they change, and the pods roll, when that does. `withSidecar` sets them. */
  readonly labels: pulumi.Output<Record<string, string>>;
  /** Annotations of the pods, which change with the configuration and the licence so that the pods roll. `withSidecar` sets them. */
  readonly annotations: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: SidecarArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("Sidecar", name);
    checkSidecar(args, refuse, name);
    const data = sidecarFiles(args, refuse);
    const { namespace, mesh, inbound, outbound, redirect, edition = Edition.plus, image } = args;
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
    const configMap = new k8s.core.v1.ConfigMap(
      `${name}-config`,
      { metadata: { name: args.name, namespace, labels: meshLabels("mesh-sidecar", instanceName(name)) }, data },
      { parent: this, dependsOn: opts?.dependsOn },
    );
    // A fixed name read from the ConfigMap itself would make a change of it delete the workload.
    const configMapName = args.name === undefined ? configMap.metadata.name : pulumi.output(args.name);
    const settings = { ...podSettings(args, configMapName), kind: kindOf(podSettings(args, "")) };
    const checksums = checksumAnnotations(name, data, settings.secrets, { parent: this });
    const annotations: Record<string, pulumi.Input<string>> = {
      [configurationAnnotation]: checksums["checksum/config"]!,
      // It is keyed, so it gives nothing away; as a secret it would make one of all annotations.
      ...(checksums["checksum/secrets"] && {
        [secretsAnnotation]: pulumi.unsecret(pulumi.output(checksums["checksum/secrets"])),
      }),
    };
    keep(this, { name, args, pod: settings, annotations });

    const outputs = {
      configMapName,
      revision: pulumi.output(data).apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex")),
      labels: pulumi.output(sidecarPod(settings).labels),
      annotations: pulumi.output(annotations),
    };
    this.configMapName = outputs.configMapName;
    this.revision = outputs.revision;
    this.labels = outputs.labels;
    this.annotations = outputs.annotations;
    this.registerOutputs(outputs);
  }
}

/** What pods with this sidecar get. */
export function podSettings(args: SidecarArgs, configMapName: pulumi.Input<string>): SidecarPodSettings {
  const { edition = Edition.plus, image, registry, images, redirect, ipFamilies = [MeshIpFamily.ipv4] } = args;
  return {
    configMapName,
    proxyImage: image ?? nginxImage(edition, undefined, registry),
    identityImage: meshImage(images, "spiffeHelper"),
    redirect: redirect && {
      image: redirect.image ?? derived(images?.registry ?? "registry.k8s.io", redirectImage),
      ipv4: ipFamilies.includes(MeshIpFamily.ipv4),
      ipv6: ipFamilies.includes(MeshIpFamily.ipv6),
    },
    statusPort: allot(args).status,
    secrets: licenceVolumes(args),
    stateFolder: edition === Edition.plus ? managementPaths.state : undefined,
    imagePullSecrets: args.imagePullSecrets,
    resources: args.resources,
  };
}

const redirectImage = (registry: string) => `${registry.replace(/\/$/, "")}/build-image/distroless-iptables:v0.8.8`;

/** The Secrets of NGINX Plus, in volumes that have no name of the pod's own. */
export function licenceVolumes({ edition, license, management }: Partial<SidecarArgs>): SecretVolume[] {
  const args = { edition, license, management } as NginxPlusArgs;
  return secretVolumes(args, managementVolume(args)).map((volume) => ({ ...volume, name: `mesh-${volume.name}` }));
}
