import * as pulumi from "@pulumi/pulumi";
import { Certificate, CertificateAuthority } from "nginx-stacks";

const issuer = new CertificateAuthority("authority", {
  subject: { commonName: "Example root", organization: "Example" },
  intermediate: { subject: { commonName: "Example issuer", organization: "Example" } },
});
for (let leaf = 1; leaf <= new pulumi.Config().requireNumber("leaves"); leaf++)
  new Certificate(`leaf-${leaf}`, {
    namespace: "example",
    issuer,
    usage: "serverAndClient",
    subject: { commonName: `leaf-${leaf}` },
    dnsNames: [`leaf-${leaf}.example.com`],
  });
