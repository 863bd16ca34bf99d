import { basename, dirname } from "node:path";
import type { ComponentResource, ComponentResourceOptions, Inputs, Output } from "@pulumi/pulumi";
import type { ConstructResult } from "@pulumi/pulumi/provider";
import {
  ComponentProvider,
  type ComponentResourceConstructor,
  getPulumiComponents,
} from "@pulumi/pulumi/provider/experimental/provider";
import { main } from "@pulumi/pulumi/provider/server";
import * as settings from "@pulumi/pulumi/runtime/settings";
import { fieldsOf, isArgumentType, Refusal } from "./components/foundation";

// The SDK's provider server waits by it too; its types leave it out.
const { waitForRPCs } = settings as unknown as { waitForRPCs(): Promise<void> };

/** A property of the schema, as far as the table of arguments has more to say of it. */
interface Property {
  secret?: boolean;
  default?: unknown;
}

interface Schema {
  resources: Record<string, { inputProperties: Record<string, Property> }>;
  types: Record<string, { properties?: Record<string, Property> }>;
}

/** The SDK's provider of components, with secrets and defaults in the schema. */
export class PluginProvider extends ComponentProvider {
  private readonly classes: Record<string, ComponentResourceConstructor>;
  /** Components that are being constructed or were refused, by their title in messages. */
  private readonly constructions = new Map<string, (refusal: Refusal) => void>();

  constructor(components: object) {
    const classes = getPulumiComponents(components);
    super({ components: classes, dirname: libraryFolder(), name: "nginx-stacks" });
    this.classes = Object.fromEntries(classes.map((component) => [component.name, component]));
  }

  override async getSchema(): Promise<string> {
    const schema: Schema = JSON.parse(await super.getSchema());
    for (const [token, { inputProperties }] of Object.entries(schema.resources))
      annotate(`${nameOf(token)}Args`, inputProperties);
    for (const [token, { properties }] of Object.entries(schema.types))
      if (properties) annotate(nameOf(token), properties);
    return JSON.stringify(schema);
  }

  /** Constructs a component. The SDK's own way analyses all types of the library first, which takes seconds. */
  override async construct(
    name: string,
    type: string,
    inputs: Inputs,
    options: ComponentResourceOptions,
  ): Promise<ConstructResult> {
    const component = this.classes[nameOf(type)];
    if (!component) throw new Error(`nginx-stacks has no component ${type}`);
    const title = `${component.name} ${JSON.stringify(name)}`;
    const refused = new Promise<never>((_, reject) => this.constructions.set(title, reject));
    try {
      const instance = new component(name, inputs, options);
      // A value that is known late is refused while the children are registered.
      await Promise.race([refused, waitForRPCs()]);
      this.constructions.delete(title);
      return { urn: instance.urn, state: outputsOf(instance) };
    } catch (error) {
      throw error instanceof Refusal ? sentencesOf(error) : error;
    }
  }

  /** Gives a refusal to the construction of the component that it is about; returns whether there is or was one that failed. */
  refuse(refusal: Refusal): boolean {
    const reject = this.constructions.get(refusal.component);
    reject?.(refusal);
    return reject !== undefined;
  }
}

/** The sentences alone: beside the path of an argument the engine prints its value, secret or not. */
const sentencesOf = ({ errors }: Refusal) => new Error([...new Set(errors.map(({ reason }) => reason))].join("\n"));

/** Serves the components to programs in other languages. */
export function servePlugin(components: object): Promise<void> {
  const provider = new PluginProvider(components);
  const served = main(provider, process.argv.slice(2));
  // The SDK fails every component that is being constructed, and prints the error once more.
  const sdkListeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error, promise) => {
    if (error instanceof Refusal && provider.refuse(error)) return;
    for (const listener of sdkListeners) listener(error, promise);
  });
  return served;
}

/** The folder with the sources, from which the schema is read; a build of them is in `dist`. */
const libraryFolder = () => (basename(__dirname) === "dist" ? dirname(__dirname) : __dirname);

const nameOf = (token: string) => token.split(":")[2] ?? token;

function annotate(type: string, properties: Record<string, Property>): void {
  if (!isArgumentType(type)) return;
  const fields = fieldsOf(type);
  for (const [name, property] of Object.entries(properties)) {
    const field = fields.get(name);
    if (field?.shape.secret) property.secret = true;
    if (field?.default !== undefined) property.default = JSON.parse(field.default);
  }
}

/** The outputs of a component: every field but the SDK's own. */
const outputsOf = (instance: ComponentResource): Record<string, Output<unknown>> =>
  Object.fromEntries(Object.entries(instance).filter(([field]) => !field.startsWith("__") && field !== "urn"));
