import type { Input } from "@pulumi/pulumi";
import { type Refuser, readTogether } from "../../foundation";

/** Checks that no two agents have one name, unless the document's script is wanted, and none has a server's. */
export function checkApart(
  refuse: Refuser,
  agents: Record<string, Input<string>>,
  servers: Record<string, Input<string>>,
  sharedNames = false,
): void {
  readTogether({ ...agents, ...servers }, (given) => {
    const holders = new Map<string, string>();
    for (const [property, name = ""] of Object.entries(given as Record<string, string | undefined>).reverse())
      if (property in servers) holders.set(name.toLowerCase(), property);
    for (const property of Object.keys(agents)) {
      const name = (given[property] ?? "").toLowerCase();
      const holder = holders.get(name);
      if (holder !== undefined)
        refuse(
          property,
          `is that of ${holder}`,
          "give each agent a common name of its own: revocation and logs go by it",
        );
      if (!sharedNames) holders.set(name, property);
    }
    return true;
  });
}
