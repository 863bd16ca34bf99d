import type { Deployment, LogLine } from "./deployment";
import { inDependencyOrder } from "./order";
import type { PropertyMap } from "./property-values";
import type { RecordedRequest } from "./requests";

/** Result of one run of a program. */
export interface RunResult {
  /** All registered resources, each after its parent and all that it depends on; the same in every run. */
  requests: RecordedRequest[];
  /** The stack's outputs, secret envelopes kept as `Secret`. */
  outputs: PropertyMap;
  /** Log of the program, without the SDK's debug lines. */
  log: LogLine[];
  /** Secrets of the config: looked for in what is written, like those in envelopes. */
  secretTexts: readonly string[];
  /** HMAC-SHA256 in hex with the key of the state folder: stands for a secret where it must not be written. */
  digest(secret: string | Uint8Array): string;
}

export function resultOf(deployment: Deployment): RunResult {
  return {
    requests: inDependencyOrder(deployment.requests),
    outputs: deployment.outputs,
    log: deployment.log.filter((line) => line.severity !== "debug"),
    secretTexts: deployment.secretTexts,
    digest: (secret) => deployment.state.digest("secret", secret),
  };
}
