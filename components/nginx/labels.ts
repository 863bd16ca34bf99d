import { createHash } from "node:crypto";
import { getProject, getStack } from "@pulumi/pulumi";

/** Returns a label value that no other component, stack or project has. It changes with a rename: new code uses `makeInstance`. */
export function instanceName(name: string): string {
  const whole = `${getProject()}-${getStack()}-${name}`;
  const allowed = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
  if (allowed.test(whole)) return whole;
  const digest = createHash("sha256").update(whole).digest("hex").slice(0, 12);
  const readable = name.replace(/[^-A-Za-z0-9_.]/g, "-").slice(0, 49);
  return `${readable.replace(/^[^A-Za-z0-9]+/, "x")}-${digest}`;
}
