/** A directive as it stands in a file: its words without quotes, and its block. */
export interface Directive {
  words: string[];
  block?: Directive[];
}

/** Reads NGINX configuration as NGINX's own reader does: words, quotes, comments, braces. */
export function parse(text: string): Directive[] {
  let at = 0;

  function word(): string {
    const quote = text[at] === '"' || text[at] === "'" ? text[at++] : undefined;
    let value = "";
    for (; at < text.length; at++) {
      const letter = text[at]!;
      if (quote ? letter === quote : /[\s;{]/.test(letter) && !(letter === "{" && value.endsWith("$"))) break;
      if (letter !== "\\") value += letter;
      else {
        const next = text[++at]!;
        const plain = { t: "\t", r: "\r", n: "\n" }[next];
        value += plain ?? (/["'\\]/.test(next) ? next : `\\${next}`);
      }
    }
    if (quote) at++;
    return value;
  }

  function block(): Directive[] {
    const directives: Directive[] = [];
    let words: string[] = [];
    while (at < text.length) {
      const letter = text[at]!;
      if (/\s/.test(letter)) at++;
      else if (letter === "#") at = text.indexOf("\n", at) + 1 || text.length;
      else if (letter === "}") {
        at++;
        return directives;
      } else if (letter === ";" || letter === "{") {
        at++;
        directives.push(letter === ";" ? { words } : { words, block: block() });
        words = [];
      } else words.push(word());
    }
    return directives;
  }

  return block();
}

/** Writes directives with every word quoted, so that each reads back as it was. */
export function print(directives: Directive[]): string {
  const quoted = (word: string) => `"${word.replace(/[\\"]/g, "\\$&")}"`;
  return directives
    .map(({ words, block }) => `${words.map(quoted).join(" ")}${block ? ` {\n${print(block)}}` : ";"}\n`)
    .join("");
}

/** The same directives with each word given to `change`, beside the name of its directive. */
export function mapWords(directives: Directive[], change: (word: string, name: string) => string): Directive[] {
  return directives.map(({ words: [name = "", ...rest], block }) => ({
    words: [name, ...rest.map((word) => change(word, name))],
    ...(block && { block: mapWords(block, change) }),
  }));
}
