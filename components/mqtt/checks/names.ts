import type { Argument } from "../../foundation";

/** Form of the names of one kind, and how to write one. */
interface NameForm {
  pattern: RegExp;
  remedy: string;
  unique: string;
}

const upstreamNames: NameForm = {
  pattern: /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/,
  remedy: "write at most 63 lower-case letters, digits, - and _",
  unique: "give each upstream a name of its own",
};
const listenerNames: NameForm = {
  pattern: /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*$/,
  remedy: "write at most 15 lower-case letters, digits and -, with a letter among them",
  unique: "give each listener a name of its own",
};
const ownerNames: NameForm = {
  pattern: /^(?=.{1,40}$)[a-z](?:-?[a-z0-9])*$/,
  remedy: "write at most 40 lower-case letters, digits and -, beginning with a letter",
  unique: "give each tenant and each of namedCredentials a name of its own",
};

function checkName(name: Argument<string>, form: NameForm, taken: Set<unknown>): void {
  name.given(({ value }) => {
    if (!form.pattern.test(value)) name.refuse(`is ${JSON.stringify(value)}`, form.remedy);
    name.unique(taken, form.unique);
  });
}

/** Checks the name of an upstream, by itself and among those before it. */
export const checkUpstreamName = (name: Argument<string>, taken: Set<unknown>) => checkName(name, upstreamNames, taken);

/** Checks the name of a listener, by itself and among those before it. */
export const checkListenerName = (name: Argument<string>, taken: Set<unknown>) => checkName(name, listenerNames, taken);

/** Checks the name of a tenant or of named credentials, by itself and among those before it. */
export function checkOwnerName(name: Argument<string>, taken: Set<unknown>): void {
  checkName(name, ownerNames, taken);
  if (name.value === "default")
    name.refuse('is "default", the name of the proxy\'s own credentials', "write another name");
}

/** Names that other arguments may refer to. */
export interface KnownNames {
  upstreams: ReadonlySet<string>;
  credentials: ReadonlySet<string>;
}

/** Checks that an upstream has the name that an argument refers to. */
export function checkUpstreamReference(reference: Argument<string | undefined>, { upstreams }: KnownNames): void {
  reference.given(({ value }) => {
    // Without any upstream, that is the fault; and a name that is refused at its upstream is not refused here too.
    const refusedThere = (name: string) =>
      !upstreamNames.pattern.test(name) && name.toLowerCase() === value.toLowerCase();
    if (upstreams.size > 0 && !upstreams.has(value) && ![...upstreams].some(refusedThere))
      reference.refuse(`names "${value}", which is not an upstream`, `use one of ${[...upstreams].join(", ")}`);
  });
}

/** Returns the only one of some fields that has a value; refuses none and several of them. */
export function readOnlyField<T extends object, K extends keyof T & string>(
  argument: Argument<T>,
  keys: readonly K[],
  remedy = "give exactly one of them",
): K | undefined {
  const given = keys.filter((key) => argument.value[key] !== undefined && (argument.value[key] as unknown) !== false);
  if (given.length === 1) return given[0];
  argument.refuse(`has ${given.length} of ${keys.slice(0, -1).join(", ")} and ${keys[keys.length - 1]}`, remedy);
  return undefined;
}
