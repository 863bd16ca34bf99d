import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { nimChart } from "../../../components/manager/instance-manager/chart-keys";

const upstream = join(__dirname, "../../../../shared/upstream");
const file = (end: string) => join(upstream, `nim-2.2.2-chart-values.${end}`);
const here = existsSync(file("yaml"));
const upstreamTest = here ? test : test.skip;
const why = here ? "" : "the chart's values are missing (../shared/upstream): ";

/** What the templates ask for, though values.yaml does not have it. */
const unlisted = [
  "podAnnotations",
  "replicaCount",
  "serviceAccount.name",
  "apigw.nginxWorkerConnections",
  "apigw.nginxWorkerRlimitNofile",
];

/** Paths of a values.yaml, with the shape that our list gives them. */
function paths(value: unknown, path = ""): string[] {
  // Requests are all that the chart sets of resources; it takes limits as well.
  if (path.endsWith(".resources")) return [`${path} map`];
  if (Array.isArray(value)) return [`${path} list`];
  if (typeof value !== "object" || value === null) return [`${path} value`];
  const inner = Object.entries(value);
  if (inner.length === 0) return [`${path} map`];
  return inner.flatMap(([key, item]) => paths(item, path === "" ? key : `${path}.${key}`));
}

upstreamTest(`${why}the known keys are those of the chart's values.yaml, with their shapes`, () => {
  const known = [...nimChart("2.2.2").keys].filter(([path]) => !unlisted.includes(path));
  expect(known.map(([path, shape]) => `${path} ${shape}`).sort()).toEqual(
    paths(parse(readFileSync(file("yaml"), "utf8"))).sort(),
  );
});

upstreamTest(`${why}the schema of the chart is about modules only, which nothing here sets`, () => {
  const schema = JSON.parse(readFileSync(file("schema.json"), "utf8"));
  expect(Object.keys(schema.properties)).toEqual(["global"]);
  expect(Object.keys(schema.properties.global.properties)).toEqual(["utility", "nmsModules"]);
});

test.each([
  ["apigw.tlsSecretName", "the nearest key is apigw.tlsSecret"],
  ["apigw.tlsReload.enable", "the nearest key is apigw.tlsReload.enabled"],
  ["nim.adminPasswordHash", "the nearest key is adminPasswordHash"],
])("%s: %s", (path, expected) => {
  expect(nimChart("2.2.2").unknownKey(path)).toBe(expected);
});
