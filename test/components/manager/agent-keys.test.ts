import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { agentFile } from "../../../components/manager/agent/file";
import { type AgentKeys, agentReleases, v2Keys, v3Keys } from "../../../components/manager/agent/keys";
import { becameInV3, calledInV2 } from "../../../components/manager/agent/renamed";
import { v1, v2, v3 } from "./agent-fixture";

/** Paths of the values of a list of keys, as they stand in the files that were made from the agents' sources. */
const paths = (keys: AgentKeys, at = ""): string[] =>
  Object.entries(keys).flatMap(([key, below]) =>
    typeof below === "string" ? [`${at}${key}`] : paths(below, `${at}${key}.`),
  );

const known = { v2: new Set(paths(v2Keys)), v3: new Set(paths(v3Keys)) };

test.each([
  ["A6: the keys of agent 2", "v2", v2Keys],
  ["the keys of agent 3", "v3", v3Keys],
] as const)("%s are those of the structs in its pinned source", (_row, version, keys) => {
  const source = readFileSync(join(__dirname, `agent-golden/keys-${agentReleases[version]}.txt`), "utf8");
  expect(paths(keys).sort()).toEqual(source.trimEnd().split("\n"));
});

/** Paths of the values of a file. */
const written = (value: unknown, at = ""): string[] =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, item]) => written(item, at === "" ? key : `${at}.${key}`))
    : [at.replace(/^labels\..*/, "labels.*").replace(/(?<=processors\.batch\.)[^.]+/, "*")];

test.each([
  ["A6: every key that is written for agent 2", "v2", { v2 }],
  ["every key that is written for agent 3", "v3", { v3 }],
] as const)("%s is one of its own", (_row, version, args) => {
  for (const path of written(parse(agentFile(args) as string))) expect(known[version]).toContain(path);
});

// Its source is not public: these are the keys of its documentation.
const v1Keys = `server tls.enable tls.cert tls.key tls.ca log.level log.path metadata.location tags config_dirs
  nginx.bin_path nginx.stub_status nginx.plus_api`.split(/\s+/);

test("B18: every key that is written for agent 1 is one of its documentation", () => {
  const keys = written(parse(agentFile({ v1: v1(10443, ["/etc/nginx"]) }) as string));
  expect(keys.filter((key) => !v1Keys.includes(key))).toEqual([]);
  expect(keys).toEqual(expect.arrayContaining(["server", "tls.ca", "metadata.location", "nginx.plus_api"]));
});

test.each([
  ["v3", becameInV3, v3Keys],
  ["v2", calledInV2, v2Keys],
] as const)("what a key is called in agent %s is a key of it", (_version, renamed, keys) => {
  const has = (path: string) =>
    path
      .split(".")
      .reduce<AgentKeys | string | undefined>(
        (below, key) => (typeof below === "object" ? (below[key] ?? below["*"]) : undefined),
        keys,
      ) !== undefined;
  const targets = Object.values(renamed).flatMap((target) => (target === "" ? [] : [target.split(",")[0]!]));
  expect(targets.filter((target) => !has(target))).toEqual([]);
});
