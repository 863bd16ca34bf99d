import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { makeSecret } from "../foundation";
import { type Edition, mapBlock, NginxContext, type NginxSecretMount, printConfig } from "../nginx";
import { paths } from "./configuration";
import type { MqttCredentials } from "./mqtt-proxy-args";

const defaultKey = "credentials.conf";

/** Where the credentials are kept, and how the pods get them. */
export interface KeptCredentials {
  /** Path of the NGINX configuration that sets the two variables, inside the pod. */
  file: string;
  mount: NginxSecretMount;
  username?: pulumi.Output<string>;
  password?: pulumi.Output<string>;
}

/** Puts the credentials into a Secret, or refers to the one that exists. */
export function keepCredentials(
  parent: pulumi.Resource,
  name: string,
  namespace: pulumi.Input<string>,
  edition: Edition,
  credentials: MqttCredentials,
): KeptCredentials {
  const { existing } = credentials;
  if (existing) {
    const { secretName, key = defaultKey, revision } = existing;
    return {
      file: `${paths.credentials}/${key}`,
      mount: { name: "credentials", secretName, path: paths.credentials, keys: [key], revision },
    };
  }

  const username = pulumi.output(credentials.username!);
  const password = pulumi.secret(
    credentials.password ??
      new random.RandomPassword(`${name}-password`, { length: 32, special: false }, { parent }).result,
  );
  const configuration = pulumi
    .all([username, password])
    .apply(([user, word]) =>
      printConfig(
        [
          mapBlock("$mqtt_upstream", "$mqtt_connect_username", [{ default: true, value: user }]),
          mapBlock("$mqtt_upstream", "$mqtt_connect_password", [{ default: true, value: word }]),
        ],
        edition,
        NginxContext.stream,
      ),
    );
  const secret = makeSecret(
    `${name}-credentials`,
    "Opaque",
    { [defaultKey]: configuration },
    { namespace },
    { parent },
  );
  return {
    file: `${paths.credentials}/${defaultKey}`,
    mount: { name: "credentials", path: paths.credentials, keys: [defaultKey], ...secret },
    username,
    password,
  };
}
