import { Certificate, CertificateAuthority, LicenseSecret, NginxPlus, TrustedCertificates } from "../../../components";
import type { InstanceManagerProxyArgs } from "../../../components/manager";
import { InstanceManagerProxy } from "../../../components/manager";
import { type KubernetesObject, manifests, type RunResult, record } from "../../../engine";
import { type CrossplaneNode, type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";
import { type GixyCase, gixyFindings, gixyMissing, ofSeverity } from "../../gixy";
import { danglingPorts, danglingReferences, requestLints } from "../../lints";
import { goodToken } from "../foundation/token";
import { acceptFaults } from "../known-faults";

const namespace = "nim";
const hostname = { manager: "nim.example.com", agents: "agents.nim.example.com" };

/** A proxy with certificates of this library on all sides. */
async function run({ pods, ...args }: Partial<InstanceManagerProxyArgs>, more?: (proxy: InstanceManagerProxy) => void) {
  return record(() => {
    const issuer = new CertificateAuthority("authority", { subject: { commonName: "root" } });
    const subject = { commonName: "nim" };
    const authorities = new TrustedCertificates("authorities", { namespace, certificatesPem: issuer.bundle });
    const proxy = new InstanceManagerProxy("nim", {
      namespace,
      license: args.edition === "oss" ? undefined : new LicenseSecret("license", { namespace, jwt: goodToken() }),
      hostname,
      certificate: new Certificate("server", {
        namespace,
        issuer,
        usage: "server",
        subject,
        dnsNames: Object.values(hostname),
      }),
      agentAuthorities: authorities,
      backendTls: {
        trustedCertificates: authorities,
        clientCertificate: new Certificate("client", { namespace, issuer, usage: "client", subject }),
      },
      pods: { imagePullSecrets: ["registry"], ...pods },
      ...args,
    });
    more?.(proxy);
    return { port: proxy.port, usageEndpoint: proxy.usageEndpoint, agentHost: proxy.agentHost };
  });
}

const configuration = (result: RunResult, prefix = "nim-nginx") => {
  const found = objects(result).find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith(prefix));
  return (found!.data as Record<string, string>)["nginx.conf"]!;
};
const objects = (result: RunResult): KubernetesObject[] => manifests(result, { secrets: "digest" });

const own = { image: "registry.example.com/nginx-plus:own", ...acceptFaults };
const debian = {
  edition: "oss",
  pods: { image: "registry.example.com/debian-nginx:1.22.1" },
  openSourceVersion: "1.22.1",
} as const;
const dialects: [name: string, table: CrossplaneRelease, args: Partial<InstanceManagerProxyArgs>][] = [
  ["NGINX Plus R33", "R33", { pods: { ...own, release: "R33" } }],
  ["NGINX Plus R34", "R34", { pods: { ...own, release: "R34" } }],
  ["NGINX Plus R35", "R35", { pods: { ...own, release: "R35" } }],
  ["NGINX Plus R36", "R36", { pods: { ...acceptFaults, release: "R36 P8" } }],
  ["NGINX Plus 37", "R37", {}],
  ["open-source NGINX", "oss", { edition: "oss" }],
  ["open-source NGINX of Debian", "oss", debian],
];

// Mozilla's intermediate list without finite-field Diffie-Hellman.
const ciphers =
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256" +
  ":ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384" +
  ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/** The `http` block after the log's format, before what every NginxPlus has. */
const http = (text: string) =>
  /^ {4}upstream manager_apigw[\s\S]*?^(?= {4}server_tokens)/m.exec(text)![0].replace(/^ {4}/gm, "");

test("A1, A2, A3: the configuration, whole", async () => {
  expect(http(configuration(await run({})))).toBe(
    `upstream manager_apigw {
    zone manager_apigw 64k;
    server apigw.nim.svc:443;
    keepalive 20;
}
upstream manager_dpm {
    zone manager_dpm 64k;
    server dpm.nim.svc:8036;
    keepalive 20;
}
upstream manager_ingestion {
    zone manager_ingestion 64k;
    server ingestion.nim.svc:8035;
    keepalive 20;
}
server {
    listen 8443 ssl default_server;
    http2 on;
    server_name _;
    ssl_reject_handshake on;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ${ciphers};
    ssl_prefer_server_ciphers off;
    ssl_session_cache off;
    ssl_session_tickets off;
}
server {
    listen 8443 ssl;
    http2 on;
    server_name nim.example.com;
    status_zone manager;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ${ciphers};
    ssl_prefer_server_ciphers off;
    ssl_session_cache off;
    ssl_session_tickets off;
    ssl_certificate /etc/nginx/manager-certificate/tls.crt;
    ssl_certificate_key /etc/nginx/manager-certificate/tls.key;
    client_max_body_size 50m;
    proxy_hide_header Strict-Transport-Security;
    add_header Strict-Transport-Security max-age=31536000 always;
    add_header X-Content-Type-Options nosniff always;
    location / {
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_ssl_protocols TLSv1.2 TLSv1.3;
        proxy_ssl_server_name on;
        proxy_ssl_name apigw;
        proxy_ssl_verify on;
        proxy_ssl_verify_depth 2;
        proxy_ssl_trusted_certificate /etc/nginx/manager-backend-authorities/ca.crt;
        proxy_ssl_certificate /etc/nginx/manager-backend-certificate/tls.crt;
        proxy_ssl_certificate_key /etc/nginx/manager-backend-certificate/tls.key;
        proxy_pass https://manager_apigw;
    }
    location /api/platform/v1/report/download {
        proxy_read_timeout 3600s;
        proxy_send_timeout 3600s;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_ssl_protocols TLSv1.2 TLSv1.3;
        proxy_ssl_server_name on;
        proxy_ssl_name apigw;
        proxy_ssl_verify on;
        proxy_ssl_verify_depth 2;
        proxy_ssl_trusted_certificate /etc/nginx/manager-backend-authorities/ca.crt;
        proxy_ssl_certificate /etc/nginx/manager-backend-certificate/tls.crt;
        proxy_ssl_certificate_key /etc/nginx/manager-backend-certificate/tls.key;
        proxy_pass https://manager_apigw;
    }
    location /f5.nginx.nms.sdk.NotificationSvc {
        proxy_read_timeout 3600s;
        proxy_send_timeout 300s;
        client_body_timeout 600s;
        proxy_buffering off;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_ssl_protocols TLSv1.2 TLSv1.3;
        proxy_ssl_server_name on;
        proxy_ssl_name apigw;
        proxy_ssl_verify on;
        proxy_ssl_verify_depth 2;
        proxy_ssl_trusted_certificate /etc/nginx/manager-backend-authorities/ca.crt;
        proxy_ssl_certificate /etc/nginx/manager-backend-certificate/tls.crt;
        proxy_ssl_certificate_key /etc/nginx/manager-backend-certificate/tls.key;
        proxy_pass https://manager_apigw;
    }
    location ^~ /f5.nginx.agent. {
        add_header Strict-Transport-Security max-age=31536000 always;
        add_header X-Content-Type-Options nosniff always;
        default_type application/grpc;
        add_header grpc-status 7 always;
        add_header grpc-message permission_denied always;
        return 200;
    }
}
server {
    listen 8443 ssl;
    http2 on;
    server_name agents.nim.example.com;
    status_zone manager_agents;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ${ciphers};
    ssl_prefer_server_ciphers off;
    ssl_session_cache off;
    ssl_session_tickets off;
    ssl_certificate /etc/nginx/manager-certificate/tls.crt;
    ssl_certificate_key /etc/nginx/manager-certificate/tls.key;
    ssl_verify_client on;
    ssl_verify_depth 2;
    ssl_client_certificate /etc/nginx/manager-agent-authorities/ca.crt;
    error_page 400 405 415 426 497 500 501 = @grpc_internal;
    error_page 401 495 496 = @grpc_unauthenticated;
    error_page 403 = @grpc_permission_denied;
    error_page 404 = @grpc_unimplemented;
    error_page 408 = @grpc_deadline_exceeded;
    error_page 413 414 494 = @grpc_resource_exhausted;
    error_page 429 502 503 504 = @grpc_unavailable;
    location @grpc_internal {
        default_type application/grpc;
        add_header grpc-status 13 always;
        add_header grpc-message internal always;
        return 200;
    }
    location @grpc_unauthenticated {
        default_type application/grpc;
        add_header grpc-status 16 always;
        add_header grpc-message unauthenticated always;
        return 200;
    }
    location @grpc_permission_denied {
        default_type application/grpc;
        add_header grpc-status 7 always;
        add_header grpc-message permission_denied always;
        return 200;
    }
    location @grpc_unimplemented {
        default_type application/grpc;
        add_header grpc-status 12 always;
        add_header grpc-message unimplemented always;
        return 200;
    }
    location @grpc_deadline_exceeded {
        default_type application/grpc;
        add_header grpc-status 4 always;
        add_header grpc-message deadline_exceeded always;
        return 200;
    }
    location @grpc_resource_exhausted {
        default_type application/grpc;
        add_header grpc-status 8 always;
        add_header grpc-message resource_exhausted always;
        return 200;
    }
    location @grpc_unavailable {
        default_type application/grpc;
        add_header grpc-status 14 always;
        add_header grpc-message unavailable always;
        return 200;
    }
    location / {
        return 404;
    }
    location /f5.nginx.agent.sdk.Commander/ {
        client_max_body_size 0;
        client_body_timeout 600s;
        grpc_socket_keepalive on;
        grpc_connect_timeout 5s;
        grpc_read_timeout 300s;
        grpc_send_timeout 300s;
        grpc_intercept_errors on;
        grpc_ssl_protocols TLSv1.2 TLSv1.3;
        grpc_ssl_server_name on;
        grpc_ssl_name dpm;
        grpc_ssl_verify on;
        grpc_ssl_verify_depth 2;
        grpc_ssl_trusted_certificate /etc/nginx/manager-backend-authorities/ca.crt;
        grpc_ssl_certificate /etc/nginx/manager-backend-certificate/tls.crt;
        grpc_ssl_certificate_key /etc/nginx/manager-backend-certificate/tls.key;
        grpc_pass grpcs://manager_dpm;
    }
    location /f5.nginx.agent.sdk.MetricsService/ {
        client_max_body_size 0;
        client_body_timeout 600s;
        grpc_socket_keepalive on;
        grpc_connect_timeout 5s;
        grpc_read_timeout 300s;
        grpc_send_timeout 300s;
        grpc_intercept_errors on;
        grpc_ssl_protocols TLSv1.2 TLSv1.3;
        grpc_ssl_server_name on;
        grpc_ssl_name ingestion;
        grpc_ssl_verify on;
        grpc_ssl_verify_depth 2;
        grpc_ssl_trusted_certificate /etc/nginx/manager-backend-authorities/ca.crt;
        grpc_ssl_certificate /etc/nginx/manager-backend-certificate/tls.crt;
        grpc_ssl_certificate_key /etc/nginx/manager-backend-certificate/tls.key;
        grpc_pass grpcs://manager_ingestion;
    }
}
`,
  );
});

test("a list of revoked certificates comes with the authorities, and denied serial numbers stand in the configuration", async () => {
  const result = await run({ agents: { revocation: { crl: true, deniedSerials: ["serial=0A1B"] } } });
  const text = configuration(result);
  const agents = text.slice(text.indexOf("server_name agents."));
  expect(text.slice(0, text.indexOf("server_name agents."))).toContain(`    map $ssl_client_serial $client_denied {
        default 0;
        0A1B 1;
    }
`);
  expect(agents).toContain(`        ssl_client_certificate /etc/nginx/manager-agent-authorities/ca.crt;
        ssl_crl /etc/nginx/manager-agent-authorities/ca.crl;
        if ($client_denied) {
            return 403;
        }
`);
  expect(text.match(/ssl_crl|\$client_denied\)/g)).toEqual(["ssl_crl", "$client_denied)"]);
  const { spec } = objects(result).find(({ kind }) => kind === "Deployment") as unknown as {
    spec: { template: { spec: { volumes: { name: string; secret: { items: { key: string }[] } }[] } } };
  };
  const volume = spec.template.spec.volumes.find(({ name }) => name === "agent-authorities")!;
  expect(volume.secret.items.map(({ key }) => key)).toEqual(["ca.crt", "ca.crl"]);
});

describe("E10: one tree in each dialect", () => {
  // What may differ; all other lines are the same everywhere.
  const ofDialect = /^ *(?:listen|http2|status_zone) /;
  const lines = (text: string) => http(text).split("\n");
  let common: string[];
  beforeAll(async () => {
    common = lines(configuration(await run({}))).filter((line) => !ofDialect.test(line));
  });

  test.each(dialects)("%s", async (_name, table, args) => {
    const text = lines(configuration(await run(args)));
    expect(text.filter((line) => !ofDialect.test(line))).toEqual(common);
    const own = text.filter((line) => ofDialect.test(line)).map((line) => line.trim());
    if (args.openSourceVersion)
      expect(own).toEqual([
        "listen 8443 ssl http2 default_server;",
        "listen 8443 ssl http2;",
        "listen 8443 ssl http2;",
      ]);
    else if (table === "oss")
      expect(own).toEqual([
        "listen 8443 ssl default_server;",
        "http2 on;",
        "listen 8443 ssl;",
        "http2 on;",
        "listen 8443 ssl;",
        "http2 on;",
      ]);
    else
      expect(own).toEqual([
        "listen 8443 ssl default_server;",
        "http2 on;",
        "listen 8443 ssl;",
        "http2 on;",
        "status_zone manager;",
        "listen 8443 ssl;",
        "http2 on;",
        "status_zone manager_agents;",
      ]);
  });

  test.each([
    ["1.25.0", "listen 8443 ssl http2;"],
    ["1.25.1", "listen 8443 ssl;"],
    ["1.9.99", undefined],
    ["2.0.0", "listen 8443 ssl;"],
  ])("open-source NGINX %s", async (openSourceVersion, listen) => {
    const rendered = run({ ...debian, openSourceVersion });
    if (listen === undefined) await expect(rendered).rejects.toThrow(`is ${openSourceVersion}, which cannot turn away`);
    else
      expect(
        lines(configuration(await rendered))
          .filter((line) => /listen/.test(line))[1]!
          .trim(),
      ).toBe(listen);
  });
});

const variants: [name: string, args: Partial<InstanceManagerProxyArgs>][] = [
  ["as it is by default", {}],
  ["agents.mtls optional", { agents: { mtls: "optional", unsafeAllowAgentsWithoutCertificate: true } }],
  [
    "agents.mtls off, plain backends",
    {
      agents: { mtls: "off", unsafeAllowAgentsWithoutCertificate: true },
      agentAuthorities: undefined,
      backendTls: undefined,
      unsafePlainBackends: true,
    },
  ],
  ["revocation", { agents: { revocation: { crl: true, deniedSerials: ["0A1B"] } } }],
  ["a certificate of the agents' own", { agentCertificate: { secretName: "agents" }, strictTransportSeconds: 0 }],
];

const missing = crossplaneMissing();
const describeWithGo = missing ? describe.skip : describe;

describeWithGo(`NGINX's own tables${missing ? ` (${missing})` : ""}`, () => {
  const parse = async (table: CrossplaneRelease, args: Partial<InstanceManagerProxyArgs>) =>
    parseStrict([{ files: { "/etc/nginx/nginx.conf": configuration(await run(args)) }, release: table }])[0]!;

  test.each(dialects)("%s knows every directive", async (_name, table, args) => {
    for (const [, variant] of variants) expect((await parse(table, { ...args, ...variant })).errors).toEqual([]);
  });

  test.each(variants)("E20, %s: agents' services stand in exactly one server", async (_name, args) => {
    const { tree } = await parse("R37", args);
    const servers = tree.find(({ name }) => name === "http")!.block!.filter(({ name }) => name === "server");
    const passes = ({ block = [] }: CrossplaneNode): string[] =>
      block.flatMap((node) => (/^(?:grpc|proxy)_pass$/.test(node.name) ? node.args : passes(node)));
    const named = (server: CrossplaneNode) => server.block!.find(({ name }) => name === "server_name")?.args[0];
    const s = args.unsafePlainBackends ? "" : "s";
    expect(servers.map((server) => [named(server), passes(server)])).toEqual([
      ["_", []],
      ["nim.example.com", Array(3).fill(`http${s}://manager_apigw`)],
      ["agents.nim.example.com", [`grpc${s}://manager_dpm`, `grpc${s}://manager_ingestion`]],
      [undefined, []],
    ]);
    const verified = servers.map(({ block }) => block!.find(({ name }) => name === "ssl_verify_client")?.args[0]);
    const mode = { required: "on", optional: "optional", off: undefined }[args.agents?.mtls ?? "required"];
    expect(verified).toEqual([undefined, undefined, mode, undefined]);
  });

  test.each(dialects.filter(([, table]) => table !== "oss"))(
    "A4, A5: %s reports its usage to the proxy, verified or by an explicit flag not",
    async (_name, table, args) => {
      const plus = {
        ...(args.pods as object),
        namespace,
        imagePullSecrets: ["registry"],
        ports: [{ name: "web", port: 8000 }],
        configuration: { http: [{ name: "server", block: [{ name: "listen", args: ["8000"] }] }] },
      };
      const result = await run(args, ({ usageEndpoint }) => {
        const license = { secretName: "license" };
        new NginxPlus("verified", {
          ...plus,
          license,
          management: { usageEndpoint, trustedCertificates: { secretName: "ca" } },
        });
        new NginxPlus("unverified", { ...plus, license, management: { usageEndpoint, unsafeSkipVerification: true } });
      });
      const blocks = ["verified", "unverified"].map((name) => {
        const files = { "/etc/nginx/nginx.conf": configuration(result, name) };
        const { tree, errors } = parseStrict([{ files, release: table }])[0]!;
        expect(errors).toEqual([]);
        return tree.find(({ name }) => name === "mgmt")!.block!.map(({ name, args }) => [name, ...args].join(" "));
      });
      const own = ["license_token /etc/nginx/license/license.jwt", "state_path /var/lib/nginx/state"];
      // E9: without ssl_name NGINX verifies the endpoint's own name, which hostname has put into the certificate.
      expect(blocks).toEqual([
        [
          ...own,
          "usage_report endpoint=nim.example.com",
          "ssl_trusted_certificate /etc/nginx/management/trusted/ca.crt",
        ],
        [...own, "usage_report endpoint=nim.example.com", "ssl_verify off"],
      ]);
    },
  );
});

test("the outputs are what clients need, the port where it is not HTTPS's", async () => {
  expect((await run({})).outputs).toEqual({
    port: 443,
    usageEndpoint: "nim.example.com",
    agentHost: "agents.nim.example.com",
  });
  expect((await run({ port: 8443 })).outputs).toMatchObject({ port: 8443, usageEndpoint: "nim.example.com:8443" });
});

test("A8: every Secret, key and port that the pods name is there", async () => {
  const result = await run({});
  expect(danglingReferences(objects(result), ["Secret/registry"])).toEqual([]);
  expect(danglingPorts(objects(result))).toEqual([]);
  for (const [lint, look] of Object.entries(requestLints)) expect([lint, look(result)]).toEqual([lint, []]);
});

test("a certificate that is known later is held against the names then", async () => {
  const wrong = run({ hostname: { manager: "nim.example.com", agents: "elsewhere.example.com" } });
  await expect(wrong).rejects.toThrow(
    'InstanceManagerProxy "nim": certificate.certificatePem does not carry hostname.agents, "elsewhere.example.com", as a DNS name;',
  );
});

test("snippets stand at the end of their blocks", async () => {
  const header = (value: string) => ({ name: "add_header", args: ["X-Where", value] });
  const text = http(
    configuration(
      await run({
        snippets: {
          http: [{ name: "client_header_timeout", args: ["10s"] }],
          manager: [{ name: "client_header_timeout", args: ["11s"] }],
          agents: [header("agents")],
        },
      }),
    ),
  );
  expect(text.match(/^ *(?:client_header_timeout|add_header X-Where|server) .*$/gm)).toEqual(
    expect.arrayContaining([
      "client_header_timeout 10s;",
      "    client_header_timeout 11s;",
      "    add_header X-Where agents;",
    ]),
  );
});

const withoutGixy = gixyMissing();

(withoutGixy ? describe.skip : describe)(`gixy-ng${withoutGixy ? ` (${withoutGixy})` : ""}`, () => {
  test.each(dialects)("%s: finds nothing grave in any variant", async (_name, _table, args) => {
    const cases: GixyCase[] = [];
    for (const [, variant] of variants) {
      const text = configuration(await run({ ...args, ...variant }));
      cases.push({ files: { "/etc/nginx/nginx.conf": text } });
    }
    expect(gixyFindings(cases).flatMap((findings) => ofSeverity("HIGH", findings))).toEqual([]);
  });
});
