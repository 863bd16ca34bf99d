import { NginxPlus, type NginxPlusArgs } from "../components";
import { record } from "../engine";
import { type GixyFinding, gixyFindings, gixyMissing } from "./gixy";
import { graveFindings, nginxConfigurations } from "./nginx-configurations";

const missing = gixyMissing();
const suite = missing === undefined ? describe : describe.skip;

const main = "/etc/nginx/nginx.conf";
const one = (text: string): GixyFinding[] => gixyFindings([{ files: { [main]: text } }])[0]!;
const checks = (severity: GixyFinding["severity"], findings: GixyFinding[]) =>
  findings.filter((finding) => finding.severity === severity).map(({ check }) => check);

const server = (directives: string) => `server {
  listen 443 ssl; server_name a.example.com; ssl_certificate a.crt; ssl_certificate_key a.key;
  add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;
  ${directives}
  location / { return 200; }
}`;
const good = "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256;";
const weak = "ssl_protocols TLSv1.2; ssl_ciphers HIGH:RSA+3DES;";

suite(`gixy-ng${missing ? ` (${missing})` : ""}`, () => {
  test("has nothing against a server without fault", () => {
    expect(one(`events {} http { server_tokens off; ${server(good)} }`)).toEqual([]);
  });

  test("E21: finds 3DES and the version in answers, with their place", () => {
    const findings = one(`events {}\nhttp {\n${server(weak)} }`);
    expect(checks("HIGH", findings)).toEqual(["weak_ssl_tls", "version_disclosure"]);
    expect(findings[0]).toMatchObject({ file: main, line: 6 });
  });

  test("follows an include, and says of which file it speaks", () => {
    const files = {
      [main]: "events {}\nhttp { server_tokens off; include /etc/nginx/conf.d/*.conf; }",
      "/etc/nginx/conf.d/a.conf": server(weak),
      "/etc/nginx/left/out.conf": server(weak),
    };
    const [findings] = gixyFindings([{ files }]);
    expect(findings!.map(({ check, file }) => [check, file])).toEqual([["weak_ssl_tls", "/etc/nginx/conf.d/a.conf"]]);
  });

  test("directives that it does not know hide no other", () => {
    const unknown = "http2 on; ssl_conf_command Options KTLS; ssl_reject_handshake on; js_import a.js;";
    const text = `mgmt { license_token /a; }
      stream { server { listen 1883; mqtt on; mqtt_set_connect clientid "}"; proxy_pass 192.0.2.1:1; } }
      events {} http { server_tokens off; ${server(unknown + weak)} }`;
    expect(checks("HIGH", one(text))).toEqual(["weak_ssl_tls"]);
  });

  test("each of many configurations has its own findings", () => {
    const texts = [good, weak, good].map((directives) => `events {} http { server_tokens off; ${server(directives)} }`);
    const all = gixyFindings(texts.map((text) => ({ files: { "/a/b.conf": text }, main: "/a/b.conf" })));
    expect(all.map((findings) => findings.length)).toEqual([0, 1, 0]);
  });

  test("a component's weak configuration is found where it was rendered", async () => {
    const block = [
      { name: "listen", args: ["8443", "ssl"] },
      { name: "ssl_certificate", args: ["/etc/ssl/tls.crt"] },
      { name: "ssl_certificate_key", args: ["/etc/ssl/tls.key"] },
      { name: "ssl_ciphers", args: ["HIGH:RSA+3DES"] },
    ];
    const args: NginxPlusArgs = {
      namespace: "n",
      edition: "oss",
      configuration: { http: [{ name: "server", block }] },
      ports: [{ name: "https", port: 8443 }],
    };
    const run = await record(() => void new NginxPlus("weak", args));
    expect(graveFindings(nginxConfigurations(run))).toEqual([
      expect.stringMatching(/^weak-deployment-.*: weak_ssl_tls, \/etc\/nginx\/main\/nginx\.conf:\d+: Weak cipher/),
    ]);
  });

  test.each([
    ["an open block", "http { server {", "gixy could not read configuration 0"],
    ["an open quote", 'http { server { return 200 "; } }', "gixy could not read configuration 0"],
    ["a file that is not there", "http { include mime.types; }", "File not found: /etc/nginx/mime.types"],
    ["a directive with too few arguments", "http { keepalive_timeout; }", "Skipping directive nginx would reject"],
  ])("%s is no configuration without fault", (_name, text, message) => {
    expect(() => one(text)).toThrow(message);
  });
});
