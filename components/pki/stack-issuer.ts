import * as pulumi from "@pulumi/pulumi";
import { refuser } from "../foundation";
import type { CertificateIssuer } from "./issuer";

/** The two outputs of a stack that hold an issuer: of one with a secret in it, all is secret to whoever reads it. */
function outputNames(of: "issuerOutputs" | "issuerFrom", name: string) {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name))
    refuser(of, `${name}`)("name", "is not letters and digits", "write what the outputs are to begin with: `brokers`");
  return { issuer: `${name}Issuer`, key: `${name}IssuerKey` };
}

/**
 * What a stack puts out of an issuer for stacks that issue with it, which take it with `issuerFrom`: `<name>Issuer`, which anyone may see, and `<name>IssuerKey`, a secret.
 *
 * A stack that reads another one has all of its outputs in its state: whoever reads that can issue. Who only has to trust needs `bundle`, and no key.
 *
 * @param name what the outputs begin with, letters and digits: `brokers`
 * @param issuer a CertificateAuthority, without a revocation list: that is an output of its own
 */
export function issuerOutputs(name: string, issuer: CertificateIssuer): Record<string, pulumi.Output<unknown>> {
  const { certificatePem, privateKeyPem, chain, bundle, crl, renewalWindowHours } = issuer;
  const names = outputNames("issuerOutputs", name);
  if (crl !== undefined)
    refuser("issuerOutputs", name)(
      "issuer",
      "has a revocation list, and whether there is one has to be known before the stack is read",
      "give { ...issuer, crl: undefined }, and the list as an output of its own: { ...issuerFrom(stack, name), crl } takes it there",
    );
  return {
    [names.issuer]: pulumi.output({ certificatePem, chain, bundle, renewalWindowHours }),
    [names.key]: pulumi.secret(privateKeyPem),
  };
}

/**
 * The issuer that another stack puts out with `issuerOutputs`. What a program has to know at once is not in it: a SpireServer below it wants its `chainLength` written.
 *
 * @param stack the stack that has the authority
 * @param name the name that it was put out under
 */
export function issuerFrom(stack: pulumi.StackReference, name: string): CertificateIssuer {
  const names = outputNames("issuerFrom", name);
  const issuer = stack.requireOutput(names.issuer) as pulumi.Output<
    pulumi.Unwrap<Omit<CertificateIssuer, "privateKeyPem">>
  >;
  return {
    certificatePem: issuer.certificatePem,
    chain: issuer.chain,
    bundle: issuer.bundle,
    renewalWindowHours: issuer.renewalWindowHours,
    privateKeyPem: pulumi.secret(stack.requireOutput(names.key)),
  };
}
