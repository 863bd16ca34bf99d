import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority, Edition, type NginxHost } from "nginx-stacks";
import { instanceManager1 } from "./v1";
import { instanceManager2 } from "./v2";

// nginx-stacks render examples/instance-manager-host --stack v2 --out rendered --show-secrets
// writes a folder for each host; copy it there, and run its apply.sh as root.

const config = new pulumi.Config();
const edition = config.require<Edition>("edition", { allowedValues: Object.values(Edition) });

/** The machine of Instance Manager: all of its NGINX's configuration comes from here. */
const host: NginxHost = {
  name: "nim.example.com",
  edition,
  // Debian's packages have their own user and the stream module apart.
  ...(edition === Edition.oss && {
    openSourceVersion: "1.22.1",
    user: "www-data",
    modules: ["/usr/lib/nginx/modules/ngx_stream_module.so"],
  }),
};

/** Signs the certificates of the server and of every agent; a certificate's usage says which it is. */
const authority = new CertificateAuthority("authority", {
  subject: { commonName: "Instance Manager root", organization: "Example" },
  intermediate: { subject: { commonName: "Instance Manager issuer", organization: "Example" } },
});

const version = config.require<"1" | "2">("instanceManager", { allowedValues: ["1", "2"] });
const manager = version === "1" ? instanceManager1(host, authority) : instanceManager2(host, authority);

/** The name that agents connect to. */
export const agentHost = manager.agentHost;
/** What browsers and API clients are to trust. */
export const rootCertificate = authority.rootCertificatePem;
