import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MqttProxy, type MqttProxyArgs } from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { type RunningProcess, start, untilListening } from "../../loopback/process";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { open } from "./mqtt-clients";
import { startPlusApi } from "./plus-api-stub";

// Debian's, 0.11, knows nothing of licences. Another can be named.
const { NGINX_STACKS_EXPORTER: newer } = process.env;
const exporter = newer ?? "prometheus-nginx-exporter";
const missing = missingPrograms("nginx", ...(newer ? [] : [exporter]));
const describeOnTheWire = missing ? describe.skip : describe;

describeOnTheWire(`metrics of MqttProxy${missing ? ` (${missing})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-metrics-"));
  let broker: BrokerStub;
  const processes: RunningProcess[] = [];
  const sockets: Socket[] = [];

  beforeAll(async () => {
    broker = await startBrokerStub();
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(processes.map((process) => process.stop()));
    await broker.stop();
    rmSync(folder, { recursive: true });
  });

  async function render(args: Partial<MqttProxyArgs>): Promise<KubernetesObject[]> {
    const run = await record(
      () =>
        void new MqttProxy("edge", {
          namespace: "mqtt",
          listeners: [
            { name: "devices", port: 1883 },
            {
              name: "web",
              port: 8443,
              tls: { certificate: { secretName: "server", revision: "1" } },
              webSocket: { upstream: "broker", brokerPort: 8884 },
            },
          ],
          upstreams: [{ name: "broker", servers: [{ host: "127.0.0.1", port: broker.port }], healthCheck: {} }],
          defaultRoute: { upstream: "broker" },
          pods: { monitoring: { prometheusOperator: true, dashboard: true } },
          ...args,
        }),
    );
    return manifests(run, { secrets: "show" });
  }

  /** Runs the exporter with its container's arguments, against another port, and gives what it shows: samples by name. */
  async function scrape(objects: KubernetesObject[], port: number): Promise<Map<string, [string, number][]>> {
    const deployment = objects.find(({ kind }) => kind === "Deployment")!;
    const { containers } = (deployment.spec as unknown as { template: { spec: { containers: Container[] } } }).template
      .spec;
    const { args } = containers.find(({ name }) => name === "exporter")!;
    const own = await freePort();
    const process = start(
      exporter,
      [...args.map((word) => word.replace(":8080/", `:${port}/`)), `--web.listen-address=127.0.0.1:${own}`],
      join(folder, `exporter-${own}`),
    );
    processes.push(process);
    await untilListening(own, process);
    const text = await (await fetch(`http://127.0.0.1:${own}/metrics`)).text();
    const samples = new Map<string, [string, number][]>();
    for (const [, name, labels = "", value] of text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? (\S+)$/gm))
      samples.set(name!, [...(samples.get(name!) ?? []), [labels, Number(value)]]);
    return samples;
  }
  interface Container {
    name: string;
    args: string[];
  }

  /** The metrics that alerts and the dashboard of these objects ask for. */
  function asked(objects: KubernetesObject[]): string[] {
    const rules = objects.find(({ kind }) => kind === "PrometheusRule")!.spec;
    const { data } = objects.find(({ metadata }) => metadata.name.includes("-dashboard"))!;
    return [...new Set(`${JSON.stringify(rules)}${JSON.stringify(data)}`.match(/\bnginx(?:plus)?_\w+(?=\{)/g))].sort();
  }

  const withoutWeb = { listeners: [{ name: "devices", port: 1883 }] };
  const unchecked = (port: number) => [{ name: "broker", servers: [{ host: "127.0.0.1", port }] }];

  test("open-source NGINX counts clients of MQTT among its connections, and has every metric that is asked for", async () => {
    const objects = await render({ edition: "oss", ...withoutWeb, upstreams: unchecked(broker.port) });
    let stack: Loopback | undefined;
    try {
      stack = await runOnLoopback(objects);
      const devices = stack.port("nginx", "devices");
      for (let index = 0; index < 30; index++) {
        const { socket, broker: name } = await open(devices, { clientId: `device-${index}` });
        sockets.push(socket);
        expect(name).toBe("stub");
      }
      const samples = await scrape(objects, stack.port("nginx", "management"));
      // And the exporter's own connection.
      expect(samples.get("nginx_connections_active")).toEqual([["", 31]]);
      expect(samples.get("nginx_up")).toEqual([["", 1]]);
      expect(asked(objects)).toEqual([
        "nginx_connections_accepted",
        "nginx_connections_active",
        "nginx_connections_handled",
        "nginx_up",
      ]);
      expect(asked(objects).filter((name) => !samples.has(name))).toEqual([]);
    } finally {
      for (const socket of sockets) socket.destroy();
      await stack?.stop();
    }
  });

  describe("NGINX Plus, as its API is documented", () => {
    let objects: KubernetesObject[];
    let samples: Map<string, [string, number][]>;
    const isLicence = (name: string) => name.startsWith("nginxplus_license_");

    beforeAll(async () => {
      objects = await render({ edition: "plus", license: { secretName: "license", revision: "1" } });
      const api = await startPlusApi();
      try {
        samples = await scrape(objects, api.port);
      } finally {
        await api.stop();
      }
    });

    test("has every metric that is asked for", () => {
      expect(asked(objects).length).toBeGreaterThan(15);
      expect(asked(objects).filter((name) => !isLicence(name) && !samples.has(name))).toEqual([]);
    });

    test("has the labels that alerts and the dashboard use, and the numbers of states", () => {
      expect(samples.get("nginxplus_stream_upstream_server_state")).toEqual([
        ['server="192.0.2.1:8883",upstream="mqtt_brokers"', 1],
        ['server="192.0.2.2:8883",upstream="mqtt_brokers"', 6],
      ]);
      expect(samples.get("nginxplus_stream_server_zone_sessions")).toContainEqual([
        'code="5xx",server_zone="mqtt-listener-devices"',
        2,
      ]);
      expect(samples.get("nginxplus_connections_active")).toEqual([["", 40]]);
    });

    const licences = newer ? test : test.skip;
    licences("has the licence's metrics (missing: an exporter of today, in NGINX_STACKS_EXPORTER)", () => {
      expect(asked(objects).filter(isLicence)).toHaveLength(4);
      expect(asked(objects).filter((name) => !samples.has(name))).toEqual([]);
    });
  });
});
