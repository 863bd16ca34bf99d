import { randomBytes } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import * as providerServer from "@pulumi/pulumi/provider/server";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { MqttProxy, NginxPlus } from "../../components";
import { type RunResult, record } from "../../engine";
import { PluginProvider } from "../../plugin";
import { requestLints } from "../lints";

// Pulumi's marks on the wire: a secret, and an output that says of itself that it is one.
const signature = "4dabf18193072939515e22adb298388d";
const secret = (value: string) => ({ [signature]: "1b47061264138c4ac30d75fd1eb44270", value });
const output = (value: string) => ({ [signature]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", value, secret: true });

// What the SDK's provider server does with arguments from the wire; its types leave it out.
const { deserializeInputs } = providerServer as unknown as {
  deserializeInputs(inputs: Struct, dependencies: ReadonlyMap<string, never>): Promise<pulumi.Inputs>;
};

const provider = new PluginProvider({ MqttProxy, NginxPlus });

/** Constructs a component as a program in another language does: the arguments come over the wire. */
async function construct(type: string, inputs: object): Promise<RunResult> {
  return record(async () => {
    const known = await deserializeInputs(Struct.fromJavaScript(inputs as never), new Map<string, never>());
    await provider.construct("edge", type, known, {});
  });
}

const proxy = (host: unknown, password: unknown) => ({
  namespace: "mqtt",
  edition: "oss",
  upstreams: [{ name: "brokers", servers: [{ host }], serverName: "broker.example.com" }],
  defaultRoute: { refuse: true },
  brokerTls: { trustedCertificatesPem: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" },
  credentials: { username: "edge", password },
});

test("a secret deep in a list of plain objects stays one, and so does one in an object", async () => {
  const [revision, password] = [randomBytes(12).toString("hex"), randomBytes(12).toString("hex")];
  const runs = [
    await construct("nginx-stacks:index:NginxPlus", {
      namespace: "web",
      edition: "oss",
      configuration: {
        stream: [
          {
            name: "server",
            block: [
              { name: "listen", args: ["8081"] },
              { name: "return", args: ["ok"] },
            ],
          },
        ],
      },
      ports: [{ name: "http", port: 8081 }],
      secretMounts: [{ name: "tls", secretName: "tls", path: "/etc/nginx/tls", revision: output(revision) }],
    }),
    await construct("nginx-stacks:index:MqttProxy", proxy("broker.example.com", output(password))),
  ];
  for (const run of runs) {
    expect(run.requests.map(({ type }) => type)).toContain("kubernetes:apps/v1:Deployment");
    expect(JSON.stringify(run.requests)).not.toContain(revision);
    expect(JSON.stringify(run.requests)).not.toContain(password);
    expect(requestLints["private keys, passwords and tokens stay in their envelopes"]!(run)).toEqual([]);
  }
});

test("a secret deep in a list that would reach a ConfigMap is refused", async () => {
  await expect(construct("nginx-stacks:index:MqttProxy", proxy(output("a.example.com"), "a password"))).rejects.toThrow(
    'MqttProxy "edge": upstreams[0].servers[0].host holds a secret, and would stand in a ConfigMap; put it into a Secret',
  );
});

test.each([
  ["upstreams", proxy(secret("a.example.com"), "a password"), "upstreams"],
  ["credentials", proxy("a.example.com", secret("a password")), "credentials"],
])("%s that the wire makes one secret as a whole is refused by name", async (_what, inputs, property) => {
  await expect(construct("nginx-stacks:index:MqttProxy", inputs)).rejects.toThrow(
    `MqttProxy "edge": ${property} is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it`,
  );
});
