import { directiveTable } from "./directive-table";
import { isForeignBlock } from "./dollar";

/** One way to write a directive. */
export interface DirectiveForm {
  /** Letters of the blocks in which it may stand. */
  blocks: string;
  /** Numbers of its arguments, as the table writes them. */
  numbers: string;
}

/** Blocks by the letters of the table. */
const blockNames: Record<string, string> = {
  m: "main",
  g: "mgmt",
  e: "events",
  a: "mail",
  A: "mail > server",
  s: "stream",
  S: "stream > server",
  u: "stream > upstream",
  h: "http",
  H: "http > server",
  l: "http > location",
  U: "http > upstream",
  i: "http > server > if",
  I: "http > location > if",
  x: "http > location > limit_except",
  o: "http > oidc_provider",
};
const blockLetters = new Map(Object.entries(blockNames).map(([letter, name]) => [name, letter]));

let read: Map<string, DirectiveForm[]> | undefined;

/** Returns the forms of every directive in the table, which is read at the first question. */
function allForms(): Map<string, DirectiveForm[]> {
  if (read) return read;
  read = new Map();
  for (const line of directiveTable.trim().split("\n")) {
    const [, blocks = "", numbers = "", names = ""] = /^(\w*) (\S+) (.*)$/.exec(line) ?? [];
    for (const name of names.split(" ")) {
      const forms = read.get(name);
      if (forms) forms.push({ blocks, numbers });
      else read.set(name, [{ blocks, numbers }]);
    }
  }
  return read;
}

/** Returns the forms of a directive; undefined where the table does not have it. */
export const formsOf = (directive: string): DirectiveForm[] | undefined => allForms().get(directive);

/** Returns the letter of a block by its names from the outside in, or undefined where the table knows nothing of its contents. */
export function blockLetter(path: readonly string[]): string | undefined {
  if (path.some(isForeignBlock)) return undefined;
  const location = path.lastIndexOf("location");
  const own = location > 0 ? ["http", ...path.slice(location)] : path;
  return blockLetters.get(own.length === 0 ? "main" : own.join(" > "));
}

/** Returns the names of directives that may stand in a block. */
export const directivesIn = (letter: string): string[] =>
  [...allForms()].filter(([, forms]) => forms.some(({ blocks }) => blocks.includes(letter))).map(([name]) => name);

/** Returns the names of the blocks of some forms. */
export const blocksOf = (forms: readonly DirectiveForm[]): string[] => [
  ...new Set(forms.flatMap(({ blocks }) => [...blocks].map((letter) => blockNames[letter]!))),
];

/** Returns whether a directive may have this number of arguments. */
export const takes = ({ numbers }: DirectiveForm, count: number): boolean =>
  numbers.includes("*") ||
  (numbers.includes("+") && count >= 1) ||
  (numbers.includes(">") && count >= 2) ||
  (numbers.includes("f") && count === 1) ||
  numbers.includes(String(count));

/** Returns how many arguments some forms take, for a message: `1 or 2`. */
export function countsOf(forms: readonly DirectiveForm[]): string {
  const all = forms.map(({ numbers }) => numbers).join("");
  if (all.includes("+")) return "at least 1";
  if (all.includes(">")) return "at least 2";
  const counts = [...new Set(all.replace(/f/g, "1").replace(/\D/g, ""))].sort();
  return counts.length === 0 ? "any number" : counts.join(" or ");
}
