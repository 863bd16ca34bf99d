import { type Input, log, type Output, type Resource } from "@pulumi/pulumi";
import {
  type Argument,
  type Format,
  formats,
  type License,
  readLicenseInput,
  warnAboutLicense,
} from "../../foundation";
import {
  checkManagementBlock,
  checkNginxVersion,
  defaultRelease,
  Edition,
  type NginxManagement,
  readRelease,
  releaseNames,
  type UsageProxy,
  unverifiedUsage,
} from "../../nginx";
import { checkAuthorities, type HostCertificate } from "../../pki";
import { checkHostCertificate } from "../certificate-checks";

/** Licence and usage reports of NGINX Plus on a host: the `mgmt` block. */
export interface HostManagement {
  /**
   * Host, with a port where it is not 443, that usage is reported to: an NGINX Instance Manager 2.18 or later where the host cannot reach
   * F5. Directive `usage_report`. @default "product.connect.nginx.com"
   */
  usageEndpoint?: Input<string>;
  /** Version of the NGINX Instance Manager at `usageEndpoint`: one before 2.18 takes no reports, and is refused. @default not known, and not checked */
  instanceManagerVersion?: Input<string>;
  /** Addresses of the name servers that find the endpoint. Directive `resolver`. @default those of the host, asked once */
  resolver?: Input<string>[];
  /** The authorities of the endpoint's certificate, PEM. Directive `ssl_trusted_certificate`. @default the host's own */
  trustedCertificatesPem?: Input<string>;
  /** The certificate shown to the endpoint. Directives `ssl_certificate`, `ssl_certificate_key`. @default none */
  clientCertificate?: HostCertificate;
  /** `true`: any certificate of the endpoint is accepted, so anyone who answers there learns the licence. Directive `ssl_verify`. @default false */
  unsafeSkipVerification?: boolean;
  /** Whether traffic waits until the first report has arrived. `false` starts a grace period of 180 days. Directive `enforce_initial_report`. @default true */
  enforceInitialReport?: boolean;
  /** An HTTP proxy on the way to the endpoint, from R34 on. @default none */
  proxy?: UsageProxy;
}

/** A machine with a package of NGINX, and what its `nginx.conf` needs to know of it. */
export interface NginxHost {
  /** Name of the host: lower-case letters, digits and `-` between dots. */
  name: string;
  /** NGINX Plus, or open-source NGINX. @default "plus" */
  edition?: Edition;
  /** Release of NGINX Plus with its patch, as its release notes write it: `R36 P8`. @default "PLS.37.0.8.1", for NGINX Plus */
  release?: string;
  /** Version of open-source NGINX: `1.22.1`. Before 1.25.1 HTTP/2 is a word of `listen`, from then on the directive `http2`. @default 1.25.1 or later */
  openSourceVersion?: string;
  /** User that NGINX's workers run as. Directive `user`. @default "nginx", that of nginx.org's packages; Debian's own have `www-data` */
  user?: string;
  /**
   * Dynamic modules, each a file of a package that the host has: `modules/ngx_http_js_module.so`, or for a stream listener with Debian's own
   * NGINX `/usr/lib/nginx/modules/ngx_stream_module.so`. Directive `load_module`. @default none
   */
  modules?: string[];
  /** The licence of NGINX Plus: the contents of the JSON Web Token from MyF5. Directive `license_token`. @default the file /etc/nginx/license.jwt that is there @secret */
  license?: Input<string>;
  /** Usage reports of NGINX Plus. @default to F5, directly */
  management?: HostManagement;
}

/** A host with its defaults. */
export interface ResolvedHost extends Omit<NginxHost, "license"> {
  edition: Edition;
  user: string;
  modules: string[];
  /** The licence as it is read. */
  license?: Output<License>;
}

const moduleFile: Format = {
  test: (path) => /^(?:modules|(?:\/[A-Za-z0-9_.+-]+)+)\/[a-z0-9_]+\.so$/.test(path) && !path.includes(".."),
  wrong: "is not the file of a module",
  remedy: "write modules/<name>.so, or the absolute path of the file",
};

/** Applies the rules of a host. */
export function resolveHost(host: Argument<NginxHost>): ResolvedHost {
  const { edition = Edition.plus, user = "nginx", modules = [], license, ...given } = host.value ?? ({} as NginxHost);
  host.field("name").matches(formats.machine);
  host.field("user").matches(formats.account);
  for (const file of host.field("modules").entries()) file.matches(moduleFile);
  if (edition === Edition.plus) checkPlus(host);
  else checkOpenSource(host);
  const path = host.field("license").path;
  const read =
    license === undefined || edition === Edition.oss
      ? undefined
      : host.read((refuse) => readLicenseInput(refuse, path, license));
  return { ...given, edition, user, modules, ...(read && { license: read }) };
}

/** Reason why NGINX before 1.19.4 cannot be in front of Instance Manager. */
export const lacksRejection = "cannot turn away a TLS handshake (ssl_reject_handshake)";

/** Stands for a Secret: on a host the file is text. */
const here = { secretName: "here" };

function checkPlus(host: Argument<NginxHost>): void {
  const { release, management } = host.value ?? {};
  host
    .field("openSourceVersion")
    .notGiven("is not about NGINX Plus", 'leave it out, or use edition "oss": release says it for Plus');
  const known = readRelease(release ?? defaultRelease);
  if (!known) host.field("release").refuse(`is ${JSON.stringify(release)}`, `write ${releaseNames}`);
  if (management === undefined || !known) return;
  const { trustedCertificatesPem, clientCertificate: _, ...given } = management;
  const inner = { ...given, ...(trustedCertificatesPem !== undefined && { trustedCertificates: here }) };
  checkManagementBlock(
    host.inner<NginxManagement>(inner, (path) =>
      `${host.path}.management.${path}`.replace("trustedCertificates", "trustedCertificatesPem"),
    ),
    known.release,
  );
  checkAuthorities(host.field("management").field("trustedCertificatesPem"));
  checkHostCertificate(host.field("management").field("clientCertificate"), { usage: "client" });
}

function checkOpenSource(host: Argument<NginxHost>): void {
  for (const property of ["release", "license", "management"] as const)
    host.field(property).notGiven("is about NGINX Plus only", 'leave it out, or use edition "plus"');
  checkNginxVersion(host.field("openSourceVersion"), lacksRejection);
}

/** Logs what is to be said about the time that is left of a host's licence, and about usage reports that are not verified. */
export function warnAboutHost({ license, management }: ResolvedHost, component: string, resource: Resource): void {
  if (license) warnAboutLicense(license, component, resource);
  if (management?.unsafeSkipVerification) void log.warn(`${component}: host.management.${unverifiedUsage}`, resource);
}
