// Measures the library against the same without it, and prints the table of docs/benchmarks.md.
import { cleanUp } from "./clean-up";
import { measureConstruction } from "./construction";
import { measureHierarchy } from "./hierarchy";
import { measureProxy } from "./proxy";
import { measurePulumiUp } from "./pulumi-up";
import { machine, type Row, table } from "./report";
import { measureRoutes } from "./routes";

const parts: Record<string, () => Promise<Row[]>> = {
  "importing and constructing": measureConstruction,
  "certificate hierarchies": measureHierarchy,
  "certificate hierarchies by `pulumi up`": measurePulumiUp,
  "MQTT through the rendered proxy": measureProxy,
  "many routes of an MqttProxy": measureRoutes,
};

async function main(): Promise<void> {
  const here = machine();
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(parts)) {
    process.stderr.write(`measuring: ${name}\n`);
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
