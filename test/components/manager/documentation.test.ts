import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ModuleKind, transpileModule } from "typescript";
import * as library from "../../../components";
import { record } from "../../../engine";

const root = join(__dirname, "../../..");
const documentation = readFileSync(join(root, "docs/instance-manager.md"), "utf8");

/** The rows of a table of the documentation, below the heading that leads to it. */
function table(heading: string): { row: string; cells: string[]; tests: string[] }[] {
  const [, section = ""] = documentation.split(`\n## ${heading}\n`);
  return section
    .split("\n## ")[0]!
    .split("\n")
    .filter((line) => /^\| [ABE]\d+ \|/.test(line))
    .map((line) => {
      const [row = "", ...cells] = line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      return { row, cells, tests: [...cells.at(-1)!.matchAll(/`([^`]+)`/g)].map(([, test]) => test!) };
    });
}

const steps = table("Each step of the documents");
const errors = table("Errors of the documents");

const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

/** Whether a source has a text that begins with a row, alone or among others, as names of tests do. What looks a variant up by its name does not count. */
const hasTestOf = (row: string, source: string) =>
  [...source.matchAll(/(.{0,2})["'`]((?:[ABE]\d+[,/] ?)*[ABE]\d+)(?=[:,] )/gs)].some(
    ([, before, rows]) => !before!.endsWith(")[") && rows!.split(/[,/] ?/).includes(row),
  );

const source = (test: string) => readFileSync(join(root, "test", `${test}.test.ts`), "utf8");

test("every step and every error of the documents is in the documentation, in its order, with what is done and where it is tested", () => {
  expect(steps.map(({ row }) => row)).toEqual([...numbered("A", 8), ...numbered("B", 19)]);
  expect(errors.map(({ row }) => row)).toEqual(numbered("E", 22));
  for (const { row, cells, tests } of [...steps, ...errors])
    expect([row, cells.filter((cell) => cell === ""), tests.length > 0]).toEqual([row, [], true]);
});

test.each([...steps, ...errors].flatMap(({ row, tests }) => tests.map((test) => [row, test])))(
  "%s has a test in %s",
  (row, test) => {
    expect(hasTestOf(row!, source(test!))).toBe(true);
  },
);

test.each([
  ['test("A1: a server")', true],
  ['describe.each(clients)("A1, seen by %s")', true],
  ['  "A2, A1: both",', true],
  ["test(`B8/A1: either`)", true],
  ['test("A10: another")', false],
  ['test("a server of A1")', false],
  ['test("A2: says A1: no")', false],
  ['variants(pems)["A1: by name"]', false],
])("of A1, in %s: %j", (text, expected) => {
  expect(hasTestOf("A1", text)).toBe(expected);
});

test("what the documentation links to is there", () => {
  const links = [...documentation.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path!);
  expect(links.length).toBeGreaterThan(5);
  for (const path of links) expect(readFileSync(join(root, "docs", path), "utf8")).not.toBe("");
});

// Those that import what they use are whole; the others are parts of a program.
const programs = [...documentation.matchAll(/```ts\n(import [\s\S]*?)```/g)].map(([, text]) => text!);

test.each(programs)("a program of the documentation is accepted: %#", async (program) => {
  const { outputText } = transpileModule(program, { compilerOptions: { module: ModuleKind.CommonJS } });
  const run = () => new Function("require", "exports", outputText)(() => library, {});
  const { requests } = await record(run, { preview: true });
  expect(requests.length).toBeGreaterThan(10);
});
