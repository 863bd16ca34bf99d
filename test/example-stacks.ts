import { createHmac, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";

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
    secretConfig: { jwt: worthlessLicense() },
  }),
};

/** A token of the right form and of no worth, as a subscription's would be today. */
export function worthlessLicense(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const body = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: "example", iat: now, exp: now + 31_536_000 })}`;
  return `${body}.${createHmac("sha256", randomBytes(32)).update(body).digest("base64url")}`;
}

// Public, so the same each time: what is recorded of it does not change with the day.
const pem = (type: string) =>
  `-----BEGIN ${type}-----\n${Buffer.alloc(60, "nginx").toString("base64")}\n-----END ${type}-----\n`;
