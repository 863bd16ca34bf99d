import { isIP } from "node:net";
import { checkPlain, type Refuser } from "../foundation";
import type { MqttBrokerTls, MqttCredentials, MqttProxyArgs } from "./mqtt-proxy-args";
import { checkPort, checkRouting } from "./routing";

/** Refuses what NGINX would accept and a user would regret, before anything is registered. */
export function checkMqttProxy(args: MqttProxyArgs, refuse: Refuser): void {
  const { upstreams, routes, defaultRoute, brokerTls, credentials, snippets } = args;
  checkPlain(refuse, { upstreams, routes, defaultRoute, brokerTls, credentials, snippets });
  checkRouting(args, refuse);
  checkPort("port", args.port, refuse);
  checkRange("maximumConnectKibibytes", args.maximumConnectKibibytes, 1, 256, "KiB", refuse);
  checkRange("connectTimeoutSeconds", args.connectTimeoutSeconds, 1, 300, "seconds", refuse);
  checkRange("longestKeepAliveSeconds", args.longestKeepAliveSeconds, 1, 65535, "seconds", refuse);
  if (brokerTls) checkBrokerTls(args, brokerTls, refuse);
  if (credentials) checkCredentials(credentials, brokerTls, refuse);
}

function checkRange(
  property: string,
  value: number | undefined,
  least: number,
  most: number,
  unit: string,
  refuse: Refuser,
) {
  if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most))
    refuse(property, `is ${value}`, `write whole ${unit} from ${least} to ${most}`);
}

function checkBrokerTls(args: MqttProxyArgs, tls: MqttBrokerTls, refuse: Refuser) {
  checkRange("brokerTls.verifyDepth", tls.verifyDepth, 1, 10, "certificates", refuse);
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
  if (typeof tls.trustedCertificates === "string" && !tls.trustedCertificates.includes("-----BEGIN CERTIFICATE-----"))
    refuse("brokerTls.trustedCertificates", "holds no PEM certificate", "give the contents of the file, not its path");
  for (const [index, upstream] of args.upstreams.entries()) {
    const name = upstream.serverName ?? upstream.servers[0]?.host;
    // NGINX compares this name with the DNS names of the certificate only, never with its addresses.
    if (typeof name === "string" && isIP(name) !== 0)
      refuse(
        `upstreams[${index}].serverName`,
        "would be an address, which NGINX cannot verify",
        "write the DNS name in the brokers' certificate",
      );
  }
}

function checkCredentials(credentials: MqttCredentials, tls: MqttBrokerTls | undefined, refuse: Refuser) {
  const { username, password, existing } = credentials;
  if (existing && (username !== undefined || password !== undefined))
    refuse(
      "credentials.existing",
      "comes with a username or password",
      "leave those out: the existing Secret holds both",
    );
  if (!existing && username === undefined)
    refuse("credentials.username", "is missing", "give the user name that the brokers know, or an existing Secret");
  for (const [property, value] of Object.entries({ username, password })) {
    if (value === "")
      refuse(`credentials.${property}`, "is empty", "give a value, or leave it out where it has a default");
    if (typeof value === "string" && Buffer.byteLength(value) > 1024)
      refuse(`credentials.${property}`, "is longer than 1024 bytes", "use a shorter one: NGINX reads no longer words");
  }
  if (existing?.key !== undefined && !/^[-._a-zA-Z0-9]+$/.test(existing.key))
    refuse("credentials.existing.key", "is no key of a Secret", "use letters, digits, -, _ and .");
  if ((!tls || tls.unsafeSkipVerification) && !credentials.unsafeSendToUnverifiedBrokers)
    refuse(
      "credentials",
      "would be sent to brokers that nobody verified",
      "set brokerTls with trustedCertificates (or, where anyone may have the password, unsafeSendToUnverifiedBrokers: true)",
    );
}
