import * as pulumi from "@pulumi/pulumi";
import { Certificate, CertificateAuthority } from "../../../components";
import type { InstanceManagerHostProxyArgs } from "../../../components/manager";
import { InstanceManagerHostProxy, InstanceManagerProxy } from "../../../components/manager";
import type { NginxHost } from "../../../components/manager/host/nginx-host";
import { hosts, manifests, type RunResult, record } from "../../../engine";
import { type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";
import { OpenSsl } from "../../dataplane/openssl";
import { requestLints } from "../../lints";
import { goodToken } from "../foundation/token";

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

const hostname = { manager: "nim.example.com", agents: "agents.nim.example.com" };
const socket = { apigw: { host: "unix:/var/run/nms/gateway.sock" } };

/** A proxy on a host, with certificates of this library, beside one in pods with the same options. */
async function run(args: Partial<Omit<InstanceManagerHostProxyArgs, "host">> = {}, host: Partial<NginxHost> = {}) {
  return record(() => {
    const issuer = new CertificateAuthority("authority", { subject: { commonName: "root" } });
    const certificate = new Certificate("server", {
      ...{ forHosts: true, issuer, usage: "server", subject: { commonName: "nim" } },
      dnsNames: Object.values(hostname),
    });
    const options = { hostname, agents: { revocation: { deniedSerials: ["0A1B"] } } };
    new InstanceManagerProxy("pods", {
      ...options,
      namespace: "nim",
      edition: "oss",
      certificate: { secretName: "server" },
      agentAuthorities: { secretName: "agents" },
      unsafePlainBackends: true,
    });
    const proxy = new InstanceManagerHostProxy("front", {
      ...options,
      host: { name: "manager", ...host },
      certificate,
      agentAuthorities: { certificatesPem: issuer.bundle },
      backends: socket,
      ...args,
    });
    return { usageEndpoint: proxy.usageEndpoint, agentHost: proxy.agentHost };
  });
}

const filesOf = (result: RunResult) => hosts(result, { secrets: "digest" })[0]!.files;
const texts = (result: RunResult) => Object.fromEntries(filesOf(result).map(({ path, content }) => [path, content!]));
const plus = { license: goodToken(), release: "R36 P8" };

test("A8: the files, with the document's folder for certificates, and keys that root's group alone may read", async () => {
  const result = await run({ agentCertificate: undefined }, plus);
  const listed = filesOf(result).map(({ path, mode, owner, group, secret, action }) =>
    [path, mode, `${owner}:${group}`, secret ? "secret" : "open", action].join(" "),
  );
  expect(listed).toEqual([
    "/etc/nginx/conf.d/manager-common.conf 0644 root:root open reload-nginx",
    "/etc/nginx/conf.d/manager-servers.conf 0644 root:root open reload-nginx",
    "/etc/nginx/conf.d/manager-upstreams.conf 0644 root:root open reload-nginx",
    "/etc/nginx/license.jwt 0640 root:root secret reload-nginx",
    "/etc/nginx/nginx.conf 0644 root:root open reload-nginx",
    "/etc/nms/certs/ca.pem 0644 root:root open reload-nginx",
    "/etc/nms/certs/server.crt 0644 root:root open reload-nginx",
    "/etc/nms/certs/server.key 0640 root:root secret reload-nginx",
  ]);
  expect(result.outputs).toMatchObject({ usageEndpoint: "nim.example.com", agentHost: "agents.nim.example.com" });
  for (const lint of Object.keys(requestLints)) expect([lint, requestLints[lint]!(result)]).toEqual([lint, []]);
});

test("A3: the upstreams have the names and the sockets of Instance Manager's packages", async () => {
  expect(texts(await run())["/etc/nginx/conf.d/manager-upstreams.conf"]).toBe(`upstream apigw {
    zone apigw 64k;
    server unix:/var/run/nms/gateway.sock;
    keepalive 20;
}
upstream dpm-grpc-service {
    zone dpm-grpc-service 64k;
    server unix:/var/run/nms/am.sock;
    keepalive 20;
}
upstream ingestion-grpc-service {
    zone ingestion-grpc-service 64k;
    server unix:/var/run/nms/ingestion.sock;
    keepalive 20;
}
`);
});

test("A1, A2: the servers are those of the pods, but for ports, paths, logs and upstreams", async () => {
  const result = await run({}, { edition: "oss" });
  const pods = manifests(result).find(({ kind }) => kind === "ConfigMap")!.data as Record<string, string>;
  const servers = (text: string) =>
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("access_log"))
      .map((line) =>
        line.replace(
          /(?:manager_(\w+)|apigw|(\w+)-grpc-service);$/,
          (_, ...part) => `${part[0] ?? part[1] ?? "apigw"};`,
        ),
      )
      .map((line) => line.replace(/ \/etc\/n.*;$/, " …;").replace(/^listen \d+/, "listen …"));
  const inPods = /^ {4}server \{\n {8}listen 8443 [\s\S]*?^(?= {4}server_tokens)/m.exec(pods["nginx.conf"]!)![0];
  expect(servers(texts(result)["/etc/nginx/conf.d/manager-servers.conf"]!)).toEqual(servers(inPods));
  expect(servers(inPods).length).toBeGreaterThan(100);
});

test("A7: nginx.conf has both logs of the document, and the servers' log is JSON in the same file", async () => {
  const files = texts(await run());
  const logs = (path: string) => files[path]!.match(/^ *(?:access|error)_log .*$/gm)?.map((line) => line.trim());
  expect(logs("/etc/nginx/nginx.conf")).toEqual([
    "error_log /var/log/nginx/error.log notice;",
    "access_log /var/log/nginx/access.log main_ext;",
  ]);
  const own = "access_log /var/log/nginx/access.log manager;";
  expect(logs("/etc/nginx/conf.d/manager-servers.conf")).toEqual([own, own]);
});

test("connections end a minute after a reload, and there is room for the streams of thousands of agents", async () => {
  const main = (result: RunResult) => texts(result)["/etc/nginx/nginx.conf"]!;
  expect(main(await run())).toMatch(/^worker_shutdown_timeout 60s;\nworker_rlimit_nofile 16384;$/m);
  expect(main(await run({ drainSeconds: 5 }))).toMatch(/^worker_shutdown_timeout 5s;$/m);
  expect(main(await run())).toMatch(/^events \{\n {4}worker_connections 4096;\n\}$/m);
});

test("TLS to Instance Manager elsewhere is verified by the name of its host, and a socket beside it is plain", async () => {
  const authority = openssl.root("Backends").certificate;
  const result = await run({
    backends: { apigw: { host: "gateway.example.com" }, dpm: { host: "192.0.2.1", serverName: "dpm.example.com" } },
    backendTls: { trustedCertificatesPem: authority },
  });
  const files = texts(result);
  const lines = (pattern: RegExp) => files["/etc/nginx/conf.d/manager-servers.conf"]!.match(pattern);
  expect(lines(/(?:grpc|proxy)_(?:ssl_name|pass) .*(?=;)/g)).toEqual([
    "proxy_ssl_name gateway.example.com",
    "proxy_pass https://apigw",
    "grpc_ssl_name dpm.example.com",
    "grpc_pass grpcs://dpm-grpc-service",
    "grpc_pass grpc://ingestion-grpc-service",
  ]);
  expect(lines(/ssl_verify on/g)).toHaveLength(2);
  expect(files["/etc/nms/certs/backend-ca.pem"]).toBe(authority);
  expect(Object.keys(files)).not.toContain("/etc/nms/certs/backend-client.crt");
  const upstreams = files["/etc/nginx/conf.d/manager-upstreams.conf"]!.match(/server .*(?=;)/g);
  expect(upstreams).toEqual([
    "server gateway.example.com:443",
    "server 192.0.2.1:8036",
    "server unix:/var/run/nms/ingestion.sock",
  ]);
});

const releases: [name: string, table: CrossplaneRelease, release: string][] = [
  ["NGINX Plus R33", "R33", "R33"],
  ["NGINX Plus R34", "R34", "R34"],
  ["NGINX Plus R35", "R35", "R35"],
  ["NGINX Plus R36", "R36", "R36 P8"],
  ["NGINX Plus 37", "R37", "PLS.37.0.8.1"],
];
const missing = crossplaneMissing();

(missing ? describe.skip : describe)(`NGINX's own tables${missing ? ` (${missing})` : ""}`, () => {
  const parse = async (table: CrossplaneRelease, host: Partial<NginxHost>, args = {}) => {
    const files = { "/etc/nginx/mime.types": "", ...texts(await run(args, host)) };
    return parseStrict([{ files, release: table }])[0]!;
  };
  const usageEndpoint = "nim.example.com";

  test.each(releases)(
    "A4, A5: %s reports its usage, verified or by an explicit flag not",
    async (_name, table, release) => {
      const blocks = [];
      for (const management of [
        { usageEndpoint, trustedCertificatesPem: openssl.root("Usage").certificate },
        { usageEndpoint, unsafeSkipVerification: true },
        { enforceInitialReport: false },
      ]) {
        const { tree, errors } = await parse(table, { release, license: goodToken(), management });
        expect(errors).toEqual([]);
        blocks.push(
          tree.find(({ name }) => name === "mgmt")!.block!.map(({ name, args }) => [name, ...args].join(" ")),
        );
      }
      const own = ["license_token /etc/nginx/license.jwt", "state_path /var/lib/nginx/state"];
      expect(blocks).toEqual([
        [
          ...own,
          "usage_report endpoint=nim.example.com",
          "ssl_trusted_certificate /etc/nginx/management/trusted/ca.crt",
        ],
        [...own, "usage_report endpoint=nim.example.com", "ssl_verify off"],
        [...own, "enforce_initial_report off"],
      ]);
    },
  );

  test("A5: usage reports to an unverified endpoint cause a warning", async () => {
    const warn = jest.spyOn(pulumi.log, "warn");
    await run({}, { ...plus, management: { usageEndpoint, unsafeSkipVerification: true } });
    expect(warn.mock.calls.map(([message]) => message)).toContain(
      'InstanceManagerHostProxy "front": host.management.unsafeSkipVerification: any server that answers at the usage endpoint learns the licence and can withhold the reports without which NGINX Plus stops',
    );
    warn.mockClear();
    await run({}, { ...plus, management: { usageEndpoint } });
    expect(warn.mock.calls.filter(([message]) => message.includes("InstanceManagerHostProxy"))).toEqual([]);
    warn.mockRestore();
  });

  test.each(["R31", "R32"])("A4: %s, whose block is another, is refused by name", async (release) => {
    await expect(run({}, { release })).rejects.toThrow(`host.release is "${release}"; write one of R33, R34, R35, R36`);
  });

  test.each([
    ["1.30.7", ["listen 443 ssl", "http2 on"]],
    ["1.22.1", ["listen 443 ssl http2"]],
  ])("E10: open-source NGINX %s knows every directive, and has no mgmt block", async (openSourceVersion, words) => {
    const { tree, errors } = await parse("oss", { edition: "oss", openSourceVersion });
    expect(errors).toEqual([]);
    expect(tree.map(({ name }) => name)).not.toContain("mgmt");
    const [, , agents] = tree.find(({ name }) => name === "http")!.block!.filter(({ name }) => name === "server");
    const listening = agents!.block!.filter(({ name }) => /^(?:listen|http2)$/.test(name));
    expect(listening.map(({ name, args }) => [name, ...args].join(" "))).toEqual(words);
  });
});
