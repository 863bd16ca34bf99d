import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { genSaltSync, hash } from "bcryptjs";
import { type PropertyMap, reveal } from "../property-values";
import { type Kept, keep, type Made } from "./kept";
import { petName } from "./pet-names";
import { type Provider, type ResourceRequest, unsupportedType } from "./provider";

/** The cost of the provider's own `bcryptHash`. */
const BCRYPT_COST = 10;
/** bcrypt reads no further. */
const BCRYPT_BYTES = 72;

const RESOURCES: Record<string, (inputs: PropertyMap) => Kept> = {
  "random:index/randomPassword:RandomPassword": (inputs) => ({
    ...randomText(inputs),
    computed: ["result", "bcryptHash"],
    async make() {
      const result = makeText(inputs);
      // The provider's Go library writes the same algorithm as version 2a.
      const salt = genSaltSync(BCRYPT_COST).replace(/^\$2b/, "$2a");
      const bcryptHash = await hash(Buffer.from(result).subarray(0, BCRYPT_BYTES).toString(), salt);
      return { id: "none", outputs: { result, bcryptHash } };
    },
  }),
  "random:index/randomString:RandomString": (inputs) => ({
    ...randomText(inputs),
    computed: ["result"],
    make() {
      const result = makeText(inputs);
      return { id: result, outputs: { result } };
    },
  }),
  "random:index/randomId:RandomId": (inputs) => ({
    computed: ["b64Std", "b64Url", "dec", "hex"],
    make() {
      const bytes = randomBytes(Number(inputs.byteLength));
      const prefix = String(inputs.prefix ?? "");
      const id = bytes.toString("base64url");
      const hex = bytes.toString("hex");
      return {
        id,
        outputs: {
          b64Std: prefix + bytes.toString("base64"),
          b64Url: prefix + id,
          dec: prefix + BigInt(`0x${hex || "0"}`).toString(),
          hex: prefix + hex,
        },
      };
    },
  }),
  "random:index/randomBytes:RandomBytes": (inputs) => ({
    computed: ["base64", "hex"],
    make() {
      const bytes = randomBytes(Number(inputs.length));
      const base64 = bytes.toString("base64");
      return { id: base64, outputs: { base64, hex: bytes.toString("hex") } };
    },
  }),
  "random:index/randomInteger:RandomInteger": (inputs) => ({
    computed: ["result"],
    make() {
      refuseSeed(inputs);
      const [min, max] = [Number(inputs.min), Number(inputs.max)];
      if (max < min) throw new Error(`max is ${max}, below min, which is ${min}`);
      const result = randomInt(min, max + 1);
      return { id: String(result), outputs: { result } };
    },
  }),
  "random:index/randomUuid:RandomUuid": () => ({ computed: ["result"], make: makeUuid }),
  "random:index/randomUuid4:RandomUuid4": () => ({ computed: ["result"], make: makeUuid }),
  "random:index/randomPet:RandomPet": (inputs) => ({
    defaults: { length: 2, separator: "-" },
    computed: [],
    make() {
      const separator = String(inputs.separator ?? "-");
      const words = [...(inputs.prefix ? [String(inputs.prefix)] : []), ...petName(Number(inputs.length ?? 2))];
      return { id: words.join(separator), outputs: {} };
    },
  }),
};

/** Behaves as hashicorp/random, which @pulumi/random wraps. */
export const random: Provider = {
  name: "random",
  create(request: ResourceRequest) {
    const describe = RESOURCES[request.type];
    if (!describe) throw unsupportedType(request.type, Object.keys(RESOURCES));
    return keep(request, describe(reveal(request.inputs) as PropertyMap));
  },
};

const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

function randomText(inputs: PropertyMap): Pick<Kept, "defaults"> {
  const numeric = inputs.numeric ?? inputs.number ?? true;
  return {
    defaults: {
      ...{ lower: true, upper: true, special: true, numeric, number: numeric },
      ...{ minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 },
    },
  };
}

/** First what each class must have at least, then the rest from all allowed classes, then shuffled. */
function makeText(inputs: PropertyMap): string {
  const classes = [
    { characters: LOWER, allowed: inputs.lower, atLeast: inputs.minLower },
    { characters: LOWER.toUpperCase(), allowed: inputs.upper, atLeast: inputs.minUpper },
    { characters: DIGITS, allowed: inputs.numeric ?? inputs.number, atLeast: inputs.minNumeric },
    { characters: String(inputs.overrideSpecial || SPECIAL), allowed: inputs.special, atLeast: inputs.minSpecial },
  ];
  const all = classes.map(({ characters, allowed }) => ((allowed ?? true) ? characters : "")).join("");
  if (all === "") throw new Error("all of lower, upper, numeric and special are false; allow at least one of them");
  const required = classes.flatMap(({ characters, atLeast }) => pick(characters, Number(atLeast ?? 0)));
  const length = Number(inputs.length);
  if (length < required.length)
    throw new Error(`length is ${length}, less than the ${required.length} that the minimums ask for`);
  return shuffle([...required, ...pick(all, length - required.length)]).join("");
}

function pick(characters: string, count: number): string[] {
  const choices = [...characters];
  return Array.from({ length: count }, () => choices[randomInt(choices.length)] as string);
}

function shuffle(items: string[]): string[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other] as string, items[last] as string];
  }
  return items;
}

function makeUuid(): Made {
  const result = randomUUID();
  return { id: result, outputs: { result } };
}

function refuseSeed(inputs: PropertyMap): void {
  if (inputs.seed !== undefined)
    throw new Error("seed asks for the provider's own generator, which the embedded engine has not; leave it out");
}
