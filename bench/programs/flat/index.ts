import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const key = { algorithm: "ECDSA", ecdsaCurve: "P256" };
const authority = { isCaCertificate: true, allowedUses: ["cert_signing", "crl_signing"], setSubjectKeyId: true };

const rootKey = new tls.PrivateKey("authority-root-key", key);
const root = new tls.SelfSignedCert("authority-root", {
  ...authority,
  privateKeyPem: rootKey.privateKeyPem,
  subject: { commonName: "Example root", organization: "Example" },
  maxPathLength: 1,
  validityPeriodHours: 87_600,
  setAuthorityKeyId: true,
});
const issuerKey = new tls.PrivateKey("authority-intermediate-key", key);
const issuerRequest = new tls.CertRequest("authority-intermediate-request", {
  privateKeyPem: issuerKey.privateKeyPem,
  subject: { commonName: "Example issuer", organization: "Example" },
});
const issuer = new tls.LocallySignedCert("authority-intermediate", {
  ...authority,
  certRequestPem: issuerRequest.certRequestPem,
  caCertPem: root.certPem,
  caPrivateKeyPem: rootKey.privateKeyPem,
  validityPeriodHours: 43_800,
});

for (let leaf = 1; leaf <= new pulumi.Config().requireNumber("leaves"); leaf++) {
  const leafKey = new tls.PrivateKey(`leaf-${leaf}-key`, key);
  const request = new tls.CertRequest(`leaf-${leaf}-request`, {
    privateKeyPem: leafKey.privateKeyPem,
    subject: { commonName: `leaf-${leaf}` },
    dnsNames: [`leaf-${leaf}.example.com`],
  });
  const certificate = new tls.LocallySignedCert(`leaf-${leaf}-certificate`, {
    certRequestPem: request.certRequestPem,
    caCertPem: issuer.certPem,
    caPrivateKeyPem: issuerKey.privateKeyPem,
    allowedUses: ["digital_signature", "server_auth", "client_auth"],
    validityPeriodHours: 2160,
    earlyRenewalHours: 720,
    setSubjectKeyId: true,
  });
  new kubernetes.core.v1.Secret(`leaf-${leaf}-secret`, {
    metadata: { namespace: "example" },
    type: "kubernetes.io/tls",
    data: {
      "tls.crt": base64(pulumi.concat(certificate.certPem, issuer.certPem)),
      "tls.key": base64(leafKey.privateKeyPem),
      "ca.crt": base64(root.certPem),
    },
  });
}

function base64(text: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.secret(text).apply((known) => Buffer.from(known).toString("base64"));
}
