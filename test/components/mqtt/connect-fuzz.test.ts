import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { nodeEngine, quickJsSessions, type Session } from "./connect-engines";
import { fuzz, fuzzCase, randomNumbers } from "./connect-fuzz";

const seed = 20_261_121;
const each = (session: Session) => (cases: Parameters<Session>[]) => cases.map((one) => session(...one));

test("200,000 packets, whole, broken and in pieces: each accepted one is a CONNECT in which only the credentials change", () => {
  // In a process of its own, as `npm run fuzz`: there it takes a third of the time.
  const args = ["--import", "tsx", join(__dirname, "fuzz.ts"), "200000", `${seed}`];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^seed 20261121: .*, 0 faults\n$/)]);
  const decisions = JSON.parse(/\{.*\}/.exec(stdout)![0]);
  expect(decisions.allow).toBeGreaterThan(40_000);
  expect(decisions.deny).toBeGreaterThan(100_000);
});

test("10,000 packets on QuickJS give the same results", async () => {
  const { faults, decisions } = fuzz(await quickJsSessions(), 10_000, seed);
  expect(faults.slice(0, 5)).toEqual([]);
  expect(decisions).toEqual(fuzz(each(nodeEngine()), 10_000, seed).decisions);
});

test("each run has the same cases", () => {
  const [one, other] = [randomNumbers(seed), randomNumbers(seed)];
  for (let count = 0; count < 100; count++) expect(fuzzCase(one)).toEqual(fuzzCase(other));
});

// Each line of these is one that the program would work without, for a client that means well.
test.each([
  ["the reserved flag", "flags & RESERVED", "false"],
  ["the flags of a will", "(flags & WILL_QOS) === WILL_QOS", "false"],
  ["bytes after the last field", "at !== end", "false"],
  ["the protocol level", "level !== 4 && level !== 5", "level > 5"],
  ["properties", "const kind = known[id]", "const kind = known[id] || 'binary'"],
  ["the client's own credentials", "let at = credentials", "let at = end"],
  ["bytes after the packet", "bytes.copy(packet, at, fields.end)", ""],
  ["the packet's end", "bytes.length < end", "bytes.length < start"],
  ["UTF-8", "!Buffer.from(value).equals(raw)", "false"],
])("the cases find a program that neglects %s", (_what, line, wrong) => {
  const session = nodeEngine((program) => {
    expect(program.split(line).length).toBe(2);
    return program.replace(line, () => wrong);
  });
  expect(fuzz(each(session), 20_000, seed).faults.length).toBeGreaterThan(0);
});
