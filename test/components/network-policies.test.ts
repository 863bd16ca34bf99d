import {
  GatewayFabric,
  GatewayFabricV1,
  InstanceManagerProxy,
  InstanceManagerV1Proxy,
  MqttProxy,
  Namespace,
  NginxPlus,
  SpireServer,
} from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import { NetworkPolicies, type Peer, type Pod } from "../network-policies/evaluate";
import { stoppedFlows } from "../network-policies/flows";
import { validArguments } from "./valid-arguments";

const pod = (namespace: string, labels: Record<string, string>, more: Partial<Pod> = {}): Pod => ({
  ...{ namespace, namespaceLabels: { "kubernetes.io/metadata.name": namespace }, labels, ports: {}, ...more },
});
const web = pod("shop", { app: "web" }, { ports: { http: 8080 } });
const client = pod("shop", { app: "client" });
const stranger = pod("other", { app: "client" });
const outside = { address: "203.0.113.10" };

const policy = (spec: object, namespace = "shop"): KubernetesObject =>
  ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "p", namespace }, spec }) as never;
const toWeb = (rule: object, more: object = {}) =>
  policy({ podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress"], ingress: [rule], ...more });
const fromClient = (...egress: object[]) =>
  policy({ podSelector: { matchLabels: { app: "client" } }, policyTypes: ["Egress"], egress });

describe("connections, as Kubernetes defines NetworkPolicies", () => {
  test.each<
    [title: string, policies: KubernetesObject[], from: Peer, port: number, passes: boolean, protocol?: string]
  >([
    ["without a policy pass", [], stranger, 8080, true],
    [
      "that a policy of another namespace is about pass",
      [policy({ podSelector: {}, policyTypes: ["Ingress"] }, "other")],
      client,
      8080,
      true,
    ],
    [
      "are denied by a policy without rules",
      [policy({ podSelector: {}, policyTypes: ["Ingress"] })],
      client,
      8080,
      false,
    ],
    ["are denied by one that names no types", [policy({ podSelector: {} })], client, 8080, false],
    [
      "to pods that no policy selects pass",
      [policy({ podSelector: { matchLabels: { app: "db" } } })],
      client,
      8080,
      true,
    ],
    ["pass by an empty rule", [toWeb({})], stranger, 8080, true],
    ["pass by an empty list of peers", [toWeb({ from: [], ports: [{ port: 8080 }] })], outside, 8080, true],
    ["to another port than the rule's are denied", [toWeb({ ports: [{ port: 8080 }] })], client, 8081, false],
    ["over another protocol are denied", [toWeb({ ports: [{ port: 8080, protocol: "UDP" }] })], client, 8080, false],
    ["over the rule's protocol pass", [toWeb({ ports: [{ port: 8080, protocol: "UDP" }] })], client, 8080, true, "UDP"],
    ["to every port of a protocol pass", [toWeb({ ports: [{ protocol: "TCP" }] })], client, 9999, true],
    ["to a named port pass", [toWeb({ ports: [{ port: "http" }] })], client, 8080, true],
    ["to a port of another name are denied", [toWeb({ ports: [{ port: "https" }] })], client, 8080, false],
    ["to the last port of a range pass", [toWeb({ ports: [{ port: 8000, endPort: 8080 }] })], client, 8080, true],
    ["above a range are denied", [toWeb({ ports: [{ port: 8000, endPort: 8079 }] })], client, 8080, false],
    [
      "from selected pods pass",
      [toWeb({ from: [{ podSelector: { matchLabels: { app: "client" } } }] })],
      client,
      8080,
      true,
    ],
    [
      "from pods of that label in another namespace are denied",
      [toWeb({ from: [{ podSelector: { matchLabels: { app: "client" } } }] })],
      stranger,
      8080,
      false,
    ],
    [
      "from a selected namespace pass",
      [toWeb({ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "other" } } }] })],
      stranger,
      8080,
      true,
    ],
    ["from all namespaces pass", [toWeb({ from: [{ namespaceSelector: {} }] })], stranger, 8080, true],
    [
      "need both selectors of one peer",
      [toWeb({ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "db" } } }] })],
      stranger,
      8080,
      false,
    ],
    [
      "need one of two peers",
      [toWeb({ from: [{ podSelector: { matchLabels: { app: "db" } } }, { namespaceSelector: {} }] })],
      stranger,
      8080,
      true,
    ],
    [
      "from outside are denied where pods are named",
      [toWeb({ from: [{ namespaceSelector: {} }] })],
      outside,
      8080,
      false,
    ],
    ["from a network pass", [toWeb({ from: [{ ipBlock: { cidr: "203.0.113.0/24" } }] })], outside, 8080, true],
    [
      "from an exception of it are denied",
      [toWeb({ from: [{ ipBlock: { cidr: "203.0.113.0/24", except: ["203.0.113.8/29"] } }] })],
      outside,
      8080,
      false,
    ],
    [
      "from another network are denied",
      [toWeb({ from: [{ ipBlock: { cidr: "198.51.100.0/24" } }] })],
      outside,
      8080,
      false,
    ],
    [
      "from IPv6 are not those of a network of IPv4",
      [toWeb({ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] })],
      { address: "2001:db8::1" },
      8080,
      false,
    ],
    ["pass where one of two policies lets them", [toWeb({}), policy({ podSelector: {} })], client, 8080, true],
    ["are denied where only the way back is allowed", [fromClient()], client, 8080, false],
    [
      "pass where both ends let them",
      [fromClient({ to: [{ podSelector: { matchLabels: { app: "web" } } }] }), toWeb({})],
      client,
      8080,
      true,
    ],
    [
      "are denied at their end although their beginning lets them",
      [fromClient({}), policy({ podSelector: {} })],
      client,
      8080,
      false,
    ],
    ["to a named port of the destination pass", [fromClient({ ports: [{ port: "http" }] })], client, 8080, true],
    [
      "from pods in the network of the node have no egress rules",
      [fromClient()],
      { ...client, hostNetwork: true },
      8080,
      true,
    ],
    [
      "from pods in the network of the node are from no pod",
      [toWeb({ from: [{ podSelector: {} }] })],
      { ...client, hostNetwork: true },
      8080,
      false,
    ],
    [
      "of a policy with egress rules and no types are denied both ways",
      [policy({ podSelector: {}, egress: [{}] })],
      client,
      8080,
      false,
    ],
    [
      "from pods with one of the values pass",
      [
        toWeb({
          from: [{ podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["a", "client"] }] } }],
        }),
      ],
      client,
      8080,
      true,
    ],
    [
      "from pods with an excluded value are denied",
      [
        toWeb({
          from: [{ podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["client"] }] } }],
        }),
      ],
      client,
      8080,
      false,
    ],
    [
      "from pods without a label pass",
      [toWeb({ from: [{ podSelector: { matchExpressions: [{ key: "job", operator: "DoesNotExist" }] } }] })],
      client,
      8080,
      true,
    ],
    [
      "from pods with a label that must exist are denied without it",
      [toWeb({ from: [{ podSelector: { matchExpressions: [{ key: "job", operator: "Exists" }] } }] })],
      client,
      8080,
      false,
    ],
  ])("%s", (_title, policies, from, port, passes, protocol = "TCP") => {
    const stopping = new NetworkPolicies(policies).stopping(from, web, { port, protocol });
    expect(stopping.length === 0).toBe(passes);
  });
});

describe("in a Namespace that denies by default", () => {
  const metricsFrom = [{ namespaceLabels: { "kubernetes.io/metadata.name": "monitoring" } }];
  /** The arguments without a policy of the user's, but for the readers of metrics, which no component can know. */
  const withOwnPolicy = ({ networkPolicy, pods, ...args }: { networkPolicy?: object; pods?: object }) => ({
    ...args,
    ...(networkPolicy && { networkPolicy: { metricsFrom } }),
    ...(pods && { pods: { ...pods, networkPolicy: { metricsFrom } } }),
  });
  const components = {
    ...{ NginxPlus, MqttProxy, InstanceManagerProxy, InstanceManagerV1Proxy },
    ...{ GatewayFabric, GatewayFabricV1, SpireServer },
  };
  // The ports of SRV records are known to no policy, and are refused without one.
  const cases = Object.entries(components).flatMap(([name, Component]) =>
    validArguments[name]!.map((args, index) => ({ name, index, Component, args: withOwnPolicy(args) })).filter(
      ({ args }) => !/"service":"/.test(JSON.stringify(args)),
    ),
  );

  test.each(cases)("$name, arguments $index: each connection that it needs passes", async ({ Component, args }) => {
    const run = await record(() => {
      const { name } = new Namespace("denying", { defaultDeny: true, podSecurity: "privileged" });
      new Component("it", { ...args, namespace: name } as never);
    });
    expect(stoppedFlows(manifests(run, { secrets: "show" }))).toEqual([]);
  });

  test("a server behind an upstream that no rule names is stopped, with both ends and the policy", async () => {
    const run = await record(() => {
      const { name } = new Namespace("denying", { defaultDeny: true });
      new MqttProxy("edge", {
        namespace: name,
        edition: "oss",
        upstreams: [{ name: "broker", servers: [{ host: "broker.example.com", port: 8883 }] }],
        defaultRoute: { upstream: "broker" },
        pods: { networkPolicy: { upstreams: [{ cidr: "198.51.100.0/24", ports: [1883] }] } },
      });
    });
    const names = (text: string) => text.replace(/-[0-9a-f]{8}/g, "");
    expect(stoppedFlows(manifests(run)).map(names)).toEqual([
      "Deployment/denying-namespace/edge-nginx-deployment to broker.example.com:8883: stopped by egress of NetworkPolicy/denying-namespace/denying-default-deny, egress of NetworkPolicy/denying-namespace/edge-nginx-network-policy",
    ]);
  });
});
