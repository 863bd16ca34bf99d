import { readFileSync } from "node:fs";
import { join } from "node:path";
import { versionsFile, versionsPage } from "../../scripts/versions";

test("the page of versions is that of the tables; `npm run versions` writes it anew", () => {
  expect(readFileSync(join(__dirname, "../..", versionsFile), "utf8")).toBe(versionsPage());
});
