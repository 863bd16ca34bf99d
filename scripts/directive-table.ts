import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** File with the table. */
export const tableFile = "components/nginx/conf/directive-table.ts";

// The releases of NGINX Plus, the newest open-source NGINX, and the dynamic modules that NGINX's own parser library knows.
const sources = [
  ...["R33", "R34", "R35", "R36", "R37"].map((release) => `nplus_${release}`),
  ...["oss_latest", "njs", "otel", "geoip2", "headersMore", "lua", "appProtectWAFv5"],
];

/** Letters of the table by the constants of the parser library. */
const contexts: Record<string, string> = {
  ngxMainConf: "m",
  ngxMgmtMainConf: "g",
  ngxEventConf: "e",
  ngxMailMainConf: "a",
  ngxMailSrvConf: "A",
  ngxStreamMainConf: "s",
  ngxStreamSrvConf: "S",
  ngxStreamUpsConf: "u",
  ngxHTTPMainConf: "h",
  ngxHTTPSrvConf: "H",
  ngxHTTPLocConf: "l",
  ngxHTTPUpsConf: "U",
  ngxHTTPSifConf: "i",
  ngxHTTPLifConf: "I",
  ngxHTTPLmtConf: "x",
  ngxHTTPOIDCConf: "o",
  ngxAnyConf: "meaAsSuhHlUiIx",
};
const numbers: Record<string, string> = {
  ngxConfNoArgs: "0",
  ngxConfTake1: "1",
  ngxConfTake2: "2",
  ngxConfTake3: "3",
  ngxConfTake4: "4",
  ngxConfTake5: "5",
  ngxConfTake6: "6",
  ngxConfTake12: "12",
  ngxConfTake13: "13",
  ngxConfTake23: "23",
  ngxConfTake34: "34",
  ngxConfTake123: "123",
  ngxConfTake1234: "1234",
  ngxConfFlag: "f",
  ngxConfAny: "*",
  ngxConf1More: "+",
  ngxConf2More: ">",
  ngxConfBlock: "{",
  ngxConfExpr: "(",
  ngxDirectConf: "",
};

const sorted = (letters: string) => [...new Set(letters)].sort().join("");

/** Returns the text of the file. */
export function directiveTable(): string {
  const module = join(__dirname, "../tools/crossplane");
  const list = ["list", "-mod=mod", "-m", "-f", "{{.Dir}}", "github.com/nginxinc/nginx-go-crossplane"];
  const folder = execFileSync("go", list, { cwd: module, encoding: "utf8" }).trim();
  const forms = new Map<string, Set<string>>();
  for (const source of sources) {
    const text = readFileSync(join(folder, `analyze_${source}_directives.gen.go`), "utf8");
    for (const [, name = "", masks = ""] of text.matchAll(/^ +"(\w+)": \{\n([^}]*)\}/gm))
      for (const mask of masks
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== "")) {
        const words = mask.split(/\s*\|\s*/);
        for (const word of words) if (!(word in contexts || word in numbers)) throw new Error(`${name}: ${word}`);
        const [where, count] = [contexts, numbers].map((letters) =>
          sorted(words.map((word) => letters[word] ?? "").join("")),
        );
        forms.set(name, (forms.get(name) ?? new Set()).add(`${where} ${count}`));
      }
  }
  const groups = new Map<string, string[]>();
  for (const [name, own] of [...forms].sort())
    for (const form of own) groups.set(form, [...(groups.get(form) ?? []), name]);
  const lines = [...groups].sort().map(([form, names]) => `${form} ${names.join(" ")}`);
  return `// Made by \`npm run directives\` from the tables of nginx-go-crossplane.

/**
 * Directives of NGINX Plus from R33 on, of open-source NGINX, and of the dynamic modules that NGINX's own parser library knows. Each line: the blocks in which a directive may stand,
 * the numbers of its arguments, and the directives of which this is true; several lines of one directive are alternatives.
 *
 * Blocks: m main, g mgmt, e events, a mail, A mail > server, s stream, S stream > server, u stream > upstream, h http, H http > server, l http > location, U http > upstream,
 * i server > if, I location > if, x limit_except, o oidc_provider. Numbers: digits, f \`on\` or \`off\`, * any, + at least one, > at least two, ( an expression in parentheses; { a block.
 */
export const directiveTable = \`
${lines.join("\n")}
\`;
`;
}

if (require.main === module) writeFileSync(join(__dirname, "..", tableFile), directiveTable());
