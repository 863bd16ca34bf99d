import { AsyncLocalStorage } from "node:async_hooks";
import { runInThisContext } from "node:vm";
import * as runtime from "@pulumi/pulumi/runtime";
import { Deployment } from "./deployment";
import type { PropertyMap } from "./property-values";
import { type RunResult, resultOf } from "./result";
import { ownLogQueue } from "./sdk-log";
import { serve } from "./server";
import { givenStacks } from "./stack-references";
import { State } from "./state";

export interface RecordOptions {
  preview?: boolean;
  /** @default "test" */
  stack?: string;
  /** @default "project" */
  project?: string;
  /** Config by full key: `project:key`, or `kubernetes:namespace`. A key without a colon is the project's. */
  config?: Record<string, string>;
  /** As `config`, read by the program as secrets. */
  secretConfig?: Record<string, string>;
  /** Keeps keys, random values and autonames between calls. @default a state in memory with fixed autonames */
  stateFolder?: string;
  /** Outputs of the stacks that the program reads by StackReference, by name: `outputs` of their results. */
  stackOutputs?: Record<string, PropertyMap>;
}

/** The process itself: a test runner hands its tests a copy, whose events never come. */
const nodeProcess: NodeJS.Process = runInThisContext("process");

/**
 * Runs a function as a Pulumi program in this process, against the real gRPC services, and returns what it registered.
 * Rejects with the first error of the program or the engine. The SDK's settings are global, so of several calls each
 * waits for those before it.
 */
export function record(program: () => unknown, options: RecordOptions = {}): Promise<RunResult> {
  if (inProgram.getStore())
    return Promise.reject(new Error("record() is called by a program that it runs; call it after that"));
  const result = before.then(() => inProgram.run(true, () => recordAlone(program, options)));
  before = result.catch(() => undefined);
  return result;
}

/** The end of the calls so far. */
let before: Promise<unknown> = Promise.resolve();
/** Marks the run of a program: a second run inside it would wait for itself. */
const inProgram = new AsyncLocalStorage<true>();

async function recordAlone(program: () => unknown, options: RecordOptions): Promise<RunResult> {
  const { preview = false, stack = "test", project = "project", config = {}, secretConfig = {} } = options;
  const state = options.stateFolder ? State.open(options.stateFolder) : State.inMemory();
  const allConfig = withProject({ ...config, ...secretConfig }, project);
  const deployment = new Deployment({
    ...{ project, stack, preview, state },
    config: allConfig,
    secretTexts: Object.values(secretConfig),
    otherStacks: givenStacks(options.stackOutputs ?? {}, project),
  });
  const server = await serve(deployment);
  const uncaught = catchUncaught((error) => deployment.fail(error));
  const logQueue = ownLogQueue();
  runtime.resetOptions(project, stack, -1, server.address, server.address, preview, "organization");
  runtime.setAllConfig(allConfig, Object.keys(withProject(secretConfig, project)));
  try {
    await Promise.race([runToEnd(program), deployment.failed.then((failure) => Promise.reject(failure))]);
    await turn();
    if (deployment.failure) throw deployment.failure;
    if (!preview) deployment.save(true);
    return resultOf(deployment);
  } catch (error) {
    // What the same fault rejects beside this lands in the following turns, and belongs to this call.
    await turn();
    throw error;
  } finally {
    logQueue.end();
    runtime.disconnectSync();
    server.close();
    await turn();
    uncaught.restore();
    runtime.resetOptions("", "", -1, "", "", false, "");
    logQueue.restore();
  }
}

async function runToEnd(program: () => unknown): Promise<void> {
  await runtime.runInPulumiStack(async () => program());
  await runtime.disconnect();
}

function withProject(config: Record<string, string>, project: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, value]),
  );
}

/** Waits two turns of the event loop: the first announces unhandled rejections. */
async function turn(): Promise<void> {
  for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve));
}

/** Catches errors in an `apply`, which only reach the process: the SDK ends the program with them. */
function catchUncaught(report: (error: Error) => void): { restore(): void } {
  const events = ["unhandledRejection", "uncaughtException"] as const;
  const saved = events.map((event) => ({ event, listeners: nodeProcess.rawListeners(event) }));
  const onError = (error: unknown) => report(error instanceof Error ? error : new Error(String(error)));
  for (const event of events) nodeProcess.removeAllListeners(event).on(event, onError);
  return {
    restore() {
      for (const { event, listeners } of saved) {
        nodeProcess.removeAllListeners(event);
        for (const listener of listeners) nodeProcess.on(event, listener as (...args: unknown[]) => void);
      }
    },
  };
}
