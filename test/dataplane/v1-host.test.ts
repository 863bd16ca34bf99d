import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { request as httpsRequest } from "node:https";
import * as grpc from "@grpc/grpc-js";
import type { InstanceManagerV1HostArgs } from "../../components/manager";
import { statusServer } from "../../components/manager/front/nginx";
import type { NginxConfigNode } from "../../components/nginx";
import { missingPrograms } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { get, nginxFolder, runNginx } from "./conf-nginx";
import { type GrpcCall, grpcClients, grpcJsClient, prepareGrpcClients } from "./grpc-clients";
import { type HostNginx, runHostNginx } from "./host-nginx";
import { type GrpcBackend, gateway, grpcBackend, methods, type Pems } from "./manager-stack";
import { OpenSsl } from "./openssl";
import { exchanged, sClient, secondExchange, withControlServer } from "./s-client";
import {
  debian,
  hostCertificate,
  hostname,
  type Materials,
  machine,
  materials,
  plainGateway,
  renderHost,
  socketTo,
} from "./v1-stack";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

let pems: Materials;
/** For a server of openssl that exchanges keys by RSA. */
let rsa: Pems;
let nginx: HostNginx;
let backend: GrpcBackend;

beforeAll(async () => {
  prepareGrpcClients();
  pems = await materials();
  const openssl = new OpenSsl();
  const key = openssl.run(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
  const certificate = openssl.run(["req", "-x509", "-key", openssl.file(key), "-subj", "/CN=control"]);
  openssl.remove();
  rsa = { certificate, key, roots: certificate };
});

const run = async (args: Partial<InstanceManagerV1HostArgs>, sockets?: Record<string, string>) => {
  nginx = await runHostNginx(await renderHost(args), machine, sockets);
};

const call = (identity: Pems | undefined, given: Partial<GrpcCall> = {}): GrpcCall => ({
  port: nginx.port(10_443),
  serverName: hostname,
  roots: pems.front.roots,
  certificate: identity?.certificate,
  key: identity?.key,
  method: methods.download,
  ...given,
});

const clientsHere = grpcClients.map(([name, client, absent]) => ({
  name,
  client,
  testHere: absent ? test.skip : test,
}));

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** One request to a port of the host's NGINX. */
function ask(
  port: number,
  path: string,
  options: { tls?: boolean; body?: Buffer; auth?: string; method?: string } = {},
) {
  const { tls = true, body, auth, method = body ? "POST" : "GET" } = options;
  const send = tls ? httpsRequest : httpRequest;
  const verified = { servername: hostname, ca: pems.front.roots };
  return new Promise<Answer>((resolve, reject) => {
    const headers = { host: hostname };
    send(
      { host: "127.0.0.1", port: nginx.port(port), path, method, headers, auth, ...(tls && verified) },
      (response) => {
        let text = "";
        response.on("data", (data) => {
          text += data;
        });
        response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      },
    )
      .on("error", reject)
      .end(body);
  });
}

const common = {
  "x-frame-options": "SAMEORIGIN",
  "strict-transport-security": "max-age=86400; includeSubDomains",
  "content-security-policy": "default-src 'self'; font-src *;img-src * data:; script-src *; style-src *",
  "x-xss-protection": "1; mode=block",
  "referrer-policy": "strict-origin",
};
const commonOf = ({ headers }: Answer) =>
  Object.fromEntries(Object.keys(common).map((name) => [name, headers[name]] as const));

describeOnTheWire(title("InstanceManagerV1Host, TLS in front and agents' certificates"), () => {
  let plain: { port: number; server: Server };

  beforeAll(async () => {
    backend = await grpcBackend("manager");
    plain = await plainGateway();
    await run({
      manager: { grpcPort: backend.port, gatewayPort: plain.port },
      front: {
        api: { redirectPort: 88 },
        agents: {
          corsOrigin: "https://ui.example.com",
          verifyDepth: 2,
          revocation: {
            deniedSerials: [new X509Certificate(pems.denied.certificate).serialNumber],
          },
        },
        status: {},
        snippets: {
          api: [
            {
              name: "location",
              args: ["/servlet"],
              block: [
                { name: "add_header", args: ["X-Served-By", "example", "always"] },
                { name: "return", args: ["200", "servlet"] },
              ],
            },
            { name: "location", args: ["/html"], block: [{ name: "root", args: ["/usr/share/nginx"] }] },
          ],
          agents: [401, 403, 404, 405, 413, 414, 415, 426, 429, 500, 501, 502, 503, 504].map((status) => ({
            name: "location",
            args: ["=", `/status/${status}`],
            block: [{ name: "return", args: [`${status}`] }],
          })),
        },
      },
      certificate: hostCertificate(pems.front),
      agentAuthoritiesPem: pems.agent.roots,
    });
  });
  afterAll(async () => {
    await nginx?.stop();
    backend?.stop();
    plain?.server.close();
  });

  test("B1: without TLS there is X-Frame-Options and no Strict-Transport-Security, and the way to HTTPS", async () => {
    const answer = await ask(88, "/ui/?a=b", { tls: false });
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe(`https://${hostname}/ui/?a=b`);
    expect(answer.headers["x-frame-options"]).toBe("SAMEORIGIN");
    expect(answer.headers["strict-transport-security"]).toBeUndefined();
  });

  test("B2: over HTTPS there are all of the document's headers, each once", async () => {
    const answer = await ask(443, "/");
    expect(answer.status).toBe(200);
    expect(commonOf(answer)).toEqual(common);
    expect(answer.headers.server).toBe("nginx");
  });

  test.each([
    ["/", 200],
    ["/missing", 404],
    ["/servlet", 200],
    ["/html/nothing", 404],
  ])("B3: the answer of %s has the headers of every other", async (path, status) => {
    const answer = await ask(443, path);
    expect(answer.status).toBe(status);
    expect(commonOf(answer)).toEqual(common);
    expect(answer.headers["x-served-by"]).toBe(path === "/servlet" ? "example" : undefined);
  });

  test("B3: a location with an add_header of its own loses those around it unless it repeats them", async () => {
    const folder = nginxFolder();
    const lossy = await runNginx(folder, {
      http: [
        {
          name: "server",
          block: [
            { name: "listen", args: [`unix:${folder}/a.sock`] },
            { name: "add_header", args: ["X-Frame-Options", "DENY"] },
            { name: "location", args: ["/"], block: [{ name: "return", args: ["200"] }] },
            {
              name: "location",
              args: ["/own"],
              block: [
                { name: "add_header", args: ["X-Own", "1"] },
                { name: "return", args: ["200"] },
              ],
            },
          ],
        },
      ],
    });
    const seen = await Promise.all(["/", "/own"].map((path) => get(lossy.socket("a"), path)));
    await lossy.stop();
    expect(seen.map(({ headers }) => headers["x-frame-options"])).toEqual(["DENY", undefined]);
  });

  test("B4: each upstream is there once, with its zone and kept connections", () => {
    const text = nginx.read("/etc/nginx/conf.d/nginx-manager-upstreams.conf").replace(/"/g, "");
    const [api, grpcServers] = text.split(/(?=upstream nginx-manager_grpc)/);
    expect(api).toContain(`upstream nginx-manager_servers {\nzone nginx-manager_servers 64k;`);
    expect(api).toContain(`server 127.0.0.1:${plain.port};\nkeepalive 64;`);
    expect(grpcServers).toContain(`zone nginx-manager_grpc 64k;\nserver 127.0.0.1:${backend.port};\nkeepalive 20;`);
  });

  test("B6, E14: the status is at the port that agents ask, and only there", async () => {
    const answer = await ask(8080, "/nginx_status", { tls: false });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatch(/^Active connections: \d+/);
    expect((await ask(8080, "/api/", { tls: false })).status).toBe(404);
    expect((await ask(443, "/nginx_status")).body).not.toMatch(/Active connections/);
  });

  test("B9: the manager is asked over HTTP/1.1 on kept connections, with the client's host name and bodies of any size", async () => {
    const body = Buffer.alloc(3 << 20);
    const { body: said } = await ask(443, "/api/", { body });
    expect(JSON.parse(said)).toEqual({ host: hostname, connection: undefined, bytes: body.length });
  });

  test.each([443, 10_443])("B9, B10: port %d refuses TLS 1.1 with the alert protocol_version", async (port) => {
    const old = ["-servername", hostname, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"];
    const { status, output } = await sClient(nginx.port(port), old);
    expect(status).not.toBe(0);
    expect(output).toMatch(/alert protocol version.*\n?.*alert number 70/);
    // The same client against a server that does accept it: so it is not the client that refuses.
    const control = await withControlServer(pems.front, old.slice(2), (other) => sClient(other, old.slice(2)));
    expect(control.status).toBe(0);
    expect(control.output).toMatch(/Protocol *: TLSv1\.1/);
  });

  test.each(["AES128-SHA", "AES256-GCM-SHA384"])(
    "E21: the cipher %s, which has no forward secrecy, is refused",
    async (cipher) => {
      const options = ["-tls1_2", "-cipher", `${cipher}:@SECLEVEL=0`];
      for (const port of [443, 10_443]) {
        const { output } = await sClient(nginx.port(port), ["-servername", hostname, ...options]);
        expect(output).toMatch(/alert handshake failure/);
      }
      const { output } = await withControlServer(rsa, options, (port) => sClient(port, options));
      expect(output).toContain(`Cipher is ${cipher}`);
    },
  );

  test.each([
    ["no name", ["-noservername"]],
    ["another name", ["-servername", "other.example.com"]],
    ["an address", ["-servername", "127.0.0.1"]],
  ])("E7: a handshake with %s ends with the alert unrecognized_name", async (_what, name) => {
    for (const port of [443, 10_443]) {
      const { output } = await sClient(nginx.port(port), name);
      expect(output).toMatch(/alert number 112/);
      expect(output).toMatch(/no peer certificate available/);
    }
  });

  test("B9: the certificate is verified by a client that trusts the root only", async () => {
    const openssl = new OpenSsl();
    const options = ["-servername", hostname, "-verify_hostname", hostname, "-CAfile", openssl.file(pems.front.roots)];
    const { output } = await sClient(nginx.port(443), options);
    openssl.remove();
    expect(output).toMatch(/Verify return code: 0 \(ok\)/);
  });

  test.each(["-tls1_2", "-tls1_3"])(
    "E20, %s: a session of the interface or of agents opens nothing, where another server's is taken up again",
    async (version) => {
      const name = ["-servername", hostname];
      for (const port of [443, 10_443])
        expect(await secondExchange(nginx.port(port), version, name, name)).not.toBe("Reused");
      const control = await withControlServer(pems.front, [], (port) => secondExchange(port, version, [], []));
      expect(control).toBe("Reused");
    },
  );

  test("E20: there are no tickets, where a server of openssl's gives one", async () => {
    const options = ["-ign_eof", "-tls1_2"];
    for (const port of [443, 10_443])
      expect((await sClient(nginx.port(port), [...options, "-servername", hostname], exchanged)).output).not.toMatch(
        /TLS session ticket:/,
      );
    const control = await withControlServer(pems.front, [], (port) => sClient(port, options, exchanged));
    expect(control.output).toMatch(/TLS session ticket:/);
  });

  describe.each(clientsHere)("B10, seen by $name", ({ client, testHere }) => {
    testHere("an agent with its certificate reaches the manager", async () => {
      expect(await client(call(pems.agent))).toEqual({ code: 0, message: "", reply: "manager" });
    });

    testHere("B14: an agent below two intermediate authorities, that sends them, does too", async () => {
      expect(await client(call(pems.deep))).toEqual({ code: 0, message: "", reply: "manager" });
    });

    testHere.each([
      ["no certificate", () => undefined],
      ["another authority's certificate", () => pems.stranger],
      ["a server's certificate", () => pems.front],
    ])("E2: a client with %s is UNAUTHENTICATED", async (_what, identity) => {
      const before = backend.calls.length;
      expect((await client(call(identity()))).code).toBe(grpc.status.UNAUTHENTICATED);
      expect(backend.calls.length).toBe(before);
    });

    testHere("B14: an agent whose serial number is denied is rejected with PERMISSION_DENIED", async () => {
      const before = backend.calls.length;
      expect((await client(call(pems.denied))).code).toBe(grpc.status.PERMISSION_DENIED);
      expect(backend.calls.length).toBe(before);
    });

    testHere("B11: the manager's own status comes through", async () => {
      expect(await client(call(pems.agent, { message: "fail" }))).toMatchObject({ code: 9, message: "not now" });
      expect((await client(call(pems.agent, { method: "/agent.v1/Nothing" }))).code).toBe(12);
    });

    testHere.each([
      [401, 16],
      [403, 7],
      [404, 12],
      [405, 13],
      [413, 8],
      [414, 8],
      [415, 13],
      [426, 13],
      [429, 14],
      [500, 13],
      [501, 13],
      [502, 14],
      [503, 14],
      [504, 14],
    ])("B11, E2: NGINX's %d is the gRPC status %d", async (status, code) => {
      expect((await client(call(pems.agent, { method: `/status/${status}` }))).code).toBe(code);
    });
  });

  test("B11, E1: an error has one concrete origin, and no quote in it", async () => {
    const own = { cert: pems.agent.certificate, key: pems.agent.key };
    const headers = await new Promise<IncomingHttpHeaders>((resolve, reject) =>
      httpsRequest(
        {
          host: "127.0.0.1",
          port: nginx.port(10_443),
          path: "/status/403",
          ...{ servername: hostname, ca: pems.front.roots, headers: { host: hostname }, ...own },
        },
        (response) => resolve(response.resume().headers),
      )
        .on("error", reject)
        .end(),
    );
    expect(headers).toMatchObject({
      "access-control-allow-origin": "https://ui.example.com",
      "access-control-expose-headers": "grpc-status,grpc-message",
      "grpc-status": "7",
      "content-type": "application/grpc",
    });
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
  });

  test("E11: the log of agents' calls is JSON, whatever is empty in it", async () => {
    const [, client] = grpcClients[0]!;
    await client(call(pems.agent));
    await client(call(undefined));
    const lines = () =>
      nginx
        .read("/var/log/nginx/grpc-access.log")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
        .filter(({ uri }) => uri === methods.download);
    while (lines().at(-1)?.["grpc-status"] !== "16") await new Promise((resolve) => setTimeout(resolve, 10));
    expect(lines().at(-1)).toMatchObject({ "http-status": "200", upstream: "", "client-verify": "NONE" });
    expect(lines().at(-2)).toMatchObject({ "grpc-status": "0", "client-certificate": "CN=agent" });
  });

  test("B12, E12: the log main_ext has the referrer, and nginx.conf includes each file by name", async () => {
    const text = nginx.read("/etc/nginx/nginx.conf").replace(/"/g, "");
    expect(text).toMatch(/^user www-data;\nworker_processes auto;\nerror_log .*notice;\npid .*\/run\/nginx.pid;\n/);
    expect(text).not.toMatch(/js_module|\*\.conf|referrer/);
    expect(text).toMatch(/log_format main \$remote_addr/);
    await new Promise<void>((resolve, reject) =>
      httpsRequest(
        {
          ...{ host: "127.0.0.1", port: nginx.port(443), path: "/from", servername: hostname, ca: pems.front.roots },
          headers: { host: hostname, referer: "https://before.example.com/" },
        },
        (response) => response.resume().on("end", resolve),
      )
        .on("error", reject)
        .end(),
    );
    const line = () =>
      nginx
        .read("/var/log/nginx/access.log")
        .split("\n")
        .find((one) => one.includes("/from"));
    while (line() === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(line()).toContain('"https://before.example.com/"');
    expect(line()).toMatch(new RegExp(`"${hostname}" sn="${hostname}" rt=[0-9.]+ ua="127.0.0.1:${plain.port}"`));
  });
});

describeOnTheWire(title("InstanceManagerV1Host with revocation lists and a depth"), () => {
  beforeAll(async () => {
    backend = await grpcBackend("manager");
    await run({
      manager: { grpcPort: backend.port },
      front: { agents: { verifyDepth: 1, revocation: { crl: true } } },
      certificate: hostCertificate(pems.front),
      agentAuthoritiesPem: pems.agent.roots,
      agentCrlPem: pems.agentCrl,
    });
  });
  afterAll(async () => {
    await nginx?.stop();
    backend?.stop();
  });

  describe.each(clientsHere)("B14, seen by $name", ({ client, testHere }) => {
    testHere("an agent that is not on the list is admitted", async () => {
      expect(await client(call(pems.agent))).toEqual({ code: 0, message: "", reply: "manager" });
    });

    testHere.each([
      ["a certificate on the list", () => pems.revoked],
      ["more authorities above than the depth allows", () => pems.deep],
    ])("%s is UNAUTHENTICATED", async (_who, identity) => {
      expect((await client(call(identity()))).code).toBe(grpc.status.UNAUTHENTICATED);
    });

    testHere("B11: no answer has CORS headers that were not asked for", async () => {
      expect(nginx.read("/etc/nginx/conf.d/nginx-manager-grpc.conf")).not.toMatch(/Access-Control/);
    });
  });
});

describeOnTheWire(title("InstanceManagerV1Host, reloaded with another serial number"), () => {
  const deniedSerials = (...who: Pems[]) => who.map(({ certificate }) => new X509Certificate(certificate).serialNumber);
  const render = (...who: Pems[]) => ({
    manager: { grpcPort: backend.port },
    front: { agents: { revocation: { deniedSerials: deniedSerials(...who) } } },
    certificate: hostCertificate(pems.front),
    agentAuthoritiesPem: pems.agent.roots,
    drainSeconds: 1,
  });
  beforeAll(async () => {
    backend = await grpcBackend("manager");
    await run(render(pems.denied));
  });
  afterAll(async () => {
    await nginx?.stop();
    backend?.stop();
  });

  test("B14: an agent that is denied from now on loses the stream that it has, and gets no other", async () => {
    const client = grpcJsClient(call(pems.agent));
    const same = (value: Buffer) => value;
    const stream = client.makeBidiStreamRequest(methods.channel, same, same);
    const ended = new Promise<{ code: number }>((resolve) => stream.once("status", resolve));
    stream.on("error", () => undefined);
    const answered = new Promise((resolve) => stream.once("data", (data) => resolve(`${data}`)));
    stream.write(Buffer.alloc(1));
    expect(await answered).toBe("1");
    await nginx.reload(await renderHost(render(pems.denied, pems.agent)));
    // Nothing else ends it: NGINX lets both sides be silent for a week.
    expect((await ended).code).not.toBe(0);
    client.close();
    expect((await grpcClients[0]![1](call(pems.agent))).code).toBe(grpc.status.PERMISSION_DENIED);
  });
});

describeOnTheWire(title("InstanceManagerV1Host, TLS in front only, behind it sockets"), () => {
  let sockets: { close(): void }[];
  let plain: { port: number; server: Server };

  beforeAll(async () => {
    backend = await grpcBackend("manager");
    plain = await plainGateway();
    const folder = nginxFolder();
    const here = { "/run/nim/grpc.sock": `${folder}/grpc.sock`, "/run/nim/gateway.sock": `${folder}/gateway.sock` };
    sockets = [
      await socketTo(here["/run/nim/grpc.sock"], backend.port),
      await socketTo(here["/run/nim/gateway.sock"], plain.port),
    ];
    for (const socket of Object.values(here)) chmodSync(socket, 0o777);
    await run(
      {
        manager: { bindAddress: "/run/nim/manager.sock" },
        upstreams: { grpc: "unix:/run/nim/grpc.sock", gateway: "unix:/run/nim/gateway.sock" },
        front: { api: {}, agents: { mtls: "off", unsafeAllowAgentsWithoutCertificate: true } },
        certificate: hostCertificate(pems.front),
      },
      here,
    );
  });
  afterAll(async () => {
    await nginx?.stop();
    backend?.stop();
    plain?.server.close();
    for (const socket of sockets ?? []) socket.close();
  });

  describe.each(clientsHere)("B16, seen by $name", ({ client, testHere }) => {
    testHere("an agent without a certificate reaches the manager, through TLS", async () => {
      expect(await client(call(undefined))).toEqual({ code: 0, message: "", reply: "manager" });
    });
  });

  test("B4: the interface is reached through its socket", async () => {
    expect(JSON.parse((await ask(443, "/")).body).host).toBe(hostname);
  });
});

describeOnTheWire(title("InstanceManagerV1Host, TLS in front and behind"), () => {
  const start = async (own: "manager" | "impostor") => {
    backend = await grpcBackend("manager", pems[own]);
    const port = await freePort();
    const api = await gateway(pems[own], port);
    await run({
      manager: { grpcPort: backend.port, gatewayPort: port, certificate: hostCertificate(pems.manager) },
      backendTls: { trustedCertificatesPem: pems.manager.roots, clientCertificate: hostCertificate(pems.client) },
      front: { api: {}, agents: {} },
      certificate: hostCertificate(pems.front),
      agentAuthoritiesPem: pems.agent.roots,
    });
    return api;
  };
  let api: Awaited<ReturnType<typeof gateway>>;
  afterEach(async () => {
    await nginx?.stop();
    backend?.stop();
    api?.server.close();
  });

  test.each(clientsHere.map(({ name, client }) => [name, client] as const))(
    "B17, %s: the manager's certificate is verified by its name, and NGINX shows its own",
    async (name, client) => {
      if (name.includes("(")) return;
      api = await start("manager");
      expect(await client(call(pems.agent))).toEqual({ code: 0, message: "", reply: "manager" });
      expect((await ask(443, "/ui")).status).toBe(200);
      expect(api.paths).toEqual(["/ui"]);
    },
  );

  test("E17: a manager with a certificate for another name gets no call", async () => {
    api = await start("impostor");
    expect((await grpcClients[0]![1](call(pems.agent))).code).toBe(grpc.status.UNAVAILABLE);
    expect((await ask(443, "/ui")).status).toBe(502);
    expect([...backend.calls, ...api.paths]).toEqual([]);
    expect(nginx.read("/var/log/nginx/error.log")).toMatch(/upstream SSL certificate does not match/);
  });
});

describeOnTheWire(title("InstanceManagerV1Host before a manager that answers 408"), () => {
  const timedOut = createHttp2Server((_request, response) => {
    response.statusCode = 408;
    response.end();
  });

  beforeAll(async () => {
    const port = await freePort();
    await new Promise<void>((resolve) => timedOut.listen(port, "127.0.0.1", resolve));
    await run({
      manager: { grpcPort: port },
      front: { agents: { mtls: "off", unsafeAllowAgentsWithoutCertificate: true } },
      certificate: hostCertificate(pems.front),
    });
  });
  afterAll(async () => {
    await nginx?.stop();
    timedOut.close();
  });

  // NGINX ends a request with this status, its own or a backend's, before error_page is looked at. So does a client that is too slow see no 4.
  describe.each(clientsHere)("B11, seen by $name", ({ client, testHere }) => {
    testHere("NGINX ends the stream, whatever error_page says of 408, and that is INTERNAL", async () => {
      expect((await client(call(undefined))).code).toBe(grpc.status.INTERNAL);
      expect(nginx.read("/etc/nginx/conf.d/nginx-manager-grpc.conf")).toMatch(/"408" "=" "@grpc_deadline_exceeded"/);
    });
  });
});

describeOnTheWire(title("InstanceManagerV1Host, gRPC in the clear"), () => {
  test("B15: an agent without TLS reaches the manager, and NGINX's errors are gRPC's", async () => {
    backend = await grpcBackend("manager");
    await run({
      manager: { grpcPort: backend.port },
      front: { agents: { publication: "clear", unsafePublishInTheClear: true } },
    });
    const client = new grpc.Client(`127.0.0.1:${nginx.port(10_443)}`, grpc.credentials.createInsecure());
    const same = (value: Buffer) => value;
    const once = () =>
      new Promise<[number, string]>((resolve) =>
        client.makeUnaryRequest(methods.download, same, same, Buffer.from(""), (error, reply) =>
          resolve([error?.code ?? 0, `${reply ?? ""}`]),
        ),
      );
    expect(await once()).toEqual([0, "manager"]);
    backend.stop();
    expect((await once())[0]).toBe(grpc.status.UNAVAILABLE);
    client.close();
    await nginx.stop();
  });
});

describeOnTheWire(title("InstanceManagerV1Host, passthrough"), () => {
  beforeAll(async () => {
    backend = await grpcBackend("manager", pems.manager);
    await run({
      manager: { grpcPort: backend.port, certificate: hostCertificate(pems.manager) },
      front: { agents: { publication: "passthrough" } },
    });
  });
  afterAll(async () => {
    await nginx?.stop();
    backend?.stop();
  });

  test("B13: a client sees the manager's certificate, not NGINX's", async () => {
    const openssl = new OpenSsl();
    const { output } = await sClient(nginx.port(10_443), ["-servername", hostname, "-showcerts"]);
    const shown = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(output)![0];
    const serial = (certificate: string) => openssl.run(["x509", "-noout", "-serial"], certificate);
    expect(serial(shown)).toBe(serial(pems.manager.certificate));
    expect(serial(shown)).not.toBe(serial(pems.front.certificate));
    openssl.remove();
  });

  describe.each(clientsHere)("B13, seen by $name", ({ client, testHere }) => {
    testHere("the manager asks for certificates, where it does so", async () => {
      const roots = pems.manager.roots;
      expect((await client(call(pems.client, { roots }))).reply).toBe("manager");
      expect((await client(call(undefined, { roots }))).code).toBe(grpc.status.UNAVAILABLE);
    });
  });
});

describeOnTheWire(title("InstanceManagerV1Host, the status with users"), () => {
  test("B5, B6: with users and TLS, a client without a password is asked for one", async () => {
    const hash = `${execFileSync("openssl", ["passwd", "-6", "secret"])}`.trim();
    await run({
      front: { api: {}, status: { tls: true, allow: ["127.0.0.1"] } },
      certificate: hostCertificate(pems.front),
      statusUsers: `ops:${hash}\n`,
    });
    // What apply.sh does: the file's group is that of NGINX's workers.
    if (process.getuid?.() === 0)
      chownSync(nginx.path("/etc/nginx/users"), 0, Number(`${execFileSync("id", ["-g", debian.user])}`));
    expect((await ask(8080, "/nginx_status")).status).toBe(401);
    expect((await ask(8080, "/nginx_status", { auth: "ops:wrong" })).status).toBe(401);
    expect((await ask(8080, "/nginx_status", { auth: "ops:secret" })).status).toBe(200);
    await nginx.stop();
  });

  test("B6: a client outside the networks is rejected", async () => {
    await run({
      front: { api: {}, status: { allow: ["192.0.2.0/24"] } },
      certificate: hostCertificate(pems.front),
    });
    expect((await ask(8080, "/nginx_status", { tls: false })).status).toBe(403);
    await nginx.stop();
  });

  test("B5: a client that may read may not write unless it is named for that", async () => {
    const folder = nginxFolder();
    const hash = `${execFileSync("openssl", ["passwd", "-6", "secret"])}`.trim();
    const files = { users: `${folder}/users`, writers: `${folder}/writers` };
    writeFileSync(files.users, `ops:${hash}\nroot:${hash}\n`);
    writeFileSync(files.writers, `root:${hash}\n`);
    const server = { ...files, address: "127.0.0.1", port: await freePort(), allow: ["127.0.0.1"], write: true };
    // A stand-in of NGINX Plus's API answers 405 to each method other than GET.
    const openSource = (node: NginxConfigNode): NginxConfigNode => ({
      ...node,
      ...(node.name === "api" && { name: "stub_status", args: [] }),
      plus: false,
      ...(node.block && { block: node.block.map(openSource) }),
    });
    const status = await runNginx(folder, { http: [openSource(statusServer(server))] });
    const answers = [];
    for (const user of ["", "ops", "root"])
      for (const method of ["GET", "PATCH"]) {
        const authorization = `Basic ${Buffer.from(`${user}:secret`).toString("base64")}`;
        const headers = user === "" ? undefined : { authorization };
        const { status: code } = await fetch(`http://127.0.0.1:${server.port}/api/`, { method, headers });
        answers.push([user, method, code]);
      }
    await status.stop();
    expect(answers).toEqual([
      ["", "GET", 401],
      ["", "PATCH", 401],
      ["ops", "GET", 200],
      ["ops", "PATCH", 401],
      ["root", "GET", 200],
      ["root", "PATCH", 405],
    ]);
  });
});
