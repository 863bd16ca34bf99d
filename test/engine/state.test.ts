import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { State } from "../../engine/state";
import { temporaryFolder } from "./temporary";

const mode = (path: string) => statSync(path).mode & 0o777;

test.each([
  ["notes.txt", "is no state"],
  [".gitignore", "node_modules\n"],
  ["state.json", '{ "version": 4, "terraform_version": "1.9.0" }'],
])("a folder with a %s of others is refused, and left as it is", (name, content) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), content);
  const before = mode(folder);
  expect(() => State.open(folder)).toThrow(
    name === "state.json" ? "has version 4" : `${folder} has files that are no state`,
  );
  expect(readdirSync(folder)).toEqual([name]);
  expect(readFileSync(join(folder, name), "utf8")).toBe(content);
  expect(mode(folder)).toBe(before);
});

test("an empty folder, one that does not exist, and one with a state are taken", () => {
  for (const folder of [temporaryFolder(), join(temporaryFolder(), "a/b")]) {
    const digest = State.open(folder).digest("a", "b");
    expect(State.open(folder).digest("a", "b")).toBe(digest);
    expect(readdirSync(folder).sort()).toEqual([".gitignore", "state.json"]);
    expect(mode(folder)).toBe(0o700);
  }
});

test("a state behind a symbolic link is replaced, not what the link names", () => {
  const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
  State.open(elsewhere);
  const theirs = join(elsewhere, "state.json");
  const before = readFileSync(theirs, "utf8");
  symlinkSync(theirs, join(folder, "state.json"));
  const state = State.open(folder);
  state.keep("urn", {}, { a: 1 });
  state.save(false);
  expect(readFileSync(theirs, "utf8")).toBe(before);
});
