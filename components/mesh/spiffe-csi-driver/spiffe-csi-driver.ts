import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  type Argument,
  type Format,
  formats,
  makeInstance,
  type PodPlacement,
  resolveArguments,
} from "../../foundation";
import { meshFormats } from "../formats";
import { csiDriverName, meshLabels } from "../mesh-reference";
import { allowPrivileged, ephemeralVolumeLabels } from "../openshift";
import { checkImages, checkPrivileged, checkPullSecrets } from "../pod-rules";
import { type MeshImages, meshImage } from "../versions";
import { renderDriverPod } from "./pod";

/** Arguments of a SpiffeCsiDriver. The placement is that of its pods; by default they run on every node, with any taints. */
export interface SpiffeCsiDriverArgs extends PodPlacement {
  /** Namespace of the driver, which must admit privileged pods. That of the agents is suitable. It may deny all traffic, because the driver has none. */
  namespace: pulumi.Input<string>;
  /** Name of the driver in volumes of pods, unique in the cluster. @default "csi.spiffe.io" */
  name?: string;
  /** Folder of the kubelet on the nodes. @default "/var/lib/kubelet" */
  kubeletFolder?: string;
  /** Images, or a mirror for them. @default upstream's */
  images?: MeshImages;
  /** Names of pull Secrets (`kubernetes.io/dockerconfigjson`). @default none */
  imagePullSecrets?: pulumi.Input<string>[];
  /**
   * `true`: the driver gets the SecurityContextConstraints `privileged` of OpenShift, and pods of every Pod Security level may mount its volumes. An init container gives the folder
   * with the agent's socket an SELinux type that containers may use.
   *
   * @default false
   */
  openshift?: boolean;
  /** CPU and memory of each of the two containers. @default requests of 10m CPU and 32Mi, a limit of 128Mi of memory */
  resources?: k8s.types.input.core.v1.ResourceRequirements;
}

/**
 * A SPIFFE CSI driver. It mounts the folder with the agent's socket into pods, which then need no hostPath volume.
 *
 * Pods with its volume cannot terminate without the driver. Use output `driverName` in them, so that they are deleted before it.
 */
export class SpiffeCsiDriver extends pulumi.ComponentResource {
  /** Name of the driver, for volumes. Pods that use this output are created after the driver and deleted before it. */
  readonly driverName: pulumi.Output<string>;
  /** Name of the DaemonSet. */
  readonly daemonSetName: pulumi.Output<string>;

  constructor(name: string, args: SpiffeCsiDriverArgs, opts?: pulumi.ComponentResourceOptions) {
    const resolved = resolveArguments("SpiffeCsiDriver", name, "SpiffeCsiDriverArgs", args, (argument) => {
      argument.field("namespace").matches(formats.dnsLabel);
      argument.check(
        () => checkPrivileged(argument.field("namespace"), "the driver is"),
        () => checkImages(argument.field("images")),
      );
      return resolveContainedDriver(argument);
    });
    const { namespace, name: driver, images, openshift } = resolved;
    super("nginx-stacks:index:SpiffeCsiDriver", name, { namespace, name: driver }, opts);
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const selector = meshLabels("spiffe-csi-driver", makeInstance(name, { parent: this }));
    const metadata = { namespace, labels: selector };

    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    if (openshift) allowPrivileged(name, metadata, account.metadata.name, child);
    const csiDriver = new k8s.storage.v1.CSIDriver(
      `${name}-driver`,
      {
        metadata: { name: driver, labels: { ...selector, ...(openshift && ephemeralVolumeLabels) } },
        // Ephemeral volumes only, with the socket for all containers of a pod.
        spec: {
          attachRequired: false,
          podInfoOnMount: true,
          fsGroupPolicy: "None",
          volumeLifecycleModes: ["Ephemeral"],
        },
      },
      child,
    );
    const daemonSet = new k8s.apps.v1.DaemonSet(
      `${name}-node`,
      {
        metadata,
        spec: {
          selector: { matchLabels: selector },
          updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%" } },
          template: {
            metadata: { labels: selector },
            spec: renderDriverPod(resolved, account.metadata.name, {
              driver: meshImage(images, "csiDriver"),
              registrar: meshImage(images, "nodeDriverRegistrar"),
              selinux: meshImage(images, "selinux"),
            }),
          },
        },
      },
      child,
    );

    const outputs = {
      driverName: pulumi.all([csiDriver.urn, daemonSet.urn]).apply(() => driver),
      daemonSetName: daemonSet.metadata.name,
    };
    this.driverName = outputs.driverName;
    this.daemonSetName = outputs.daemonSetName;
    this.registerOutputs(outputs);
  }
}

/** A SpiffeCsiDriver with every default. */
export interface ResolvedDriver extends SpiffeCsiDriverArgs {
  name: string;
  kubeletFolder: string;
}

/** Applies the rules and defaults of a SpiffeCsiDriver, also inside a ServiceMesh. */
export function resolveContainedDriver(argument: Argument<SpiffeCsiDriverArgs>): ResolvedDriver {
  const { name = csiDriverName, kubeletFolder = "/var/lib/kubelet", namespace } = argument.value;
  argument.field("name").matches(driverName);
  argument.field("kubeletFolder").matches(meshFormats.nodePath);
  checkPullSecrets(argument.field("imagePullSecrets"), namespace);
  return { ...argument.value, name, kubeletFolder };
}

const driverName: Format = {
  test: (text) => text.length <= 63 && formats.dnsSubdomain.test(text),
  wrong: "is not the name of a CSI driver",
  remedy:
    "write at most 63 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
};
