import { readFileSync } from "node:fs";
import { join } from "node:path";
import { blockLetter, directivesIn, formsOf, takes } from "../../../components/nginx/conf/directives";
import { directiveTable, tableFile } from "../../../scripts/directive-table";
import { type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";

const missing = crossplaneMissing();
const suite = missing === undefined ? describe : describe.skip;

/** Blocks from the outside in, and the text around what stands in them. */
const blocks: string[][] = [
  [],
  ["mgmt"],
  ["events"],
  ["mail"],
  ["mail", "server"],
  ["stream"],
  ["stream", "server"],
  ["stream", "upstream"],
  ["http"],
  ["http", "server"],
  ["http", "server", "location"],
  ["http", "server", "location", "location"],
  ["http", "upstream"],
  ["http", "server", "if"],
  ["http", "server", "location", "if"],
  ["http", "server", "location", "limit_except"],
];
const words: Record<string, string> = { upstream: " u", location: " /", if: " ($a)", limit_except: " GET" };
const releases: CrossplaneRelease[] = ["R33", "R34", "R35", "R36", "R37", "oss"];
const modules = ["http_js", "stream_js", "otel", "http_geoip2"].map(
  (name) => `load_module modules/ngx_${name === "otel" ? name : name}_module.so;`,
);

interface Form {
  name: string;
  count: number;
  block: boolean;
}

/** A file with forms in one block, a line each. */
const fileOf = ({ path, forms }: { path: string[]; forms: Form[] }) => {
  const open = path.map((name) => `${name}${words[name] ?? ""} {`).join(" ");
  return `${modules.join(" ")} ${open}\n${forms.map(lineOf).join("\n")}\n${"}".repeat(path.length)}`;
};
const lineOf = ({ name, block, count }: Form) =>
  `${[name, ...Array(count).fill("on")].join(" ")}${block ? " {}" : ";"}`;

/** Forms that only one of the two accepts: this table, or any table of the library. */
function differences(files: { path: string[]; forms: Form[] }[]): string[] {
  const results = parseStrict(
    files.flatMap((file) => releases.map((release) => ({ release, files: { "/etc/nginx/nginx.conf": fileOf(file) } }))),
  ).map(({ errors }) => new Set(errors.map(({ line }) => line)));
  return files.flatMap(({ path, forms }, file) => {
    // Where the block itself is refused, nothing is said of what is in it.
    const refused = results.slice(file * releases.length, (file + 1) * releases.length).filter((one) => !one.has(1));
    const letter = blockLetter(path)!;
    return forms
      .filter(({ name, block, count }, index) => {
        const own = formsOf(name)!.some(
          (form) => form.blocks.includes(letter) && form.numbers.includes("{") === block && takes(form, count),
        );
        return own !== refused.some((faults) => !faults.has(index + 2));
      })
      .map((form) => `${path.join(" > ")}: ${lineOf(form)}`);
  });
}

suite(missing === undefined ? "the table of directives" : `the table of directives: ${missing}`, () => {
  test("is that of NGINX's own parser library", () => {
    // Otherwise: npm run directives
    expect(readFileSync(join(__dirname, "../../..", tableFile), "utf8")).toBe(directiveTable());
  });

  test("is read as that library reads its own: places, blocks and numbers of arguments", () => {
    const names = [...new Set([..."mgeaAsSuhHlUiIx"].flatMap(directivesIn))].filter(
      // Modules that are not loaded here, lists of their own, and those that the library expands or reads with rules of its own.
      (name) =>
        !/lua|^app_protect|^more_|^balancer_|^(?:include|if|load_module|types|map|geo|geoip2|match|charset_map|split_clients)$/.test(
          name,
        ),
    );
    const counts = [0, 1, 2, 3, 4, 5];
    const lines = names.flatMap((name) => counts.map((count) => ({ name, count, block: false })));
    // The library skips what follows a block that it refuses, so each has a file of its own.
    const openers = names.filter((name) => formsOf(name)!.some(({ numbers }) => numbers.includes("{")));
    const openings = openers.flatMap((name) => counts.map((count) => ({ name, count, block: true })));
    const files = blocks.flatMap((path) => [
      { path, forms: lines },
      ...openings.map((opening) => ({ path, forms: [opening] })),
    ]);
    expect(differences(files)).toEqual([]);
  });
});
