import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../inputs";
import { type FaultSink, RuleEnded } from "./faults";
import type { Format } from "./formats";
import { entryPath, fieldPath } from "./path";
import type { Refuser } from "./refuser";

/**
 * One argument: its path as the user wrote it, its value, and the common rules about it.
 *
 * A rule records a fault and returns; the component reports all of them at once. Rules see values of the right types, or undefined.
 */
export class Argument<T> {
  constructor(
    private readonly sink: FaultSink,
    readonly path: string,
    readonly value: T,
  ) {}

  /** Returns a field of this argument. */
  field<K extends keyof NonNullable<T> & string>(key: K): Argument<NonNullable<T>[K] | Extract<T, undefined>> {
    return new Argument(this.sink, fieldPath(this.path, key), this.value?.[key] as never);
  }

  /** Returns another value of the same component, by its path. */
  with<V>(path: string, value: V): Argument<V> {
    return new Argument(this.sink, path, value);
  }

  /** Refuses a value, other than false, that the component could not use. */
  notGiven(wrong: string, remedy: string): void {
    const value: unknown = this.value;
    if (value !== undefined && value !== null && value !== false) this.refuse(wrong, remedy);
  }

  /** Runs rules about the argument where it has a value. */
  given(rules: (argument: Argument<NonNullable<T>>) => void): void {
    if (this.value !== undefined && this.value !== null) rules(this as Argument<NonNullable<T>>);
  }

  /** Returns the entries of a list; none where it is left out. */
  entries<E>(this: Argument<readonly E[] | undefined>): Argument<E>[] {
    return (this.value ?? []).map((value, index) => new Argument(this.sink, entryPath(this.path, index), value));
  }

  /** Returns the values of a record by their keys; none where it is left out. */
  record<E>(this: Argument<Record<string, E> | undefined>): [key: string, value: Argument<E>][] {
    return Object.entries(this.value ?? {}).map(([key, value]) => [
      key,
      new Argument(this.sink, fieldPath(this.path, key), value),
    ]);
  }

  /**
   * Records a fault: `port is 70000; write a whole number from 1 to 65535`.
   *
   * @param alternatives arguments that would do in place of a missing one
   */
  refuse(wrong: string, remedy: string, alternatives?: readonly Argument<unknown>[]): void {
    this.sink.add({ path: this.path, wrong, remedy, alternatives: alternatives?.map(({ path }) => path) });
  }

  /** Runs each rule, also after one that throws a fault. */
  check(...rules: ((argument: this) => void)[]): void {
    for (const rule of rules) this.sink.attempt(() => rule(this));
  }

  /** Runs rules as `check` does, and returns whether none of them found a fault. */
  passes(...rules: ((argument: Argument<T>) => void)[]): boolean {
    let faults = 0;
    const add: FaultSink["add"] = (fault) => {
      faults++;
      this.sink.add(fault);
    };
    new Argument({ add, attempt: (rule) => this.sink.attempt(rule) }, this.path, this.value).check(...rules);
    return faults === 0;
  }

  /** Runs a rule that ends at its first fault. */
  attempt(rule: (refuse: Refuser) => void): void {
    this.sink.attempt(() => rule(this.refuser));
  }

  /** Returns what a rule reads, or undefined where it ends at a fault. */
  read<R>(rule: (refuse: Refuser) => R): R | undefined {
    let result: R | undefined;
    this.attempt((refuse) => {
      result = rule(refuse);
    });
    return result;
  }

  /** Records a fault of an argument by its whole path, and ends the rule. */
  readonly refuser: Refuser = (path, wrong, remedy) => {
    this.sink.add({ path, wrong, remedy });
    throw new RuleEnded();
  };

  /** Returns an argument of a component that this one contains; `rename` turns its paths into those that the user wrote. */
  inner<U>(value: U, rename: (path: string) => string): Argument<U> {
    const add: FaultSink["add"] = (fault) => this.sink.add({ ...fault, path: rename(fault.path) });
    const attempt: FaultSink["attempt"] = (rule) => this.sink.attempt(rule);
    return new Argument({ add, attempt }, "", value);
  }

  /** Checks a whole number. */
  integer(this: Argument<number | undefined>, minimum: number, maximum: number): void {
    const { value } = this;
    if (value !== undefined && !(Number.isInteger(value) && value >= minimum && value <= maximum))
      this.refuse(`is ${value}`, `write a whole number from ${minimum} to ${maximum}`);
  }

  /** Checks whole numbers among the fields, each with its minimum and maximum. */
  integers(ranges: { [K in keyof NonNullable<T> & string]?: readonly [minimum: number, maximum: number] }): void {
    for (const [key, [minimum, maximum]] of Object.entries(ranges) as [
      keyof NonNullable<T> & string,
      [number, number],
    ][])
      (this.field(key) as Argument<number | undefined>).integer(minimum, maximum);
  }

  /** Checks that a list or a record, where it is given, has an entry. */
  notEmpty(remedy: string): void {
    const { value } = this;
    if (value !== undefined && value !== null && Object.keys(value).length === 0) this.refuse("is empty", remedy);
  }

  /** Checks a port of TCP or UDP. */
  port(this: Argument<number | undefined>): void {
    this.integer(1, 65535);
  }

  /** Checks a text, at once or as soon as it is known. */
  matches(this: Argument<pulumi.Input<string> | undefined>, format: Format): void {
    this.known((text, argument) => {
      if (!format.test(text)) argument.refuse(format.wrong, format.remedy);
    });
  }

  /** Checks a value at once where it is plain, otherwise as soon as it is known. An unknown value is not checked in a preview. */
  known<V>(this: Argument<pulumi.Input<V> | undefined>, rule: (value: V, argument: Argument<V>) => void): void {
    const { value } = this;
    if (value === undefined) return;
    if (isPlainInput(value)) rule(value as V, this as Argument<V>);
    else
      pulumi.output(value).apply((found) => {
        if (found !== undefined) rule(found as V, new Argument(this.sink, this.path, found as V));
      });
  }

  /** Checks that exactly one of these fields has a value, other than false. */
  exactlyOne<K extends keyof NonNullable<T> & string>(keys: readonly K[], remedy: string): void {
    const given = keys.filter((key) => this.value?.[key] !== undefined && this.value[key] !== false);
    if (given.length === 0)
      this.field(keys[0]!).refuse(
        `is missing, as is ${keys.slice(1).join(", ")}`,
        remedy,
        keys.slice(1).map((key) => this.field(key)),
      );
    for (const key of given.slice(1)) this.field(key).refuse(`is given beside ${given[0]}`, remedy);
  }

  /** Refuses every field but these that has a value, other than false: the component could not use it. */
  alone<K extends keyof NonNullable<T> & string>(fields: readonly K[], reason: string): void {
    const [first, ...rest] = fields;
    for (const key of Object.keys(this.value ?? {}) as K[])
      if (this.value![key] !== undefined && this.value![key] !== false && key !== first && !rest.includes(key))
        this.field(key).refuse(`is given beside ${first}`, `remove one of the two: ${reason}`);
  }

  /** Remembers the value, and refuses one that another argument of the same set has. */
  unique(this: Argument<pulumi.Input<string | number> | undefined>, taken: Set<unknown>, remedy: string): void {
    this.known((value, argument) => {
      if (taken.has(value)) argument.refuse(`repeats ${JSON.stringify(value)}`, remedy);
      taken.add(value);
    });
  }
}

/** Returns arguments whose faults a Refuser throws, one by one. */
export const argumentOf = <T>(refuse: Refuser, value: T, path = ""): Argument<T> =>
  new Argument(
    {
      add: ({ path, wrong, remedy }) => refuse(path, wrong, remedy),
      attempt: (rule) => rule(),
    },
    path,
    value,
  );
