import * as pulumi from "@pulumi/pulumi";
import { Certificate, Edition, issuerFrom } from "nginx-stacks";
import type { Area, Issuer, Place } from "./foundation";
import { edition, secretNames } from "./settings";

/** The foundation, as services take it. */
export type Foundation = ReturnType<typeof given>;

/** Reads what the stack of the foundation gives. */
export function given(stack: string) {
  const foundation = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`);
  const part = (output: string, name: string) =>
    foundation.requireOutput(output).apply((parts: Record<string, string>) => parts[name]!);
  const namespace = (place: Place) => part("namespaces", place);
  const issuer = (area: Issuer) => issuerFrom(foundation, area);
  return {
    namespace,
    issuer,
    /** The roots of an area. */
    trusted: (area: Area) => part("trusted", area),
    /** The certificate of a server of ours. */
    server: (name: string, place: Place, dnsNames: string[]) =>
      new Certificate(name, {
        namespace: namespace(place),
        issuer: issuer("servers"),
        usage: "server",
        subject: { commonName: name },
        dnsNames,
      }),
    /** What every NGINX needs. */
    nginx:
      edition === Edition.oss
        ? { edition }
        : {
            edition,
            license: { secretName: secretNames.license, revision: foundation.requireOutput("licenseRevision") },
            imagePullSecrets: [secretNames.registry],
          },
  };
}
