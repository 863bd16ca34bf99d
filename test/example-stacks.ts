import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type RunResult, runProgram } from "../engine";
import { goodToken } from "./components/foundation/token";

const examples = join(__dirname, "../examples");

/** One stack of one example, with what a user adds to its committed file. */
export interface ExampleStack {
  /** `<example>/<stack>`. */
  name: string;
  folder: string;
  stack: string;
  config: Record<string, string>;
  secretConfig: Record<string, string>;
  /** Stacks of the same example that it reads by StackReference. */
  reads: string[];
  /** Whether it has objects for a cluster, and not only files for hosts or certificates. */
  hasObjects: boolean;
  /** Makes few of a stack's many alike, for what need not see them all. */
  smallConfig: Record<string, string>;
}

/** Every stack file of every example. */
export function exampleStacks(): ExampleStack[] {
  return readdirSync(examples).flatMap((example) =>
    readdirSync(join(examples, example)).flatMap((file) => {
      const stack = /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1];
      if (!stack) return [];
      const name = `${example}/${stack}`;
      const given = { config: {}, secretConfig: {}, reads: [], hasObjects: true, smallConfig: {} };
      return [{ name, folder: join(examples, example), stack, ...given, ...added[name]?.() }];
    }),
  );
}

/** The stacks that an example reads, which come before it. */
export const readBy = (example: ExampleStack) =>
  exampleStacks().filter(({ folder, stack }) => folder === example.folder && example.reads.includes(stack));

/** Runs a stack in the embedded engine, after those that it reads; the folder gets the state of each. */
export const runExample = async (example: ExampleStack, folder: string, preview = false): Promise<RunResult> =>
  (await runWithRead(example, folder, preview)).at(-1)!;

/** The same, with the results of those that it reads before its own. */
export async function runWithRead(example: ExampleStack, folder: string, preview = false): Promise<RunResult[]> {
  const stackReferences: Record<string, string> = {};
  const runs: RunResult[] = [];
  for (const other of readBy(example)) {
    stackReferences[other.stack] = join(folder, other.stack);
    runs.push(await runProgram({ ...other, stateFolder: join(folder, other.stack) }));
  }
  const stateFolder = join(folder, example.stack);
  return [...runs, await runProgram({ ...example, stateFolder, preview, stackReferences })];
}

const fleet = { hasObjects: false, reads: ["authority"], smallConfig: { agents: "3" } };

const added: Record<string, () => Partial<ExampleStack>> = {
  "mqtt-proxy/prod": () => ({
    config: { brokerAuthorities: pem("CERTIFICATE") },
    secretConfig: { jwt: goodToken() },
  }),
  "mqtt-fleet/prod": () => ({ secretConfig: { jwt: goodToken() } }),
  "gateway-fabric/prod": () => ({ secretConfig: { jwt: goodToken() } }),
  "instance-manager/prod": () => ({ secretConfig: { jwt: goodToken() } }),
  "gateway-fabric-v1/prod": () => ({ secretConfig: { jwt: goodToken() } }),
  "service-mesh/prod": () => ({ secretConfig: { jwt: goodToken() } }),
  "instance-manager-fleet/authority": () => ({ hasObjects: false }),
  "instance-manager-fleet/agents-east": () => fleet,
  "instance-manager-fleet/agents-west": () => fleet,
  "platform/foundation-prod": () => ({ secretConfig: { jwt: goodToken() } }),
  "platform/services-dev": () => ({ reads: ["foundation-dev"] }),
  "platform/services-prod": () => ({ reads: ["foundation-prod"] }),
  "instance-manager-host/v1": () => ({ hasObjects: false }),
  "instance-manager-host/v2": () => ({ hasObjects: false }),
};

// Public, so the same each time: what is recorded of it does not change with the day.
const pem = (type: string) =>
  `-----BEGIN ${type}-----\n${Buffer.alloc(60, "nginx").toString("base64")}\n-----END ${type}-----\n`;
