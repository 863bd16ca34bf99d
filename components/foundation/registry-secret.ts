import * as pulumi from "@pulumi/pulumi";
import { checked } from "./checked";
import { readLicenseInput, warnAboutLicense } from "./license";
import { checkPlain } from "./plain";
import { type Refuser, refuser } from "./refuse";
import { checkSecret, type ExistingSecret, existingSecret, makeSecret, type SecretMetadata } from "./secret";

/** Arguments of a RegistrySecret: exactly one of `jwt` and `existing`. */
export interface RegistrySecretArgs extends SecretMetadata {
  /** Contents of the JSON Web Token from MyF5, which F5's registry takes as the user name. Surrounding whitespace is removed. */
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
    const refuse = refuser("RegistrySecret", name);
    checkSecret(refuse, args);
    const { jwt, existing, ...recorded } = args;
    if (jwt === undefined && existing === undefined)
      refuse("jwt", "is missing", "write the contents of the token from MyF5, or name an existing Secret");
    const registries = args.registries ?? ["private-registry.nginx.com"];
    checkRegistries(refuse, registries);
    const license = jwt === undefined ? undefined : readLicenseInput(refuse, "jwt", jwt);

    super("nginx-stacks:index:RegistrySecret", name, { ...recorded, existing: existing?.name }, opts);
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
    this.secretName = outputs.secretName;
    this.revision = outputs.revision;
    this.registerOutputs(outputs);
  }
}

function checkRegistries(refuse: Refuser, registries: pulumi.Input<string>[]): void {
  checkPlain(refuse, { registries });
  if (registries.length === 0)
    refuse("registries", "is empty", "name at least one registry, or leave the argument out");
  const seen = new Set<unknown>();
  registries.forEach((registry, index) => {
    const property = `registries[${index}]`;
    checked(registry, (host) => {
      if (!/^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(:\d{1,5})?$/i.test(host))
        refuse(
          property,
          "is not the host of a registry",
          "write it as in the image's name, without scheme, path or whitespace: `registry.example.com` or `registry.example.com:5000`",
        );
      if (seen.has(host)) refuse(property, "repeats another registry", "name each registry once");
      seen.add(host);
    });
  });
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
