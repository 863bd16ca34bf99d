import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { isFromVersion } from "../../components/nginx";
import { blockLetter, directivesIn, formsOf, takes } from "../../components/nginx/conf/directives";
import { isPlusOnly } from "../../components/nginx/conf/plus-only";
import { knownVariables } from "../../components/nginx/conf/variables";
import { nginxModules } from "../../loopback/missing";
import { nginxFolder, nginxMissing, testNginx } from "./conf-nginx";
import { nginxVersion } from "./nginx-version";

const missing = nginxMissing();
const suite = missing === undefined ? describe : describe.skip;

/** Variables of NGINX Plus, and those that came after this NGINX. */
const later = [
  ...["mqtt_preread_clientid", "mqtt_preread_username"],
  ...(isFromVersion(nginxVersion, [1, 30, 0]) ? [] : ["http3", "is_request_port", "request_port"]),
].sort();

const blocks = [
  [],
  ["events"],
  ["stream"],
  ["stream", "server"],
  ["stream", "upstream"],
  ["http"],
  ["http", "server"],
  ["http", "server", "location"],
  ["http", "upstream"],
  ["http", "server", "if"],
  ["http", "server", "location", "if"],
  ["http", "server", "location", "limit_except"],
];
const words: Record<string, string> = { upstream: " u", location: " /", if: " ($host)", limit_except: " GET" };

suite(missing === undefined ? "NGINX itself" : `NGINX itself: ${missing}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = nginxFolder();
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const start = () =>
    `load_module ${nginxModules()}/ngx_stream_module.so;\npid ${join(folder, "pid")};\nerror_log stderr;\n`;

  test("knows every variable of the list", () => {
    const unknown = knownVariables.filter((name) => {
      const http = `events {} http { access_log off; server { listen 8000; return 200 "$${name}"; } }`;
      const stream = `events {} stream { server { listen 8000; return "$${name}"; } }`;
      return [http, stream].every((text) => testNginx(folder, start() + text)?.includes("unknown"));
    });
    expect(unknown.sort()).toEqual(later);
  });

  test("refuses the place or the number of words of every directive of which the table does", () => {
    const names = [...new Set(blocks.flatMap((path) => directivesIn(blockLetter(path)!)))].filter(
      (name) => !isPlusOnly(name) && !/lua|^(?:if|load_module)$/.test(name),
    );
    const cases = fc.record({
      name: fc.constantFrom(...names),
      path: fc.constantFrom(...blocks),
      count: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(cases, ({ name, path, count }) => {
        const forms = formsOf(name)!.filter(({ blocks }) => blocks.includes(blockLetter(path)!));
        const block = forms.length > 0 && forms.every(({ numbers }) => numbers.includes("{"));
        const accepted = forms.some((form) => form.numbers.includes("{") === block && takes(form, count));
        const open = path.map((one) => `${one}${words[one] ?? ""} {`).join(" ");
        const line = `${[name, ...Array(count).fill("on")].join(" ")}${block ? " {}" : ";"}`;
        const events = path[0] === "events" ? "" : "events {}\n";
        const said = testNginx(folder, `${start()}${events}${open} ${line} ${"}".repeat(path.length)}`) ?? "";
        const refused =
          /is not allowed here|invalid number of arguments|has no opening|unknown directive|is duplicate/.test(said);
        // The table has later directives, and later places of others; it refuses nothing that NGINX takes.
        if (!accepted) expect([line, path.join(" > "), refused, said]).toEqual([line, path.join(" > "), true, said]);
      }),
      { numRuns: 200 },
    );
  });
});
