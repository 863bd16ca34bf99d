import { readdirSync } from "node:fs";
import { join } from "node:path";
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
}

/** Every stack file of every example. */
export function exampleStacks(): ExampleStack[] {
  return readdirSync(examples).flatMap((example) =>
    readdirSync(join(examples, example)).flatMap((file) => {
      const stack = /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1];
      if (!stack) return [];
      const name = `${example}/${stack}`;
      return [{ name, folder: join(examples, example), stack, config: {}, secretConfig: {}, ...added[name]?.() }];
    }),
  );
}

const added: Record<string, () => Partial<ExampleStack>> = {
  "mqtt-proxy/prod": () => ({
    config: { brokerAuthorities: pem("CERTIFICATE") },
    secretConfig: { jwt: goodToken() },
  }),
  "gateway-fabric/prod": () => ({ secretConfig: { jwt: goodToken() } }),
  "gateway-fabric-v1/prod": () => ({ secretConfig: { jwt: goodToken() } }),
};

// Public, so the same each time: what is recorded of it does not change with the day.
const pem = (type: string) =>
  `-----BEGIN ${type}-----\n${Buffer.alloc(60, "nginx").toString("base64")}\n-----END ${type}-----\n`;
