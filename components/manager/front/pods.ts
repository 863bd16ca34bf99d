import type { Input } from "@pulumi/pulumi";
import { type Argument, fieldsOf, type LicenseReference, referenceTo, type SecretReference } from "../../foundation";
import {
  checkImageVersion,
  Edition,
  type NginxConfiguration,
  type NginxPods,
  type NginxPort,
  type ResolvedNginx,
  resolveNginx,
} from "../../nginx";
import { checkServiceExposure } from "../exposure";
import { lacksRejection } from "./tls-support";

/** Arguments of a front in pods that are about the pods. */
export interface InstanceManagerPods {
  /** Namespace of the pods and of the Secrets that they use; for the chart's Instance Manager the one that it runs in. */
  namespace: Input<string>;
  /** NGINX Plus, or open-source NGINX. @default "plus" */
  edition?: Edition;
  /** The licence: a LicenseSecret, or the Secret of another. Needed for NGINX Plus, refused for open-source NGINX. */
  license?: LicenseReference;
  /** The pods: image, number, size, placement, Service, network policy, usage reports, metrics. @default two pods behind a Service of type ClusterIP */
  pods?: NginxPods;
  /** `true`: a Service that can be reached from outside the cluster, without source ranges and class of its own, is meant. @default false */
  exposed?: boolean;
  /**
   * Version of the open-source NGINX in a `pods.image` of your own: `1.22.1`. Before 1.25.1 HTTP/2 is a word of `listen`, from then on the directive `http2`.
   * @default that of the default image
   */
  openSourceVersion?: string;
}

/** A Secret that the pods mount, by the argument that refers to it. */
export interface PodSecret {
  reference: Argument<SecretReference | undefined>;
  /** Name of the volume. */
  name: string;
  /** Folder in which the keys are files. */
  path: string;
  keys: string[];
}

/** A port of the Service, by the argument that has its number. */
export interface PodPort extends NginxPort {
  path: string;
}

/** Pods of a front. */
export interface PodContents {
  configuration: NginxConfiguration;
  ports: PodPort[];
  secrets: PodSecret[];
  /** The user's nodes in the configuration. */
  origins: ReadonlyMap<object, Argument<unknown>>;
  /** Ports of Instance Manager that no plain text in the configuration has. */
  egress?: number[];
}

/** Returns the NginxPlus of a front: its faults have the paths of the front's arguments. */
export function resolvePods(front: Argument<InstanceManagerPods>, contents: PodContents): ResolvedNginx {
  const { configuration, ports, secrets, egress = [] } = contents;
  const { namespace, edition = Edition.plus, license, pods, openSourceVersion } = front.value;
  checkServiceExposure(front.field("pods").field("service"), front.field("exposed"));
  // The version is beside `pods`, which has the image.
  checkImageVersion(front.with("", { edition, image: pods?.image, openSourceVersion }), lacksRejection);
  const origins = new Map(contents.origins);
  const secretMounts = secrets.flatMap(({ reference, ...mount }) => {
    if (reference.value === undefined) return [];
    const made = { ...mount, ...referenceTo(reference.value) };
    origins.set(made, reference);
    return [made];
  });
  const nginx = {
    ...{ ...pods, namespace, edition, license, configuration, secretMounts },
    ports: ports.map(({ path: _, ...port }) => port),
  };
  return resolveNginx(
    front.inner(nginx, (path) => toFrontPath(path, ports)),
    { origins, egress: egress.length > 0 ? [{ ports: egress }] : [] },
  );
}

/** Returns the front's argument that a path of its NginxPlus comes from. */
function toFrontPath(path: string, ports: PodPort[]): string {
  const [, index] = /^ports\[(\d+)\]/.exec(path) ?? [];
  if (index !== undefined) return ports[Number(index)]!.path;
  const [root = ""] = path.split(/[.[]/);
  return fieldsOf("NginxPods").has(root) ? `pods.${path}` : path;
}
