import { parseArgs } from "node:util";
import { masked, secretTexts } from "./leaks";
import { writeManifests } from "./output-folder";
import { runProgram } from "./program";
import { ProgramFailure } from "./program-error";
import { SecretMode } from "./redaction";
import type { RunResult } from "./result";
import { defaultStateFolder } from "./stack-references";

const HELP = `nginx-stacks render <project folder> --stack <name> --out <folder> [options]

Runs the unmodified program of a Pulumi project (runtime nodejs) without the Pulumi CLI, and writes the Kubernetes objects
that it declares as YAML, one file each, numbered in dependency order. A helm.v3.Release becomes its chart's coordinates and
a values file under helm/. The files of each host come under hosts/<name>, with a script apply.sh that puts them in place there.

Options
  --stack <name>            the stack: its config is read from Pulumi.<name>.yaml
  --out <folder>            where to write; empty, or made by an earlier render
  --config <key>=<value>    config over the stack file's; may be repeated
  --state <folder>          keeps keys, certificates, random values and autonames, so that the next render is the same
                            (default: <project folder>/.nginx-stacks/<stack>, mode 0700, never to be committed)
  --stack-reference <name>=<state folder>
                            outputs of a stack that the program reads by StackReference; may be repeated
                            (default: of a stack of this project, what its own render kept)
  --preview                 leave unknown what only \`pulumi up\` makes known; keeps no state
  --show-secrets            write the values of secrets
  --secrets existing        leave Secret objects and the secret files of hosts out, where another system provides them
  --help

Without --show-secrets the value of a secret is never written. In its place stands digest:<where>:<HMAC-SHA256>, made with
a key in the state folder: the output can be compared and committed, but a Secret in it holds no usable value.

Secure config values are decrypted with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE (the passphrase secrets
provider only).

This is not a deployment engine. It compares with no cluster and no former state: there is no diff, no update, no replace and
no delete, objects that the program no longer declares stay in the cluster, resource hooks do not run, and a program that
reads a cluster or a provider's function is refused. A StackReference reads what an earlier render of that stack put out, and
nothing that is deployed. To deploy, use \`pulumi up\`.
The providers are kubernetes, tls and random; of kubernetes, Charts, YAML files and Kustomize folders are not expanded.
`;

/** Output of a command: the process's own streams, or a test's. */
export interface Streams {
  stdout(text: string): void;
  stderr(text: string): void;
}

class UsageError extends Error {}

/** Runs one command line; never throws. @returns the exit code: 0, 1 for a failed render, 2 for wrong words */
export async function command(words: string[], streams: Streams): Promise<number> {
  try {
    await run(words, streams);
    return 0;
  } catch (error) {
    const usage = error instanceof UsageError;
    const failure = error instanceof ProgramFailure ? error : undefined;
    if (failure) printLog(failure, streams);
    const message = masked((error as Error).message, failure?.secretTexts ?? []);
    streams.stderr(`error: ${message}\n${usage ? "See nginx-stacks --help.\n" : ""}`);
    return usage ? 2 : 1;
  }
}

async function run(words: string[], streams: Streams): Promise<void> {
  const { values, positionals } = parse(words);
  if (values.help) return streams.stdout(HELP);
  const [command, folder, ...rest] = positionals;
  if (command !== "render")
    throw new UsageError(command ? `there is no command "${command}"` : "name a command: render");
  if (!folder || rest.length > 0) throw new UsageError("name one project folder: the one with Pulumi.yaml");
  const { stack, out } = values;
  if (!stack) throw new UsageError("name the stack with --stack");
  if (!out) throw new UsageError("name the output folder with --out");
  const secrets = secretMode(values);
  const result = await runProgram({
    folder,
    stack,
    config: assignments("--config <key>=<value>", values.config),
    stateFolder: values.state ?? defaultStateFolder(folder, stack),
    preview: values.preview ?? false,
    stackReferences: assignments("--stack-reference <name>=<state folder>", values["stack-reference"]),
  });
  printLog({ log: result.log, secretTexts: [...result.secretTexts, ...secretTexts(result)] }, streams);
  report(writeManifests(result, out, { secrets }), out, streams);
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        stack: { type: "string" },
        out: { type: "string" },
        state: { type: "string" },
        config: { type: "string", multiple: true },
        "stack-reference": { type: "string", multiple: true },
        secrets: { type: "string" },
        "show-secrets": { type: "boolean" },
        preview: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function secretMode(values: { secrets?: string; "show-secrets"?: boolean }): SecretMode {
  if (values.secrets !== undefined && values.secrets !== SecretMode.Existing) {
    throw new UsageError(`--secrets is "${values.secrets}"; the only value is existing`);
  }
  if (values.secrets && values["show-secrets"])
    throw new UsageError("give either --show-secrets or --secrets existing");
  if (values.secrets) return SecretMode.Existing;
  return values["show-secrets"] ? SecretMode.Show : SecretMode.Digest;
}

function assignments(form: string, given: string[] = []): Record<string, string> {
  const option = form.split(" ")[0]!;
  const pairs = given.map((assignment) => {
    const [key, ...value] = assignment.split("=");
    if (!key || value.length === 0)
      throw new UsageError(`${option} takes ${form.slice(option.length + 1)}, not "${key}"`);
    return [key, value.join("=")];
  });
  return Object.fromEntries(pairs);
}

/** Prints the lines of a program, with `[secret]` for the secrets of its config, and for those that it made. */
function printLog({ log, secretTexts }: Pick<RunResult, "log" | "secretTexts">, streams: Streams): void {
  for (const { severity, message } of log) {
    const line = masked(message, secretTexts);
    streams.stderr(severity === "info" ? `${line}\n` : `${severity}: ${line}\n`);
  }
}

function report(files: string[], out: string, streams: Streams): void {
  const charts = files.filter((file) => file.endsWith(".chart.yaml")).length;
  const hosts = files.filter((file) => /^hosts\/[^/]+\/apply\.sh$/.test(file)).length;
  const objects = files.filter((file) => !/^(?:helm|files|hosts)\//.test(file)).length;
  const counts = [
    ...(objects > 0 || charts + hosts === 0 ? [counted(objects, "Kubernetes object")] : []),
    ...(charts > 0 ? [counted(charts, "Helm release")] : []),
    ...(hosts > 0 ? [`the files of ${counted(hosts, "host")}`] : []),
  ];
  streams.stdout(`${counts.join(" and ")} in ${out}\n`);
}

const counted = (number: number, thing: string) => `${number} ${thing}${number === 1 ? "" : "s"}`;
