import type { Argument } from "../../foundation";

/** Form of the names of one kind. */
interface NameForm {
  pattern: RegExp;
  /** Remedy for a name without the pattern. */
  remedy: string;
  /** Meaning of the name `default`, if it is reserved. */
  reserved?: string;
  /** Remedy for a repeated name. */
  unique: string;
}

/** Names of upstreams. */
export const upstreamNames: NameForm = {
  pattern: /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/,
  remedy: "write at most 63 lower-case letters, digits, - and _",
  unique: "give each upstream a name of its own",
};
/** Names of listeners, which are also names of ports of the Service. */
export const listenerNames: NameForm = {
  pattern: /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*$/,
  remedy: "write at most 15 lower-case letters, digits and -, with a letter among them",
  unique: "give each listener a name of its own",
};
/** Names of tenants and of named credentials. */
export const ownerNames: NameForm = {
  pattern: /^(?=.{1,40}$)[a-z](?:-?[a-z0-9])*$/,
  remedy: "write at most 40 lower-case letters, digits and -, beginning with a letter",
  reserved: "the name of the proxy's own credentials",
  unique: "give each tenant and each of namedCredentials a name of its own",
};

/** Checks a name by itself and among those before it. */
export function checkName(
  name: Argument<string>,
  { pattern, reserved, remedy, unique }: NameForm,
  taken: Set<unknown>,
) {
  name.given(({ value }) => {
    if (!pattern.test(value)) name.refuse(`is ${JSON.stringify(value)}`, remedy);
    if (value === "default" && reserved) name.refuse(`is "default", ${reserved}`, "write another name");
    name.unique(taken, unique);
  });
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
