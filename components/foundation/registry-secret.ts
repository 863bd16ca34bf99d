import * as pulumi from "@pulumi/pulumi";
import { type Argument, type Format, resolveArguments, withFacts } from "./arguments";
import { readLicenseInput, warnAboutLicense } from "./license";
import { checkSecret, type ExistingSecret, existingSecret, makeSecret, type SecretMetadata } from "./secret";

/** Arguments of a RegistrySecret: exactly one of `jwt` and `existing`. */
export interface RegistrySecretArgs extends SecretMetadata {
  /** Contents of the JSON Web Token from MyF5, which F5's registry takes as the user name. Surrounding whitespace is removed. @secret */
  jwt?: pulumi.Input<string>;
  /** Registries that take the token: host, or host and port, as in the image's name. @default ["private-registry.nginx.com"] */
  registries?: pulumi.Input<string>[];
  /** A Secret of type `kubernetes.io/dockerconfigjson` that is there already. */
  existing?: ExistingSecret;
}

/**
 * The pull secret for NGINX Plus images: the same Secret as `kubectl create secret docker-registry` makes
 * with the token as user name and `none` as password.
 */
export class RegistrySecret extends pulumi.ComponentResource {
  /** Name of the Secret, for `imagePullSecrets`. */
  readonly secretName: pulumi.Output<string>;
  /** A digest of the contents, itself a secret: it changes when they do. */
  readonly revision: pulumi.Output<string>;

  constructor(name: string, args: RegistrySecretArgs, opts?: pulumi.ComponentResourceOptions) {
    const { license, existing, registries, recorded } = resolveRegistrySecret(name, args);

    super("nginx-stacks:index:RegistrySecret", name, recorded, opts);
    if (license !== undefined) warnAboutLicense(license, `RegistrySecret "${name}"`, this);

    const outputs =
      existing !== undefined
        ? existingSecret(existing)
        : makeSecret(
            `${name}-secret`,
            "kubernetes.io/dockerconfigjson",
            {
              ".dockerconfigjson": pulumi
                .secret(pulumi.all([license!, pulumi.all(registries)]))
                .apply(([{ token }, hosts]) => dockerConfigJson(hosts, token)),
            },
            args,
            { parent: this, dependsOn: opts?.dependsOn },
          );
    withFacts(outputs.secretName, { component: `RegistrySecret "${name}"`, namespace: args.namespace });
    this.secretName = outputs.secretName;
    this.revision = outputs.revision;
    this.registerOutputs(outputs);
  }
}

const registryHost: Format = {
  test: (text) => /^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(:\d{1,5})?$/i.test(text),
  wrong: "is not the host of a registry",
  remedy:
    "write it as in the image's name, without scheme, path or whitespace: `registry.example.com` or `registry.example.com:5000`",
};

/** Returns the token as it is read, the registries, what state records of the arguments, and the Secret that is there already. */
function resolveRegistrySecret(name: string, args: RegistrySecretArgs) {
  return resolveArguments("RegistrySecret", name, "RegistrySecretArgs", args, (argument) => {
    const { jwt, existing, ...recorded } = argument.value;
    argument.check(checkSecret);
    if (jwt === undefined && existing === undefined)
      argument
        .field("jwt")
        .refuse("is missing", "write the contents of the token from MyF5, or name an existing Secret");
    argument.field("registries").given(checkRegistries);
    const license = jwt === undefined ? undefined : readLicenseInput(argument.refuser, "jwt", jwt);
    const { registries = ["private-registry.nginx.com"] } = argument.value;
    return { license, existing, registries, recorded: { ...recorded, existing: existing?.name } };
  });
}

function checkRegistries(registries: Argument<pulumi.Input<string>[]>): void {
  registries.notEmpty("name at least one registry, or leave the argument out");
  const seen = new Set<unknown>();
  for (const registry of registries.entries()) {
    registry.matches(registryHost);
    registry.unique(seen, "name each registry once");
  }
}

/** The bytes of `kubectl create secret docker-registry`: compact, keys in this order, registries sorted as Go sorts a map. */
export function dockerConfigJson(registries: string[], token: string): string {
  const entry = JSON.stringify({
    username: token,
    password: "none",
    auth: Buffer.from(`${token}:none`).toString("base64"),
  });
  const entries = [...registries].sort().map((registry) => `${JSON.stringify(registry)}:${entry}`);
  return `{"auths":{${entries.join(",")}}}`;
}
