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
    const recorded = requests.map(({ urn, type, inputs }) => ({ urn, type, inputs }));
    writeFileSync(file(name), `${JSON.stringify(recorded, null, 1)}\n`);
  }
  return JSON.parse(readFileSync(file(name), "utf8"));
}

/** Resources that the present requests delete or replace in a stack that was made with the recorded ones. */
export function lostOrReplaced(recorded: Baseline[], requests: RecordedRequest[]): string[] {
  return recorded.flatMap(({ urn, type, inputs }) => {
    const now = requests.find((request) => request.urn === urn || request.aliases.some((alias) => alias.urn === urn));
    if (!now) return [`${urn} is lost: give the resource that took its place an alias`];
    const present = JSON.parse(JSON.stringify(now.inputs));
    return replacing(type)
      .filter((path) => JSON.stringify(at(inputs, path)) !== JSON.stringify(at(present, path)))
      .map((path) => `${urn} is replaced: ${path} changed`);
  });
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
