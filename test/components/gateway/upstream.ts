import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../../engine";

const folder = join(__dirname, "../../../../shared/upstream");

/** `test.each` over files of ../shared/upstream; skipped, and named so, where that is missing. */
export const eachUpstream: jest.Each = existsSync(folder)
  ? test.each
  : (((cases: never) =>
      (name: string, ...rest: never[]) =>
        test.skip.each(cases)(`${name} (needs ../shared/upstream)`, ...(rest as [never]))) as unknown as jest.Each);

/** The objects of one of upstream's files, as they would be after `kubectl apply`. */
export function upstreamObjects(file: string): KubernetesObject[] {
  return parseAllDocuments(readFileSync(join(folder, file), "utf8"))
    .map((document) => document.toJS())
    .filter((object) => object !== null);
}

/** The text of one of upstream's files. */
export const upstreamText = (file: string) => readFileSync(join(folder, file), "utf8");

/** One place at which our objects are not upstream's. `undefined` stands for nothing there. */
export interface Difference {
  /** `<kind>/<name>` with upstream's name, then the JSON path: `Deployment/nginx-gateway.spec.replicas`. */
  path: string;
  ours: unknown;
  upstream: unknown;
}

/** A difference that is meant. */
export interface DeliberateDifference extends Difference {
  /** Why, as the documentation says it. */
  reason: string;
}

/**
 * Every difference, object by object. Objects are matched by kind and name; one that is left over on each side, alone of its kind, is a
 * renamed one. List items with names of their own are matched by those, and their order is compared too. Parts of ours that are random,
 * the ends of names and keyed checksums, are shown as what they are.
 */
export function differences(ours: KubernetesObject[], upstream: KubernetesObject[]): Difference[] {
  const key = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.name}`;
  const left = new Map(ours.map((object) => [key(object), object]));
  const pairs = upstream.map((object) => {
    const same = left.get(key(object));
    if (same) left.delete(key(object));
    return { upstream: object, ours: same };
  });
  const renamed = (kind: string) => [...left.values()].filter((object) => object.kind === kind);
  for (const pair of pairs) {
    const unmatched = pairs.filter((one) => one.upstream.kind === pair.upstream.kind && !one.ours);
    const [candidate, ...others] = renamed(pair.upstream.kind);
    if (pair.ours || !candidate || others.length > 0 || unmatched.length !== 1) continue;
    pair.ours = candidate;
    left.delete(key(candidate));
  }
  return [
    ...pairs.flatMap((pair) =>
      compare(key(pair.upstream), pair.ours && withoutRandom(pair.ours), pair.upstream as unknown),
    ),
    ...[...left.values()].map((object) => ({
      path: `${object.kind}/${withoutRandom(object.metadata.name)}`,
      ours: withoutRandom(object),
      upstream: undefined,
    })),
  ];
}

/** The same, without the reasons: what `differences` must return. */
export const listed = (deliberate: DeliberateDifference[]): Difference[] =>
  deliberate.map(({ path, ours, upstream }) => ({ path, ours, upstream }));

function compare(path: string, ours: unknown, upstream: unknown): Difference[] {
  if (Array.isArray(ours) && Array.isArray(upstream)) return compareLists(path, ours, upstream);
  if (!isObject(ours) || !isObject(upstream)) return Object.is(ours, upstream) ? [] : [{ path, ours, upstream }];
  return [...new Set([...Object.keys(upstream), ...Object.keys(ours)])].flatMap((field) =>
    compare(/^[A-Za-z]\w*$/.test(field) ? `${path}.${field}` : `${path}["${field}"]`, ours[field], upstream[field]),
  );
}

function compareLists(path: string, ours: unknown[], upstream: unknown[]): Difference[] {
  const [ourNames, theirNames] = [names(ours), names(upstream)];
  if (!ourNames || !theirNames)
    return [...Array(Math.max(ours.length, upstream.length)).keys()].flatMap((index) =>
      compare(`${path}[${index}]`, ours[index], upstream[index]),
    );
  const item = (list: unknown[], of: string[], name: string) => list[of.indexOf(name)];
  const common = (list: string[], other: string[]) => list.filter((name) => other.includes(name)).join();
  const inOrder = common(ourNames, theirNames) === common(theirNames, ourNames);
  return [
    ...(inOrder ? [] : [{ path: `${path} (order)`, ours: ourNames, upstream: theirNames }]),
    ...[...new Set([...theirNames, ...ourNames])].flatMap((name) =>
      compare(`${path}[${name}]`, item(ours, ourNames, name), item(upstream, theirNames, name)),
    ),
  ];
}

/** The names of a list's items; undefined when they have none, or share one. */
function names(list: unknown[]): string[] | undefined {
  const all = list.map((item) => (isObject(item) ? (item.name ?? item.mountPath) : undefined));
  return all.every((name) => typeof name === "string") && new Set(all).size === all.length
    ? (all as string[])
    : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Strings of ours whose end is random, with that end named. */
export function withoutRandom<T>(value: T): T {
  if (typeof value === "string")
    return value.replace(/^[0-9a-f]{64}$/, "<64 hex digits>").replace(/-[0-9a-f]{8}$/, "-<8 hex digits>") as T;
  if (Array.isArray(value)) return value.map(withoutRandom) as T;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, withoutRandom(inner)])) as T;
}

/** The paths of deliberate differences that docs/gateway-fabric.md does not name, as code, in the row of their reason. */
export function undocumented(deliberate: DeliberateDifference[]): string[] {
  const rows = readFileSync(join(__dirname, "../../../docs/gateway-fabric.md"), "utf8").split("\n");
  return deliberate
    .filter(({ path, reason }) => !rows.some((row) => row.includes(`\`${path}\``) && row.includes(reason)))
    .map(({ path }) => path);
}
