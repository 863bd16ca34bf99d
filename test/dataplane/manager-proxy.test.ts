import { readFileSync } from "node:fs";
import type { Server as HttpsServer } from "node:https";
import { request } from "node:https";
import { block, directive, type NginxConfigNode } from "../../components/nginx";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { longestWaitSeconds, until } from "../cluster/until";
import { nginxFolder, runNginx } from "./conf-nginx";
import { type GrpcCall, grpcClients, grpcJsClient, prepareGrpcClients } from "./grpc-clients";
import {
  type Certificates,
  closedPort,
  type GrpcBackend,
  gateway,
  grpcBackend,
  hostname,
  methods,
  renderManager,
} from "./manager-stack";
import { startNameServer } from "./name-server";
import { OpenSsl } from "./openssl";
import { sClient as sClientAt, secondExchange, withControlServer as withServer } from "./s-client";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

/** google.rpc.Code, by hand. */
const code = {
  ok: 0,
  permissionDenied: 7,
  failedPrecondition: 9,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
};

let certificates: Certificates;
let stack: Loopback | undefined;
let dpm: GrpcBackend;
let ingestion: GrpcBackend;
let apigw: { paths: string[]; server: HttpsServer };

beforeAll(prepareGrpcClients);

const local = (port: number) => ({ host: "127.0.0.1", port });
const agent = (call: Partial<GrpcCall> = {}): GrpcCall => ({
  port: stack!.port("nginx", "https"),
  serverName: hostname.agents,
  roots: certificates.server.roots,
  certificate: certificates.agent.certificate,
  key: certificates.agent.key,
  method: methods.download,
  ...call,
});
const nobody = { certificate: undefined, key: undefined };

describeOnTheWire(title("InstanceManagerProxy with mutual TLS on both sides"), () => {
  beforeAll(async () => {
    const ports = { apigw: await closedPort(), dpm: await closedPort(), ingestion: await closedPort() };
    const rendered = await renderManager({
      backends: { apigw: local(ports.apigw), dpm: local(ports.dpm), ingestion: local(ports.ingestion) },
      snippets: {
        manager: [
          {
            name: "location",
            args: ["/own"],
            block: [
              { name: "add_header", args: ["X-Own", "1"] },
              { name: "return", args: ["204"] },
            ],
          },
        ],
      },
    });
    certificates = rendered.certificates;
    dpm = await grpcBackend("dpm", certificates.dpm, ports.dpm);
    ingestion = await grpcBackend("ingestion", certificates.ingestion, ports.ingestion);
    apigw = await gateway(certificates.apigw, ports.apigw);
    stack = await runOnLoopback(rendered.objects);
  });
  afterAll(async () => {
    await stack?.stop();
    dpm?.stop();
    ingestion?.stop();
    apigw?.server.close();
  });

  describe.each(grpcClients)("A2, seen by %s", (_name, call, clientMissing) => {
    const testHere = clientMissing ? test.skip : test;

    testHere("an agent reaches the Commander in dpm, and the MetricsService in ingestion", async () => {
      expect(await call(agent())).toEqual({ code: code.ok, message: "", reply: "dpm" });
      expect(await call(agent({ method: methods.stream }))).toEqual({ code: code.ok, message: "", reply: "ingestion" });
    });

    testHere("a backend's own status comes through", async () => {
      expect(await call(agent({ message: "fail" }))).toEqual({
        code: code.failedPrecondition,
        message: "not now",
        reply: "",
      });
    });

    testHere.each([
      ["no certificate", () => nobody],
      ["another authority's certificate", () => certificates.stranger],
      ["a server's certificate", () => certificates.server],
    ])("E2: a client with %s is UNAUTHENTICATED, and no backend hears of it", async (_what, identity) => {
      const before = [...dpm.calls, ...ingestion.calls];
      const { certificate, key } = identity();
      for (const method of [methods.download, methods.stream])
        expect(await call(agent({ certificate, key, method }))).toEqual({
          code: code.unauthenticated,
          message: "unauthenticated",
          reply: "",
        });
      expect([...dpm.calls, ...ingestion.calls]).toEqual(before);
    });

    testHere.each([
      ["method", "/f5.nginx.agent.sdk.Commander/Nothing"],
      ["service", "/f5.nginx.agent.sdk.Nothing/Download"],
      ["service that begins like one", "/f5.nginx.agent.sdk.CommanderOfMine/Download"],
      ["service of agents of version 3", "/mpi.v1.CommandService/CreateConnection"],
    ])("an unknown %s is UNIMPLEMENTED", async (_what, method) => {
      expect((await call(agent({ method }))).code).toBe(code.unimplemented);
    });

    testHere.each(["CommandChannel", "Download"])("E20: the manager's server has no Commander/%s", async (method) => {
      const before = dpm.calls.length;
      for (const identity of [nobody, {}])
        expect(
          await call(
            agent({ ...identity, serverName: hostname.manager, method: `/f5.nginx.agent.sdk.Commander/${method}` }),
          ),
        ).toEqual({ code: code.permissionDenied, message: "permission_denied", reply: "" });
      expect(dpm.calls.length).toBe(before);
    });

    testHere("E20: the agents' name in a request to the manager's server opens nothing", async () => {
      const before = dpm.calls.length;
      const result = await call(agent({ ...nobody, serverName: hostname.manager, authority: hostname.agents }));
      expect(result.code).not.toBe(code.ok);
      expect(result.message).toMatch(/421/);
      expect(dpm.calls.length).toBe(before);
    });
  });
  describe("A2: streams and sessions", () => {
    test("a stream is not bounded in size, and is answered as it goes", async () => {
      const client = grpcJsClient(agent());
      const same = (value: Buffer) => value;
      const stream = client.makeBidiStreamRequest(methods.channel, same, same);
      const answer = () =>
        new Promise<string>((resolve, reject) => {
          stream.once("data", (data) => resolve(`${data}`));
          stream.once("error", reject);
        });
      // Together more than the megabyte that NGINX takes by default.
      for (let sent = 0; sent < 4; sent++) {
        const answered = answer();
        stream.write(Buffer.alloc(1 << 19));
        expect(await answered).toBe(`${1 << 19}`);
      }
      stream.end();
      await new Promise((resolve) => stream.once("status", resolve).resume());
      client.close();
    });

    test.each(["-tls1_2", "-tls1_3"])(
      "E20, %s: a session opens nothing, where another server's is taken up again",
      async (version) => {
        const second = (port: number, from: string, to: string) =>
          secondExchange(port, version, ["-servername", from], ["-servername", to]);
        const { manager, agents } = hostname;
        const own = stack!.port("nginx", "https");
        for (const to of [manager, agents]) expect(await second(own, manager, to)).not.toBe("Reused");
        expect(await withControlServer([], (port) => second(port, manager, agents))).toBe("Reused");
      },
    );
  });

  describe("A1: HTTPS for the interface and the API", () => {
    test.each([[hostname.manager], [hostname.agents]])(
      "%s: its certificate is verified by a client that trusts the root only",
      async (name) => {
        const openssl = new OpenSsl();
        const { output } = await sClient([
          "-servername",
          name,
          "-verify_hostname",
          name,
          "-verify_return_error",
          "-CAfile",
          openssl.file(certificates.server.roots),
        ]);
        expect(output).toMatch(/Verify return code: 0 \(ok\)/);
        expect(output).toContain(`Verified peername: ${name}`);
        openssl.remove();
      },
    );

    test.each([
      ["no name", ["-noservername"]],
      ["another name", ["-servername", "other.example.com"]],
      ["an address", ["-servername", "127.0.0.1"]],
    ])(
      "a handshake with %s ends with the alert unrecognized_name, and shows no certificate",
      async (_what, options) => {
        const { status, output } = await sClient(options);
        expect(status).not.toBe(0);
        expect(output).toMatch(/alert number 112/);
        expect(output).toMatch(/no peer certificate available/);
      },
    );

    test("A1, E6: TLS 1.1 is refused with the alert protocol_version, under each name", async () => {
      const old = ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"];
      for (const name of Object.values(hostname)) {
        const { status, output } = await sClient(["-servername", name, ...old]);
        expect(status).not.toBe(0);
        expect(output).toMatch(/alert protocol version.*\n?.*alert number 70/);
      }
      // The same client against a server that does accept it: so it is not the client that refuses.
      const { status, output } = await withControlServer(old, (port) => sClient(old, port));
      expect(status).toBe(0);
      expect(output).toMatch(/Protocol *: TLSv1\.1/);
    });

    test.each(["-tls1_2", "-tls1_3"])("A1: %s is accepted", async (version) => {
      const { output } = await sClient(["-servername", hostname.manager, version]);
      expect(output).toMatch(
        version === "-tls1_2" ? /New, TLSv1\.2, Cipher is ECDHE-/ : /New, TLSv1\.3, Cipher is TLS_/,
      );
    });

    test("the gateway is asked with the manager's name, and its headers are put right", async () => {
      const answer = await https("/ui/");
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({ host: hostname.manager, proto: "https" });
      expect(answer.headers).toMatchObject({
        "strict-transport-security": "max-age=31536000",
        "x-content-type-options": "nosniff",
        server: "nginx",
      });
    });

    // That NGINX drops the headers around a block with some of its own, B3 shows.
    test.each([
      ["/ui/", {}],
      ["/own", { "x-own": "1" }],
      [methods.download, { "grpc-status": "7" }],
    ])("A1: the answer of %s has the headers of every other", async (path, own) => {
      expect((await https(path)).headers).toMatchObject({
        "strict-transport-security": "max-age=31536000",
        "x-content-type-options": "nosniff",
        ...own,
      });
    });

    test("E22: usage reports need no client certificate", async () => {
      expect((await https("/api/nginx-usage", "POST")).status).toBe(200);
      expect(apigw.paths.at(-1)).toBe("/api/nginx-usage");
    });

    test.each([
      "/f5.nginx.agent.sdk.Commander/Download",
      "/f5.nginx.agent.sdk.MetricsService/Stream",
      "/%665.nginx.agent.sdk.Commander/Download",
      "//f5.nginx.agent.sdk.Commander/Download",
      "/api/../f5.nginx.agent.sdk.Commander/Download",
      "/api/%2e%2e/f5.nginx.agent.sdk.Commander/Download",
      "/api/..%2ff5.nginx.agent.sdk.Commander/Download",
    ])("E20: %s does not get to the gateway's own services of agents", async (path) => {
      const before = [...apigw.paths];
      const answer = await https(path, "POST");
      expect(answer.headers["grpc-status"]).toBe(`${code.permissionDenied}`);
      expect(apigw.paths).toEqual(before);
    });

    test("E20: over HTTP/1.1 too, the agents' name in a request to the manager's server is misdirected", async () => {
      const before = [...apigw.paths];
      expect((await https(`/${methods.download}`, "POST", hostname.agents)).status).toBe(421);
      expect(apigw.paths).toEqual(before);
    });
  });

  test("A7: the access log is JSON, with the gRPC status and the client's certificate", async () => {
    const [, call] = grpcClients[0]!;
    await call(agent());
    await call(agent(nobody));
    const lines = () =>
      stack!
        .output("nginx")
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line))
        .filter(({ server, request }) => server === hostname.agents && request === `POST ${methods.download}`);
    // NGINX writes a line when it is done with the request, which is after its client is.
    while (lines().at(-1)?.grpc_status !== "16") await new Promise((resolve) => setTimeout(resolve, 10));
    const last = lines().slice(-2);
    expect(
      last.map(({ status, grpc_status, client_certificate, client_verify }) => ({
        status,
        grpc_status,
        client_certificate,
        client_verify,
      })),
    ).toEqual([
      { status: "200", grpc_status: "0", client_certificate: "CN=agent", client_verify: "SUCCESS" },
      { status: "200", grpc_status: "16", client_certificate: "", client_verify: "NONE" },
    ]);
  });

  test("A8: each Secret's files are where the configuration looks for them", () => {
    expect(readFileSync(stack!.path("nginx", "/etc/nginx/manager-certificate/tls.crt"), "utf8")).toBe(
      certificates.server.certificate,
    );
    expect(readFileSync(stack!.path("nginx", "/etc/nginx/manager-backend-certificate/tls.crt"), "utf8")).toBe(
      certificates.proxy.certificate,
    );
  });
});

describeOnTheWire(title("InstanceManagerProxy in front of backends that fail"), () => {
  beforeAll(async () => {
    const ports = { apigw: await closedPort(), dpm: await closedPort(), ingestion: await closedPort() };
    const rendered = await renderManager({
      backends: { apigw: local(ports.apigw), dpm: local(ports.dpm), ingestion: local(ports.ingestion) },
    });
    certificates = rendered.certificates;
    // Somebody with a certificate of the same authority, for another name.
    dpm = await grpcBackend("impostor", certificates.impostor, ports.dpm);
    stack = await runOnLoopback(rendered.objects);
  });
  afterAll(async () => {
    await stack?.stop();
    dpm?.stop();
  });

  describe.each(grpcClients)("seen by %s", (_name, call, clientMissing) => {
    const testHere = clientMissing ? test.skip : test;
    const unavailable = { code: code.unavailable, message: "unavailable", reply: "" };

    testHere("A3, E2: a backend that is down is UNAVAILABLE", async () => {
      expect(await call(agent({ method: methods.stream }))).toEqual(unavailable);
    });

    testHere("E17: a backend with a certificate for another name gets no call", async () => {
      expect(await call(agent())).toEqual(unavailable);
      expect(dpm.calls).toEqual([]);
      expect(stack!.output("nginx")).toMatch(/upstream SSL certificate does not match "dpm"/);
    });
  });

  test("a gateway that is down is 502 to a browser", async () => {
    expect((await https("/ui/")).status).toBe(502);
  });
});

describeOnTheWire.each(["optional", "off"] as const)(
  title("InstanceManagerProxy with agents.mtls %s, and plain backends"),
  (mtls) => {
    beforeAll(async () => {
      dpm = await grpcBackend("dpm");
      const rendered = await renderManager({
        agents: { mtls, unsafeAllowAgentsWithoutCertificate: true },
        unsafePlainBackends: true,
        backends: { apigw: local(await closedPort()), dpm: local(dpm.port), ingestion: local(await closedPort()) },
      });
      certificates = rendered.certificates;
      stack = await runOnLoopback(rendered.objects);
    });
    afterAll(async () => {
      await stack?.stop();
      dpm?.stop();
    });

    describe.each(grpcClients)("seen by %s", (_name, call, clientMissing) => {
      const testHere = clientMissing ? test.skip : test;

      testHere("an agent without a certificate reaches the Commander", async () => {
        expect(await call(agent(nobody))).toEqual({ code: code.ok, message: "", reply: "dpm" });
      });

      testHere("an agent with another authority's certificate does only where it is not checked", async () => {
        const { certificate, key } = certificates.stranger;
        expect((await call(agent({ certificate, key }))).code).toBe(mtls === "off" ? code.ok : code.unauthenticated);
      });

      testHere("the manager's server has no Commander here either", async () => {
        expect((await call(agent({ serverName: hostname.manager }))).code).toBe(code.permissionDenied);
      });
    });
  },
);

const sClient = (options: string[], port = stack!.port("nginx", "https")) => sClientAt(port, options);
const withControlServer = <T>(options: string[], action: (port: number) => Promise<T>) =>
  withServer(certificates.server, options, action);

describeOnTheWire(title("InstanceManagerProxy in front of a gateway that is slow"), () => {
  beforeAll(async () => {
    const ports = { apigw: await closedPort(), dpm: await closedPort(), ingestion: await closedPort() };
    const rendered = await renderManager({
      backends: { apigw: local(ports.apigw), dpm: local(ports.dpm), ingestion: local(ports.ingestion) },
      // In place of NGINX's minute, so that the test need not wait for that.
      snippets: { http: [{ name: "proxy_read_timeout", args: ["1s"] }] },
    });
    certificates = rendered.certificates;
    apigw = await gateway(certificates.apigw, ports.apigw);
    stack = await runOnLoopback(rendered.objects);
  });
  afterAll(async () => {
    await stack?.stop();
    apigw?.server.close();
  });

  test("a report's download and a stream of notifications have the time that the gateway gives them, and others do not", async () => {
    const paths = [
      "/api/platform/v1/report/download/1",
      "/f5.nginx.nms.sdk.NotificationSvc/Subscribe",
      "/api/platform/v1/systems",
    ];
    const answers = await Promise.all(paths.map((path) => https(`${path}?silence=3000`, "POST")));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 504]);
    expect(answers[1]!.body).toMatch(/^first\{/);
    expect(answers[1]!.headers).toMatchObject({ "strict-transport-security": "max-age=31536000" });
    // The first message came before the silence.
    expect(answers[1]!.firstAfter).toBeLessThan(2000);
  });
});

describeOnTheWire(title("InstanceManagerProxy with a resolver"), () => {
  test("a part whose name does not resolve stops neither NGINX nor the other parts, and the log has its name", async () => {
    const names = await startNameServer();
    const [port, closed] = [await closedPort(), await closedPort()];
    const rendered = await renderManager({
      resolver: { addresses: [`127.0.0.1:${names.port}`] },
      backends: { apigw: { port }, dpm: { host: "dpm.missing.svc" }, ingestion: local(closed) },
    });
    certificates = rendered.certificates;
    apigw = await gateway(certificates.apigw, port);
    stack = await runOnLoopback(rendered.objects);
    try {
      const soon = <T>(what: string, check: () => Promise<T | undefined>) => until(what, longestWaitSeconds, check);
      expect(
        await soon("the gateway answers", async () => ((await https("/ui/")).status === 200 ? true : undefined)),
      ).toBe(true);
      expect(names.asked).toContain("apigw.nim.svc.cluster.local");
      expect((await grpcClients[0]![1](agent())).code).toBe(code.unavailable);
      await soon("the log has the name", async () =>
        stack!.output("nginx").includes("dpm.missing.svc.cluster.local could not be resolved (3: Host not found)")
          ? true
          : undefined,
      );
    } finally {
      await stack.stop();
      apigw.server.close();
      names.stop();
    }
  });
});

describeOnTheWire(title("InstanceManagerProxy in front of a gateway with limits for each client"), () => {
  /** Returns the number of answers 429 to 30 files that three browsers request at once. */
  async function tooMany(trust: NginxConfigNode[]): Promise<number> {
    const port = await closedPort();
    // As the chart has it.
    const limits = await runNginx(nginxFolder(), {
      http: [
        { name: "limit_req_zone", args: ["$binary_remote_addr", "zone=strict:10m", "rate=10r/s"], variables: true },
        block("server", [
          directive("listen", `127.0.0.1:${port}`),
          ...trust,
          directive("limit_req", "zone=strict", "burst=10", "nodelay"),
          directive("limit_req_status", "429"),
          block("location", ["/"], [directive("empty_gif")]),
        ]),
      ],
    });
    const rendered = await renderManager({
      unsafePlainBackends: true,
      backends: { apigw: local(port), dpm: local(await closedPort()), ingestion: local(await closedPort()) },
    });
    certificates = rendered.certificates;
    stack = await runOnLoopback(rendered.objects);
    try {
      const browsers = Array.from({ length: 30 }, (_, index) => `127.0.0.${(index % 3) + 2}`);
      const answers = await Promise.all(
        // A header of the client does not count.
        browsers.map((address, index) =>
          https("/ui/file.js", "GET", { address, headers: { "x-real-ip": `192.0.2.${index}` } }),
        ),
      );
      expect(answers.filter(({ status }) => status !== 429).map(({ status }) => status)).toContain(200);
      return answers.filter(({ status }) => status === 429).length;
    } finally {
      await stack.stop();
      await limits.stop();
    }
  }

  test("the gateway counts each client by the address that the proxy sends, where it trusts that", async () => {
    const trusted = [directive("set_real_ip_from", "127.0.0.1"), directive("real_ip_header", "X-Real-IP")];
    expect(await tooMany(trusted)).toBe(0);
    expect(await tooMany([])).toBeGreaterThan(10);
  });
});

/** One request over HTTP/1.1 to the manager's server. */
function https(
  path: string,
  method = "GET",
  client: string | { address: string; headers: Record<string, string> } = hostname.manager,
) {
  const { host, address, headers } =
    typeof client === "string"
      ? { host: client, address: undefined, headers: {} }
      : { host: hostname.manager, ...client };
  type Answer = { status: number; headers: Record<string, unknown>; body: string; firstAfter: number };
  return new Promise<Answer>((resolve, reject) => {
    const began = Date.now();
    let firstAfter = Number.POSITIVE_INFINITY;
    const options = {
      servername: hostname.manager,
      ca: certificates.server.roots,
      headers: { ...headers, host },
      localAddress: address,
    };
    request({ host: "127.0.0.1", port: stack!.port("nginx", "https"), path, method, ...options }, (response) => {
      let body = "";
      response.on("error", reject);
      response.on("data", (data) => {
        firstAfter = Math.min(firstAfter, Date.now() - began);
        body += data;
      });
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body, firstAfter }));
    })
      .on("error", reject)
      .end();
  });
}
