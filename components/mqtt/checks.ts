import { isIP } from "node:net";
import { checked, checkInteger, checkPlain, checkPort, type Refuser } from "../foundation";
import type { MqttBrokerTls, MqttCredentials, MqttProxyArgs } from "./mqtt-proxy-args";
import { checkRouting } from "./routing";

/** Refuses what NGINX would accept and a user would regret, before anything is registered. */
export function checkMqttProxy(args: MqttProxyArgs, refuse: Refuser): void {
  const { upstreams, routes, defaultRoute, brokerTls, credentials, snippets } = args;
  checkPlain(refuse, { upstreams, routes, defaultRoute, brokerTls, credentials, snippets });
  checkRouting(args, refuse);
  checkPort(refuse, "port", args.port);
  checkInteger(refuse, "maximumConnectKibibytes", args.maximumConnectKibibytes, 1, 256);
  checkInteger(refuse, "connectTimeoutSeconds", args.connectTimeoutSeconds, 1, 300);
  checkInteger(refuse, "longestKeepAliveSeconds", args.longestKeepAliveSeconds, 1, 65535);
  if (brokerTls) checkBrokerTls(args, brokerTls, refuse);
  if (credentials) checkCredentials(credentials, brokerTls, refuse);
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
  for (const [property, input] of Object.entries({ username, password }))
    checked(input ?? "none", (value) => {
      if (value === "")
        refuse(`credentials.${property}`, "is empty", "give a value, or leave it out where it has a default");
      if (Buffer.byteLength(value) > 1024)
        refuse(
          `credentials.${property}`,
          "is longer than 1024 bytes",
          "use a shorter one: NGINX reads no longer words",
        );
    });
  if (existing?.key !== undefined && !/^[-._a-zA-Z0-9]+$/.test(existing.key))
    refuse("credentials.existing.key", "is no key of a Secret", "use letters, digits, -, _ and .");
  if ((!tls || tls.unsafeSkipVerification) && !credentials.unsafeSendToUnverifiedBrokers)
    refuse(
      "credentials",
      "would be sent to brokers that nobody verified",
      "set brokerTls with trustedCertificates (or, where anyone may have the password, unsafeSendToUnverifiedBrokers: true)",
    );
}
