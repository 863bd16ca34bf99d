import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { isMap, type PropertyMap, type PropertyValue, Secret } from "./property-values";
import { providers } from "./providers";
import { type RecordedRequest, recordRead, recordRequest } from "./requests";
import { type OtherStacks, referenceOutputs, STACK_REFERENCE } from "./stack-references";
import type { State } from "./state";
import { Transforms } from "./transforms";

export const STACK_TYPE = "pulumi:pulumi:Stack";
const PROVIDER_TYPE = /^pulumi:providers:(.+)$/;

export interface LogLine {
  severity: "debug" | "info" | "warning" | "error";
  message: string;
  /** URN of the resource that it is about, "" for the program. */
  urn: string;
}

export interface Answer {
  urn: string;
  id: string;
  outputs: PropertyMap;
}

export interface DeploymentOptions {
  project: string;
  stack: string;
  preview: boolean;
  state: State;
  /** By full key; a provider that the program makes no resource of is configured by it. */
  config: Record<string, string>;
  /** Secrets that the program was given, whatever it does with them. */
  secretTexts: readonly string[];
  otherStacks: OtherStacks;
}

/** One run of one program: everything that it registered, checked as the real engine checks it. */
export class Deployment {
  readonly requests: RecordedRequest[] = [];
  readonly log: LogLine[] = [];
  readonly transforms = new Transforms();
  /** The stack's outputs. */
  outputs: PropertyMap = {};
  /** The first failure ends the run; it is kept here, because the SDK is only told that the monitor is gone. */
  readonly failed: Promise<Error>;
  failure: Error | undefined;
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  readonly state: State;
  readonly secretTexts: readonly string[];
  readonly #config: Record<string, string>;
  readonly #otherStacks: OtherStacks;
  readonly #byUrn = new Map<string, RecordedRequest>();
  #announceFailure: (failure: Error) => void = () => {};

  constructor(options: DeploymentOptions) {
    this.project = options.project;
    this.stack = options.stack;
    this.preview = options.preview;
    this.state = options.state;
    this.secretTexts = options.secretTexts;
    this.#config = options.config;
    this.#otherStacks = options.otherStacks;
    this.failed = new Promise((resolve) => {
      this.#announceFailure = resolve;
    });
  }

  fail(failure: Error): void {
    this.failure ??= failure;
    this.#announceFailure(this.failure);
  }

  get stackUrn(): string {
    return this.requests.find((request) => request.type === STACK_TYPE)?.urn ?? "";
  }

  urnOf(type: string, name: string, parent: string): string {
    const parentType = parent.split("::")[2] ?? "";
    const chain = parentType === "" || parentType === STACK_TYPE ? type : `${parentType}$${type}`;
    return `urn:pulumi:${this.stack}::${this.project}::${chain}::${name}`;
  }

  async register(request: RegisterResourceRequest): Promise<Answer> {
    const parent = request.getParent() || this.stackUrn;
    await this.transforms.apply(request, parent);
    const urn = this.urnOf(request.getType(), request.getName(), parent);
    const recorded = recordRequest(request, urn, parent);
    this.#add(recorded);
    this.transforms.addToResource(urn, parent, request.getTransformsList());
    try {
      if (recorded.custom) await this.#create(recorded);
      else this.#answerComponent(recorded, request.getRemote());
    } catch (error) {
      throw new Error(`${recorded.name} (${urn}): ${(error as Error).message}`);
    }
    return { urn, id: recorded.id, outputs: recorded.outputs };
  }

  /** Reads a StackReference; this engine has nothing else that a program could read. */
  read(request: ReadResourceRequest): Answer {
    const [type, name, id] = [request.getType(), request.getName(), request.getId()];
    if (type !== STACK_REFERENCE)
      throw new Error(
        `the program reads the existing ${type} "${id}" as "${name}"; the embedded engine has no cluster to read from, ` +
          "so pass what you need of it by config, or use `pulumi up`",
      );
    const parent = request.getParent() || this.stackUrn;
    const urn = this.urnOf(type, name, parent);
    const recorded = recordRead(request, urn, parent);
    this.#add(recorded);
    recorded.outputs = referenceOutputs(id, this.#otherStacks);
    return { urn, id, outputs: recorded.outputs };
  }

  /** Keeps what the next run and other stacks need; after a run that failed, the former outputs still count. */
  save(complete: boolean): void {
    if (complete) this.state.keepOutputs(`${this.project}/${this.stack}`, this.outputs);
    this.state.save(complete);
  }

  registerOutputs(urn: string, outputs: PropertyMap): void {
    if (urn === this.stackUrn) this.outputs = outputs;
    const recorded = this.#byUrn.get(urn);
    if (recorded) recorded.outputs = outputs;
  }

  #add(recorded: RecordedRequest): void {
    const { urn } = recorded;
    if (this.#byUrn.has(urn)) throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    this.#byUrn.set(urn, recorded);
    this.requests.push(recorded);
  }

  #answerComponent(recorded: RecordedRequest, remote: boolean): void {
    const { type, inputs } = recorded;
    const outputs = providers[packageOf(type)]?.answerComponent?.({ type, inputs });
    if (outputs !== undefined) recorded.outputs = outputs;
    else if (remote)
      throw new Error(`"${type}" is a component in a provider's own process, which the embedded engine has not`);
  }

  async #create(recorded: RecordedRequest): Promise<void> {
    const { urn, type, name, inputs } = recorded;
    const providerPackage = PROVIDER_TYPE.exec(type)?.[1];
    const provider = providers[providerPackage ?? packageOf(type)];
    if (!provider) {
      throw new Error(
        `the embedded engine has no provider "${providerPackage ?? packageOf(type)}" for resource type "${type}" ` +
          `(it has ${Object.keys(providers).sort().join(", ")}); use \`pulumi up\``,
      );
    }
    if (providerPackage) {
      recorded.outputs = inputs;
      recorded.id = this.preview ? "" : this.state.digest("id", urn).slice(0, 32);
      return;
    }
    const settings =
      this.#byUrn.get(recorded.provider.replace(/::[^:]*$/, ""))?.inputs ?? this.#defaultSettings(provider.name);
    const { preview, state } = this;
    const answer = await provider.create({ urn, type, name, inputs, settings, preview, state });
    recorded.id = answer.id;
    recorded.outputs = { ...answer.outputs, ...markSecret(answer.outputs, recorded.additionalSecretOutputs) };
  }

  #defaultSettings(name: string): PropertyMap {
    const own = Object.entries(this.#config).filter(([key]) => key.startsWith(`${name}:`));
    return Object.fromEntries(own.map(([key, value]) => [key.slice(name.length + 1), value]));
  }
}

function packageOf(type: string): string {
  return type.split(":")[0] ?? "";
}

function markSecret(outputs: PropertyMap, properties: string[]): PropertyMap {
  const named = properties.filter((property) => property in outputs);
  return Object.fromEntries(named.map((property) => [property, enveloped(outputs[property] ?? null)]));
}

function enveloped(value: PropertyValue): PropertyValue {
  return value instanceof Secret ? value : new Secret(isMap(value) ? { ...value } : value);
}
