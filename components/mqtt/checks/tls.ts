import type { Input } from "@pulumi/pulumi";
import { type Argument, checkCertificateRole } from "../../foundation";
import { checkRevocation } from "../../nginx";
import type { MqttBrokerTls, MqttClientCertificates, MqttListenerTls } from "../args";

/** Checks TLS between clients and a listener. */
export function checkListenerTls(tls: Argument<MqttListenerTls>): void {
  checkCertificateRole(tls.field("certificate").field("secretName"), "server");
  tls.field("clientCertificates").given((certificates) => certificates.check(checkClientCertificates));
}

/** Checks TLS to the brokers. */
export function checkBrokerTls(tls: Argument<MqttBrokerTls>): void {
  const { unsafeSkipVerification, trustedCertificatesPem } = tls.value;
  const trusted = tls.field("trustedCertificatesPem");
  tls.integers({ verifyDepth: [1, 10] });
  checkCertificateRole(tls.field("clientCertificate").field("secretName"), "client");
  if (unsafeSkipVerification)
    trusted.notGiven("is given, but unsafeSkipVerification ignores it", "remove one of the two");
  else if (trustedCertificatesPem === undefined)
    trusted.refuse(
      "is missing",
      "give the PEM bundle of the authorities of your brokers (or, if others may read the traffic, unsafeSkipVerification: true)",
    );
  else checkPem(trusted, "CERTIFICATE", "certificate");
}

function checkClientCertificates(certificates: Argument<MqttClientCertificates>): void {
  const { trustedCertificates, crlPem, revocation } = certificates.value;
  const list = certificates.field("crlPem");
  certificates.exactlyOne(
    ["trustedCertificatesPem", "trustedCertificates"],
    "give one of the two: the authorities that issue the clients' certificates",
  );
  checkPem(certificates.field("trustedCertificatesPem"), "CERTIFICATE", "certificate");
  checkPem(list, "X509 CRL", "revocation list");
  certificates.integers({ verifyDepth: [1, 10] });
  certificates.field("revocation").given((revocation) => checkRevocation(revocation));
  if (trustedCertificates)
    list.notGiven("is given beside trustedCertificates, a Secret with the lists under ca.crl", "remove it");
  else if (!revocation?.crl)
    list.notGiven("is given without revocation.crl", "set revocation: { crl: true }, or NGINX reads no list");
  else if (crlPem === undefined)
    list.refuse("is missing beside revocation.crl", "give the revocation lists of the authorities as PEM");
}

function checkPem(text: Argument<Input<string> | undefined>, label: string, contents: string): void {
  text.known((known, argument) => {
    if (!known.includes(`-----BEGIN ${label}-----`))
      argument.refuse(`holds no PEM ${contents}`, "give the contents of the file, not its path");
  });
}
