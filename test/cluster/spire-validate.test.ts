import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { SpireAgent, SpireServer } from "../../components/mesh";
import { block, type HclNode, printHcl, text, texts } from "../../components/mesh/hcl";
import { Sidecar } from "../../components/mesh/sidecar";
import { manifests, record } from "../../engine";
import { explicit, whole } from "../components/mesh/sidecar-fixture";
import { goModuleFolder } from "../go";
import { describeSpire, runSpire } from "./spire-programs";
import { agents, leastServer, servers } from "./spire-variants";

const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-spire-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns a file of a program, from the ConfigMap that has it. */
async function rendered(program: () => void, file: string): Promise<string> {
  const objects = manifests(await record(program), { secrets: "show" });
  const found = objects.flatMap(({ kind, data }) => {
    const files = data as Record<string, string> | undefined;
    return kind === "ConfigMap" && files?.[file] !== undefined ? [files[file]] : [];
  });
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** Returns the output of a program for a configuration; the environment has the values of Secrets. */
async function validate(program: "spire-server" | "spire-agent" | "spire", configuration: string): Promise<string> {
  const file = join(folder, "configuration");
  writeFileSync(file, configuration);
  const args =
    program === "spire"
      ? ["helper", file]
      : ["validate", ...(program === "spire-server" ? ["-expandEnv"] : []), "-config", file];
  const env = { SPIRE_DATABASE: "spire:pa%24%7Bss@tcp(db.test:3306)/spire?parseTime=true" };
  const { status, stdout, stderr } = await runSpire(program, args, { env });
  return status === 0 ? `valid ${stdout}` : stderr;
}

const server = (args: object) => () => void new SpireServer("spire", { ...leastServer, ...args });
/** Lifetime of a CA that suffices for every option of an agent. */
const lifetimes = { caTtlSeconds: 3_000_000, svidTtlSeconds: 400_000 };
const agent = (args: (typeof agents)[string]) => () => {
  const mesh = new SpireServer("spire", { ...leastServer, lifetimes });
  new SpireAgent("agent", { mesh, ...args });
};

describeSpire("the configurations of SPIRE", () => {
  test.each(Object.entries(servers))("spire-server finds nothing wrong: %s", async (_, args) => {
    expect(await validate("spire-server", await rendered(server(args), "server.conf"))).toBe(
      "valid SPIRE server configuration file is valid.\n",
    );
  });

  test.each(Object.entries(agents))("spire-agent finds nothing wrong: %s", async (_, args) => {
    expect(await validate("spire-agent", await rendered(agent(args), "agent.conf"))).toBe(
      "valid SPIRE agent configuration file is valid.\n",
    );
  });

  test.each(Object.entries({ redirect: whole, "explicit ports": explicit }))(
    "spiffe-helper finds nothing wrong: %s",
    async (_, args) => {
      for (const file of ["helper.conf", "helper-first.conf"])
        expect(await validate("spire", await rendered(() => void new Sidecar("web", args), file))).toBe("valid ");
    },
  );

  test("each of them reports faults", async () => {
    const good = {
      server: await rendered(server({}), "server.conf"),
      agent: await rendered(agent(agents["on 127.0.0.1"]!), "agent.conf"),
      helper: await rendered(() => void new Sidecar("web", whole), "helper.conf"),
    };
    expect(await validate("spire-server", good.server.replace("data_dir", "data_folder"))).toContain(
      "data_dir must be configured",
    );
    expect(await validate("spire-server", good.server.replace("log_level", "log_lvl"))).toContain(
      "unknown configuration detected",
    );
    // Plugins validate their data too, as far as they do.
    expect(await validate("spire-server", good.server.replace("configmap_name", "configmap"))).toContain(
      'missing configmap name in cluster "test"',
    );
    expect(await validate("spire-server", good.server.replace('"k8s_psat"', '"k8s_sat"'))).toContain("k8s_sat");
    expect(await validate("spire-agent", good.agent.replace("log_level", "log_lvl"))).toContain(
      "unknown configuration detected",
    );
    expect(await validate("spire-agent", good.agent.replace('"always"', '"now"'))).toContain(
      "unknown rebootstrap mode",
    );
    expect(await validate("spire", good.helper.replace("renew_signal", "signal"))).toContain("unknown top level key");
  });
});

/** Sources of SPIRE's plugins, which silently ignore unknown keys. */
const sources: Record<string, string[]> = {
  "DataStore/sql": ["server/datastore/sqlcommon"],
  "UpstreamAuthority/disk": ["server/plugin/upstreamauthority/disk"],
  "UpstreamAuthority/cert-manager": ["server/plugin/upstreamauthority/certmanager"],
  "UpstreamAuthority/vault": ["server/plugin/upstreamauthority/vault", "server/common/vault"],
  "UpstreamAuthority/aws_pca": ["server/plugin/upstreamauthority/awspca"],
  "BundlePublisher/k8s_configmap": ["server/plugin/bundlepublisher/k8sconfigmap"],
  "KeyManager/disk": ["server/plugin/keymanager/disk"],
  "NodeAttestor/k8s_psat": ["server/plugin/nodeattestor/k8spsat", "agent/plugin/nodeattestor/k8spsat"],
  "WorkloadAttestor/k8s": ["agent/plugin/workloadattestor/k8s"],
  "SVIDStore/gcp_secretmanager": ["agent/plugin/svidstore/gcpsecretmanager"],
};

/** Returns the keys of a plugin's data; those below `clusters` are names. */
const keysOf = (data: unknown, named = false): string[] =>
  Array.isArray(data)
    ? data.flatMap((one) => keysOf(one, named))
    : typeof data === "object" && data !== null
      ? Object.entries(data).flatMap(([key, value]) => [...(named ? [] : [key]), ...keysOf(value, key === "clusters")])
      : [];

function unknownKeys({ type, name, data }: { type: string; name: string; data: object }): string[] {
  const folders = sources[`${type}/${name}`] ?? [];
  const text = folders
    .map((one) => join(goModuleFolder("spire", "github.com/spiffe/spire"), "pkg", one))
    .flatMap((one) => readdirSync(one).map((file) => join(one, file)))
    .filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"))
    .map((file) => readFileSync(file, "utf8"))
    .join("");
  return keysOf(data)
    .filter((key) => !new RegExp(`hcl:"${key}[",]`).test(text))
    .map((key) => `${type} "${name}": ${key}`);
}

describeSpire("the plugins of SPIRE", () => {
  test("know every key of their data", async () => {
    const configurations: string[] = [];
    for (const args of Object.values(servers)) configurations.push(await rendered(server(args), "server.conf"));
    for (const args of Object.values(agents)) configurations.push(await rendered(agent(args), "agent.conf"));
    const plugins = (
      await Promise.all(configurations.map((text) => runSpire("spire", ["plugins"], { input: text })))
    ).flatMap(({ stdout }) => JSON.parse(stdout) as Parameters<typeof unknownKeys>[0][]);
    expect([...new Set(plugins.flatMap(unknownKeys))]).toEqual([]);
    const misspelt = { type: "KeyManager", name: "disk", data: { key_path: "/x" } };
    expect(unknownKeys(misspelt)).toEqual(['KeyManager "disk": key_path']);
  });
});

/** Returns the plugins in HCL as SPIRE sees them: after -expandEnv, and after it has printed their data again. */
async function seen(nodes: HclNode[]) {
  const { status, stdout, stderr } = await runSpire("spire", ["plugins"], {
    input: printHcl([block("plugins", nodes)]) as string,
    env: { HOME: "/replaced", x: "replaced" },
  });
  return status === 0 ? (JSON.parse(stdout) as { type: string; name: string; data: Record<string, never> }[]) : stderr;
}

const anyText = fc.oneof(
  fc.string({
    unit: fc.oneof(
      fc.constantFrom(..."\"\\${}\n\r\t#/*'<U0ax"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
  }),
  fc.constantFrom(
    "${HOME}",
    "$HOME",
    "$x$$",
    '${"a"}',
    "<<EOF\n",
    "\\u0041",
    "\\\\",
    "\ufffd",
    "\ufeff",
    "// x",
    "/* x",
  ),
);
/** Texts allowed by HCL: a key is not empty. */
const anyName = anyText.filter((name) => name !== "");

describeSpire("the printer of HCL", () => {
  test("any text is data to SPIRE, in every position", async () => {
    const plugin = fc.record({
      name: anyName,
      value: anyText,
      list: fc.array(anyText, { maxLength: 8 }),
      key: anyName,
      inner: anyText,
    });
    const plugins = fc.uniqueArray(plugin, { minLength: 1, maxLength: 10, selector: ({ name }) => name });
    await fc.assert(
      fc.asyncProperty(plugins, async (given) => {
        const nodes = given.map(({ name, value, list, key, inner }) => {
          const data = [
            text("value", value),
            texts("list", list),
            block("blocks", [block(key, [text("inner", inner)])]),
          ];
          return block("Notifier", [block("plugin_data", data)], name);
        });
        expect(await seen(nodes)).toEqual(
          given.map(({ name, value, list, key, inner }) => ({
            type: "Notifier",
            name,
            data: { value, list, blocks: [{ [key]: [{ inner }] }] },
          })),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("unquoted text is not data", async () => {
    const raw = 'plugins { Notifier "a" { plugin_data { value = "$HOME ${x}" } } }';
    const { stdout } = await runSpire("spire", ["plugins"], { input: raw, env: { HOME: "/replaced", x: "replaced" } });
    expect(JSON.parse(stdout)).toEqual([{ type: "Notifier", name: "a", data: { value: "/replaced replaced" } }]);
  });
});
