import { directive, dollarVariable, mapBlock, type NginxConfigNode, when } from "../../nginx";
import type { CredentialFile } from "../credential-secrets";
import { type CredentialsOwner, credentialsOf, type MqttModel, variableNamePart } from "../model";
import { routeValue, routeVariable } from "./route-maps";
import { blockName } from "./upstreams";

/** Returns whether there are the proxy's credentials alone: then their variables need no names to tell them apart. */
const alone = ({ owners }: MqttModel) => owners.every(({ name }) => name === "default");

/** Returns the variables that the Secret of an owner sets. */
export const credentialVariables = (model: MqttModel, { name }: CredentialsOwner) => {
  const end = alone(model) ? "" : `_${variableNamePart(name)}`;
  return { username: `$mqtt_connect_username${end}`, password: `$mqtt_connect_password${end}` };
};

/** Returns the files of the credentials, and the maps that choose among them by upstream or route. */
export function credentialsNodes(model: MqttModel, files: CredentialFile[]): NginxConfigNode[] {
  const includes = [
    // For Secrets that another system keeps. Those of the component set it themselves, and NGINX accepts it twice.
    ...when(
      model.owners.some(({ credentials }) => credentials.existing),
      dollarVariable,
    ),
    ...files.map(({ file }) => directive("include", file)),
  ];
  if (files.length === 0 || alone(model)) return includes;
  const owners = ownersByRoute(model);
  // A host that a client names is no upstream of ours, and only the proxy's own credentials are sent there.
  const byHost = model.tables.some(({ defaultRoute }) => defaultRoute.clientIdAsHost);
  const otherwise = byHost ? model.owners.find(({ name }) => name === "default") : undefined;
  const chosen = (variable: string, part: "username" | "password") =>
    mapBlock(routeVariable(model), variable, [
      ...Array.from(owners, ([exact, owner]) => ({
        exact,
        value: credentialVariables(model, owner)[part],
        variables: true,
      })),
      otherwise
        ? { default: true, value: credentialVariables(model, otherwise)[part], variables: true }
        : { default: true, value: "" },
    ]);
  return [...includes, chosen("$mqtt_connect_username", "username"), chosen("$mqtt_connect_password", "password")];
}

/** Returns the owners of the credentials by the value of the route's variable. */
function ownersByRoute(model: MqttModel): Map<string, CredentialsOwner> {
  const owners = new Map<string, CredentialsOwner>();
  for (const table of model.tables) {
    const { upstream } = table.defaultRoute;
    const values = [...table.routes.map(routeValue), ...(upstream === undefined ? [] : [blockName(upstream)])];
    const ofRoutes = credentialsOf(model, { passCredentials: false }, table);
    for (const [index, value] of values.entries()) if (ofRoutes[index]) owners.set(value, ofRoutes[index]!);
  }
  return owners;
}
