import { isIP } from "node:net";
import { checked, checkInteger, checkPlain, checkPort, type Refuser } from "../foundation";
import { checkAlternativeNames } from "./alternative-names";
import { checkAllCredentials, checkNames } from "./credentials-checks";
import { checkListeners } from "./listener-checks";
import type { MqttBrokerTls, MqttProxyArgs } from "./mqtt-proxy-args";
import { planOf } from "./plan";
import { checkRouteSizes } from "./route-sizes";
import { checkRoutes, checkUpstreams } from "./routing";
import { checkSnippets } from "./snippet-checks";
import { checkTenants } from "./tenant-checks";
import { checkUpstreamOptions } from "./upstream-checks";

/** Refuses what NGINX would accept and a user would regret, before anything is registered. */
export function checkMqttProxy(args: MqttProxyArgs, refuse: Refuser): void {
  const { upstreams, listeners, tenants, routes, defaultRoute, brokerTls, credentials, namedCredentials } = args;
  const { limits, snippets } = args;
  checkPlain(refuse, {
    upstreams,
    listeners,
    tenants,
    routes,
    defaultRoute,
    brokerTls,
    credentials,
    namedCredentials,
    limits,
    snippets,
  });
  const names = { upstreams: checkUpstreams(args, refuse), credentials: checkNames(args, refuse) };
  checkRoutes("", args, names, refuse);
  checkListeners(args, names, refuse);
  checkTenants(args, names, refuse);
  checkPort(refuse, "port", args.port);
  checkInteger(refuse, "maximumConnectKibibytes", args.maximumConnectKibibytes, 1, 256);
  checkInteger(refuse, "connectTimeoutSeconds", args.connectTimeoutSeconds, 1, 300);
  checkInteger(refuse, "longestKeepAliveSeconds", args.longestKeepAliveSeconds, 1, 65535);
  if (brokerTls) checkBrokerTls(args, brokerTls, refuse);
  checkUpstreamOptions(args, planOf(args), refuse);
  checkRouteSizes(args, planOf(args), refuse);
  checkAllCredentials(args, refuse);
  checkAlternativeNames(args, planOf(args), refuse);
  checkSnippets(snippets, refuse);
}

function checkBrokerTls(args: MqttProxyArgs, tls: MqttBrokerTls, refuse: Refuser) {
  checkInteger(refuse, "brokerTls.verifyDepth", tls.verifyDepth, 1, 10);
  if (tls.unsafeSkipVerification) {
    if (tls.trustedCertificates !== undefined)
      refuse(
        "brokerTls.trustedCertificates",
        "is given, but unsafeSkipVerification ignores it",
        "leave one of the two out",
      );
    return;
  }
  if (tls.trustedCertificates === undefined)
    refuse(
      "brokerTls.trustedCertificates",
      "is missing",
      "give the PEM bundle of the authorities of your brokers (or, where anyone may read the traffic, unsafeSkipVerification: true)",
    );
  checked(tls.trustedCertificates!, (text) => {
    if (!text.includes("-----BEGIN CERTIFICATE-----"))
      refuse(
        "brokerTls.trustedCertificates",
        "holds no PEM certificate",
        "give the contents of the file, not its path",
      );
  });
  for (const [index, upstream] of args.upstreams.entries()) {
    // NGINX compares this name with the DNS names of the certificate only, never with its addresses.
    checked(upstream.serverName ?? upstream.servers[0]!.host, (name) => {
      if (isIP(name) !== 0)
        refuse(
          `upstreams[${index}].serverName`,
          "would be an address, which NGINX cannot verify",
          "write the DNS name in the brokers' certificate",
        );
    });
  }
}
