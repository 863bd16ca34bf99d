import { createHmac, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromWire, mapValues, type PropertyMap, type PropertyValue, reveal, toWire } from "./property-values";

const FILE = "state.json";
const VERSION = 1;

interface Entry {
  /** Keyed digest of the inputs: a changed input makes the value anew, as the real provider would replace it. */
  inputs: string;
  value: PropertyMap;
}

/** Outputs of a stack's last complete run, for StackReferences of others; envelopes as on the wire. */
interface KeptOutputs {
  /** `<project>/<stack>`. */
  stack: string;
  values: unknown;
}

interface StateFile {
  version: number;
  /** Key of every digest that leaves the state, and of autonames. */
  key: string;
  resources: Record<string, Entry>;
  outputs?: KeptOutputs;
}

/**
 * Values that stay the same in the next run: private keys, certificates, random values, and the key that autonames and digests
 * are made with; and the stack's outputs, which other stacks may read. One file of mode 0600 in a folder of mode 0700.
 */
export class State {
  readonly #folder: string | undefined;
  readonly #key: Buffer;
  readonly #entries: Record<string, Entry>;
  readonly #used = new Set<string>();
  #outputs: KeptOutputs | undefined;

  private constructor(folder: string | undefined, file: StateFile) {
    this.#folder = folder;
    this.#key = Buffer.from(file.key, "hex");
    this.#entries = file.resources;
    this.#outputs = file.outputs;
  }

  static open(folder: string): State {
    const path = join(folder, FILE);
    if (!existsSync(path)) {
      claim(folder);
      chmodSync(folder, 0o700);
      const state = new State(folder, { version: VERSION, key: randomBytes(32).toString("hex"), resources: {} });
      state.#write();
      return state;
    }
    const state = new State(folder, readStateFile(path));
    chmodSync(folder, 0o700);
    return state;
  }

  /** The outputs that a state folder keeps, and whose they are; undefined where no stack ran to its end with it. */
  static outputsIn(folder: string): { stack: string; outputs: PropertyMap } | undefined {
    const path = join(folder, FILE);
    const kept = existsSync(path) ? readStateFile(path).outputs : undefined;
    return kept && { stack: kept.stack, outputs: fromWire(kept.values) as PropertyMap };
  }

  /** A state that ends with the process. Its key is fixed, so that autonames are the same in every test run. */
  static inMemory(): State {
    return new State(undefined, { version: VERSION, key: "00".repeat(32), resources: {} });
  }

  /** HMAC-SHA256 in hex; `purpose` keeps digests of one kind from answering for another. */
  digest(purpose: string, content: string | Uint8Array): string {
    return createHmac("sha256", this.#key).update(`${purpose}\0`).update(content).digest("hex");
  }

  /** The value kept for a resource, if its inputs are still the same. */
  recall(urn: string, inputs: PropertyMap): PropertyMap | undefined {
    const entry = this.#entries[urn];
    if (entry?.inputs !== this.#digestInputs(inputs)) return undefined;
    this.#used.add(urn);
    return structuredClone(entry.value);
  }

  keep(urn: string, inputs: PropertyMap, value: PropertyMap): void {
    this.#entries[urn] = { inputs: this.#digestInputs(inputs), value: structuredClone(value) };
    this.#used.add(urn);
  }

  /** @param stack `<project>/<stack>` */
  keepOutputs(stack: string, outputs: PropertyMap): void {
    this.#outputs = { stack, values: toWire(outputs) };
  }

  /** Writes what was kept; after a complete run, resources that the program no longer has are forgotten. */
  save(complete: boolean): void {
    if (complete) for (const urn of Object.keys(this.#entries)) if (!this.#used.has(urn)) delete this.#entries[urn];
    this.#write();
  }

  #write(): void {
    if (!this.#folder) return;
    const file: StateFile = {
      version: VERSION,
      key: this.#key.toString("hex"),
      resources: this.#entries,
      outputs: this.#outputs,
    };
    const path = join(this.#folder, FILE);
    const temporary = `${path}.${randomBytes(8).toString("hex")}`;
    writeFileSync(temporary, `${JSON.stringify(file, null, 1)}\n`, { mode: 0o600, flag: "wx" });
    renameSync(temporary, path);
  }

  #digestInputs(inputs: PropertyMap): string {
    return this.digest("inputs", JSON.stringify(sortKeys(reveal(inputs))));
  }
}

/** Makes the folder of a state, which Git ignores. One that exists has to be empty. */
function claim(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(
      `${folder} has files that are no state; name a folder that does not exist or is empty, or that an earlier render made`,
    );
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, ".gitignore"), "*\n", { mode: 0o600, flag: "wx" });
}

function readStateFile(path: string): StateFile {
  let file: StateFile;
  try {
    file = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw new Error(
      `${path} is not readable as JSON; restore it, or remove it to make all keys and random values anew`,
    );
  }
  if (file.version !== VERSION)
    throw new Error(`${path} has version ${file.version}; this engine reads version ${VERSION}`);
  return file;
}

function sortKeys(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  return mapValues(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))), sortKeys);
}
