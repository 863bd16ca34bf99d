import { join } from "node:path";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider";
import { MqttProxy, NginxPlus } from "../../../components";

interface Property {
  $ref?: string;
  items?: Property;
  additionalProperties?: Property;
}
type Properties = Record<string, Property>;
interface Schema {
  resources: Record<string, { inputProperties: Properties }>;
  types: Record<string, { properties?: Properties; enum?: { value: string }[] }>;
}

/** The options of an MqttProxy as the schema analyser has them: `MqttServer.weight`, and each value of a closed set: `MqttBalancing.clientId`. */
export interface SchemaOptions {
  /** Its own. */
  options: string[];
  /** Those of all pods with NGINX. */
  inherited: string[];
  /** The options that arguments have. */
  used(args: object): Set<string>;
}

const prefix = "nginx-stacks:index:";
// What they are of is described and tested where it is from.
const elsewhere = /^(?:NginxConfigNode|NginxPods)$/;

export async function readSchemaOptions(): Promise<SchemaOptions> {
  const components = [MqttProxy, NginxPlus] as never;
  const provider = new ComponentProvider({ components, dirname: join(__dirname, "../../.."), name: "nginx-stacks" });
  const { resources, types }: Schema = JSON.parse(await provider.getSchema());
  const propertiesOf = (component: string) => resources[`${prefix}${component}`]!.inputProperties;
  const ofPods = propertiesOf("NginxPlus");
  const own = Object.fromEntries(Object.entries(propertiesOf("MqttProxy")).filter(([name]) => !(name in ofPods)));
  const typeOf = ({ $ref, items, additionalProperties }: Property): string | undefined =>
    $ref?.match(/^#\/types\/nginx-stacks:index:(\w+)$/)?.[1] ??
    (items ? typeOf(items) : additionalProperties && typeOf(additionalProperties));

  /** All options below some properties; with arguments, those that these have. */
  function walk(owner: string, properties: Properties, found: Set<string>, given?: unknown): Set<string> {
    for (const [name, property] of Object.entries(properties)) {
      const value = (given as Record<string, unknown> | undefined)?.[name];
      if (given !== undefined && value === undefined) continue;
      const option = `${owner}.${name}`;
      const type = typeOf(property);
      if (given === undefined && found.has(option)) continue;
      found.add(option);
      if (type === undefined || elsewhere.test(type)) continue;
      const { properties: inner, enum: values } = types[`${prefix}${type}`]!;
      for (const one of given === undefined ? [undefined] : [value].flat()) {
        if (inner) walk(type, inner, found, one);
        else
          for (const { value: closed } of values ?? [])
            if (one === undefined || one === closed) found.add(`${type}.${closed}`);
      }
    }
    return found;
  }
  return {
    options: [...walk("MqttProxy", own, new Set())].sort(),
    inherited: [
      ...Object.keys(propertiesOf("MqttProxy"))
        .filter((name) => name in ofPods)
        .map((name) => `MqttProxy.${name}`),
      ...Object.keys(types[`${prefix}NginxPods`]!.properties!).map((name) => `NginxPods.${name}`),
    ].sort(),
    used: (args) => walk("MqttProxy", own, new Set(), args),
  };
}
