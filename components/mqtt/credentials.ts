import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { makeSecret } from "../foundation";
import {
  type Edition,
  type MapEntry,
  mapBlock,
  type NginxConfigNode,
  NginxContext,
  type NginxSecretMount,
  printConfig,
} from "../nginx";
import { blockName } from "./block-name";
import { usernameVariables } from "./certificate-fields";
import { routeValue, routeVariable } from "./choice";
import { type CredentialsOwner, credentialsOf, type Plan, variablePart } from "./plan";

const defaultKey = "credentials.conf";
const folder = "/etc/nginx/mqtt-credentials";

/** Where credentials are kept, and how the pods get them. */
export interface KeptCredentials {
  owner: string;
  /** Path of the NGINX configuration that sets the two variables, inside the pod. */
  file: string;
  mount: NginxSecretMount;
  username?: pulumi.Output<string>;
  password?: pulumi.Output<string>;
}

/** Whether there is nothing but the proxy's credentials: then their variables need no names to tell them apart. */
const alone = ({ owners }: Plan) => owners.every(({ name }) => name === "default");

/** The variables that the Secret of an owner sets. */
const variablesOf = (plan: Plan, { name }: CredentialsOwner) => {
  const end = alone(plan) ? "" : `_${variablePart(name)}`;
  return { username: `$mqtt_connect_username${end}`, password: `$mqtt_connect_password${end}` };
};

/** Puts the credentials into a Secret for each owner, or refers to the one that exists. */
export function keepCredentials(
  parent: pulumi.Resource,
  name: string,
  namespace: pulumi.Input<string>,
  edition: Edition,
  plan: Plan,
): KeptCredentials[] {
  return plan.owners.map((owner) => {
    const { existing, usernameFromCertificate } = owner.credentials;
    const part = owner.name === "default" ? "" : `-${owner.name}`;
    const path = `${folder}${part}`;
    if (existing) {
      const { secretName, key = defaultKey, revision } = existing;
      return {
        owner: owner.name,
        file: `${path}/${key}`,
        mount: { name: `credentials${part}`, secretName, path, keys: [key], revision },
      };
    }
    const username = pulumi.output(owner.credentials.username ?? "");
    const password = pulumi.secret(
      owner.credentials.password ??
        new random.RandomPassword(`${name}${part}-password`, { length: 32, special: false }, { parent }).result,
    );
    const variables = variablesOf(plan, owner);
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
          edition,
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
    return {
      owner: owner.name,
      file: `${path}/${defaultKey}`,
      mount: { name: `credentials${part}`, path, keys: [defaultKey], ...secret },
      username,
      password,
    };
  });
}

/** What a Secret that something else keeps may write a dollar sign with. Our own define it themselves, and twice is as good. */
const dollarVariable: NginxConfigNode = {
  name: "geo",
  args: ["$dollar"],
  variables: true,
  block: [{ name: "default", args: ["$"] }],
};

/** The files of the credentials, and the maps that choose among them by upstream or route. */
export function credentialsNodes(plan: Plan, kept: KeptCredentials[]): NginxConfigNode[] {
  const includes = [
    ...(plan.owners.some(({ credentials }) => credentials.existing) ? [dollarVariable] : []),
    ...kept.map(({ file }) => ({ name: "include", args: [file] })),
  ];
  if (kept.length === 0 || alone(plan)) return includes;
  const owners = ownersByRoute(plan);
  // What a client names as its host is no upstream of ours, and only the proxy's own credentials go there.
  const byHost = plan.scopes.some(({ defaultRoute }) => defaultRoute.clientIdAsHost);
  const otherwise = byHost ? plan.owners.find(({ name }) => name === "default") : undefined;
  const chosen = (variable: string, part: "username" | "password") =>
    mapBlock(routeVariable(plan), variable, [
      ...Array.from(owners, ([exact, owner]) => ({ exact, value: variablesOf(plan, owner)[part], variables: true })),
      otherwise
        ? { default: true, value: variablesOf(plan, otherwise)[part], variables: true }
        : { default: true, value: "" },
    ]);
  return [...includes, chosen("$mqtt_connect_username", "username"), chosen("$mqtt_connect_password", "password")];
}

/** Whose credentials go with a value of the route's variable. */
function ownersByRoute(plan: Plan): Map<string, CredentialsOwner> {
  const owners = new Map<string, CredentialsOwner>();
  for (const scope of plan.scopes) {
    const { upstream } = scope.defaultRoute;
    const values = [...scope.routes.map(routeValue), ...(upstream === undefined ? [] : [blockName(upstream)])];
    const whose = credentialsOf(plan, {}, scope);
    for (const [index, value] of values.entries()) if (whose[index]) owners.set(value, whose[index]!);
  }
  return owners;
}
