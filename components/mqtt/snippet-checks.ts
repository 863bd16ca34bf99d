import { checkPlain, type Refuser } from "../foundation";
import type { NginxConfigNode } from "../nginx";
import type { MqttSnippets } from "./mqtt-proxy-args";

// What NGINX counts connections by, or sets, it does before TLS and before the CONNECT: these are empty then, and stay so for the session.
const knownLater = /\$\{?(?:mqtt_|ssl_client_|ssl_preread_|ssl_server_name)/;

/** Refuses raw nodes that ask for what is not known yet: NGINX takes them, and they do nothing. */
export function checkSnippets(snippets: MqttSnippets | undefined, refuse: Refuser): void {
  for (const part of ["stream", "server"] as const) {
    const property = `snippets.${part}`;
    checkPlain(refuse, { [property]: snippets?.[part] });
    checkNodes(snippets?.[part] ?? [], property, refuse);
  }
}

function checkNodes(nodes: NginxConfigNode[], property: string, refuse: Refuser): void {
  for (const [index, { name, args = [], block, variables }] of nodes.entries()) {
    const late = args.some((word) => typeof word === "string" && knownLater.test(word));
    if (name === "limit_conn_zone" && late)
      refuse(
        `${property}[${index}]`,
        "counts connections by what is not known yet when NGINX counts them: the key is empty, and empty keys have no limit",
        "use limits.connectionsPerAddress",
      );
    if (name === "set" && variables && late)
      refuse(
        `${property}[${index}]`,
        "sets a variable before TLS and before the CONNECT, so that it is empty for the whole session",
        "use a map",
      );
    checkNodes(block ?? [], `${property}[${index}].block`, refuse);
  }
}
