import { directive, type NginxConfigNode } from "../../nginx";
import { type AlternativeName, alternativeNames, certificateMatch } from "../certificate-fields";
import { type MqttModel, usernameFields } from "../model";

/** Returns the alternative names that routes, tenants and credentials read. */
export function usedAlternativeNames(model: MqttModel): AlternativeName[] {
  const matches = model.tables.flatMap(({ routes, tenant }) => [
    ...routes.map(({ certificate }) => certificate),
    tenant?.certificate,
  ]);
  const fields = new Set<string | undefined>([
    ...matches.map((match) => match && certificateMatch(match)?.[0]),
    ...usernameFields(model),
  ]);
  return (Object.keys(alternativeNames) as AlternativeName[]).filter((name) => fields.has(name));
}

/** Returns the variables of the alternative names in use. NGINX has none in `stream`, so an njs program at this path sets them. */
export function alternativeNameNodes(model: MqttModel, programPath: string): NginxConfigNode[] {
  const names = usedAlternativeNames(model);
  if (names.length === 0) return [];
  return [
    directive("js_import", "certificate", "from", programPath),
    ...names.map((name) => ({
      name: "js_set",
      args: [alternativeNames[name], `certificate.${name}`],
      variables: true,
    })),
  ];
}
