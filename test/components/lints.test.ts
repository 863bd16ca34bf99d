import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { manifests, record } from "../../engine";
import { danglingPorts, danglingReferences, requestLints } from "../lints";

// Lints pass on good programs elsewhere; here each is shown the program that it is for.

class Careless extends pulumi.ComponentResource {
  constructor(name: string, args: pulumi.Inputs, children: (parent: pulumi.Resource) => void, opts = {}) {
    super("nginx-stacks:index:Careless", name, args, opts);
    children(this);
    this.registerOutputs(args.silent ? {} : { done: true });
  }
}

const word = "a-secret-word-of-this-test";
const configMap = (name: string, data: pulumi.Inputs, opts: object, metadata = {}) =>
  new kubernetes.core.v1.ConfigMap(name, { metadata, data } as never, opts);

test.each<[string, () => void]>([
  [
    "a child of a component begins with the component's name",
    () => void new Careless("x", {}, (parent) => configMap("y-settings", {}, { parent })),
  ],
  [
    "a child of a component has the component's provider",
    () => {
      const provider = new kubernetes.Provider("one", { context: "one" });
      const other = new kubernetes.Provider("other", { context: "other" });
      new Careless("x", {}, (parent) => configMap("x-settings", {}, { parent, provider: other }), { provider });
    },
  ],
  [
    "no component reads another stack: its user does, and hands on what it needs",
    () => void new Careless("x", {}, (parent) => new pulumi.StackReference("x-stack", { name: "other" }, { parent })),
  ],
  ["a component registers its outputs", () => void new Careless("x", { silent: true }, () => {})],
  [
    "no object has a name of its own choosing that two installs would share",
    () => void new Careless("x", {}, (parent) => configMap("x-settings", {}, { parent }, { name: "settings" })),
  ],
  [
    "private keys, passwords and tokens stay in their envelopes",
    () => {
      new kubernetes.core.v1.Secret("kept", { stringData: { word: pulumi.secret(word) } });
      new Careless("x", { hidden: Buffer.from(word).toString("base64url") }, () => {});
    },
  ],
  ["only Secrets have secret contents", () => void configMap("settings", { word: pulumi.secret(word) }, {})],
])("%s", async (lint, program) => {
  const run = await record(program, { stackOutputs: { other: {} } });
  expect(requestLints[lint]!(run).length).toBeGreaterThan(0);
});

describe("references", () => {
  const pod = {
    serviceAccountName: "nobody",
    imagePullSecrets: [{ name: "registry" }],
    containers: [
      {
        name: "main",
        image: "example.com/main:1",
        ports: [{ name: "http", containerPort: 8080 }],
        env: [{ name: "WORD", valueFrom: { secretKeyRef: { name: "kept", key: "missing" } } }],
        envFrom: [{ configMapRef: { name: "absent" } }],
        volumeMounts: [
          { name: "settings", mountPath: "/settings" },
          { name: "certificate", mountPath: "/ca.crt", subPath: "ca.crt" },
          { name: "nowhere", mountPath: "/nowhere" },
        ],
        readinessProbe: { httpGet: { path: "/", port: "management" } },
      },
    ],
    volumes: [
      { name: "settings", configMap: { name: "settings", items: [{ key: "b", path: "b" }] } },
      { name: "certificate", secret: { secretName: "kept" } },
      { name: "both", projected: { sources: [{ secret: { name: "gone" } }] } },
    ],
  };
  const objects = async () =>
    manifests(
      await record(() => {
        new kubernetes.core.v1.Secret("kept", { metadata: { name: "kept" }, stringData: { word } });
        configMap("settings", { a: "1" }, {}, { name: "settings" });
        new kubernetes.apps.v1.Deployment("main", {
          metadata: { name: "main" },
          spec: {
            selector: { matchLabels: { app: "other" } },
            template: { metadata: { labels: { app: "main" } }, spec: pod },
          },
        });
        new kubernetes.core.v1.Service("main", {
          metadata: { name: "main" },
          spec: { selector: { app: "main" }, ports: [{ port: 80, targetPort: "https" }] },
        });
      }),
      { secrets: "show" },
    );

  test("each that leads nowhere is named", async () => {
    expect(danglingReferences(await objects())).toEqual([
      "Deployment/main refers to ServiceAccount nobody",
      "Deployment/main refers to Secret registry key .dockerconfigjson",
      "Deployment/main refers to ConfigMap settings key b",
      "Deployment/main refers to Secret gone",
      "Deployment/main refers to Secret kept key missing",
      "Deployment/main refers to ConfigMap absent",
      "Deployment/main refers to Secret kept key ca.crt",
      "Deployment/main refers to Volume nowhere",
    ]);
  });

  test("also of the Gateway API, and in the flags of a control plane", async () => {
    const custom = (kind: string, spec: object) =>
      new kubernetes.apiextensions.CustomResource(kind.toLowerCase(), {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind,
        metadata: { name: kind.toLowerCase() },
        spec,
      });
    const run = await record(() => {
      const tls = { certificateRefs: [{ kind: "Secret", name: "certificate" }] };
      custom("Gateway", { gatewayClassName: "nginx", listeners: [{ name: "https", tls }] });
      custom("HTTPRoute", { parentRefs: [{ name: "other" }], rules: [{ backendRefs: [{ name: "pages", port: 80 }] }] });
      custom("ClientSettingsPolicy", { targetRef: { kind: "HTTPRoute", name: "elsewhere" } });
      custom("GatewayClass", { parametersRef: { kind: "NginxProxy", name: "settings", namespace: "gateway" } });
      const args = [
        "controller",
        "--config=settings",
        "--usage-report-secret=license",
        "--nginx-docker-secret=registry",
      ];
      new kubernetes.apps.v1.Deployment("main", {
        metadata: { name: "main" },
        spec: { selector: {}, template: { spec: { containers: [{ name: "main", args }] } } },
      });
    });
    expect(danglingReferences(manifests(run)).sort()).toEqual([
      "ClientSettingsPolicy/clientsettingspolicy refers to HTTPRoute elsewhere",
      "Deployment/main refers to NginxGateway settings",
      "Deployment/main refers to Secret license key license.jwt",
      "Deployment/main refers to Secret registry key .dockerconfigjson",
      "Gateway/gateway refers to GatewayClass nginx",
      "Gateway/gateway refers to Secret certificate key tls.crt",
      "GatewayClass/gatewayclass refers to NginxProxy settings",
      "HTTPRoute/httproute refers to Gateway other",
      "HTTPRoute/httproute refers to Service pages",
    ]);
  });

  test("what is declared to exist is not", async () => {
    expect(danglingReferences(await objects(), ["Secret/registry", "Secret/kept/ca.crt"])).toHaveLength(6);
  });

  test("ports and selectors that fit nothing are named", async () => {
    expect(danglingPorts(await objects())).toEqual([
      "Deployment/main: readinessProbe asks port management, which main does not have",
      "Deployment/main: its selector does not match its own pods",
      "Service/main: port 80 leads to no container port",
    ]);
  });
});
