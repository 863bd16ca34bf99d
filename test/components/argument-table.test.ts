import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argumentTable, tableFile } from "../../scripts/argument-table";

test("the table of arguments is that of the interfaces", () => {
  const lines = (text: string) => text.split("\n").map((line) => line.trim().replace(/^"([A-Za-z_$][\w$]*)":/, "$1:"));
  const written = readFileSync(join(__dirname, "../..", tableFile), "utf8");
  // Otherwise: npm run arguments
  expect(unformatted(lines(written))).toEqual(unformatted(lines(argumentTable())));
});

/** Lines without the formatter's choice of quotes. */
const unformatted = (lines: string[]) =>
  lines.map((line) => line.replace(/\\"/g, '"').replace(/: '(.*)',$/, ': "$1",'));
