import { createHash } from "node:crypto";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type Edition, mapBlock, type NginxSecretMount, printConfig } from "../nginx";
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
      ),
    );
  const secret = new kubernetes.core.v1.Secret(
    `${name}-credentials`,
    { metadata: { namespace }, stringData: { [defaultKey]: configuration } },
    { parent },
  );
  return {
    file: `${paths.credentials}/${defaultKey}`,
    mount: {
      name: "credentials",
      secretName: secret.metadata.name,
      path: paths.credentials,
      keys: [defaultKey],
      revision: configuration.apply((text) => createHash("sha256").update(text).digest("hex")),
    },
    username,
    password,
  };
}
