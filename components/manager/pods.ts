import type { Input } from "@pulumi/pulumi";
import {
  type Argument,
  checkSameNamespace,
  fieldsOf,
  formats,
  type LicenseReference,
  referenceTo,
  type SecretReference,
} from "../foundation";
import {
  Edition,
  type NginxConfiguration,
  type NginxPods,
  type NginxPort,
  type ResolvedNginx,
  resolveNginx,
} from "../nginx";
import { checkVersionOfImage } from "../nginx/open-source-version";
import { checkServiceExposure } from "./exposure";
import { lacksRejection } from "./proxy/tls";

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

/** Returns the NginxPlus of a front: its faults have the paths of the front's arguments. */
export function resolvePods(
  front: Argument<InstanceManagerPods>,
  configuration: NginxConfiguration,
  ports: PodPort[],
  secrets: PodSecret[],
): ResolvedNginx {
  const { namespace, edition = Edition.plus, license, pods, openSourceVersion } = front.value;
  checkServiceExposure(front.field("pods").field("service"), front.field("exposed"));
  front.attempt((refuse) =>
    checkVersionOfImage(refuse, { edition, image: pods?.image, openSourceVersion }, lacksRejection),
  );
  const mounted = secrets.filter(({ reference }) => reference.value !== undefined);
  for (const { reference } of mounted) {
    const secretName: Argument<Input<string> | undefined> = reference.field("secretName");
    secretName.matches(formats.dnsSubdomain);
    checkSameNamespace(secretName, namespace);
  }
  const secretMounts = mounted.map(({ reference, ...mount }) => ({ ...mount, ...referenceTo(reference.value!) }));
  const nginx = {
    ...{ ...pods, namespace, edition, license, configuration, secretMounts },
    ports: ports.map(({ path: _, ...port }) => port),
  };
  return resolveNginx(front.inner(nginx, (path) => toFrontPath(path, ports, mounted)));
}

/** Returns the front's argument that a path of its NginxPlus comes from. */
function toFrontPath(path: string, ports: PodPort[], mounted: PodSecret[]): string {
  const [, list, index, rest] = /^(secretMounts|ports)\[(\d+)\](.*)$/.exec(path) ?? [];
  if (list === "ports") return ports[Number(index)]!.path;
  if (list === "secretMounts") return `${mounted[Number(index)]!.reference.path}${rest}`;
  const [root = ""] = path.split(/[.[]/);
  if (root === "configuration") return `snippets${path.slice(root.length)}`;
  return fieldsOf("NginxPods").has(root) ? `pods.${path}` : path;
}
