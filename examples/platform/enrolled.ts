import type * as pulumi from "@pulumi/pulumi";
import { Certificate, type CertificateIssuer } from "nginx-stacks";
import { config } from "./settings";

/** Certificates for the devices of each tenant and for agents, named in the stack's file: the Secrets in which they wait to be taken there. */
export function enrolled(namespace: pulumi.Input<string>, devices: CertificateIssuer, agents: CertificateIssuer) {
  const tenants = config.getObject<Record<string, string[]>>("devices") ?? {};
  const members = [
    // A tenant's devices have its name as their organizational unit.
    ...Object.entries(tenants).flatMap(([organizationalUnit, names]) =>
      names.map((commonName) => ({ issuer: devices, subject: { commonName, organizationalUnit } })),
    ),
    ...(config.getObject<string[]>("agents") ?? []).map((commonName) => ({ issuer: agents, subject: { commonName } })),
  ];
  const secretNames = members.map(({ issuer, subject }) => {
    const { commonName } = subject;
    return [commonName, new Certificate(commonName, { namespace, issuer, usage: "client", subject }).secretName];
  });
  return Object.fromEntries(secretNames) as Record<string, pulumi.Output<string>>;
}
