import type { Refuser } from "../foundation";
import type { NginxConfigNode } from "../nginx";
import { mostExpressions } from "../nginx/conf";
import { isAlternativeName, onlyField } from "./certificate-fields";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import type { MqttClientIdMatch, MqttRoute } from "./mqtt-route-args";
import type { Plan } from "./plan";

// They stand in the main configuration, which is one file of one ConfigMap.
const mostPatternBytes = 500_000;

/** Refuses routes for which the configuration has no room, and raw nodes that tables of many routes do not go with. */
export function checkRouteSizes({ snippets }: MqttProxyArgs, { scopes }: Plan, refuse: Refuser): void {
  let [bytes, exact] = [0, 0];
  for (const { property, routes } of scopes) {
    for (const match of routes.flatMap(matches)) {
      bytes += Buffer.byteLength(match.prefix ?? match.regex ?? "");
      if (match.exact !== undefined) exact++;
    }
    if (bytes > mostPatternBytes)
      refuse(
        `${property}routes`,
        `have ${bytes} bytes of prefixes and expressions, and the configuration has room for ${mostPatternBytes}`,
        "use exact matches, of which there may be any number: NGINX tries the others one by one",
      );
  }
  for (const part of ["stream", "server"] as const)
    checkNodes(snippets?.[part] ?? [], `snippets.${part}`, exact > mostExpressions, refuse);
}

/** What of a route may stand in a table. Subjects never do. */
const matches = ({ clientId, username, certificate }: MqttRoute): MqttClientIdMatch[] => {
  const [field, text] = (certificate && onlyField(certificate)) ?? [];
  return [clientId, username, isAlternativeName(field) ? text : undefined].filter(
    (match): match is MqttClientIdMatch => match !== undefined,
  );
};

function checkNodes(nodes: NginxConfigNode[], property: string, tables: boolean, refuse: Refuser): void {
  for (const [index, { name, args = [], block = [], variables }] of nodes.entries()) {
    if (/^map_hash_(?:max|bucket)_size$/.test(name))
      refuse(
        `${property}[${index}]`,
        `sets ${name} after the proxy's maps, where NGINX has a default already`,
        "leave it out: it follows from the routes",
      );
    if (tables && variables && args.some((word) => typeof word === "string" && /\$\{?[1-9]/.test(word)))
      refuse(
        `${property}[${index}]`,
        "uses a capture, and so does the map of the routes: the value may be a client id",
        "name the capture, (?<name>…), and use $name",
      );
    checkNodes(block, `${property}[${index}].block`, tables, refuse);
  }
}
