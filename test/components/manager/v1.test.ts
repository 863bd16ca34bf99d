import {
  InstanceManagerV1Host,
  type InstanceManagerV1HostArgs,
  InstanceManagerV1Proxy,
} from "../../../components/manager";
import { hosts, record } from "../../../engine";
import { crossplaneMissing, parseStrict } from "../../crossplane";
import { hostCertificate, type Materials, machine, materials, renderHost } from "../../dataplane/v1-stack";
import { plusVariants, variants } from "../../dataplane/v1-variants";
import { gixyMissing } from "../../gixy";
import { graveFindings, nginxConfigurations } from "../../nginx-configurations";
import { goodToken } from "../foundation/token";

let pems: Materials;
beforeAll(async () => {
  pems = await materials();
});

const plus = { name: machine };

/** The files of the host. */
async function files(args: Partial<InstanceManagerV1HostArgs>) {
  const [host] = hosts(await renderHost({ host: plus, ...args }), { secrets: "show" });
  return host!.files;
}

const content = async (path: string, args: Partial<InstanceManagerV1HostArgs>) =>
  (await files(args)).find((file) => file.path === path)?.content;

const manager = (args: Partial<InstanceManagerV1HostArgs>) => content("/etc/nginx-manager/nginx-manager.conf", args);
const documented = {
  logLevel: "info" as const,
  logPath: "/var/log/nginx-manager/",
  metricsPath: "/var/nginx-manager/",
};

describe("nginx-manager.conf", () => {
  test("B7: TLS of its own", async () => {
    const own = { bindAddress: "0.0.0.0", certificate: hostCertificate(pems.manager) };
    expect(await manager({ manager: own })).toMatchInlineSnapshot(`
"bind_address: "0.0.0.0"
grpc_port: 10000
gateway_port: 11000
server_name: nginx-manager.example.com
cert: /etc/ssl/nginx-manager/server.crt
key: /etc/ssl/nginx-manager/server.key
"
`);
  });

  test("B7, E18: TLS of its own, with log and metrics, and a root for the operating system where mutual TLS is wanted", async () => {
    const own = { bindAddress: "0.0.0.0", certificate: hostCertificate(pems.manager), ...documented };
    const args = { manager: { ...own, systemAuthorityPem: pems.agent.roots } };
    expect(await manager(args)).toMatchInlineSnapshot(`
"bind_address: "0.0.0.0"
grpc_port: 10000
gateway_port: 11000
server_name: nginx-manager.example.com
cert: /etc/ssl/nginx-manager/server.crt
key: /etc/ssl/nginx-manager/server.key
log:
  level: info
  path: /var/log/nginx-manager/
metrics:
  storage_path: /var/nginx-manager/
"
`);
    const trusted = (await files(args)).filter(({ action }) => action === "trust");
    expect(trusted).toMatchObject([{ path: "nginx-manager-agents.crt", content: pems.agent.roots }]);
  });

  test("B7: no TLS, behind NGINX on the same host", async () => {
    const args = variants(pems)["B10: agents' certificates"]!;
    expect(await manager({ ...args, manager: documented })).toMatchInlineSnapshot(`
"bind_address: "127.0.0.1"
grpc_port: 10000
gateway_port: 11000
log:
  level: info
  path: /var/log/nginx-manager/
metrics:
  storage_path: /var/nginx-manager/
"
`);
  });

  test("B7: TLS behind NGINX that ends TLS", async () => {
    const args = variants(pems)["B17: TLS in front and behind"]!;
    expect(await manager({ ...args, manager: { ...args.manager, ...documented } })).toMatchInlineSnapshot(`
"bind_address: "127.0.0.1"
grpc_port: 10000
gateway_port: 11000
server_name: nginx-manager.example.com
cert: /etc/ssl/nginx-manager/server.crt
key: /etc/ssl/nginx-manager/server.key
log:
  level: info
  path: /var/log/nginx-manager/
metrics:
  storage_path: /var/nginx-manager/
"
`);
  });

  test("B7: a socket", async () => {
    const args = variants(pems)["B17: with certificates that are optional, and sockets"]!;
    expect(await manager({ ...args, manager: { ...args.manager, bindAddress: "/run/nginx-manager.sock" } })).toMatch(
      /^bind_address: \/run\/nginx-manager.sock\n/,
    );
  });
});

test("B8: the interface behind NGINX Plus, with its health check", async () => {
  const args = variants(pems)["B8/B9: TLS for the interface and the API"]!;
  expect(await content("/etc/nginx/conf.d/nginx-manager-api.conf", args)).toMatchInlineSnapshot(`
"server {
    listen 88;
    server_name nginx-manager.example.com;
    add_header X-Frame-Options SAMEORIGIN always;
    return 301 https://nginx-manager.example.com$request_uri;
}
server {
    listen 443 ssl default_server;
    http2 on;
    server_name _;
    ssl_reject_handshake on;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off;
    ssl_session_cache off;
    ssl_session_tickets off;
}
server {
    listen 443 ssl;
    http2 on;
    server_name nginx-manager.example.com;
    status_zone nginx-manager_https;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off;
    ssl_session_cache off;
    ssl_session_tickets off;
    ssl_certificate /etc/ssl/nginx-manager/nginx-manager.crt;
    ssl_certificate_key /etc/ssl/nginx-manager/nginx-manager.key;
    add_header X-Frame-Options SAMEORIGIN always;
    add_header Strict-Transport-Security "max-age=86400; includeSubDomains" always;
    add_header Content-Security-Policy "default-src 'self'; font-src *;img-src * data:; script-src *; style-src *" always;
    add_header X-XSS-Protection "1; mode=block" always;
    add_header Referrer-Policy strict-origin always;
    proxy_hide_header X-Frame-Options;
    proxy_hide_header Strict-Transport-Security;
    proxy_hide_header Content-Security-Policy;
    proxy_hide_header X-XSS-Protection;
    proxy_hide_header Referrer-Policy;
    location / {
        client_max_body_size 0;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_pass http://nginx-manager_servers;
        health_check uri=/swagger-ui/;
    }
}
"
`);
});

test("B10, B14: agents behind NGINX Plus, revoked by list, serial and API, with the health check of gRPC", async () => {
  const args = plusVariants(pems)["B14: agents revoked through the API"]!;
  const front = { ...args.front, agents: { revocation: { ...args.front!.agents!.revocation, crl: true } } };
  expect(
    await content("/etc/nginx/conf.d/nginx-manager-grpc.conf", { ...args, front, agentCrlPem: pems.agentCrl }),
  ).toMatchInlineSnapshot(`
"map $upstream_trailer_grpc_status $grpc_status {
    default $upstream_trailer_grpc_status;
    "" $sent_http_grpc_status;
}
log_format grpc_json escape=json "{\\"timestamp\\":\\"$time_iso8601\\",\\"client\\":\\"$remote_addr\\",\\"uri\\":\\"$uri\\",\\"http-status\\":\\"$status\\",\\"grpc-status\\":\\"$grpc_status\\",\\"upstream\\":\\"$upstream_addr\\",\\"client-certificate\\":\\"$ssl_client_s_dn\\",\\"client-verify\\":\\"$ssl_client_verify\\",\\"rx-bytes\\":\\"$request_length\\",\\"tx-bytes\\":\\"$bytes_sent\\"}";
keyval_zone zone=denied_clients:1m state=/var/lib/nginx/state/denied.json;
keyval $ssl_client_serial $client_denied_by_api zone=denied_clients;
map $ssl_client_serial $client_denied {
    default $client_denied_by_api;
    0A1B 1;
}
server {
    listen 10443 ssl default_server;
    http2 on;
    server_name _;
    ssl_reject_handshake on;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off;
    ssl_session_cache off;
    ssl_session_tickets off;
}
server {
    listen 10443 ssl;
    http2 on;
    server_name nginx-manager.example.com;
    status_zone nginx-manager_grpc;
    access_log /var/log/nginx/grpc-access.log grpc_json;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off;
    ssl_session_cache off;
    ssl_session_tickets off;
    ssl_certificate /etc/ssl/nginx-manager/nginx-manager.crt;
    ssl_certificate_key /etc/ssl/nginx-manager/nginx-manager.key;
    ssl_verify_client on;
    ssl_verify_depth 2;
    ssl_client_certificate /etc/ssl/nginx-manager/ca.pem;
    ssl_crl /etc/ssl/nginx-manager/ca.crl;
    if ($client_denied) {
        return 403;
    }
    client_max_body_size 0;
    client_body_timeout 604800s;
    default_type application/grpc;
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
        grpc_socket_keepalive on;
        grpc_connect_timeout 5s;
        grpc_read_timeout 604800s;
        grpc_send_timeout 604800s;
        grpc_intercept_errors on;
        grpc_pass grpc://nginx-manager_grpc_servers;
        health_check type=grpc grpc_status=12;
    }
}
"
`);
});

test("B5: the API takes no changes, unless it is asked to and somebody is kept out", async () => {
  const at = "/etc/nginx/conf.d/nginx-manager-status.conf";
  const shown = await content(at, variants(pems)["B5/B6: status"]!);
  expect(shown).toMatchInlineSnapshot(`
"server {
    listen 127.0.0.1:8080;
    server_name _;
    access_log off;
    allow 127.0.0.1;
    deny all;
    location / {
        return 404;
    }
    location = /nginx_status {
        stub_status;
    }
    location /api/ {
        api write=off;
    }
    location = /dashboard.html {
        root /usr/share/nginx/html;
    }
    location /swagger-ui/ {
        root /usr/share/nginx/html;
    }
    location = / {
        return 301 /dashboard.html;
    }
    location = /status.html {
        return 301 /dashboard.html;
    }
}
"
`);
  const writing = await content(at, plusVariants(pems)["B5: an API that takes changes"]!);
  expect(writing).toMatch(
    / {4}location \/api\/ \{\n {8}api write=on;\n {8}limit_except GET \{\n {12}auth_basic "NGINX status";\n {12}auth_basic_user_file \/etc\/nginx\/admins;/,
  );
});

test("B13: passthrough on NGINX Plus has a status zone", async () => {
  expect(
    await content("/etc/nginx/stream.conf.d/nginx-grpc-stream.conf", variants(pems)["B13: passthrough"]!),
  ).toMatchInlineSnapshot(`
"upstream nginx-manager_stream_grpc_servers {
    zone nginx-manager_stream_grpc 64k;
    server 127.0.0.1:10000;
}
server {
    listen 10443;
    status_zone nginx-manager_stream_grpc;
    proxy_timeout 604800s;
    proxy_pass nginx-manager_stream_grpc_servers;
}
"
`);
});

test("B12: nginx.conf of NGINX Plus, with modules where they are asked for", async () => {
  const modules = ["modules/ngx_http_js_module.so", "modules/ngx_stream_js_module.so"];
  const args = { ...variants(pems)["B13: passthrough"]!, host: { ...plus, modules } };
  expect(await content("/etc/nginx/nginx.conf", args)).toMatchInlineSnapshot(`
"user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
load_module modules/ngx_http_js_module.so;
load_module modules/ngx_stream_js_module.so;
worker_shutdown_timeout 60s;
worker_rlimit_nofile 16384;
mgmt {
    license_token /etc/nginx/license.jwt;
    state_path /var/lib/nginx/state;
}
events {
    worker_connections 4096;
}
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    log_format main "$remote_addr - $remote_user [$time_local] \\"$request\\" $status $body_bytes_sent \\"$http_referer\\" \\"$http_user_agent\\" \\"$http_x_forwarded_for\\"";
    log_format main_ext "$remote_addr - $remote_user [$time_local] \\"$request\\" $status $body_bytes_sent \\"$http_referer\\" \\"$http2\\" \\"$http_user_agent\\" \\"$http_x_forwarded_for\\" \\"$host\\" sn=\\"$server_name\\" rt=$request_time ua=\\"$upstream_addr\\" us=\\"$upstream_status\\" ut=\\"$upstream_response_time\\" ul=\\"$upstream_response_length\\" cs=$upstream_cache_status $request_id";
    access_log /var/log/nginx/access.log main_ext;
    sendfile on;
    keepalive_timeout 65;
    server_tokens off;
}
stream {
    include /etc/nginx/stream.conf.d/nginx-grpc-stream.conf;
}
"
`);
});

test("B19: certificates are open, keys and passwords are for root and the group that reads them", async () => {
  const args = plusVariants(pems)["B5: an API that takes changes"]!;
  const host = {
    ...plus,
    license: goodToken(),
    management: { proxy: { host: "p", port: 3128, username: "u", password: "w" } },
  };
  const group = "nginx-manager";
  const own = { certificate: hostCertificate(pems.manager), group };
  const backendTls = { trustedCertificatesPem: pems.manager.roots };
  const listed = (await files({ ...args, host, manager: own, backendTls }))
    .filter(({ path }) => !/^\/etc\/nginx\/(?:conf\.d|nginx\.conf)/.test(path))
    .map(({ path, mode, owner, group, secret, action }) =>
      [path, mode, `${owner}:${group}`, secret ? "secret" : "open", action].join(" "),
    );
  expect(listed).toMatchInlineSnapshot(`
[
  "/etc/nginx-manager/nginx-manager.conf 0644 root:root open restart-manager",
  "/etc/nginx/admins 0640 root:nginx secret reload-nginx",
  "/etc/nginx/license.jwt 0640 root:root secret reload-nginx",
  "/etc/nginx/management/block/mgmt.conf 0640 root:root secret reload-nginx",
  "/etc/nginx/users 0640 root:nginx secret reload-nginx",
  "/etc/ssl/nginx-manager/backend-ca.pem 0644 root:root open reload-nginx",
  "/etc/ssl/nginx-manager/nginx-manager.crt 0644 root:root open reload-nginx",
  "/etc/ssl/nginx-manager/nginx-manager.key 0640 root:root secret reload-nginx",
  "/etc/ssl/nginx-manager/server.crt 0644 root:root open restart-manager",
  "/etc/ssl/nginx-manager/server.key 0640 root:nginx-manager secret restart-manager",
]
`);
});

test("B19: nothing of a key or password is in the state in the open", async () => {
  const run = await record(
    () =>
      void new InstanceManagerV1Host("nim", {
        hostname: "nginx-manager.example.com",
        host: plus,
        ...plusVariants(pems)["B5: an API that takes changes"]!,
      }),
  );
  const component = run.requests.find(({ type }) => type === "nginx-stacks:index:InstanceManagerV1Host")!;
  const text = JSON.stringify(component.inputs);
  for (const secret of ["PRIVATE KEY", "$6$abcdefgh", "BEGIN CERTIFICATE"]) expect(text).not.toContain(secret);
});

const noTables = crossplaneMissing();
(noTables ? describe.skip : describe)(`NGINX's own tables${noTables ? `: ${noTables}` : ""}`, () => {
  test.each([
    ["R33", "R33 P1"],
    ["R34", "R34 P1"],
    ["R35", "R35 P1"],
    ["R36", "R36 P8"],
    ["R37", "PLS.37.0.8.1"],
  ] as const)("B8, B14: %s knows each directive of an InstanceManagerV1Proxy", async (release, text) => {
    const secret = (secretName: string) => ({ secretName });
    const run = await record(
      () =>
        void new InstanceManagerV1Proxy("nim", {
          pods: {
            // Those before R36 P7 have a fault in MQTT, of which there is none here.
            unsafeAllowVulnerableRelease: !/^(?:R36 P8|PLS)/.test(text),
            ...{ release: text, image: "nginx-plus/base:example" },
          },
          ...{ namespace: "nim", license: secret("license") },
          ...{ hostname: "nginx-manager.example.com", manager: { host: "10.0.0.7" }, certificate: secret("server") },
          ...{ api: {}, status: { write: true, allow: ["10.0.0.0/8"] }, agentAuthorities: secret("agents") },
          agents: { revocation: { crl: true, keyval: {} } },
          backendTls: { trustedCertificates: secret("manager") },
        }),
    );
    const [{ files: rendered, main }] = nginxConfigurations(run) as [ReturnType<typeof nginxConfigurations>[0]];
    expect(rendered[main]).toMatch(/health_check type=grpc grpc_status=12;/);
    expect(parseStrict([{ release, main, files: rendered }])[0]!.errors).toEqual([]);
  });
});

const missing = gixyMissing();
(missing ? describe.skip : describe)(`gixy-ng${missing ? `: ${missing}` : ""}`, () => {
  test("finds nothing grave in any variant", async () => {
    const runs = [];
    for (const one of Object.values(variants(pems))) runs.push(await renderHost(one));
    for (const one of Object.values(plusVariants(pems))) runs.push(await renderHost({ ...one, host: plus }));
    expect(graveFindings(runs.flatMap(nginxConfigurations))).toEqual([]);
  });
});
