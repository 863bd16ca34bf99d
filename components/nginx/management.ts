import type { Input } from "@pulumi/pulumi";
import { checked, checkPort, type Refuser, type SecretReference } from "../foundation";
import type { NginxConfigNode } from "./conf";
import { derived } from "./inputs";
import { type PlusRelease, plusReleases } from "./releases";

/** A Secret that something else keeps, with the whole `mgmt` block. */
export interface ExistingManagement extends SecretReference {
  /**
   * Key whose value is the block, `mgmt { … }`, with `license_token /etc/nginx/license/license.jwt;` and `state_path /var/lib/nginx/state;` in it.
   * @default "mgmt.conf"
   */
  key?: Input<string>;
}

/** An HTTP proxy (method CONNECT) on the way to the licensing endpoint. From R34 on. */
export interface UsageProxy {
  /** Host name or address of the proxy. Directive `proxy`. */
  host: Input<string>;
  /** TCP port of the proxy. */
  port: number;
  /** User name for the proxy. Directive `proxy_username`. @default none */
  username?: Input<string>;
  /** Password for the proxy; stored as a secret: the whole block goes into a Secret. Directive `proxy_password`. @default none */
  password?: Input<string>;
}

/** How NGINX Plus proves its licence and reports its usage: the `mgmt` block. */
export interface NginxManagement {
  /**
   * Host, with a port where it is not 443, that usage is reported to: NGINX Instance Manager where the cluster cannot reach F5.
   * Directive `usage_report`. @default "product.connect.nginx.com"
   */
  usageEndpoint?: Input<string>;
  /**
   * Version of the NGINX Instance Manager at `usageEndpoint`, for example an InstanceManager's `version`: one before 2.18 takes no reports of
   * NGINX Plus from R33 on, which then stops, and is refused.
   *
   * @default not known, and not checked
   */
  instanceManagerVersion?: Input<string>;
  /** Addresses of the name servers that find the endpoint. Directive `resolver`. @default those of the pod, asked once */
  resolver?: Input<string>[];
  /** Secret whose `ca.crt` has the authorities of the endpoint's certificate. Directive `ssl_trusted_certificate`. @default the image's own */
  trustedCertificates?: SecretReference;
  /** Secret (`tls.crt`, `tls.key`) with the certificate shown to the endpoint. Directives `ssl_certificate`, `ssl_certificate_key`. @default none */
  clientCertificate?: SecretReference;
  /** `true`: any certificate of the endpoint is accepted, so whoever answers there learns the licence. Directive `ssl_verify`. @default false */
  unsafeSkipVerification?: boolean;
  /**
   * Whether traffic waits until the first report has arrived. `false` starts a grace period of 180 days. Directive `enforce_initial_report`.
   * @default true
   */
  enforceInitialReport?: boolean;
  /** An HTTP proxy on the way to the endpoint. @default none */
  proxy?: UsageProxy;
  /** The whole block, where another system keeps the proxy's password; then all else is left out. @default none */
  existing?: ExistingManagement;
}

/** Where the pods of NGINX Plus have what the `mgmt` block names. */
export const managementPaths = {
  license: "/etc/nginx/license",
  state: "/var/lib/nginx/state",
  trustedCertificates: "/etc/nginx/management/trusted",
  clientCertificate: "/etc/nginx/management/client-certificate",
  block: "/etc/nginx/management/block",
};

/** File with the whole block, where that is kept in a Secret. */
export const blockFile = "mgmt.conf";

/** Whether the block has the proxy's password, so that it stands in a Secret of our own. */
export const hasPassword = ({ proxy }: NginxManagement = {}) => proxy?.username !== undefined;

/**
 * The block, or the file that it stands in. It is included as a whole: NGINX's documentation allows `include` in any block, but its
 * tables of `mgmt` do not have it.
 */
export function managementNode(management?: NginxManagement): NginxConfigNode {
  return hasPassword(management) || management?.existing
    ? { name: "include", args: [`${managementPaths.block}/${blockFile}`] }
    : managementBlock(management);
}

/** The `mgmt` block, with the paths of pods, or those of a host. */
export function managementBlock(management: NginxManagement = {}, paths = managementPaths): NginxConfigNode {
  const { usageEndpoint, resolver, trustedCertificates, clientCertificate, proxy } = management;
  const block: NginxConfigNode[] = [
    { name: "license_token", args: [`${paths.license}/license.jwt`] },
    { name: "state_path", args: [paths.state] },
  ];
  const add = (name: string, ...args: Input<string>[]) => block.push({ name, args });
  if (usageEndpoint !== undefined)
    add(
      "usage_report",
      derived(usageEndpoint, (host) => `endpoint=${host}`),
    );
  if (resolver) add("resolver", ...resolver);
  if (management.unsafeSkipVerification) add("ssl_verify", "off");
  if (trustedCertificates) add("ssl_trusted_certificate", `${paths.trustedCertificates}/ca.crt`);
  if (clientCertificate) {
    add("ssl_certificate", `${paths.clientCertificate}/tls.crt`);
    add("ssl_certificate_key", `${paths.clientCertificate}/tls.key`);
  }
  if (management.enforceInitialReport === false) add("enforce_initial_report", "off");
  if (proxy)
    add(
      "proxy",
      derived(proxy.host, (host) => `${host}:${proxy.port}`),
    );
  if (proxy?.username !== undefined) add("proxy_username", proxy.username);
  if (proxy?.password !== undefined) add("proxy_password", proxy.password);
  return { name: "mgmt", block, plus: true };
}

/** Refuses a `mgmt` block that would not start, or would leave the way to the endpoint open. */
export function checkManagement(management: NginxManagement, release: PlusRelease, refuse: Refuser): void {
  const { existing, ...given } = management;
  const { usageEndpoint, resolver, trustedCertificates, unsafeSkipVerification, proxy } = given;
  for (const [property, value] of Object.entries(given))
    if (existing && value !== undefined)
      refuse(`management.${property}`, "is given beside existing", "leave it out: the Secret holds the whole block");
  if (usageEndpoint !== undefined) checked(usageEndpoint, endpoint(refuse, "management.usageEndpoint"));
  if (given.instanceManagerVersion !== undefined) {
    if (usageEndpoint === undefined)
      refuse(
        "management.instanceManagerVersion",
        "is given without usageEndpoint",
        "write where that Instance Manager is, or leave it out",
      );
    checked(given.instanceManagerVersion, takesUsageReports(refuse, "management.instanceManagerVersion"));
  }
  if (resolver?.length === 0)
    refuse("management.resolver", "is empty", "give the address of a name server, or leave it out");
  if (trustedCertificates && unsafeSkipVerification)
    refuse(
      "management.trustedCertificates",
      "is given, but unsafeSkipVerification ignores it",
      "leave one of the two out",
    );
  if (!proxy) return;
  if (!release.managementProxy)
    refuse(
      "management.proxy",
      `is not in ${release.name}`,
      `use a release from ${plusReleases.find((one) => one.managementProxy)!.name} on, or open the way to the endpoint`,
    );
  checkPort(refuse, "management.proxy.port", proxy.port);
  checked(proxy.host, (host) => {
    if (!/^[A-Za-z0-9._-]+$|^\[[0-9a-fA-F:.]+\]$/.test(host))
      refuse("management.proxy.host", "is no host", "write the host alone, without scheme, port or path");
  });
  if ((proxy.username === undefined) !== (proxy.password === undefined))
    refuse("management.proxy", "has one of username and password", "give both, or neither");
}

/** Refuses an Instance Manager that takes no usage reports of NGINX Plus from R33 on. */
export const takesUsageReports = (refuse: Refuser, property: string) => (version: string) => {
  const [, major, minor] = /^(\d+)\.(\d+)(?:\.\d+)?$/.exec(version) ?? [];
  if (major === undefined) refuse(property, `is ${JSON.stringify(version)}`, "write the numbers: 2.22.2");
  if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 18))
    refuse(
      property,
      `is ${version}: NGINX Plus from R33 on reports its usage to Instance Manager 2.18 or later, and stops without`,
      "report to a later one, or to F5",
    );
};

const endpoint = (refuse: Refuser, property: string) => (text: string) => {
  if (!/^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.test(text))
    refuse(property, "is no host", "write a host, with its port where that is not 443, without scheme or path");
};
