import { dirname } from "node:path";
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
import { lacksRejection } from "../host";
import { podFiles } from "./files";

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

/** Arguments with the Secrets of a front. */
export interface FrontSecrets {
  certificate?: SecretReference;
  agentCertificate?: SecretReference;
  agentAuthorities?: SecretReference;
  agents?: { revocation?: { crl?: boolean } };
  backendTls?: { trustedCertificates: SecretReference; clientCertificate?: SecretReference };
  statusUsers?: SecretReference;
  statusWriters?: SecretReference;
}

/** A port of the Service, by the argument that has its number. */
export interface PodPort extends NginxPort {
  path: string;
}

/** Pods of a front. */
export interface PodContents {
  configuration: NginxConfiguration;
  ports: PodPort[];
  /** The user's nodes in the configuration. */
  origins: ReadonlyMap<object, Argument<unknown>>;
  /** Ports of Instance Manager that no plain text in the configuration has. */
  egress?: number[];
}

/** Returns the NginxPlus of a front: its faults have the paths of the front's arguments. */
export function resolvePods(front: Argument<InstanceManagerPods & FrontSecrets>, contents: PodContents): ResolvedNginx {
  const { configuration, ports, egress = [] } = contents;
  const { namespace, edition = Edition.plus, license, pods, openSourceVersion } = front.value;
  checkServiceExposure(front.field("pods").field("service"), front.field("exposed"));
  // The version is beside `pods`, which has the image.
  checkImageVersion(front.with("", { edition, image: pods?.image, openSourceVersion }), lacksRejection);
  const origins = new Map(contents.origins);
  const secretMounts = frontSecrets(front).flatMap(([name, file, keys, reference]) => {
    if (reference.value === undefined) return [];
    const mount = { name, path: dirname(file), keys: [...keys], ...referenceTo(reference.value) };
    origins.set(mount, reference);
    return [mount];
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

/** Returns the Secrets of a front: name of the volume, a file in its folder, keys, and the argument that refers to it. */
function frontSecrets(front: Argument<FrontSecrets>) {
  const tls = front.field("backendTls");
  const pair = ["tls.crt", "tls.key"];
  const authorities = ["ca.crt", ...(front.value.agents?.revocation?.crl ? ["ca.crl"] : [])];
  return [
    ["certificate", podFiles.certificate.key, pair, front.field("certificate")],
    ["agent-certificate", podFiles.agentCertificate.key, pair, front.field("agentCertificate")],
    ["agent-authorities", podFiles.agentAuthorities, authorities, front.field("agentAuthorities")],
    ["backend-authorities", podFiles.backendAuthorities, ["ca.crt"], tls.field("trustedCertificates")],
    ["backend-certificate", podFiles.backendCertificate.key, pair, tls.field("clientCertificate")],
    ["status-users", podFiles.users, ["users"], front.field("statusUsers")],
    ["status-writers", podFiles.writers, ["users"], front.field("statusWriters")],
  ] as const;
}

/** Returns the front's argument that a path of its NginxPlus comes from. */
function toFrontPath(path: string, ports: PodPort[]): string {
  const [, index] = /^ports\[(\d+)\]/.exec(path) ?? [];
  if (index !== undefined) return ports[Number(index)]!.path;
  const [root = ""] = path.split(/[.[]/);
  return fieldsOf("NginxPods").has(root) ? `pods.${path}` : path;
}
