import { NginxPlus, type NginxPlusArgs } from "../../../components/nginx";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { expressionFaults, firing, promtoolMissing, type Rules, ruleFaults } from "../../promtool";
import { both, cases, job, oss, plus, unproxied, variants, webOnly } from "./alert-cases";

const rendered = new Map<NginxPlusArgs, ReturnType<typeof renderAnew>>();

/** What comes of the arguments, rendered once. */
function render(args: NginxPlusArgs) {
  const made = rendered.get(args) ?? renderAnew(args);
  rendered.set(args, made);
  return made;
}

async function renderAnew(args: NginxPlusArgs) {
  const run = await record(() => void new NginxPlus("edge", args));
  // The job is the label of the pods, which is random.
  const instance = run.requests.find(({ name }) => name === "edge-instance")!.outputs.hex as string;
  const objects = JSON.parse(JSON.stringify(manifests(run)).replaceAll(instance, job)) as KubernetesObject[];
  const rules = objects.find(({ kind }) => kind === "PrometheusRule")!.spec as unknown as Rules;
  const dashboards = objects.filter(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name.includes("dashboard"),
  );
  const [data] = Object.values(dashboards[0]!.data as Record<string, string>);
  return { rules, dashboards, dashboard: JSON.parse(data!) as Dashboard };
}

interface Dashboard {
  uid: string;
  panels: {
    id: number;
    title: string;
    gridPos: { x: number; y: number };
    targets: { refId: string; expr: string }[];
    fieldConfig: { defaults: { thresholds?: { steps: { value: number | null }[] } } };
  }[];
}

const missing = promtoolMissing();
const describeWithPromtool = missing ? describe.skip : describe;

describeWithPromtool(`alerts, as Prometheus reads them${missing ? ` (${missing})` : ""}`, () => {
  test.each(Object.entries(variants))("the rules and the dashboard of %s are valid", async (_, args) => {
    const { rules, dashboard } = await render(args);
    expect(ruleFaults(rules)).toBe("");
    expect(expressionFaults(dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)))).toBe("");
  });

  test("each has a case in which it fires", async () => {
    for (const [name, args] of Object.entries(variants)) {
      const { rules } = await render(args);
      for (const { alert } of rules.groups[0]!.rules as { alert: string }[])
        expect([name, alert, cases.some((one) => one.alert === alert)]).toEqual([name, alert, true]);
    }
  });

  test.each(cases)("$alert fires when it should, and not otherwise", async ({ args, alert, fires, saying, silent }) => {
    const { rules } = await render(args);
    const [loud, ...quiet] = firing(rules, alert, [fires, ...Object.values(silent)], 30);
    expect(loud).toEqual(saying);
    expect(Object.fromEntries(Object.keys(silent).map((why, index) => [why, quiet[index]]))).toEqual(
      Object.fromEntries(Object.keys(silent).map((why) => [why, []])),
    );
  });
});

test("no alert about upstreams where there are none, and none about room without a known limit", async () => {
  const alertsOf = async (args: NginxPlusArgs) =>
    ((await render(args)).rules.groups[0]!.rules as { alert: string; expr: string }[]).map(({ alert }) => alert);
  expect(await alertsOf(unproxied)).toEqual(["NginxDown", "NginxNearlyFull", "NginxConnectionsDropped"]);
  expect(await alertsOf(oss)).toEqual(await alertsOf(unproxied));
  const configuration = { ...unproxied.configuration, main: [{ name: "worker_processes", args: ["auto"] }] };
  expect(await alertsOf({ ...unproxied, configuration })).toEqual(["NginxDown", "NginxConnectionsDropped"]);
  expect(await alertsOf(plus)).toContain("NginxHealthChecksFail");
});

describe("the dashboard", () => {
  test("is found by Grafana's sidecar, under a file name of its own", async () => {
    const { dashboards } = await render(plus);
    expect(dashboards).toHaveLength(1);
    expect(dashboards[0]!.metadata.labels).toMatchObject({ grafana_dashboard: "1" });
    expect(Object.keys(dashboards[0]!.data as object)).toEqual([`${job}.json`]);
    const labelled = await render({
      ...plus,
      monitoring: { ...plus.monitoring, dashboardLabels: { dashboards: "edge" } },
    });
    expect(labelled.dashboards[0]!.metadata.labels).toMatchObject({ dashboards: "edge" });
    expect(labelled.dashboards[0]!.metadata.labels).not.toHaveProperty("grafana_dashboard");
  });

  test("says the same at any time, and has an identity of its own", async () => {
    const [one, again] = [await render(plus), await renderAnew(plus)];
    expect({ ...one.dashboard, uid: "" }).toEqual({ ...again.dashboard, uid: "" });
    expect(one.dashboard.uid).toMatch(/^[0-9a-f]{16}$/);
  });

  test("has a place for each panel", async () => {
    const { dashboard } = await render(both);
    const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(dashboard.panels.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { targets } of dashboard.panels) expect(targets.length).toBeGreaterThan(0);
  });

  test("shows what the edition has", async () => {
    const titles = async (args: NginxPlusArgs) => (await render(args)).dashboard.panels.map(({ title }) => title);
    expect({ plus: await titles(plus), oss: await titles(oss) }).toMatchInlineSnapshot(`
{
  "oss": [
    "Clients",
    "Clients of all pods",
    "New connections",
    "Connections closed as soon as they came",
    "Answers to the exporter",
  ],
  "plus": [
    "Clients",
    "Clients of all pods",
    "New connections",
    "Connections closed as soon as they came",
    "Answers to the exporter",
    "Connections of each listener",
    "Sessions that ended, by status",
    "Bytes from and to clients",
    "State of the servers of upstreams",
    "Connections to the servers of upstreams",
    "Failed attempts on servers of upstreams",
    "Failed health checks",
    "TLS handshakes that failed",
    "Licence: time left",
  ],
}
`);
    expect(await titles(webOnly)).toContain("HTTP requests");
  });

  test("is red where a pod is full", async () => {
    const threshold = async (args: NginxPlusArgs) =>
      (await render(args)).dashboard.panels[0]!.fieldConfig.defaults.thresholds?.steps[1]?.value;
    expect(await threshold(plus)).toBe(4096);
    expect(await threshold(unproxied)).toBe(8192);
  });
});
