import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type RecordedRequest, UNKNOWN } from "../../engine";
import { replacingFields } from "./replacing-fields";

/** Replacing fields of the resources of a stack, by URN. */
export type Recorded = Record<string, Fields>;
type Fields = Record<string, unknown>;
type Request = Pick<RecordedRequest, "urn" | "type" | "name" | "parent" | "aliases" | "ignoreChanges"> & {
  inputs: object;
};

const file = (name: string) => join(__dirname, "recorded", `${name}.json`);

/** Names of the recorded stacks. */
export const recordedStacks = () => readdirSync(join(__dirname, "recorded")).map((name) => basename(name, ".json"));

/** Returns the resources that users' stacks have; `npm run record` writes them anew, on purpose. */
export function baseline(name: string, requests?: Request[]): Recorded {
  if (requests && process.env.NGINX_STACKS_RECORD) writeFileSync(file(name), print(fieldsByUrn(requests)));
  return JSON.parse(readFileSync(file(name), "utf8"));
}

/** One resource a line, in the order of URNs: a difference names the resource. */
const print = (recorded: Recorded) =>
  `{\n${Object.entries(recorded)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map((entry) => entry.map((part) => JSON.stringify(part)).join(": "))
    .join(",\n")}\n}\n`;

/** Returns what is recorded of these requests. */
export const fieldsByUrn = (requests: Request[]): Recorded =>
  Object.fromEntries(
    requests.map(({ urn, type, inputs }) => [urn, fieldsAt(inputs, replacingFields(type, isNamed(inputs)))]),
  );

/** Lists the resources that the present requests delete or replace in a stack that was made with the recorded ones. */
export function lostOrReplaced(recorded: Recorded, requests: Request[]): string[] {
  return Object.entries(recorded).flatMap(([urn, before]) => {
    const request = requests.find((one) => one.urn === urn || formerUrns(one, requests).includes(urn));
    if (!request) return [`${urn} is lost: give the resource that took its place an alias`];
    const fields = replacingFields(typeOf(urn), "metadata.name" in before).filter(
      (field) => !request.ignoreChanges.some((ignored) => field === ignored || field.startsWith(`${ignored}.`)),
    );
    const now = fieldsAt(request.inputs, fields);
    return fields
      .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]))
      .map((field) => `${urn} is replaced: ${field} changed`);
  });
}

/** Type of the resource with a URN. */
export const typeOf = (urn: string) => urn.split("::")[2]!.split("$").at(-1)!;

const isNamed = (inputs: object) => at(inputs, "metadata.name") !== undefined;

const fieldsAt = (inputs: object, paths: string[]): Fields => {
  const repeatable = withoutChance(inputs);
  return Object.fromEntries(
    paths.map((path) => [path, at(repeatable, path)]).filter(([, value]) => value !== undefined),
  );
};

/** Takes out what differs in each test: the random end of a name, the certificates of a stack that this one reads, unknown values. */
const withoutChance = (inputs: object): object =>
  JSON.parse(
    JSON.stringify(inputs)
      .replaceAll(UNKNOWN, "<unknown>")
      .replace(/-[0-9a-f]{8}(?=[".])/g, "-autonamed")
      .replace(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----(?:\\n)?/g, "<$1>"),
  );

/** URNs that a resource's aliases stand for, and those that follow from aliases of its parent: the engine's own rule. */
function formerUrns(request: Request, requests: Request[]): string[] {
  const parent = requests.find(({ urn }) => urn === request.parent);
  const own = request.aliases.map(
    (alias) =>
      alias.urn ?? urnBelow(alias.parent ?? request.parent, alias.type ?? request.type, alias.name ?? request.name),
  );
  const inherited = (parent ? formerUrns(parent, requests) : []).map((parentUrn) => {
    const startsAlike = request.name.startsWith(parent!.name);
    const name = startsAlike ? nameOf(parentUrn) + request.name.slice(parent!.name.length) : request.name;
    return urnBelow(parentUrn, request.type, name);
  });
  return [...own, ...inherited];
}

const nameOf = (urn: string) => urn.split("::").slice(3).join("::");

function urnBelow(parentUrn: string, type: string, name: string): string {
  const [stack, project, parentType] = parentUrn.split("::");
  const types = parentType === "pulumi:pulumi:Stack" ? type : `${parentType}$${type}`;
  return [stack, project, types, name].join("::");
}

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
