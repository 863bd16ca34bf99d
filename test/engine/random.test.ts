import * as random from "@pulumi/random";
import { compareSync } from "bcryptjs";
import { record, reveal, Secret } from "../../engine";
import { temporaryFolder } from "./temporary";

/** The one resource of a program: its id and outputs, envelopes off. */
async function made(program: () => unknown, stateFolder?: string) {
  const { requests } = await record(program, { stateFolder });
  const { id, outputs } = requests[1]!;
  return { id, outputs, open: reveal(outputs) as Record<string, string> };
}

test("RandomPassword: length, classes and minimums are kept, result and hash are secret", async () => {
  const { id, outputs, open } = await made(
    () =>
      new random.RandomPassword("password", {
        length: 32,
        minLower: 4,
        minUpper: 5,
        minNumeric: 6,
        minSpecial: 7,
        overrideSpecial: "_-",
      }),
  );
  expect(id).toBe("none");
  expect(outputs).toMatchObject({ result: expect.any(Secret), bcryptHash: expect.any(Secret) });
  const count = (pattern: RegExp) => open.result!.match(pattern)?.length ?? 0;
  expect(open.result).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(count(/[a-z]/g)).toBeGreaterThanOrEqual(4);
  expect(count(/[A-Z]/g)).toBeGreaterThanOrEqual(5);
  expect(count(/[0-9]/g)).toBeGreaterThanOrEqual(6);
  expect(count(/[_-]/g)).toBeGreaterThanOrEqual(7);
  expect(open.bcryptHash).toMatch(/^\$2a\$10\$/);
  expect(compareSync(open.result!, open.bcryptHash!)).toBe(true);
  expect(open).toMatchObject({ lower: true, upper: true, numeric: true, number: true, special: true });
});

test("RandomString: only the allowed classes, and no secret", async () => {
  const { id, outputs } = await made(
    () => new random.RandomString("string", { length: 64, special: false, upper: false, numeric: false }),
  );
  expect(outputs).toMatchObject({ result: expect.stringMatching(/^[a-z]{64}$/) });
  expect(id).toBe((outputs as { result: string }).result);
});

test("RandomId: all four forms are of the same bytes, with the prefix before each", async () => {
  const { id, open } = await made(() => new random.RandomId("id", { byteLength: 32, prefix: "key-" }));
  const bytes = Buffer.from(open.hex!.replace(/^key-/, ""), "hex");
  expect(bytes).toHaveLength(32);
  expect(id).toBe(bytes.toString("base64url"));
  expect(open).toMatchObject({
    b64Std: `key-${bytes.toString("base64")}`,
    b64Url: `key-${bytes.toString("base64url")}`,
    dec: `key-${BigInt(`0x${bytes.toString("hex")}`)}`,
  });
});

test("RandomBytes: base64 and hex are secret and of the same bytes", async () => {
  const { outputs, open } = await made(() => new random.RandomBytes("bytes", { length: 16 }));
  expect(outputs).toMatchObject({ base64: expect.any(Secret), hex: expect.any(Secret) });
  expect(Buffer.from(open.base64!, "base64").toString("hex")).toBe(open.hex);
  expect(open.hex).toHaveLength(32);
});

test("RandomInteger: within both bounds", async () => {
  const seen = new Set<number>();
  await record(() => {
    for (let index = 0; index < 60; index++) {
      new random.RandomInteger(`integer-${index}`, { min: 7, max: 9 }).result.apply((result) => seen.add(result));
    }
  });
  expect([...seen].sort()).toEqual([7, 8, 9]);
});

test("RandomUuid: version 4", async () => {
  const { id, open } = await made(() => new random.RandomUuid("uuid"));
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(open.result).toBe(id);
});

test("RandomPet: as many words as asked for", async () => {
  expect((await made(() => new random.RandomPet("pet"))).id).toMatch(/^[a-z]+-[a-z]+$/);
  const { id } = await made(() => new random.RandomPet("pet", { length: 3, separator: "_", prefix: "our" }));
  expect(id).toMatch(/^our_[a-z]+_[a-z]+_[a-z]+$/);
});

test("a second run has the same value, a changed keeper a new one", async () => {
  const folder = temporaryFolder();
  const run = (keeper: string) =>
    made(() => new random.RandomPassword("password", { length: 20, keepers: { keeper } }), folder);
  const first = await run("a");
  expect((await run("a")).open.result).toBe(first.open.result);
  expect((await run("b")).open.result).not.toBe(first.open.result);
});

test.each([
  [
    () => new random.RandomString("text", { length: 3, minLower: 4 }),
    "length is 3, less than the 4 that the minimums ask for",
  ],
  [
    () => new random.RandomString("text", { length: 3, lower: false, upper: false, numeric: false, special: false }),
    "all of lower, upper, numeric and special are false; allow at least one of them",
  ],
  [() => new random.RandomInteger("number", { min: 2, max: 1 }), "max is 1, below min, which is 2"],
  [
    () => new random.RandomInteger("number", { min: 1, max: 2, seed: "same" }),
    "seed asks for the provider's own generator, which the embedded engine has not; leave it out",
  ],
])("impossible arguments are refused: %#", async (program, message) => {
  await expect(record(() => void program())).rejects.toThrow(message);
});
