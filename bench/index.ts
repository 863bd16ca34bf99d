// Measures the library against the same without it, and prints the table of docs/benchmarks.md: all of it, or the parts that are named.
import { cleanUp } from "./clean-up";
import { measureConstruction } from "./construction";
import { measureHierarchy } from "./hierarchy";
import { measureInstructions } from "./instructions";
import { measureProxy } from "./proxy";
import { measurePulumiUp } from "./pulumi-up";
import { machine, type Row, table } from "./report";
import { measureRoutes } from "./routes";

const parts: Record<string, { what: string; measure: () => Promise<Row[]> }> = {
  construction: { what: "importing and constructing", measure: measureConstruction },
  hierarchies: { what: "certificate hierarchies", measure: measureHierarchy },
  "pulumi-up": { what: "certificate hierarchies by `pulumi up`", measure: measurePulumiUp },
  proxy: { what: "MQTT through the rendered proxy", measure: measureProxy },
  instructions: { what: "instructions of a connect", measure: measureInstructions },
  routes: { what: "many routes of an MqttProxy", measure: measureRoutes },
};

async function main(): Promise<void> {
  const named = process.argv.slice(2);
  const unknown = named.find((name) => !parts[name]);
  if (unknown !== undefined) throw new Error(`no part "${unknown}": name some of ${Object.keys(parts).join(", ")}`);
  const here = machine();
  const rows: Row[] = [];
  for (const name of named.length > 0 ? named : Object.keys(parts)) {
    const { what, measure } = parts[name]!;
    process.stderr.write(`measuring: ${what}\n`);
    rows.push(...(await measure()));
  }
  process.stdout.write(`${here}\n\n${table(rows)}`);
}

process.once("SIGINT", () => cleanUp().finally(() => process.exit(130)));
main()
  .catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  })
  .finally(cleanUp);
