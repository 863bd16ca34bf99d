import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { makeSecret } from "../foundation";
import { type MapEntry, mapBlock, NginxContext, printConfig } from "../nginx";
import { usernameVariables } from "./certificate-fields";
import type { CredentialsOwner, MqttModel } from "./model";
import { credentialVariables, type MountedSecret } from "./nginx";

const defaultKey = "credentials.conf";
const folder = "/etc/nginx/mqtt-credentials";

/** A file in the pods that sets the variables of one owner's credentials. */
export interface CredentialFile {
  owner: CredentialsOwner;
  /** Path inside the pod. */
  file: string;
}

const nameSuffix = ({ name }: CredentialsOwner) => (name === "default" ? "" : `-${name}`);

/** Returns the files of all credentials. */
export const credentialFiles = ({ owners }: MqttModel): CredentialFile[] =>
  owners.map((owner) => ({
    owner,
    file: `${folder}${nameSuffix(owner)}/${owner.credentials.existing?.key ?? defaultKey}`,
  }));

/** Returns the Secrets with credentials that another system keeps. */
export const existingCredentialMounts = ({ owners }: MqttModel): MountedSecret[] =>
  owners.flatMap((owner) => {
    const { existing } = owner.credentials;
    if (!existing) return [];
    const { name, key = defaultKey, revision } = existing;
    const part = nameSuffix(owner);
    return [
      {
        name: `credentials${part}`,
        secretName: name,
        path: `${folder}${part}`,
        keys: [key],
        revision,
        argument: `${owner.path}.existing.name`,
      },
    ];
  });

/** A Secret with credentials, and the credentials. */
export interface CredentialSecret {
  owner: CredentialsOwner;
  mount: MountedSecret;
  username: pulumi.Output<string>;
  password: pulumi.Output<string>;
}

/** Makes a Secret for each owner whose credentials no other system keeps. */
export function makeCredentialSecrets(
  parent: pulumi.Resource,
  name: string,
  namespace: pulumi.Input<string>,
  model: MqttModel,
): CredentialSecret[] {
  return model.owners.flatMap((owner) => {
    const { existing, usernameFromCertificate, ...given } = owner.credentials;
    if (existing) return [];
    const part = nameSuffix(owner);
    const username = pulumi.output(given.username ?? "");
    const password = pulumi.secret(
      given.password ??
        new random.RandomPassword(`${name}${part}-password`, { length: 32, special: false }, { parent }).result,
    );
    const variables = credentialVariables(model, owner);
    const usernameEntry = (user: string): MapEntry =>
      usernameFromCertificate === undefined
        ? { default: true, value: user }
        : { default: true, value: usernameVariables[usernameFromCertificate], variables: true };
    const configuration = pulumi
      .all([username, password])
      .apply(([user, word]) =>
        printConfig(
          [
            mapBlock("$mqtt_upstream", variables.username, [usernameEntry(user)]),
            mapBlock("$mqtt_upstream", variables.password, [{ default: true, value: word }]),
          ],
          model.edition,
          NginxContext.stream,
        ),
      );
    const secret = makeSecret(
      `${name}${part}-credentials`,
      "Opaque",
      { [defaultKey]: configuration },
      { namespace },
      { parent },
    );
    const mount = {
      name: `credentials${part}`,
      path: `${folder}${part}`,
      keys: [defaultKey],
      argument: owner.path,
      ...secret,
    };
    return [{ owner, mount, username, password }];
  });
}
