import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { Sidecar, type SidecarArgs } from "../../../components/mesh/sidecar";
import { plusReleases } from "../../../components/nginx/releases";
import { manifests, record } from "../../../engine";
import { missingPrograms, nginxModules, searchPath } from "../../../loopback/missing";
import { type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";
import { nginxVersion } from "../../dataplane/nginx-version";
import { gixyFindings, gixyMissing, ofSeverity } from "../../gixy";
import { acceptFaults } from "../known-faults";
import { explicit, least, whole } from "./sidecar-fixture";

const plus = {
  edition: "plus",
  image: "registry.example.com/nginx-plus-njs:1",
  license: { secretName: "license" },
} as const;
const onlyOutbound: SidecarArgs = { ...whole, inbound: [] };
const onlyHttp: SidecarArgs = { ...least, outbound: undefined };
const withResolver: SidecarArgs = { ...whole, resolver: ["10.96.0.10"] };
const variants: Record<string, SidecarArgs> = { least, whole, explicit, onlyOutbound, onlyHttp, withResolver };

/** Returns the files of a Sidecar. */
async function files(args: SidecarArgs): Promise<Record<string, string>> {
  const run = await record(() => void new Sidecar("shop", args));
  return manifests(run, { secrets: "show" }).find(({ kind }) => kind === "ConfigMap")!.data as unknown as Record<
    string,
    string
  >;
}

/** File that the start script writes. */
const written = { "/run/mesh/run/resolver.conf": "resolver 10.96.0.10;" };

const table = (name: string) => name.replace(/^PLS\.(\d+).*/, "R$1") as CrossplaneRelease;
const noCrossplane = crossplaneMissing();

(noCrossplane ? describe.skip : describe)(`NGINX's own tables${noCrossplane ? ` (${noCrossplane})` : ""}`, () => {
  const faults = (text: string, release: CrossplaneRelease) =>
    parseStrict([{ files: { ...written, "/etc/nginx/nginx.conf": text }, release }])[0]!.errors.map(
      ({ message }) => message,
    );

  test.each(plusReleases.map(({ name }) => name))("9: %s knows every directive", async (name) => {
    for (const args of Object.values(variants)) {
      const release = name.startsWith("R") ? `${name} P9` : `${name}.4.1`;
      const text = (await files({ ...args, ...plus, ...acceptFaults, release }))["nginx.conf"]!;
      expect(text).toContain("mgmt {");
      expect(faults(text, table(name))).toEqual([]);
    }
  });

  test("9: open-source NGINX knows every directive", async () => {
    for (const args of Object.values(variants)) expect(faults((await files(args))["nginx.conf"]!, "oss")).toEqual([]);
  });

  test("9: a directive is left out for versions before it", async () => {
    const later = async (args: SidecarArgs) =>
      /http2 on|keepalive_min_timeout/.exec((await files(args))["nginx.conf"]!)?.[0];
    expect(await later({ ...whole, image: "x", openSourceVersion: "1.22.1" })).toBeUndefined();
    expect(await later({ ...least, ...plus, ...acceptFaults, release: "R33" })).toBeUndefined();
    expect(await later({ ...least, ...plus, ...acceptFaults, release: "R34" })).toBe("keepalive_min_timeout");
    expect(await later({ ...least, image: "x", openSourceVersion: "1.27.4" })).toBe("keepalive_min_timeout");
  });
});

const noGixy = gixyMissing();
(noGixy ? test.skip : test)(`gixy-ng has nothing severe against it${noGixy ? ` (${noGixy})` : ""}`, async () => {
  const cases = [];
  for (const args of Object.values(variants))
    cases.push({ files: { ...written, "/etc/nginx/nginx.conf": (await files(args))["nginx.conf"]! } });
  expect(gixyFindings(cases).flatMap((findings) => ofSeverity("HIGH", findings))).toEqual([]);
});

const noNginx = missingPrograms("nginx", "openssl");
(noNginx ? test.skip : test)(`NGINX accepts every variant${noNginx ? ` (${noNginx})` : ""}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-mesh-"));
  try {
    mkdirSync(join(folder, "run"));
    writeFileSync(join(folder, "run", "resolver.conf"), Object.values(written)[0]!);
    const pair = ["-keyout", join(folder, "svid_key.pem"), "-out", join(folder, "svid.pem")];
    spawnSync("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      "/CN=x",
      ...pair,
    ]);
    spawnSync("cp", [join(folder, "svid.pem"), join(folder, "svid_bundle.pem")]);
    const said: Record<string, string> = {};
    for (const [name, args] of Object.entries(variants)) {
      const text = await files({ ...args, resolver: undefined, image: "x", openSourceVersion: nginxVersion });
      writeFileSync(join(folder, "identity.njs"), text["identity.njs"] ?? "");
      const here = text["nginx.conf"]!.replace(/\/run\/mesh\/(configuration|identity)/g, folder)
        .replace(/\/run\/mesh\/run/g, join(folder, "run"))
        .replace(/modules\/ngx_/g, `${nginxModules()}/ngx_`)
        // The names of its hosts cannot be resolved here.
        .replace(/[a-z.]+\.svc(\.cluster\.local)?:/g, "127.0.0.1:");
      writeFileSync(join(folder, "nginx.conf"), here);
      const run = (edit: string) => {
        writeFileSync(join(folder, "nginx.conf"), edit);
        const { status, stderr } = spawnSync(
          "nginx",
          [
            "-t",
            "-q",
            "-e",
            "stderr",
            "-c",
            join(folder, "nginx.conf"),
            "-g",
            `load_module ${nginxModules()}/ngx_stream_module.so;`,
          ],
          {
            encoding: "utf8",
            stdio: ["ignore", "ignore", "pipe"],
            env: { ...process.env, PATH: searchPath },
          },
        );
        return status === 0 ? "good" : stderr;
      };
      said[name] = run(here);
      expect(run(here.replace("server_tokens off", "server_token off"))).toContain("unknown directive");
    }
    expect(said).toEqual(Object.fromEntries(Object.keys(variants).map((name) => [name, "good"])));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ["nameserver 10.96.0.10\nsearch shop.svc.cluster.local\noptions ndots:5\n", " 10.96.0.10"],
  ["# nameserver 192.0.2.1\nnameserver fd00::a\nnameserver 10.96.0.10", " [fd00::a] 10.96.0.10"],
  ["nameserver fe80::1%eth0\nnameserver 192.0.2.1;\n", " 127.0.0.1"],
  ["", " 127.0.0.1"],
])("the start script makes a resolver of %j", async (text, servers) => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-mesh-"));
  try {
    writeFileSync(join(folder, "resolv.conf"), text);
    for (const [ipFamilies, more] of [
      [["IPv4"], " ipv6=off"],
      [["IPv6"], " ipv4=off"],
      [["IPv4", "IPv6"], ""],
    ] as const) {
      const script = (await files({ ...least, ipFamilies: [...ipFamilies] }))
        ["start.sh"]!.replaceAll("/etc/resolv.conf", join(folder, "resolv.conf"))
        .replace("/run/mesh/run", folder);
      writeFileSync(join(folder, "start.sh"), script);
      const words = [join(folder, "start.sh"), "echo", "started", "daemon off;"];
      const { stdout, stderr } = spawnSync("sh", words, { encoding: "utf8" });
      expect([stdout, stderr]).toEqual(["started daemon off;\n", ""]);
      expect(readFileSync(join(folder, "resolver.conf"), "utf8")).toBe(`resolver${servers} valid=10s${more};\n`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("NGINX itself resolves hosts from 1.27.3 on, by whole names", async () => {
  const hosts = ["orders", "orders.shop.svc", "orders.shop.svc.cluster.local", "orders.example.com"];
  const outbound = hosts.map((host, index) => ({
    ...whole.outbound![0]!,
    ...{ name: `n${index}`, host, aliases: [], localPort: undefined },
  }));
  const servers = async (args: object) =>
    (await files({ ...least, outbound, ...args }))["nginx.conf"]!.match(/(?<=server )[a-z].*:8080.*(?=;)/g);
  expect(await servers({})).toEqual([
    "orders.shop.svc.cluster.local:8080 resolve",
    "orders.shop.svc.cluster.local:8080 resolve",
    "orders.shop.svc.cluster.local:8080 resolve",
    "orders.example.com:8080 resolve",
  ]);
  expect((await servers({ clusterDomain: "cluster.example.com" }))!.slice(0, 2)).toEqual(
    Array(2).fill("orders.shop.svc.cluster.example.com:8080 resolve"),
  );
  const before = { image: "x", openSourceVersion: "1.27.2" };
  expect(await servers(before)).toEqual(hosts.map((host) => `${host}:8080`));
  expect((await files({ ...least, outbound, ...before }))["nginx.conf"]).not.toContain("resolver");
  expect(await servers({ ...plus, ...acceptFaults, release: "R33" })).toContain("orders.example.com:8080 resolve");
});

test("13: spiffe-helper runs once as init container, then as daemon that signals NGINX", async () => {
  const { "helper-first.conf": first, "helper.conf": lasting, "nginx.conf": nginx } = await files(least);
  const common = [
    'agent_address = "/spiffe-workload-api/spire-agent.sock"',
    'cert_dir = "/run/mesh/identity"',
    'svid_file_name = "svid.pem"',
    'svid_key_file_name = "svid_key.pem"',
    'svid_bundle_file_name = "svid_bundle.pem"',
    "add_intermediates_to_bundle = false",
  ];
  expect(first!.trim().split("\n")).toEqual([...common, "daemon_mode = false"]);
  expect(lasting!.trim().split("\n")).toEqual([
    ...common,
    "daemon_mode = true",
    'renew_signal = "SIGHUP"',
    'pid_file_name = "/run/mesh/run/nginx.pid"',
  ]);
  expect(nginx).toContain("pid /run/mesh/run/nginx.pid;");
});

test("21: a log format names its port or workload without a variable of set", async () => {
  const text = (await files(whole))["nginx.conf"]!;
  expect(text).not.toMatch(/^ *set /m);
  const formats = [...text.matchAll(/^ *log_format (\S+) escape=json (.*);$/gm)].map(([, name, fields]) => [
    name,
    fields,
  ]);
  const used = [...text.matchAll(/access_log \/dev\/stdout (\S+);/g)].map(([, name]) => name);
  expect(new Set(formats.map(([name]) => name))).toEqual(new Set(used));
  const read = (name: string) => JSON.parse(JSON.parse(formats.find(([format]) => format === name)![1]!));
  expect(read("mesh_inbound_8080")).toEqual({
    time: "$time_iso8601",
    direction: "inbound",
    port: "8080",
    client: "$proxy_protocol_addr",
    peer: "$mesh_peer",
    tls: "$ssl_protocol",
    request: "$request_method $uri",
    status: "$status",
    bytes_sent: "$bytes_sent",
    request_time: "$request_time",
  });
  expect(read("mesh_inbound_5432")).toMatchObject({ port: "5432", client: "$remote_addr" });
  expect(read("mesh_misdirected_8080")).toMatchObject({ direction: "outbound", upstream: "8080", peer: "" });
  expect(read("mesh_outbound_db")).toMatchObject({
    direction: "outbound",
    upstream: "db",
    peer: "spiffe://mesh.example.com/ns/shop/sa/web",
  });
});

test("15: every server and every proxy has the verification depth of the mesh", async () => {
  const text = (await files({ ...whole, mesh: { ...whole.mesh, verifyDepth: 4 } }))["nginx.conf"]!;
  expect(new Set(text.match(/ssl_verify_depth \d+/g))).toEqual(new Set(["ssl_verify_depth 4"]));
  const count = (pattern: RegExp) => text.match(pattern)?.length;
  expect(count(/ ssl_verify_client on;/g)).toBe(count(/ ssl_verify_depth /g));
  expect(count(/_ssl_verify on;/g)).toBe(whole.outbound!.length);
  expect(count(/_ssl_session_reuse off;/g)).toBe(whole.outbound!.length);
});

test("10: the rules of both address families", async () => {
  const { "redirect.v4": v4, "redirect.v6": v6 } = await files(whole);
  expect(v4).toMatchSnapshot();
  expect(v6!.split("\n").filter((line) => !v4!.split("\n").includes(line))).toEqual([
    "-A MESH_OUT -d fd00::/8 -j RETURN",
    "-A MESH_EGRESS -d fd00::/8 -j RETURN",
    "-A MESH_EGRESS -d ::1/128 -j RETURN",
    "-A MESH_EGRESS -p ipv6-icmp -j RETURN",
  ]);
  expect(await files(explicit)).not.toHaveProperty(["redirect.v4"]);
});

test("11: connections to workloads with addresses are redirected by those, unless one on the port has none", async () => {
  const call = (name: string, more: object) => ({ ...whole.outbound![0]!, name, ...more });
  const outbound = [
    call("a", { addresses: ["10.96.0.1", "fd00::1"] }),
    call("b", { addresses: ["10.96.0.2", "10.244.0.0/16", "10.96.0.1"] }),
    call("c", { port: 9000, addresses: [pulumi.output("10.96.0.3")] }),
    call("d", { port: 9000 }),
  ];
  const { "redirect.v4": v4, "redirect.v6": v6 } = await files({
    ...{ ...least, ipFamilies: ["IPv4", "IPv6"], inbound: [] },
    outbound,
  });
  const redirects = (text = "") => text.split("\n").filter((line) => line.includes("REDIRECT"));
  expect(redirects(v4)).toEqual([
    "-A MESH_OUT -d 10.96.0.1 -p tcp --dport 8080 -j REDIRECT --to-ports 15400",
    "-A MESH_OUT -d 10.96.0.2 -p tcp --dport 8080 -j REDIRECT --to-ports 15400",
    "-A MESH_OUT -d 10.244.0.0/16 -p tcp --dport 8080 -j REDIRECT --to-ports 15400",
    "-A MESH_OUT -p tcp --dport 9000 -j REDIRECT --to-ports 15401",
  ]);
  expect(redirects(v6)).toEqual([
    "-A MESH_OUT -d fd00::1 -p tcp --dport 8080 -j REDIRECT --to-ports 15400",
    "-A MESH_OUT -p tcp --dport 9000 -j REDIRECT --to-ports 15401",
  ]);
});

test("10: for any arguments, the rules have these shapes, or the arguments are refused", async () => {
  const shapes = [
    /^[*:](nat|filter|[A-Z_]+ (ACCEPT|-) \[0:0\])$/,
    /^COMMIT$/,
    /^-A (PREROUTING|OUTPUT)( -p tcp)? -j MESH_[A-Z]+$/,
    /^-A MESH_(OUT|EGRESS) -m owner --uid-owner 2102 -j RETURN$/,
    /^-A MESH_[A-Z]+ -[iod] [a-f0-9.:/lo]+ -j RETURN$/,
    /^-A MESH_(IN|OUT) -p tcp --dport \d+ -j REDIRECT --to-ports \d+$/,
    /^-A MESH_EGRESS (-m conntrack --ctstate ESTABLISHED,RELATED|-p (icmp|(tcp|udp) --dport 53)) -j RETURN$/,
    /^-A MESH_EGRESS (-p tcp )?-j REJECT( --reject-with tcp-reset)?$/,
    /^$/,
  ];
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("10.0.0.0/8", "10.0.0.0/8\n-A OUTPUT -j ACCEPT", "10.0.0.0/8 #"),
  );
  const outcomes = { good: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(text, text, fc.integer(), async (cidr, host, port) => {
      const args = {
        ...least,
        redirect: { egress: "declared", excludedCidrs: [cidr] },
        inbound: [{ ...least.inbound![0]!, port }],
        outbound: [{ ...whole.outbound![0]!, host }],
      } as SidecarArgs;
      const rules = await files(args).then(
        (made) => made["redirect.v4"]!,
        (error: Error) => expect(error).toBeInstanceOf(pulumi.InputPropertiesError),
      );
      if (rules === undefined) outcomes.refused++;
      else {
        outcomes.good++;
        expect(rules.split("\n").filter((line) => !shapes.some((shape) => shape.test(line)))).toEqual([]);
      }
    }),
    { numRuns: 200, examples: [["10.0.0.0/8", "a.b.svc", 80]] },
  );
  expect(outcomes.good).toBeGreaterThan(0);
  expect(outcomes.refused).toBeGreaterThan(0);
});

test("12: paths and hosts are data everywhere", async () => {
  const path = "/a$b{}\"'\\;#~^?x=%2f";
  expect(() => new Sidecar("shop", { ...least, inbound: [{ ...least.inbound![0]!, plainPaths: [path] }] })).toThrow(
    "is not the path of a request",
  );
  const text = (
    await files({
      ...least,
      inbound: [{ ...least.inbound![0]!, plainPaths: ["/a$b'(c)*+?d=[e].f".replace(/[[\]]/g, "")] }],
    })
  )["nginx.conf"]!;
  expect(text).toContain(String.raw`GET /a\\$b'\\(c\\)\\*\\+\\?d=e\\.f\\z`);
});

test("outputs give the same files as plain values", async () => {
  const later = pulumi.output("mesh.example.com");
  const peer = { namespace: pulumi.output("shop"), serviceAccount: pulumi.output("web") };
  const args: SidecarArgs = {
    ...whole,
    namespace: pulumi.output("shop"),
    mesh: { ...whole.mesh, trustDomain: later },
    inbound: whole.inbound!.map((one) => ({ ...one, ...(one.allow && { allow: [peer] }) })),
    outbound: whole.outbound!.map((one) => ({ ...one, host: pulumi.output(one.host), peer })),
  };
  expect(await files(args)).toEqual(await files(whole));
});

test("a secret in the ConfigMap is refused", async () => {
  const snippets = { http: [{ name: "proxy_set_header", args: ["X-Token", pulumi.secret("a long word of a token")] }] };
  const failure = await files({ ...least, snippets }).then(
    () => "",
    ({ message }: Error) => message,
  );
  expect(failure).toContain(
    "snippets.http[0].args[1] is a secret, and would be readable in a ConfigMap; take it out of there",
  );
  expect(failure).not.toContain("a long word of a token");
});

test("a fixed name is the value of the label", async () => {
  const run = await record(() => {
    const sidecar = new Sidecar("shop", { ...least, name: "shop-sidecar" });
    new ConfigMap("labels", { metadata: { labels: sidecar.labels } });
  });
  const labelled = manifests(run, { secrets: "show" }).find(({ metadata }) => metadata.name.startsWith("labels"))!;
  expect(labelled.metadata.labels).toMatchObject({
    "nginx-stacks/sidecar": "shop-sidecar",
    "nginx-stacks/redirect": "true",
  });
});
