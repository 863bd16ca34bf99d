import * as pulumi from "@pulumi/pulumi";
import { type Argument, Namespace, resolveArguments } from "../../../components/foundation";
import {
  checkRepeated,
  containedNginx,
  type NginxConfigNode,
  NginxPlus,
  type NginxPlusArgs,
  originsOf,
  resolveNginx,
} from "../../../components/nginx";
import { manifests, record } from "../../../engine";
import { thrownBy, withoutPlace } from "../refusals";

interface FrontArgs {
  namespace: pulumi.Input<string>;
  /** Nodes of the user in `stream`. */
  snippets?: NginxConfigNode[];
  /** Nodes of the user in the component's `server`. */
  server?: NginxConfigNode[];
  trusted?: pulumi.Input<string>;
  pods?: Partial<NginxPlusArgs>;
}

/** A component that contains an NginxPlus, as those of the other areas do. */
class Front extends pulumi.ComponentResource {
  constructor(name: string, args: FrontArgs) {
    const resolved = resolveArguments("Front", name, "NginxConfiguration", {}, (none) =>
      resolveFront(none.with("", args)),
    );
    super("test:index:Front", name, {});
    new NginxPlus(`${name}-nginx`, containedNginx(resolved), { parent: this });
  }
}

function resolveFront(argument: Argument<FrontArgs>) {
  const { namespace, snippets = [], server = [], trusted, pods } = argument.value;
  const own: NginxConfigNode[] = [
    { name: "listen", args: ["1883"] },
    { name: "proxy_timeout", args: ["10m"] },
    { name: "proxy_pass", args: [pulumi.output("broker:1883")] },
  ];
  checkRepeated(argument.field("server"), own, { proxy_timeout: "idleTimeoutSeconds" });
  const file = trusted === undefined ? undefined : { path: "/etc/nginx/trusted/ca.crt", content: trusted };
  const origins = originsOf(argument.field("snippets"), argument.field("server"));
  if (file) origins.set(file, argument.field("trusted"));
  return resolveNginx(
    argument.inner(
      {
        ...pods,
        namespace,
        edition: "oss",
        ports: [{ name: "mqtt", port: 1883 }],
        configuration: { stream: [...snippets, { name: "server", block: [...own, ...server] }] },
        ...(file && { files: [file] }),
      } as NginxPlusArgs,
      (path) => (/^(?:replicas|networkPolicy|monitoring)\b/.test(path) ? `pods.${path}` : path),
    ),
    { origins, egress: [{ ports: [8883] }] },
  );
}

const messageOf = (args: Partial<FrontArgs>) =>
  withoutPlace((thrownBy(() => new Front("edge", { namespace: "mqtt", ...args })) as Error).message).split("\n");

test("a fault of a contained component has the user's component and path, before anything is registered", () => {
  expect(
    messageOf({
      snippets: [{ name: "bad name" }, { name: "upstream", args: ["a"], block: [{ name: "server", args: [] }] }],
      server: [{ name: "preread_timout", args: ["1s"] }],
      pods: { replicas: 0 },
    }),
  ).toEqual([
    'Front "edge": snippets[1].block[0].args has 0 words; write at least 1: that is how many server takes, each a word by itself',
    'Front "edge": server[0].name is "preread_timout", which is not a directive of NGINX; write preread_timeout, or set thirdParty: true on the node if another module has it',
    'Front "edge": snippets[0].name is not the name of a directive; write the name alone, and its arguments in args',
    'Front "edge": pods.replicas is 0; write a whole number from 1 to 1000',
  ]);
});

test("a directive that the component writes in the same block is refused with the argument", () => {
  expect(messageOf({ server: [{ name: "proxy_timeout", args: ["1h"] }] })).toEqual([
    'Front "edge": server[0] repeats proxy_timeout, which this component writes in the same block; write idleTimeoutSeconds instead',
  ]);
  expect(messageOf({ server: [{ name: "proxy_pass", args: ["other:1883"] }] })).toEqual([
    'Front "edge": server[0] repeats proxy_pass, which this component writes in the same block; remove it: NGINX accepts it once',
  ]);
});

test.each<[string, Partial<FrontArgs>, string]>([
  ["a secret text", { trusted: pulumi.secret("PEM") }, 'Front "edge": trusted holds a secret, and would stand'],
  [
    "a secret in a snippet",
    { server: [{ name: "proxy_bind", args: [pulumi.secret("192.0.2.1")] }] },
    'Front "edge": server[0].args[0] holds a secret, and would stand',
  ],
  [
    "a fault that is known later",
    { snippets: [{ name: "limit_conn_log_level", args: [pulumi.output("a\0b")] }] },
    'Front "edge": snippets[0].args[0] has a NUL byte',
  ],
])("%s is refused under the user's path", async (_, args, sentence) => {
  await expect(record(() => void new Front("edge", { namespace: "mqtt", ...args }))).rejects.toThrow(sentence);
});

describe("in a Namespace that denies by default", () => {
  const namespace = () => new Namespace("mqtt", { defaultDeny: true }).name;
  const policyOf = async (make: () => void) =>
    (manifests(await record(make)).find(
      ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name.includes("network-policy"),
    )?.spec ?? {}) as { ingress?: object[]; egress?: object[] };
  const dns = {
    ports: [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ],
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
        podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      },
    ],
  };

  test("pods without a policy get the one that they need: clients in, name servers and their servers out", async () => {
    const { ingress, egress } = await policyOf(() => void new Front("edge", { namespace: namespace() }));
    expect(ingress).toEqual([{ ports: [{ port: 1883, protocol: "TCP" }] }]);
    expect(egress).toEqual([dns, { ports: [{ port: 8883, protocol: "TCP" }] }]);
  });

  test("upstreams of the user close the ports of the servers", async () => {
    const upstreams = [{ podLabels: { app: "broker" }, ports: [8883] }];
    const pods = { networkPolicy: { upstreams, dns: [{ cidr: "169.254.20.10/32" }] } };
    const { egress } = await policyOf(() => void new Front("edge", { namespace: namespace(), pods }));
    expect(egress).toEqual([
      { ...dns, to: [{ ipBlock: { cidr: "169.254.20.10/32" } }] },
      { ports: [{ port: 8883, protocol: "TCP" }], to: [{ podSelector: { matchLabels: { app: "broker" } } }] },
    ]);
  });

  test("an NginxPlus reaches the servers and name servers that its configuration names", async () => {
    const location = (target: string) => ({ name: "proxy_pass", args: [target] });
    const make = () =>
      void new NginxPlus("web", {
        namespace: namespace(),
        edition: "oss",
        ports: [{ name: "http", port: 8000 }],
        configuration: {
          http: [
            { name: "resolver", args: ["192.0.2.53", "[2001:db8::53]:53", "valid=30s"] },
            { name: "upstream", args: ["shop"], block: [{ name: "server", args: ["shop.example.com:8443"] }] },
            {
              name: "server",
              block: [
                { name: "listen", args: ["8000"] },
                ...["http://shop", "https://pay.example.com", "http://127.0.0.1:9000"].map((target, index) => ({
                  name: "location",
                  args: [`/${index}`],
                  block: [location(target)],
                })),
              ],
            },
          ],
        },
      });
    const { egress } = await policyOf(make);
    expect(egress).toEqual([
      {
        ...dns,
        to: [...dns.to, { ipBlock: { cidr: "192.0.2.53/32" } }, { ipBlock: { cidr: "2001:db8::53/128" } }],
      },
      { ports: [443, 8443].map((port) => ({ port, protocol: "TCP" })) },
    ]);
  });

  test("metrics without a reader are refused, and open to the named readers", async () => {
    const pods = { monitoring: {} };
    await expect(record(() => void new Front("edge", { namespace: namespace(), pods }))).rejects.toThrow(
      'Front "edge": pods.networkPolicy.metricsFrom is missing beside monitoring: no peer could read the metrics; write for example [{ namespaceLabels: { "kubernetes.io/metadata.name": "monitoring" } }]; [] for none',
    );
    const networkPolicy = { metricsFrom: [{ podLabels: { app: "prometheus" } }] };
    const { ingress } = await policyOf(
      () => void new Front("edge", { namespace: namespace(), pods: { ...pods, networkPolicy } }),
    );
    expect(ingress?.[1]).toEqual({
      ports: [{ port: 9113, protocol: "TCP" }],
      from: [{ podSelector: { matchLabels: { app: "prometheus" } } }],
    });
  });

  test("pods in any other namespace have no policy unless one is asked for", async () => {
    expect(await policyOf(() => void new Front("edge", { namespace: "mqtt" }))).toEqual({});
    const open = () => new Namespace("mqtt", {}).name;
    expect(await policyOf(() => void new Front("edge", { namespace: open() }))).toEqual({});
  });
});
