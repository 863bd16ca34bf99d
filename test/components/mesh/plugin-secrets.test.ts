import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type HclNode, ServiceMesh, SpireAgent, SpireServer } from "../../../components/mesh";
import { manifests, record } from "../../../engine";
import { type Refusal, testRefusals } from "../refusals";
import { mesh } from "./mesh-fixture";
import { files, least, the } from "./server-fixture";

const word = "a long word of a secret";
const plugin = (kind: string, key: HclNode): HclNode[] => [
  { name: kind, labels: ["example"], block: [{ name: "plugin_data", block: [key] }] },
];
const secret = (): HclNode => ({ name: "secret_access_key", text: pulumi.secret(word) });
const variable: HclNode = { name: "secret_access_key", environment: "ACCESS_KEY" };
const secretVariables = [{ name: "ACCESS_KEY", secretName: "plugin", key: "access-key", revision: "1" }];
const kubelet = { clusterAuthority: true };
const remedy =
  "is a secret, and would be readable in a ConfigMap; put it into a Secret, name that in secretVariables, and write environment with the variable's name here in place of text";

test.each<[string, () => unknown, string]>([
  [
    "server",
    () => new SpireServer("x", { ...least, plugins: plugin("BundlePublisher", secret()) }),
    'SpireServer "x": plugins[0].block[0].block[0].text',
  ],
  [
    "agents",
    () => new SpireAgent("x", { mesh, kubelet, plugins: plugin("SVIDStore", secret()) }),
    'SpireAgent "x": plugins[0].block[0].block[0].text',
  ],
  [
    "list in a plugin of agents",
    () =>
      new SpireAgent("x", {
        ...{ mesh, kubelet },
        plugins: plugin("SVIDStore", { name: "keys", texts: ["a", pulumi.secret(word)] }),
      }),
    'SpireAgent "x": plugins[0].block[0].block[0].texts[1]',
  ],
  [
    "server of a mesh",
    () =>
      new ServiceMesh("x", {
        trustDomain: "mesh.test",
        clusterName: "test",
        server: { storage: { unsafeEphemeral: true }, plugins: plugin("Notifier", secret()) },
        agent: { kubelet },
      }),
    'ServiceMesh "x": server.plugins[0].block[0].block[0].text',
  ],
])("K9: a plugin's secret has no place in the ConfigMap of the %s", async (_, made, path) => {
  const { message, stack } = await record(() => void made()).then(
    () => new Error("nothing was refused"),
    (error: Error) => error,
  );
  expect(message).toContain(`${path} ${remedy}`);
  expect(`${message}${stack}`).not.toContain(word);
});

test("a secret of a plugin is refused in a preview that does not know it yet", async () => {
  const program = () => {
    const { hex } = new random.RandomId("id", { byteLength: 4 });
    new SpireServer("x", {
      ...least,
      plugins: plugin("BundlePublisher", { name: "secret_access_key", text: pulumi.secret(hex) }),
    });
  };
  await expect(record(program, { preview: true })).rejects.toThrow(
    `SpireServer "x": plugins[0].block[0].block[0].text ${remedy}`,
  );
});

test("K9: a plugin's secret is an environment variable from a Secret, whose revision rolls the pods", async () => {
  const made = (revision: string) => {
    const variables = secretVariables.map((one) => ({ ...one, revision }));
    return record(() => {
      new SpireServer("spire", { ...least, plugins: plugin("BundlePublisher", variable), secretVariables: variables });
      new SpireAgent("agent", { mesh, kubelet, plugins: plugin("SVIDStore", variable), secretVariables: variables });
    }).then((run) => manifests(run, { secrets: "show" }));
  };
  const objects = await made("1");
  const later = await made("2");
  const env = { name: "ACCESS_KEY", valueFrom: { secretKeyRef: { name: "plugin", key: "access-key" } } };
  for (const [kind, prefix, file] of [
    ["StatefulSet", "spire", "server.conf"],
    ["DaemonSet", "agent", "agent.conf"],
  ] as const) {
    const { template } = the(kind, objects).spec;
    expect(template.spec.containers[0].args[0]).toBe("-expandEnv");
    expect(template.spec.containers[0].env).toContainEqual(env);
    expect(files(objects, `${prefix}-config`)[file]).toContain('secret_access_key = "${ACCESS_KEY}"');
    expect(the(kind, later).spec.template.metadata.annotations["checksum/secrets"]).not.toBe(
      template.metadata.annotations["checksum/secrets"],
    );
  }
});

const refused = (rule: string, variables: object[], error: string, more: Partial<Refusal> = {}): Refusal => ({
  ...{ rule, error, component: SpireServer, plain: true },
  args: { ...least, secretVariables: variables },
  ...more,
});

testRefusals([
  refused(
    "a variable with a hyphen",
    [{ ...secretVariables[0], name: "ACCESS-KEY" }],
    "secretVariables[0].name is not the name of an environment variable; write letters, digits and `_`",
  ),
  refused(
    "a variable twice",
    [secretVariables[0]!, secretVariables[0]!],
    'secretVariables[1].name repeats "ACCESS_KEY"; give each variable its own name',
  ),
  refused(
    "a variable of another argument",
    [{ ...secretVariables[0], name: "SPIRE_DATABASE" }],
    "secretVariables[0].name is SPIRE_DATABASE, which another argument sets; use another name",
  ),
  refused(
    "a key of a Secret with a slash",
    [{ ...secretVariables[0], key: "a/b" }],
    "secretVariables[0].key is not a key of a Secret; write letters, digits, `-`, `_` and `.`",
    { plain: false },
  ),
]);
