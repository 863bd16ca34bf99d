import { checked, checkPlain, type Refuser } from "../../foundation";
import { type HclNode, valueFields } from "./node";

/** Checks nodes that a user wrote: each has one value, of which only texts may be outputs. */
export function checkHcl(refuse: Refuser, property: string, nodes: HclNode[]): void {
  checkPlain(refuse, { [property]: nodes });
  for (const [index, node] of nodes.entries()) checkNode(refuse, `${property}[${index}]`, node);
}

function checkNode(refuse: Refuser, path: string, node: HclNode): void {
  const { name, labels, texts, number, environment, block } = node;
  checkPlain(
    refuse,
    Object.fromEntries(
      Object.entries(node)
        .filter(([field]) => field !== "text")
        .map(([field, value]) => [`${path}.${field}`, value]),
    ),
  );
  if (typeof name !== "string" || name === "") refuse(`${path}.name`, "is empty", "write the key of the setting");
  const given = valueFields.filter((field) => node[field] !== undefined);
  if (given.length !== 1)
    refuse(
      path,
      given.length === 0 ? "has no value" : `has ${given.join(" and ")}`,
      `give exactly one of ${valueFields.join(", ")}`,
    );
  if (labels !== undefined && block === undefined)
    refuse(`${path}.labels`, "is given without block", "remove it: only a block has labels");
  if (number !== undefined && !Number.isSafeInteger(number))
    refuse(`${path}.number`, `is ${number}`, "write a whole number");
  if (environment !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(environment))
    refuse(`${path}.environment`, "is not the name of an environment variable", "write letters, digits and `_`");
  if (node.text !== undefined) checked(node.text, wellFormed(refuse, `${path}.text`));
  for (const [index, text] of (texts ?? []).entries()) checked(text, wellFormed(refuse, `${path}.texts[${index}]`));
  if (block !== undefined) checkHcl(refuse, `${path}.block`, block);
}

const wellFormed = (refuse: Refuser, property: string) => (text: string) => {
  if (/\p{Surrogate}|\0/u.test(text))
    refuse(property, "has half of a character, or a zero byte, in it", "write whole characters");
};
