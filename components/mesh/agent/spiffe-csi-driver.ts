import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checked, checkPlain, labelName, type Refuser, refuser, subdomainName } from "../../foundation";
import { instanceName } from "../../nginx/labels";
import { csiDriverName, meshLabels } from "../mesh-reference";
import { meshImage } from "../versions";
import { csiPodSpec } from "./csi-pod";
import type { SpiffeCsiDriverArgs } from "./spiffe-csi-driver-args";

/**
 * The SPIFFE CSI driver: it brings the folder with the agent's socket into pods, which then need no folder of the node themselves.
 *
 * Pods that have the volume cannot end once the driver is gone: take `driverName` from here for them, so that they go first.
 */
export class SpiffeCsiDriver extends pulumi.ComponentResource {
  /** Name of the driver, for volumes; taking it from here makes pods come after the driver, and go before it. */
  readonly driverName: pulumi.Output<string>;
  /** Name of the DaemonSet. */
  readonly daemonSetName: pulumi.Output<string>;

  constructor(name: string, args: SpiffeCsiDriverArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("SpiffeCsiDriver", name);
    checkDriver(refuse, args);
    const { namespace, name: driver = csiDriverName } = args;
    super("nginx-stacks:index:SpiffeCsiDriver", name, { namespace, name: driver }, opts);
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const selector = meshLabels("spiffe-csi-driver", instanceName(name));
    const metadata = { namespace, labels: selector };

    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const csiDriver = new k8s.storage.v1.CSIDriver(
      `${name}-driver`,
      {
        metadata: { name: driver, labels: selector },
        // Only volumes of a pod's own, whose socket is for everyone in the pod.
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
            spec: csiPodSpec(args, driver, account.metadata.name, {
              driver: meshImage(args.images, "csiDriver"),
              registrar: meshImage(args.images, "nodeDriverRegistrar"),
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

/** Refuses, before anything is registered, what Kubernetes would not take. */
export function checkDriver(refuse: Refuser, args: SpiffeCsiDriverArgs): void {
  const { namespace, priorityClassName, ...structure } = args;
  checkPlain(refuse, structure);
  if (namespace === undefined) refuse("namespace", "is missing", "write a namespace that admits privileged pods");
  checked(namespace, labelName(refuse, "namespace"));
  if (args.name !== undefined) {
    subdomainName(refuse, "name")(args.name);
    if (args.name.length > 63) refuse("name", "is longer than 63 characters", "shorten it: Kubernetes allows no more");
  }
  const { kubeletFolder } = args;
  if (kubeletFolder !== undefined && !/^(\/[A-Za-z0-9_.@+-]+)+$/.test(kubeletFolder))
    refuse("kubeletFolder", "is not an absolute path", "write for example `/var/lib/kubelet`");
}
