import type { Input } from "@pulumi/pulumi";
import { checkAccount, checkHostName, checkPlain, type Refuser } from "../../foundation";
import { Edition, type UsageProxy } from "../../nginx";
import { checkManagement } from "../../nginx/management";
import { checkOpenSourceVersion } from "../../nginx/open-source-version";
import { defaultRelease, readRelease, releaseNames } from "../../nginx/releases";
import type { HostCertificate } from "../../pki";
import { lacksRejection } from "../proxy/tls";

/** How NGINX Plus on a host proves its licence and reports its usage: the `mgmt` block. */
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
  /** `true`: any certificate of the endpoint is accepted, so whoever answers there learns the licence. Directive `ssl_verify`. @default false */
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
  /** Release of NGINX Plus with its patch, as its release notes write it: `R36 P8`. @default "PLS.37.0.4.1" */
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
  /** The licence of NGINX Plus, a JWT; stored as a secret. Directive `license_token`. @default the file /etc/nginx/license.jwt that is there */
  license?: Input<string>;
  /** How NGINX Plus reports its usage. @default to F5, directly */
  management?: HostManagement;
}

/** Checks what is said of a host; `property` leads to it. */
export function checkNginxHost(refuse: Refuser, property: string, host: NginxHost): void {
  if (host === undefined) refuse(property, "is missing", "write the host's name: { name }");
  checkPlain(refuse, { [property]: host, [`${property}.modules`]: host.modules });
  const { edition = Edition.plus, modules = [] } = host;
  checkHostName(refuse, `${property}.name`, host.name);
  checkAccount(refuse, `${property}.user`, host.user);
  for (const [index, path] of modules.entries())
    if (!/^(?:modules|(?:\/[A-Za-z0-9_.+-]+)+)\/[a-z0-9_]+\.so$/.test(path) || path.includes(".."))
      refuse(
        `${property}.modules[${index}]`,
        "is no module",
        "write modules/<name>.so, or the absolute path of the file",
      );
  if (edition === Edition.plus) checkPlus(refuse, property, host);
  else checkOpenSource(refuse, property, host);
}

function checkPlus(refuse: Refuser, property: string, host: NginxHost) {
  if (host.openSourceVersion !== undefined)
    refuse(
      `${property}.openSourceVersion`,
      "is not about NGINX Plus",
      'leave it out, or use edition "oss": release says it for Plus',
    );
  const known = readRelease(host.release ?? defaultRelease);
  if (!known) return refuse(`${property}.release`, `is ${JSON.stringify(host.release)}`, `write ${releaseNames}`);
  if (host.management === undefined) return;
  const { trustedCertificatesPem, clientCertificate, ...given } = host.management;
  const within: Refuser = (path, wrong, remedy) => refuse(`${property}.${path}`, wrong, remedy);
  checkManagement(
    { ...given, ...(trustedCertificatesPem !== undefined && { trustedCertificates: { secretName: "" } }) },
    known.release,
    within,
  );
  if (clientCertificate && (!clientCertificate.chainPem || !clientCertificate.privateKeyPem))
    refuse(
      `${property}.management.clientCertificate`,
      "has one of chainPem and privateKeyPem",
      "give both: a Certificate with forHosts has them",
    );
}

function checkOpenSource(refuse: Refuser, property: string, host: NginxHost) {
  for (const only of ["release", "license", "management"] as const)
    if (host[only] !== undefined)
      refuse(`${property}.${only}`, "is about NGINX Plus only", 'leave it out, or use edition "plus"');
  if (host.openSourceVersion !== undefined)
    checkOpenSourceVersion(refuse, `${property}.openSourceVersion`, host.openSourceVersion, lacksRejection);
}
