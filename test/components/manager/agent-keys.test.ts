import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { agentFile } from "../../../components/manager/agent/file";
import { type AgentKeys, agentReleases, v2Keys, v3Keys } from "../../../components/manager/agent/keys";
import { becameInV3, calledInV2 } from "../../../components/manager/agent/renamed";
import { v2, v3 } from "./agent-fixture";

/** Paths of the values of a list of keys, as they stand in the files that were made from the agents' sources. */
const paths = (keys: AgentKeys, at = ""): string[] =>
  Object.entries(keys).flatMap(([key, below]) =>
    Object.keys(below).length === 0 ? [`${at}${key}`] : paths(below, `${at}${key}.`),
  );

const known = { v2: new Set(paths(v2Keys)), v3: new Set(paths(v3Keys)) };

test.each([
  ["v2", v2Keys],
  ["v3", v3Keys],
] as const)("the keys of agent %s are those of the structs in its pinned source", (version, keys) => {
  const source = readFileSync(join(__dirname, `agent-golden/keys-${agentReleases[version]}.txt`), "utf8");
  expect(paths(keys).sort()).toEqual(source.trimEnd().split("\n"));
});

test.each([
  ["v2", { v2 }],
  ["v3", { v3 }],
] as const)("every key that is written for agent %s is one of its own", (version, args) => {
  const written = (value: unknown, at = ""): string[] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, item]) => written(item, at === "" ? key : `${at}.${key}`))
      : [at.replace(/^labels\..*/, "labels.*").replace(/(?<=processors\.batch\.)[^.]+/, "*")];
  for (const path of written(parse(agentFile(args) as string))) expect(known[version]).toContain(path);
});

test.each([
  ["v3", becameInV3, v3Keys],
  ["v2", calledInV2, v2Keys],
] as const)("what a key is called in agent %s is a key of it", (_version, renamed, keys) => {
  const has = (path: string) =>
    path.split(".").reduce<AgentKeys | undefined>((below, key) => below?.[key] ?? below?.["*"], keys) !== undefined;
  const targets = Object.values(renamed).flatMap((target) => (target === "" ? [] : [target.split(",")[0]!]));
  expect(targets.filter((target) => !has(target))).toEqual([]);
});
