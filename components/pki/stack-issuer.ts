import * as pulumi from "@pulumi/pulumi";
import { type Argument, argumentOf, type Format, refuser, resolveArguments } from "../foundation";
import type { CertificateIssuer } from "./issuer";

const outputName: Format = {
  test: (text) => /^[A-Za-z][A-Za-z0-9]*$/.test(text),
  wrong: "is not letters and digits",
  remedy: "write the beginning of the outputs' names: `brokers`",
};

/** Checks the beginning of the outputs' names. */
const checkName = (argument: Argument<unknown>, name: unknown) =>
  argument.with("name", typeof name === "string" ? name : "").matches(outputName);

/** The two outputs of a stack that hold an issuer: an output with a secret in it is a secret as a whole. */
const outputNames = (name: string) => ({ issuer: `${name}Issuer`, key: `${name}IssuerKey` });

/**
 * Returns the outputs of a stack for other stacks that issue with its issuer, which take it with `issuerFrom`: `<name>Issuer`, which anyone may see, and `<name>IssuerKey`, a secret.
 *
 * A stack that reads another one has all of its outputs in its state: a reader of that state can issue. A program that only has to trust needs `bundle`, and no key.
 *
 * @param name beginning of the outputs' names, letters and digits: `brokers`
 * @param issuer a CertificateAuthority, without a revocation list: that is an output of its own
 */
export function issuerOutputs(name: string, issuer: CertificateIssuer): Record<string, pulumi.Output<unknown>> {
  return resolveArguments("issuerOutputs", name, "CertificateIssuer", issuer, (argument) => {
    checkName(argument, name);
    const { certificatePem, privateKeyPem, chain, bundle, crl, renewalWindowHours } = argument.value;
    if (crl !== undefined)
      argument
        .with("issuer", issuer)
        .refuse(
          "has a revocation list, and whether there is one has to be known before the stack is read",
          "give { ...issuer, crl: undefined }, and the list as an output of its own: { ...issuerFrom(stack, name), crl } takes it there",
        );
    const names = outputNames(name);
    return {
      [names.issuer]: pulumi.output({ certificatePem, chain, bundle, renewalWindowHours }),
      [names.key]: pulumi.secret(privateKeyPem),
    };
  });
}

/**
 * Returns the issuer that another stack puts out with `issuerOutputs`. What a program has to know at once is not in it: a SpireServer below it wants its `chainLength` written.
 *
 * @param stack the stack that has the authority
 * @param name the name that it was put out under
 */
export function issuerFrom(stack: pulumi.StackReference, name: string): CertificateIssuer {
  const refuse = refuser("issuerFrom", name);
  checkName(argumentOf(refuse, undefined), name);
  if (!(stack instanceof pulumi.StackReference))
    refuse(
      "stack",
      "is not a StackReference",
      'write for example new pulumi.StackReference("organization/project/dev")',
    );
  const names = outputNames(name);
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
