import type { Input } from "@pulumi/pulumi";
import {
  type Argument,
  checkSameNamespace,
  type ExistingSecret,
  type Format,
  factsOf,
  formats,
  mapInput,
  type SecretReference,
} from "../foundation";
import { block, directive, type NginxConfigNode, plusOnly, when } from "./conf";
import { type PlusRelease, plusReleases } from "./releases";

/** A Secret that something else keeps, with the whole `mgmt` block. */
export interface ExistingManagement extends ExistingSecret {
  /**
   * Key whose value is the block, `mgmt { … }`, with `license_token /etc/nginx/license/license.jwt;` and `state_path /var/lib/nginx/state;` in it.
   * @default "mgmt.conf"
   */
  key?: Input<string>;
}

/** An HTTP proxy (method CONNECT) on the way to the licensing endpoint. From R34 on. */
export interface UsageProxy {
  /** Host name or address of the proxy; IPv6 without brackets. Directive `proxy`. */
  host: Input<string>;
  /** TCP port of the proxy. */
  port: number;
  /** User name for the proxy. Directive `proxy_username`. @default none */
  username?: Input<string>;
  /** Password for the proxy; stored as a secret: the whole block goes into a Secret. Directive `proxy_password`. @default none @secret */
  password?: Input<string>;
}

/** Licence and usage reports of NGINX Plus: the `mgmt` block. */
export interface NginxManagement {
  /**
   * Host, with a port where it is not 443, that usage is reported to: NGINX Instance Manager where the cluster cannot reach F5.
   * Directive `usage_report`. @default `product.connect.nginx.com`
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
  /** `true`: any certificate of the endpoint is accepted, so any server that answers there learns the licence. Directive `ssl_verify`. @default false */
  unsafeSkipVerification?: boolean;
  /**
   * `true`: traffic waits until the first report has arrived. `false` starts a grace period of 180 days. Directive `enforce_initial_report`.
   * @default true
   */
  enforceInitialReport?: boolean;
  /** An HTTP proxy on the way to the endpoint. @default none */
  proxy?: UsageProxy;
  /** The whole block, where another system keeps the proxy's password; then all else is left out. @default none */
  existing?: ExistingManagement;
}

/** Files and folders of the `mgmt` block in the pods of NGINX Plus. */
export const managementPaths = {
  license: "/etc/nginx/license",
  state: "/var/lib/nginx/state",
  trustedCertificates: "/etc/nginx/management/trusted",
  clientCertificate: "/etc/nginx/management/client-certificate",
  block: "/etc/nginx/management/block",
};

/** File with the whole block, where a Secret has it. */
export const blockFile = "mgmt.conf";

/** Returns whether the block has the proxy's password, so that the component keeps it in a Secret. */
export const hasPassword = ({ proxy }: NginxManagement = {}) => proxy?.username !== undefined;

/**
 * The block, or the file that it stands in. It is included as a whole: NGINX's documentation allows `include` in any block, but its
 * tables of `mgmt` do not have it.
 */
export function managementNode(management?: NginxManagement): NginxConfigNode {
  return hasPassword(management) || management?.existing
    ? directive("include", `${managementPaths.block}/${blockFile}`)
    : managementBlock(management);
}

/** The `mgmt` block, with the paths of pods, or those of a host. */
export function managementBlock(management: NginxManagement = {}, paths = managementPaths): NginxConfigNode {
  const { usageEndpoint, resolver, trustedCertificates, clientCertificate, enforceInitialReport, proxy } = management;
  return plusOnly(
    block("mgmt", [
      directive("license_token", `${paths.license}/license.jwt`),
      directive("state_path", paths.state),
      when(usageEndpoint, (endpoint) =>
        directive(
          "usage_report",
          mapInput(endpoint, (host) => `endpoint=${host}`),
        ),
      ),
      when(resolver, (words) => directive("resolver", ...words)),
      when(management.unsafeSkipVerification, directive("ssl_verify", "off")),
      when(trustedCertificates, directive("ssl_trusted_certificate", `${paths.trustedCertificates}/ca.crt`)),
      when(
        clientCertificate,
        directive("ssl_certificate", `${paths.clientCertificate}/tls.crt`),
        directive("ssl_certificate_key", `${paths.clientCertificate}/tls.key`),
      ),
      when(enforceInitialReport === false, directive("enforce_initial_report", "off")),
      when(proxy, (server) => [
        directive(
          "proxy",
          mapInput(server.host, (host) => `${host.includes(":") ? `[${host}]` : host}:${server.port}`),
        ),
        when(server.username, (username) => directive("proxy_username", username)),
        when(server.password, (password) => directive("proxy_password", password)),
      ]),
    ]),
  );
}

const resolverWord: Format = {
  test: (text) =>
    /^(valid=\d+[smhd]?|ipv[46]=(on|off)|status_zone=\w+)$/.test(text) || formats.hostAndOptionalPort.test(text),
  wrong: "is not a name server",
  remedy:
    "write its address, with a port where that is not 53, for example `192.0.2.53`, or a parameter of resolver: `valid=30s`",
};

/** Checks the `mgmt` block: that it starts, and that it verifies the endpoint as it says. */
export function checkManagementBlock(management: Argument<NginxManagement>, release: PlusRelease | undefined): void {
  const { unsafeSkipVerification, trustedCertificates, proxy } = management.value;
  management.field("existing").given((existing) => {
    existing.field("key").matches(formats.secretKey);
    // A default that is written out says nothing: SDKs of other languages do that.
    const { existing: _, unsafeSkipVerification, enforceInitialReport, ...others } = management.value;
    const given = {
      ...others,
      unsafeSkipVerification: unsafeSkipVerification || undefined,
      enforceInitialReport: enforceInitialReport === false ? false : undefined,
    };
    for (const key of Object.keys(given) as (keyof typeof given)[])
      if (given[key] !== undefined)
        management
          .field(key)
          .refuse("is given beside existing", "remove one of the two: the Secret holds the whole block");
  });
  management.field("usageEndpoint").matches(formats.hostAndOptionalPort);
  management.field("instanceManagerVersion").given((version) => {
    if (management.value.usageEndpoint === undefined)
      version.refuse("is given without usageEndpoint", "write usageEndpoint, the address of that Instance Manager");
    version.known(checkInstanceManagerVersion);
  });
  management.field("resolver").notEmpty("write the address of a name server, or remove it");
  for (const address of management.field("resolver").entries()) address.matches(resolverWord);
  if (trustedCertificates && unsafeSkipVerification)
    management
      .field("trustedCertificates")
      .refuse("is given, but unsafeSkipVerification ignores it", "remove one of the two");
  if (proxy) checkUsageProxy(management.field("proxy") as Argument<UsageProxy>, release);
}

/** Checks the Secrets of the block: their names, that they are in the namespace of the pods, and that the certificate is a client's. */
export function checkManagementSecrets(
  management: Argument<NginxManagement>,
  namespace: Input<string> | undefined,
): void {
  for (const name of [
    management.field("trustedCertificates").field("secretName"),
    management.field("clientCertificate").field("secretName"),
    management.field("existing").field("name"),
  ]) {
    name.matches(formats.dnsSubdomain);
    checkSameNamespace(name, namespace);
  }
  if (factsOf(management.value.clientCertificate?.secretName)?.certificate?.usage === "server")
    management
      .field("clientCertificate")
      .refuse("is a certificate for servers", 'write one with usage: "client" or "serverAndClient"');
}

function checkUsageProxy(proxy: Argument<UsageProxy>, release: PlusRelease | undefined): void {
  const { username, password } = proxy.value;
  if (release && !release.managementProxy)
    proxy.refuse(
      `is not in ${release.name}`,
      `use a release from ${plusReleases.find((one) => one.managementProxy)!.name} on, or open the way to the endpoint`,
    );
  proxy.field("port").port();
  proxy.field("host").matches(formats.host);
  if ((username === undefined) !== (password === undefined))
    proxy.refuse("has one of username and password", "write both, or neither");
}

/** Checks that an Instance Manager takes usage reports of NGINX Plus from R33 on. */
export function checkInstanceManagerVersion(version: string, argument: Argument<unknown>): void {
  const [, major, minor] = /^(\d+)\.(\d+)(?:\.\d+)?$/.exec(version) ?? [];
  if (major === undefined) argument.refuse(`is ${JSON.stringify(version)}`, "write the numbers: 2.22.2");
  else if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 18))
    argument.refuse(
      `is ${version}: NGINX Plus from R33 on reports its usage to Instance Manager 2.18 or later, and stops without`,
      "report to a later one, or to F5",
    );
}

/** Arguments of NginxManagement by the directive that each becomes. */
const argumentsOfDirectives: Record<string, string> = {
  usage_report: "usageEndpoint",
  resolver: "resolver",
  proxy: "proxy.host",
  proxy_username: "proxy.username",
  proxy_password: "proxy.password",
};

/** Returns the argument that a directive of the block comes from. */
export const managementArgument = (management: Argument<unknown>, directive: string): Argument<unknown> =>
  management.with(
    [management.path, argumentsOfDirectives[directive]].filter((part) => part).join("."),
    management.value,
  );
