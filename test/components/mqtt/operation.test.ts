import { MqttProxy, type MqttProxyArgs } from "../../../components";
import { type KubernetesObject, manifests, record } from "../../../engine";

const least: MqttProxyArgs = {
  namespace: "mqtt",
  edition: "oss",
  upstreams: [{ name: "brokers", servers: [{ host: "broker.example.com" }] }],
  defaultRoute: { upstream: "brokers" },
};
const license = { secretName: "license", revision: "1" };

const render = async (args: Partial<MqttProxyArgs>) =>
  manifests(await record(() => void new MqttProxy("edge", { ...least, ...args })));

// biome-ignore lint/suspicious/noExplicitAny: expectations go anywhere in a manifest
const spec = (objects: KubernetesObject[], kind: string) => objects.find((one) => one.kind === kind)!.spec as any;

describe("autoscaling", () => {
  test("removes one pod after half an hour, and the next ten minutes later", async () => {
    const { behavior } = spec(await render({ pods: { autoscaling: { maxReplicas: 4 } } }), "HorizontalPodAutoscaler");
    expect(behavior).toEqual({
      scaleDown: { stabilizationWindowSeconds: 1800, policies: [{ type: "Pods", value: 1, periodSeconds: 600 }] },
    });
  });

  test("takes each setting of scaleDown by itself", async () => {
    const scaleDown = { stabilizationWindowSeconds: undefined, periodSeconds: 90, pods: 2 };
    const objects = await render({ pods: { autoscaling: { maxReplicas: 4, scaleDown } } });
    expect(spec(objects, "HorizontalPodAutoscaler").behavior).toEqual({
      scaleDown: { stabilizationWindowSeconds: 1800, policies: [{ type: "Pods", value: 2, periodSeconds: 90 }] },
    });
  });

  test("is refused for more clients than the pod's connections allow: each client has a second one, to its broker", () => {
    const autoscaling = { maxReplicas: 4, connectionsPerPod: 4097 };
    expect(() => new MqttProxy("edge", { ...least, pods: { autoscaling, monitoring: {} } })).toThrow(
      'MqttProxy "edge": pods.autoscaling.connectionsPerPod is 4097, and a pod has room for 4096 clients (worker_processes, worker_connections): it would be full before another came; aim at three quarters of that, 3072',
    );
  });
});

describe("the sessions of a listener", () => {
  const tls = { certificate: { secretName: "server", revision: "1" } };
  const listeners: MqttProxyArgs["listeners"] = [
    { name: "devices", port: 1883 },
    { name: "web", port: 8443, tls, webSocket: { upstream: "brokers", brokerPort: 8884 } },
  ];
  const configuration = async (args: Partial<MqttProxyArgs>) =>
    (await render({ listeners, ...args })).flatMap(({ kind, data }) =>
      kind === "ConfigMap" ? [(data as Record<string, string>)["nginx.conf"]!] : [],
    )[0]!;

  test("have a status zone with the listener's name on NGINX Plus", async () => {
    expect((await configuration({ edition: "plus", license })).match(/status_zone .*;/g)).toEqual([
      "status_zone mqtt-listener-web;",
      "status_zone mqtt-listener-devices;",
    ]);
  });

  test("have no status zone on open-source NGINX, which has none", async () => {
    expect(await configuration({})).not.toContain("status_zone");
  });

  test("are on the dashboard, with the state of the brokers", async () => {
    const objects = await render({
      edition: "plus",
      license,
      listeners,
      pods: { monitoring: { prometheusOperator: true, dashboard: true } },
    });
    const { data } = objects.find(({ metadata }) => metadata.name.includes("-dashboard"))!;
    const text = Object.values(data as Record<string, string>)[0]!;
    for (const metric of ["stream_server_zone_sessions", "stream_upstream_server_state", "upstream_server_state"])
      expect(text).toContain(`nginxplus_${metric}`);
    const alerts = spec(objects, "PrometheusRule").groups[0].rules.map(({ alert }: { alert: string }) => alert);
    expect(alerts).toContain("NginxUpstreamDown");
    expect(alerts).not.toContain("NginxHealthChecksFail");
  });
});
