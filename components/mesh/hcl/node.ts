import type { Input } from "@pulumi/pulumi";

/**
 * One node of a configuration in HCL 1, which SPIRE and spiffe-helper read. It is a key with exactly one of `text`, `texts`, `number`, `flag`, `environment` and `block`.
 *
 * Every text is data: the printer quotes it, so that it cannot end the value, open a block or name a variable.
 */
export interface HclNode {
  /** Key, for example `trust_domain` or `NodeAttestor`. */
  name: string;
  /** Labels between the key and the block, for example the name of a plugin. Only with `block`. @default none */
  labels?: string[];
  /** Text. A secret is refused, because the text is readable in a ConfigMap: use `environment`. */
  text?: Input<string>;
  /** List of texts. */
  texts?: Input<string>[];
  /** Whole number. */
  number?: number;
  /** True or false. */
  flag?: boolean;
  /** Name of an environment variable, which SPIRE expands when it starts; `secretVariables` sets one from a Secret. */
  environment?: string;
  /** Nodes inside the braces; an empty list is an empty block. */
  block?: HclNode[];
}

/** A configuration, or the nodes inside braces, in their order. */
export type HclBody = HclNode[];

/** Fields of which a node has exactly one. */
export const valueFields = ["text", "texts", "number", "flag", "environment", "block"] as const;

/** Returns a key whose value is a text. */
export const text = (name: string, value: Input<string>): HclNode => ({ name, text: value });

/** Returns a key whose value is a list of texts. */
export const texts = (name: string, values: Input<string>[]): HclNode => ({ name, texts: values });

/** Returns a key whose value is a whole number. */
export const number = (name: string, value: number): HclNode => ({ name, number: value });

/** Returns a key whose value is true or false. */
export const flag = (name: string, value: boolean): HclNode => ({ name, flag: value });

/** Returns a key whose value is that of an environment variable. */
export const environment = (name: string, variable: string): HclNode => ({ name, environment: variable });

/** Returns a block, with labels after its key. */
export const block = (name: string, nodes: HclNode[], ...labels: string[]): HclNode => ({
  name,
  ...(labels.length > 0 && { labels }),
  block: nodes,
});

/** Returns the nodes where the condition holds. */
export const when = (condition: boolean, ...nodes: HclNode[]): HclNode[] => (condition ? nodes : []);

/** Returns a key whose value is a text, where there is one. */
export const optionalText = (name: string, value: Input<string> | undefined): HclNode[] =>
  value === undefined ? [] : [text(name, value)];
