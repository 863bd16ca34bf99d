import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { withFacts } from "../../../components/foundation";
import { NginxAgentConfiguration } from "../../../components/manager/agent";
import { record } from "../../../engine";
import { type Refusal, testRefusals, thrownBy } from "../refusals";
import { v2 } from "./agent-fixture";

const hostname = "nim.example.com";
const kubernetes = { namespace: "edge" };
const paths = { certificatePath: "/etc/nms/certs/agent.crt", keyPath: "/etc/nms/certs/agent.key" };

const refused = (rule: string, args: Refusal["args"], error: string, plain = false): Refusal => ({
  rule,
  component: NginxAgentConfiguration,
  args: typeof args === "function" ? args : { kubernetes, ...args },
  error,
  plain,
});
/** A rule about an argument that can be no Output. */
const plainly = (rule: string, args: object, error: string) => refused(rule, args, error, true);
const inV2 = (rule: string, settings: object, error: string) => plainly(rule, { v2: { hostname, settings } }, error);
const inV3 = (rule: string, settings: object, error: string) => plainly(rule, { v3: { hostname, settings } }, error);

// A run that is refused ends before the warning about an unsafe option has arrived, which the SDK reports.
beforeAll(() => {
  const { error } = console;
  jest.spyOn(console, "error").mockImplementation((...words) => {
    if (!`${words[0]}`.startsWith("failed to deliver log message")) error(...words);
  });
});

describe("which agent, and where", () => {
  testRefusals([
    refused(
      "no agent",
      {},
      "v2 is missing, as is v1, v3; write one: v2 for NGINX Instance Manager 2, v1 for NGINX Instance Manager 1, v3 for NGINX One",
    ),
    plainly(
      "two agents",
      { v2: { hostname }, v3: { hostname } },
      "v3 is given beside v2; write one: v2 for NGINX Instance Manager 2, v1 for NGINX Instance Manager 1, v3 for NGINX One",
    ),
    plainly(
      "nowhere",
      { v2: { hostname }, kubernetes: undefined },
      "kubernetes is missing, as is host; write the namespace of the agent's pods, or the host of the agent",
    ),
    refused(
      "a namespace in capitals",
      { v2: { hostname }, kubernetes: { namespace: "Edge" } },
      "kubernetes.namespace is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
    ),
    plainly(
      "a host with a path in its name",
      { v2: { hostname }, host: { name: "../etc" } },
      "host.name is not the name of a host; write lower-case letters, digits and `-` between dots",
    ),
    plainly(
      "a group with a blank",
      { v2: { hostname }, host: { name: "nginx-1", group: "nginx agent" } },
      "host.group is not the name of a user or group; write lower-case letters, digits, `_` and `-`, beginning with a letter or `_`",
    ),
  ]);
});

describe("the one name, and TLS", () => {
  testRefusals([
    refused(
      "no name",
      { v2: {} },
      "v2.hostname is missing; write a string: DNS name of the server, as in its certificate",
    ),
    refused(
      "an address",
      { v2: { hostname: "192.0.2.7" } },
      "v2.hostname is an IP address, which is no name to ask for (SNI), and which NGINX verifies in no certificate; write the DNS name in the certificate of the management plane",
    ),
    refused(
      "an address without verification",
      { v3: { hostname: "2001:db8::7", tls: { unsafeSkipVerification: true } } },
      "v3.hostname is an IP address, which is no name to ask for (SNI), and which NGINX verifies in no certificate; write the DNS name in the certificate of the management plane",
    ),
    refused(
      "a name with a port",
      { v1: { hostname: "nim.example.com:10443", port: 10443 } },
      "v1.hostname is not a host name; write labels of letters, digits and `-` between single dots, for example `broker.example.com`",
    ),
    refused(
      "a second plane with a wildcard",
      { v3: { hostname, auxiliary: { hostname: "*.example.com" } } },
      "v3.auxiliary.hostname is not a host name; write labels of letters, digits and `-` between single dots, for example `broker.example.com`",
    ),
    plainly(
      "agent 1 without a port",
      { v1: { hostname } },
      "v1.port is missing; write a number: Port of the server, 10000 of Instance Manager itself, 10443 of the proxy before it",
    ),
    plainly("a port of none", { v2: { hostname, port: 0 } }, "v2.port is 0; write a whole number from 1 to 65535"),
    refused(
      "half of mutual TLS",
      { v2: { hostname, tls: { clientCertificate: { certificatePath: paths.certificatePath } } } },
      "v2.tls.clientCertificate.keyPath is missing; write a string: Absolute path of its key, PEM",
    ),
    refused(
      "a certificate without TLS",
      { v2: { hostname, tls: { clientCertificate: paths, unsafePlaintext: true } } },
      "v2.tls.clientCertificate is given, but unsafePlaintext turns TLS off; leave one of the two out",
    ),
    plainly(
      "authorities without verification",
      { v2: { hostname, tls: { trustedCertificatesPath: "/etc/ca.pem", unsafeSkipVerification: true } } },
      "v2.tls.trustedCertificatesPath is given, but unsafeSkipVerification ignores it; leave one of the two out",
    ),
    refused(
      "a relative path",
      { v2: { hostname, tls: { trustedCertificatesPath: "certs/ca.pem" } } },
      "v2.tls.trustedCertificatesPath is not an absolute path; write it from `/` on, with letters, digits, `_`, `.`, `@`, `+` and `-` between the slashes, and no `..`",
    ),
    plainly(
      "a token in the clear",
      { v2: { hostname, token: "5f1e9b0a", tls: { unsafePlaintext: true } } },
      "v2.token would be sent to a server that is not verified; leave unsafePlaintext and unsafeSkipVerification out, and write tls.trustedCertificatesPath",
    ),
    plainly(
      "a token for anyone",
      { v3: { hostname, tokenPath: "/etc/token", tls: { unsafeSkipVerification: true } } },
      "v3.tokenPath would be sent to a server that is not verified; leave unsafePlaintext and unsafeSkipVerification out, and write tls.trustedCertificatesPath",
    ),
    {
      ...refused(
        "a token in quotes",
        { v3: { hostname, token: '"5f1e9b0a"' } },
        "v3.token is empty, or has white space or quotes in it; write the token alone, without the quotes that it stands in elsewhere",
      ),
      secrets: ["5f1e9b0a"],
    },
    plainly(
      "two tokens",
      { v3: { hostname, token: "5f1e9b0a", tokenPath: "/etc/token" } },
      "v3.tokenPath is given beside token; leave one of the two out",
    ),
  ]);
});

describe("values", () => {
  testRefusals([
    plainly(
      "a level of agent 2 for agent 3",
      { v3: { hostname, log: { level: "trace" } } },
      'v3.log.level is "trace"; write one of "error", "warn", "info", "debug"',
    ),
    plainly(
      "a mode as the agent's help has it",
      { v2: { hostname, metrics: { mode: "aggregation" } } },
      'v2.metrics.mode is "aggregation"; write one of "aggregated", "streaming"',
    ),
    plainly(
      "a feature of agent 2 for agent 3",
      { v3: { hostname, features: ["metrics", "nginx-config-async"] } },
      'v3.features[1] is "nginx-config-async"; write one of "configuration", "certificates", "metrics", "file-watcher", "api-action", "logs-nap"',
    ),
    refused(
      "a time without unit",
      { v2: { hostname, statusPollInterval: "30" } },
      "v2.statusPollInterval is not a time as Go writes it; write for example `30s` or `1m30s`",
    ),
    refused(
      "two folders in one",
      { v2: { hostname, configDirectories: ["/etc/nginx:/etc/nms"] } },
      "v2.configDirectories[0] is not an absolute path; write it from `/` on, with letters, digits, `_`, `.`, `@`, `+` and `-` between the slashes, and no `..`",
    ),
    refused(
      "every folder",
      { v3: { hostname, allowedDirectories: ["/"] } },
      "v3.allowedDirectories[0] is not an absolute path; write it from `/` on, with letters, digits, `_`, `.`, `@`, `+` and `-` between the slashes, and no `..`",
    ),
    refused(
      "two patterns in one",
      { v2: { hostname, excludeLogs: ["/var/log/a.log,/var/log/b.log"] } },
      "v2.excludeLogs[0] is empty, or has a blank or a comma in it; write one pattern for each entry",
    ),
    refused(
      "a label that the agent leaves out",
      { v3: { hostname, labels: { group: "edge sites" } } },
      "v3.labels.group has a value that the agent would leave out; write at most 256 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
    ),
    plainly(
      "a label that the agent changes",
      { v3: { hostname, labels: { Rack: "12" } } },
      "v3.labels.Rack has a key that the agent would change; write lower-case letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
    ),
    refused(
      "a URL without scheme",
      { v1: { hostname, port: 10443, nginx: { plusApiUrl: "localhost:8080/api" } } },
      "v1.nginx.plusApiUrl is not a URL; write for example `http://localhost:8080/api`",
    ),
  ]);
});

describe("keys of another agent", () => {
  testRefusals([
    inV3(
      "agent 2's server in agent 3",
      { server: { host: hostname } },
      "v3.settings.server.host is a key of another agent; in agent 3.11.3 it is command.server.host; write v3.hostname",
    ),
    inV3(
      "agent 2's switch of TLS in agent 3",
      { tls: { enable: true } },
      "v3.settings.tls.enable is a key of another agent; agent 3.11.3 has nothing in its place; leave it out",
    ),
    inV3(
      "agent 2's warnings in agent 3",
      { nginx: { treat_warnings_as_errors: true } },
      "v3.settings.nginx.treat_warnings_as_errors is a key of another agent; in agent 3.11.3 it is data_plane_config.nginx.treat_warnings_as_errors; write settings.data_plane_config.nginx.treat_warnings_as_errors",
    ),
    inV3(
      "agent 2's folders in agent 3",
      { config_dirs: "/etc/nginx:/etc/nms" },
      "v3.settings.config_dirs is a key of another agent; in agent 3.11.3 it is allowed_directories, a list; write v3.allowedDirectories",
    ),
    inV3(
      "agent 2's tags in agent 3",
      { tags: ["web"] },
      "v3.settings.tags is a key of another agent; in agent 3.11.3 it is labels; write v3.labels",
    ),
    inV3(
      "agent 2's queue in agent 3",
      { queue_size: 100 },
      "v3.settings.queue_size is a key of another agent; agent 3.11.3 has nothing in its place; leave it out",
    ),
    inV2(
      "agent 3's server in agent 2",
      { command: { server: { host: hostname } } },
      "v2.settings.command.server.host is a key of another agent; in agent 2.46.7 it is server.host; write v2.hostname",
    ),
    inV2(
      "agent 3's folders in agent 2",
      { allowed_directories: ["/etc/nginx"] },
      "v2.settings.allowed_directories is a key of another agent; in agent 2.46.7 it is config_dirs, joined by colons; write v2.configDirectories",
    ),
    inV2(
      "agent 1's URL in agent 2",
      { nginx: { plus_api: "http://localhost:8080/api" } },
      "v2.settings.nginx.plus_api is a key of another agent; in agent 2.46.7 it is nginx.api.url; write settings.nginx.api.url",
    ),
    inV2(
      "the document's switch that agent 2 ignores",
      { dataplane: { sync: { enable: true } } },
      "v2.settings.dataplane.sync.enable is a key of another agent; agent 2.46.7 has nothing in its place; leave it out",
    ),
    inV2(
      "a misspelt key",
      { nginx: { exclude_log: "" } },
      "v2.settings.nginx.exclude_log is no key of agent 2.46.7, which would ignore it; write v2.settings.nginx.exclude_logs",
    ),
    inV2(
      "a name that every object has",
      { nginx: { constructor: "x" } },
      "v2.settings.nginx.constructor is no key of agent 2.46.7, which would ignore it; write one of exclude_logs, socket, debug, treat_warnings_as_errors, client_version, config_reload_monitoring_period, api",
    ),
    inV3(
      "a key that agent 3 never had",
      { watchers: { log_watcher: { monitoring_frequency: "5s" } } },
      "v3.settings.watchers.log_watcher is no key of agent 3.11.3, which would not start with it; write v3.settings.watchers.file_watcher",
    ),
    inV2(
      "the name beside the one hostname",
      { server: { metrics: "other.example.com" } },
      "v2.settings.server.metrics is decided by v2.hostname; write v2.hostname in its place",
    ),
    inV3(
      "the server's name beside the one hostname",
      { command: { tls: { server_name: "other.example.com" } } },
      "v3.settings.command.tls is decided by v3.tls; write v3.tls in its place",
    ),
    inV3(
      "another way to skip verification",
      { collector: { exporters: { otlp: { own: { tls: { skip_verify: true } } } } } },
      "v3.settings.collector.exporters.otlp.own.tls.skip_verify lets anyone pass for the server; leave it out, and write the authority's path as `ca` beside it",
    ),
    inV3(
      "a value where keys belong",
      { watchers: "5s" },
      "v3.settings.watchers is not a group of keys; write at least one of file_watcher, instance_watcher, instance_health_watcher below it",
    ),
    inV2(
      "keys where a value belongs",
      { queue_size: { most: 100 } },
      "v2.settings.queue_size is an object; write a whole number, 0 or more",
    ),
  ]);
});

describe("values of settings", () => {
  testRefusals([
    inV2(
      "K13: a feature that agent 2 does not have",
      { features: ["registration", "metricz"] },
      'v2.settings.features[1] is "metricz"; write metrics, or another of registration, nginx-config, nginx-config-async, nginx-ssl-config, nginx-counting, metrics, metrics-collection, metrics-sender, metrics-throttle, dataplane-status, process-watcher, file-watcher, file-watch-throttle, activity-events, agent-api',
    ),
    inV2(
      "an extension that agent 2 does not have",
      { extensions: ["php"] },
      'v2.settings.extensions[0] is "php"; write one of advanced-metrics, nginx-app-protect, nap-monitoring',
    ),
    inV2("features in one text", { features: "metrics" }, 'v2.settings.features is "metrics"; write a list of texts'),
    ...["0.0.0.0", "::", "192.0.2.7", "nim.example.com", ""].map((host) =>
      refused(
        `K13: the agent's API on ${JSON.stringify(host)}`,
        { v2: { hostname, settings: { api: { host, port: 8038 } } } },
        `v2.settings.api.host is ${JSON.stringify(host)}: anyone who reaches it can write NGINX's configuration, without authentication; write "127.0.0.1", or leave it out`,
      ),
    ),
    inV2(
      "a port of the agent's API that is none",
      { api: { port: 70_000 } },
      "v2.settings.api.port is 70000; write a port, 1 to 65535",
    ),
    inV2(
      "a text for a number",
      { queue_size: "100" },
      'v2.settings.queue_size is "100"; write a whole number, 0 or more',
    ),
    inV2(
      "a text for true or false",
      { nginx: { debug: "yes" } },
      'v2.settings.nginx.debug is "yes"; write true or false',
    ),
    inV3(
      "a number for a time, which the agent takes for nanoseconds",
      { watchers: { file_watcher: { monitoring_frequency: 5 } } },
      "v3.settings.watchers.file_watcher.monitoring_frequency is 5; write a duration with its unit: `30s` or `1m30s`",
    ),
    inV3(
      "a time without unit",
      { client: { backoff: { max_interval: "30" } } },
      'v3.settings.client.backoff.max_interval is "30"; write a duration with its unit: `30s` or `1m30s`',
    ),
    inV3(
      "a number in words",
      { client: { backoff: { multiplier: "twice" } } },
      'v3.settings.client.backoff.multiplier is "twice"; write a number',
    ),
    inV3(
      "one text for a list",
      { watchers: { file_watcher: { exclude_files: "*.log" } } },
      'v3.settings.watchers.file_watcher.exclude_files is "*.log"; write a list of texts',
    ),
    inV3(
      "a list for a text",
      { data_plane_config: { nginx: { api: { url: ["http://localhost/api"] } } } },
      "v3.settings.data_plane_config.nginx.api.url is a list; write a text",
    ),
    inV3(
      "keys of a part that has none",
      { collector: { exporters: { debug: { verbosity: "detailed" } } } },
      "v3.settings.collector.exporters.debug is an object; write `{}`: it has no keys",
    ),
    inV3(
      "an object for a label of an operator",
      { collector: { receivers: { tcplog: { own: { operators: [{ type: "add", fields: { from: {} } }] } } } } },
      "v3.settings.collector.receivers.tcplog.own.operators[0].fields.from is an object; write a text, a number, true or false",
    ),
    plainly(
      "a group that is an Output as a whole",
      { v3: { hostname, settings: { watchers: pulumi.output({ file_watcher: {} }) } } },
      "v3.settings.watchers is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    ),
    {
      ...plainly(
        "a name of the Ingress Controller's chart",
        { v2: { hostname, tls: { skipVerify: false } } },
        "v2.tls.skipVerify is not an argument; write v2.tls.unsafeSkipVerification",
      ),
    },
    refused(
      "a key in the certificate's file",
      { v2: { hostname, tls: { clientCertificate: { certificatePath: "/a.pem", keyPath: "/a.pem" } } } },
      "v2.tls.clientCertificate.keyPath is that of v2.tls.clientCertificate.certificatePath; give each file a path of its own",
    ),
  ]);

  test("a wrong value that is known late is not shown: it may be a secret", async () => {
    const settings = { queue_size: pulumi.secret("5f1e9b0a") };
    const failure = record(() => void new NginxAgentConfiguration("wrong", { v2: { hostname, settings }, kubernetes }));
    await expect(failure).rejects.toThrow("v2.settings.queue_size is a string; write a whole number, 0 or more");
    await expect(failure).rejects.not.toThrow("5f1e9b0a");
  });

  test("five wrong arguments are five sentences", () => {
    const args = {
      v2: {
        hostname: "a..b",
        port: 0,
        excludeLogs: ["/a /b"],
        settings: { api: { host: "0.0.0.0" }, queue_size: "100" },
      },
      kubernetes,
    };
    const error = thrownBy(() => new NginxAgentConfiguration("wrong", args)) as pulumi.InputPropertiesError;
    expect(error.errors.map(({ propertyPath }) => propertyPath)).toEqual([
      "v2.hostname",
      "v2.port",
      "v2.excludeLogs[0]",
      "v2.settings.api.host",
      "v2.settings.queue_size",
    ]);
  });
});

describe("certificates for a host", () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-agent-"));
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const issue = (name: string, ...extensions: string[]) =>
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        .concat(["-subj", `/CN=${name}`, "-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`)])
        .concat(["basicConstraints=critical,CA:FALSE", ...extensions].flatMap((extension) => ["-addext", extension])),
      { stdio: "pipe" },
    );
  beforeAll(() => {
    issue("agent", "extendedKeyUsage=clientAuth");
    issue("other", "extendedKeyUsage=clientAuth");
    issue("server", "extendedKeyUsage=serverAuth");
    // What the first document's script makes: no usage, and a wildcard that the manager's name matches.
    issue("wildcard", "subjectAltName=DNS:agent.example.com,DNS:*.example.com");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const host = (certificate: string, key = certificate) => ({
    name: "nginx-1",
    certificatePem: read(`${certificate}.crt`),
    privateKeyPem: read(`${key}.key`),
  });

  testRefusals([
    refused(
      "a certificate that could pass for the manager",
      () => ({ v2, host: host("wildcard") }),
      "host.certificatePem would serve for the management plane itself: it has its name, and is not for clients alone; use one with the usage client and without that name",
    ),
    refused(
      "a server's certificate",
      () => ({ v2, host: host("server") }),
      "host.certificatePem is no certificate of a client; use one with the usage client",
    ),
    plainly(
      "a Certificate of the program for servers, also before its text is known",
      {
        v2,
        host: {
          name: "nginx-1",
          certificatePem: withFacts(pulumi.output("PEM"), {
            component: 'Certificate "server"',
            certificate: { usage: "server", dnsNames: [] },
          }),
          privateKeyPem: "PEM",
        },
      },
      "host.certificatePem is no certificate of a client; use one with the usage client",
    ),
    refused(
      "another key",
      () => ({ v2, host: host("agent", "other") }),
      "host.privateKeyPem is the key of another certificate; write the key of the first certificate",
    ),
    refused(
      "a certificate without its key",
      () => ({ v2, host: { name: "nginx-1", certificatePem: read("agent.crt") } }),
      "host.privateKeyPem is missing; write the key of host.certificatePem, or leave both out",
    ),
    refused(
      "a certificate that the file does not name",
      () => ({ v2: { hostname }, host: host("agent") }),
      "host.certificatePem has no place in the agent's file; write the paths of the certificate and the key in v2.tls.clientCertificate",
    ),
    refused(
      "two roots for the operating system",
      () => ({
        v2: { hostname },
        host: { name: "nginx-1", trustedCertificatesPem: read("agent.crt") + read("other.crt") },
      }),
      "host.trustedCertificatesPem has 2 certificates, and the operating system takes one from a file; write the root alone, or v2.tls.trustedCertificatesPath for the agent alone to trust them",
    ),
    refused(
      "a key among the authorities",
      () => ({ v2, host: { name: "nginx-1", trustedCertificatesPem: read("agent.key") } }),
      "host.trustedCertificatesPem has a private key in it; write certificates only: this text is published",
    ),
  ]);
});
