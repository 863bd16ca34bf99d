import type { Input } from "@pulumi/pulumi";
import { type Argument, type Format, mapInputs } from "../../foundation";

const maximumLength = 64;

/** Common name of a certificate (RFC 5280, appendix A.1). */
export const commonName: Format = {
  test: (text) => text.trim() !== "" && [...text].length <= maximumLength,
  wrong: `is empty or longer than ${maximumLength} characters`,
  remedy: "shorten it, or leave it out if it is optional",
};

/** Name that becomes a common name too. */
export const shortName: Format = {
  test: (text) => [...text].length <= maximumLength,
  wrong: `is longer than the ${maximumLength} characters of a common name`,
  remedy: "write a shorter name",
};

type Name = Argument<Input<string> | undefined>;

/** Checks that no two agents have one common name, and none has a name of the server: either could pass for the other. */
export function checkUniqueNames(agents: Name[], servers: Name[]): void {
  const names = Object.fromEntries([...agents, ...servers].map(({ path, value }) => [path, value]));
  mapInputs(names, (texts: Record<string, string | undefined>) => {
    const nameOf = ({ path }: Name) => texts[path]?.toLowerCase();
    const holders = new Map(servers.map((server) => [nameOf(server), server.path]).reverse() as [string, string][]);
    for (const agent of agents) {
      const name = nameOf(agent);
      const holder = name === undefined ? undefined : holders.get(name);
      if (holder !== undefined)
        agent.refuse(`is that of ${holder}`, "give each agent a common name of its own: revocation and logs go by it");
      else if (name !== undefined) holders.set(name, agent.path);
    }
  });
}
