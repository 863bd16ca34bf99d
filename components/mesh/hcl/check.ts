import type { Argument } from "../../foundation";
import { meshFormats } from "../formats";
import { type HclNode, valueFields } from "./node";

/** Checks the nodes of a user: each has one value. */
export function checkHcl(nodes: Argument<HclNode[] | undefined>): void {
  for (const node of nodes.entries()) node.check(checkNode);
}

function checkNode(node: Argument<HclNode>): void {
  const { value } = node;
  if (value.name === "") node.field("name").refuse("is empty", "write the key of the setting");
  const given = valueFields.filter((field) => value[field] !== undefined);
  if (given.length !== 1)
    node.refuse(
      given.length === 0 ? "has no value" : `has ${given.join(" and ")}`,
      `give exactly one of ${valueFields.join(", ")}`,
    );
  if (value.labels !== undefined && value.block === undefined)
    node.field("labels").refuse("is given without block", "remove it: only a block has labels");
  if (value.number !== undefined && !Number.isSafeInteger(value.number))
    node.field("number").refuse(`is ${value.number}`, "write a whole number");
  node.field("environment").matches(meshFormats.environmentVariable);
  node.field("text").matches(wellFormed);
  for (const text of [...node.field("texts").entries(), ...node.field("labels").entries()]) text.matches(wellFormed);
  if (value.name !== undefined) node.field("name").matches(wellFormed);
  checkHcl(node.field("block"));
}

const wellFormed = {
  test: (text: string) => !/\p{Surrogate}|\0/u.test(text),
  wrong: "contains an unpaired surrogate or a zero byte",
  remedy: "write whole characters",
};

/** Rules for the plugins in the escape hatch of a server or an agent. */
export interface PluginRules {
  /** Allowed kinds of plugins. */
  kinds: readonly string[];
  /** Reason for the refusal of other kinds, after `is NodeAttestor, `. */
  reason: string;
  /** Checks the name of a plugin, which is its label. */
  checkName: (kind: string, name: Argument<string>) => void;
}

/** Checks the plugins of a user, each a block with the plugin's name as label. */
export function checkPlugins(
  plugins: Argument<HclNode[] | undefined>,
  { kinds, reason, checkName }: PluginRules,
): void {
  checkHcl(plugins);
  for (const plugin of plugins.entries())
    plugin.check(() => {
      const { name, labels = [], block } = plugin.value;
      if (!kinds.includes(name))
        plugin.field("name").refuse(`is ${name}, ${reason}`, `write one of ${kinds.join(", ")}`);
      else if (block === undefined || labels.length !== 1)
        plugin.refuse("is not a plugin", `give a block with one label, the name of the plugin: ${name} "name" { … }`);
      else checkName(name, plugin.field("labels").entries()[0]!);
    });
}
