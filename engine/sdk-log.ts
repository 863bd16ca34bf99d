import type * as pulumi from "@pulumi/pulumi";

// Its functions are replaced, so it has to be the module itself: an ES namespace, as tsx makes one, is read-only.
import log = require("@pulumi/pulumi/log");

import * as runtime from "@pulumi/pulumi/runtime";

type Write = (message: string, resource?: pulumi.Resource, ...rest: unknown[]) => Promise<void>;

const severities = ["info", "warn", "error"] as const;
const writers = log as Record<(typeof severities)[number] | "debug", Write>;

/**
 * The SDK has one queue of log lines for the whole process, where a line about a resource waits for its URN, and a line that
 * cannot be sent is the end of the queue. A program that fails leaves both behind, and later programs would log nothing.
 * Until `restore`, a program has a queue of its own before that one, so that there is one line in the SDK's, which can go
 * at once; messages after its `end` are lost.
 */
export function ownLogQueue(): { end(): void; restore(): void } {
  const saved = severities.map((severity) => ({ severity, write: writers[severity] }));
  const { debug } = writers;
  // The SDK itself says several for each resource, each in a call to the engine, which leaves them out of the result.
  writers.debug = async () => {};
  let queue: Promise<void> = Promise.resolve();
  let ended = false;
  for (const { severity, write } of saved) {
    writers[severity] = (message, resource, ...rest) => {
      const sent = runtime.rpcKeepAlive();
      queue = queue
        .then(() => resource && urnOf(resource))
        .then(() => (ended ? undefined : write(message, resource, ...rest)))
        // Of a resource that is not registered, something else says why.
        .catch(() => undefined)
        .finally(sent);
      return queue;
    };
  }
  return {
    end() {
      ended = true;
    },
    restore() {
      writers.debug = debug;
      for (const { severity, write } of saved) writers[severity] = write;
    },
  };
}

/** Settles as the registration does. */
const urnOf = ({ urn }: pulumi.Resource) => (urn as unknown as { promise(): Promise<string> }).promise();
