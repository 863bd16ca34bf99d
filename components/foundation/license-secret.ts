import * as pulumi from "@pulumi/pulumi";
import { formats, resolveArguments, withFacts } from "./arguments";
import { type License, readLicenseInput, warnAboutLicense } from "./license";
import { checkSecret, type ExistingSecret, existingSecret, makeSecret, type SecretMetadata } from "./secret";

/** A licence Secret that something else keeps. */
export interface ExistingLicenseSecret extends ExistingSecret {
  /** Key under which the Secret has the token. @default "license.jwt" */
  key?: pulumi.Input<string>;
}

/** Arguments of a LicenseSecret: exactly one of `jwt` and `existing`. */
export interface LicenseSecretArgs extends SecretMetadata {
  /** Contents of the JSON Web Token from MyF5 (directive `license_token`). Surrounding whitespace is removed. @secret */
  jwt?: pulumi.Input<string>;
  /** A Secret that is there already. */
  existing?: ExistingLicenseSecret;
}

/** A licence of NGINX Plus as the components that mount it see it; a LicenseSecret is one. */
export interface LicenseReference {
  /** Name of the Secret, in the namespace of the pods. */
  secretName: pulumi.Input<string>;
  /** Key under which the Secret has the token. @default "license.jwt" */
  key?: pulumi.Input<string>;
  /** Anything that changes when the token changes; a secret. @default pods do not roll when the token changes @secret */
  revision?: pulumi.Input<string>;
}

/** The licence of NGINX Plus as a Secret. Its key is `license.jwt`, where NGINX Plus and Gateway Fabric look for it. */
export class LicenseSecret extends pulumi.ComponentResource {
  /** Name of the Secret. */
  readonly secretName: pulumi.Output<string>;
  /** Key of the token in the Secret. */
  readonly key: pulumi.Output<string>;
  /** A digest of the contents, itself a secret: it changes when they do. */
  readonly revision: pulumi.Output<string>;
  /** The token's `sub` claim; "" when it has none or the Secret is an existing one. */
  readonly subject: pulumi.Output<string>;
  /** When the token was issued, RFC 3339; "" when it does not say or the Secret is an existing one. */
  readonly issuedAt: pulumi.Output<string>;
  /** When the token expires, RFC 3339; "" when it does not say or the Secret is an existing one. */
  readonly expiresAt: pulumi.Output<string>;

  constructor(name: string, args: LicenseSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    const { license, existing, recorded } = resolveLicenseSecret(name, args);

    super("nginx-stacks:index:LicenseSecret", name, recorded, opts);
    if (license !== undefined) warnAboutLicense(license, `LicenseSecret "${name}"`, this);

    const secret =
      existing !== undefined
        ? existingSecret(existing)
        : makeSecret(`${name}-secret`, "Opaque", { "license.jwt": license!.apply(({ token }) => token) }, args, {
            parent: this,
            dependsOn: opts?.dependsOn,
          });
    // The subscriber and the end of the licence are no secret; the token that proves them is.
    const fact = (read: (facts: License) => string) =>
      license === undefined ? pulumi.output("") : pulumi.unsecret(license.apply(read));
    const outputs = {
      ...secret,
      key: pulumi.output(existing?.key ?? "license.jwt"),
      subject: fact((facts) => facts.subject),
      issuedAt: fact((facts) => facts.issuedAt),
      expiresAt: fact((facts) => facts.expiresAt),
    };
    withFacts(outputs.secretName, { component: `LicenseSecret "${name}"`, namespace: args.namespace });
    this.secretName = outputs.secretName;
    this.key = outputs.key;
    this.revision = outputs.revision;
    this.subject = outputs.subject;
    this.issuedAt = outputs.issuedAt;
    this.expiresAt = outputs.expiresAt;
    this.registerOutputs(outputs);
  }
}

/** Returns the licence as it is read, what state records of the arguments, and the Secret that is there already. */
function resolveLicenseSecret(name: string, args: LicenseSecretArgs) {
  return resolveArguments("LicenseSecret", name, "LicenseSecretArgs", args, (argument) => {
    const { jwt, existing, ...recorded } = argument.value;
    argument.check(checkSecret);
    argument.field("existing").given((secret) => secret.field("key").matches(formats.secretKey));
    if (jwt === undefined && existing === undefined)
      argument
        .field("jwt")
        .refuse("is missing", "write the contents of the token from MyF5, or name an existing Secret");
    const license = jwt === undefined ? undefined : readLicenseInput(argument.refuser, "jwt", jwt);
    return { license, existing, recorded: { ...recorded, existing: existing?.name } };
  });
}
