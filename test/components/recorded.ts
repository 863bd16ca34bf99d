import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RecordedRequest } from "../../engine";

/** What identifies a resource, and what it was asked to be, in a preview: all that is random or secret is left out there. */
export interface Baseline {
  urn: string;
  type: string;
  inputs: object;
}

const file = (name: string) => join(__dirname, "recorded", `${name}.json`);

/** The requests that users' stacks were made with; `npm run record` writes them anew, on purpose. */
export function baseline(name: string, requests: RecordedRequest[]): Baseline[] {
  if (process.env.NGINX_STACKS_RECORD) {
    const recorded = requests.map(({ urn, type, inputs }) => ({ urn, type, inputs: withoutChance(inputs) }));
    writeFileSync(file(name), `${JSON.stringify(recorded, null, 1)}\n`);
  }
  return JSON.parse(readFileSync(file(name), "utf8"));
}

/** Resources that the present requests delete or replace in a stack that was made with the recorded ones. */
export function lostOrReplaced(recorded: Baseline[], requests: RecordedRequest[]): string[] {
  return recorded.flatMap(({ urn, type, inputs }) => {
    const now = requests.find((request) => request.urn === urn || formerUrns(request, requests).includes(urn));
    if (!now) return [`${urn} is lost: give the resource that took its place an alias`];
    const present = withoutChance(now.inputs);
    return replacing(type)
      .filter((path) => JSON.stringify(at(withoutChance(inputs), path)) !== JSON.stringify(at(present, path)))
      .map((path) => `${urn} is replaced: ${path} changed`);
  });
}

/** What is made once for a stack is another one in each test: the random end of a name, and a certificate of a stack that this one reads. */
const withoutChance = (inputs: object): object =>
  JSON.parse(
    JSON.stringify(inputs)
      .replace(/-[0-9a-f]{8}(?=[".])/g, "-autonamed")
      .replace(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----(?:\\n)?/g, "<$1>"),
  );

/** The URNs that a resource's aliases stand for, and those that it has because its parent was renamed: the engine's own rule. */
function formerUrns(request: RecordedRequest, requests: RecordedRequest[]): string[] {
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

/** The inputs whose change makes the provider replace a resource. */
function replacing(type: string): string[] {
  if (type.startsWith("tls:") || type.startsWith("random:")) return ["*"];
  if (!type.startsWith("kubernetes:")) return [];
  const identity = ["metadata.name", "metadata.namespace"];
  if (type === "kubernetes:apps/v1:Deployment") return [...identity, "spec.selector"];
  if (type === "kubernetes:batch/v1:Job") return [...identity, "spec.selector", "spec.template"];
  return identity;
}

function at(value: unknown, path: string): unknown {
  if (path === "*") return value;
  return path.split(".").reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
