import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Deployment } from "./deployment";
import { secretTexts } from "./leaks";
import { programError, programFailure } from "./program-error";
import { type Project, readProject } from "./project";
import { type RunResult, resultOf } from "./result";
import { type RunningServer, serve } from "./server";
import { readStackConfig, type StackConfig } from "./stack-config";
import { defaultStateFolder, keptStacks } from "./stack-references";
import { State } from "./state";

export interface ProgramOptions {
  /** The Pulumi project's folder: the one with Pulumi.yaml. */
  folder: string;
  stack: string;
  /** Over Pulumi.<stack>.yaml. */
  config?: Record<string, string>;
  /** As `config`, read by the program as secrets. */
  secretConfig?: Record<string, string>;
  /** Keeps keys and random values between runs; made with mode 0700. @default <folder>/.nginx-stacks/<stack> */
  stateFolder?: string;
  /** Leaves unknown what only an update makes known. @default false */
  preview?: boolean;
  /** State folders of stacks whose outputs the program reads by StackReference, by name. @default those of the project's own stacks */
  stackReferences?: Record<string, string>;
}

/** A program that neither ends nor fails after the engine has refused it would run for ever. */
const GRACE_MILLISECONDS = 5_000;

/**
 * The SDK prints an error by `util.inspect` with colours, which in Node.js 20.20 goes round for half a minute on a stack
 * frame such as `…/node_modules/@pulumi/resource.ts:1:1`, where no folder follows the scope. Without colours it does not.
 */
const INSPECT_WITHOUT_COLOURS = `
import util from "node:util";
const inspect = util.inspect;
util.inspect = Object.assign((value, options) => inspect(value, { ...options, colors: false }), inspect);`;

/** Runs the unmodified program of a project folder in a process of its own, and returns what it registered. */
export async function runProgram(options: ProgramOptions): Promise<RunResult> {
  const project = readProject(options.folder);
  const config = readStackConfig(project, options.stack, options);
  const state = State.open(options.stateFolder ?? defaultStateFolder(project.folder, options.stack));
  const deployment = new Deployment({
    project: project.name,
    stack: options.stack,
    preview: options.preview ?? false,
    state,
    config: config.values,
    secretTexts: config.secretTexts,
    otherStacks: keptStacks(project, options.stackReferences),
  });
  const server = await serve(deployment);
  try {
    const ended = await runNode(deployment, server, project, config);
    const failure = deployment.failure ?? programError(ended, deployment.log);
    if (!deployment.preview) deployment.save(failure === undefined);
    if (failure) throw programFailure(failure, deployment.log, [...deployment.secretTexts, ...secretTexts(deployment)]);
    return resultOf(deployment);
  } finally {
    server.close();
  }
}

/** As the real language host runs it (`sdk/nodejs/cmd/pulumi-language-nodejs/main.go`). */
async function runNode(deployment: Deployment, server: RunningServer, project: Project, config: StackConfig) {
  const programArguments = [
    ...project.nodeArguments,
    `--import=data:text/javascript,${encodeURIComponent(INSPECT_WITHOUT_COLOURS)}`,
    locateRunner(project.programFolder),
    ...["--monitor", server.address],
    ...["--engine", server.address],
    ...["--organization", "organization"],
    ...["--project", project.name],
    ...["--root-directory", project.folder],
    ...["--stack", deployment.stack],
    ...["--pwd", project.programFolder],
    ...(deployment.preview ? ["--dry-run"] : []),
    ...["--parallel", "16"],
    project.entryPoint,
  ];
  const child = spawn(process.execPath, programArguments, {
    env: { ...process.env, ...programEnvironment(project, config) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stderr = collectLines(child.stderr, deployment);
  collectLines(child.stdout, deployment);
  let grace: NodeJS.Timeout | undefined;
  deployment.failed.then(() => {
    grace = setTimeout(() => child.kill(), GRACE_MILLISECONDS);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  clearTimeout(grace);
  return { exitCode, stderr };
}

function programEnvironment(project: Project, config: StackConfig): Record<string, string> {
  const values = Object.entries(config.values).map(([key, text]) => {
    const [namespace, ...name] = key.split(":");
    return [`${namespace}:config:${name.join(":")}`, text];
  });
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(values)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(config.secretKeys),
    ...(project.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(project.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: project.tsconfig } : {}),
  };
}

/** The runner of the program's own SDK, found as Node.js would find it. */
function locateRunner(programFolder: string): string {
  for (let folder = programFolder; ; folder = dirname(folder)) {
    const runner = join(folder, "node_modules/@pulumi/pulumi/cmd/run/index.js");
    if (existsSync(runner)) return runner;
    if (folder === dirname(folder)) break;
  }
  throw new Error(`${programFolder} has no package @pulumi/pulumi; install the project's dependencies first`);
}

/** Adds the program's output to its log, line by line. */
function collectLines(stream: NodeJS.ReadableStream, deployment: Deployment): string[] {
  const lines: string[] = [];
  let rest = "";
  const add = (line: string) => {
    if (line === "") return;
    lines.push(line);
    deployment.log.push({ severity: "info", message: line, urn: "" });
  };
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    parts.forEach(add);
  });
  stream.on("end", () => add(rest));
  return lines;
}
