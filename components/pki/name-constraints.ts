import { BlockList, isIP } from "node:net";

/** Names of a certificate's holder by their form, RFC 5280 §4.2.1.6; in a name constraint, the subtrees of each form. */
export interface Names {
  dns: string[];
  /** Addresses; in a name constraint, networks: `192.0.2.0/24`. */
  ip: string[];
  uri: string[];
  email: string[];
  /** Distinguished names, each a list of its relative names: `2.5.4.3=example`. */
  directory: string[][];
}

/** Extension nameConstraints, RFC 5280 §4.2.1.10. */
export interface NameConstraints {
  permitted: Names;
  excluded: Names;
}

/** No name of any form. */
export const noNames: Names = { dns: [], ip: [], uri: [], email: [], directory: [] };

/** Returns the first name that the constraints do not allow, with its form; undefined where they allow all. */
export function findForbidden({ permitted, excluded }: NameConstraints, names: Names): string | undefined {
  for (const form of Object.keys(inSubtree) as (keyof Names)[]) {
    const within = inSubtree[form] as (name: unknown, base: unknown) => boolean;
    const has = (bases: unknown[], name: unknown) => bases.some((base) => within(name, base));
    const forbidden = (names[form] as unknown[]).find(
      (name) => has(excluded[form], name) || (permitted[form].length > 0 && !has(permitted[form], name)),
    );
    if (forbidden !== undefined) return `${forms[form]} ${JSON.stringify(forbidden)}`;
  }
  return undefined;
}

/** Words for the forms in messages. */
const forms: Record<keyof Names, string> = {
  dns: "DNS name",
  ip: "IP address",
  uri: "URI",
  email: "e-mail address",
  directory: "subject",
};

/** Returns whether a name is in a subtree, by its form. */
const inSubtree: { [Form in keyof Names]: (name: Names[Form][number], base: Names[Form][number]) => boolean } = {
  dns: (name, base) => {
    const [host, domain] = [name.toLowerCase(), base.toLowerCase()];
    return domain === "" || host === domain || host.endsWith(domain.startsWith(".") ? domain : `.${domain}`);
  },
  ip: (name, base) => {
    const [network = "", prefix = ""] = base.split("/");
    if (isIP(name) === 0 || isIP(name) !== isIP(network)) return false;
    const family = isIP(name) === 4 ? "ipv4" : "ipv6";
    const block = new BlockList();
    block.addSubnet(network, Number(prefix), family);
    return block.check(name, family);
  },
  uri: (name, base) => isHostIn(/^[^:]+:\/\/([^/:]+)/.exec(name)?.[1] ?? "", base),
  email: (name, base) => {
    const [local, host = ""] = name.split("@");
    const [mailbox, domain] = base.split("@");
    return domain === undefined ? isHostIn(host, base) : local === mailbox && isHostIn(host, domain);
  },
  directory: (name, base) => base.every((relative, index) => name[index] === relative),
};

/** Returns whether a host is the one of a constraint, or below it where that begins with a dot. */
function isHostIn(host: string, base: string): boolean {
  const [name, domain] = [host.toLowerCase(), base.toLowerCase()];
  return domain.startsWith(".") ? name.endsWith(domain) && name.length > domain.length : name === domain;
}
