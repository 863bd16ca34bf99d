import type { Svid } from "./mesh-identities";
import { type MeshPod, type Request, renderPod } from "./mesh-pod";
import {
  copy,
  describeInNamespaces,
  grpc,
  http,
  inbound,
  listeners,
  outbound,
  peer,
  shown,
  tcp,
  title,
  World,
} from "./mesh-world";

describeInNamespaces(title("Sidecars with a redirect"), () => {
  let world: World;
  let server: MeshPod;
  let client: MeshPod;
  let billing: MeshPod;
  let outsider: MeshPod;
  let here: string;

  beforeAll(async () => {
    world = new World();
    server = world.pod();
    here = server.network.address;
    const hosts = { "orders.shop.svc": here, orders: here, "other.shop.svc": here };
    await server.serve("orders", listeners);
    await server.sidecar(
      await renderPod({ redirect: {}, inbound: copy(inbound) }),
      world.domain.svid("shop", "orders"),
    );
    const calls = await renderPod({ redirect: {}, outbound: copy(outbound) });
    client = world.pod(hosts);
    await client.sidecar(calls, world.domain.svid("shop", "web"));
    billing = world.pod(hosts);
    await billing.sidecar(calls, world.domain.svid("shop", "billing"));
    outsider = world.pod(hosts);
  });
  afterAll(() => world?.remove());

  test("21: an unchanged application connects by http, grpc and tcp, and is allowed by its SPIFFE ID", () => {
    const host = "orders.shop.svc";
    const results = client.ask([
      http(host, 8080, { method: "POST", body: "four", path: "/a%2Fb/../c?d=e" }),
      http(host, 8080, { headers: { connection: "upgrade", upgrade: "echo" } }),
      grpc(host, 9090),
      tcp(host, 5432),
    ]);
    const seen = JSON.parse(results[0]!.body!);
    expect(seen).toMatchObject({
      name: "orders",
      method: "POST",
      url: "/a%2Fb/../c?d=e",
      length: 4,
      from: expect.stringContaining("127.0.0.1"),
    });
    expect(seen.headers).toMatchObject({ host: "orders.shop.svc:8080", "x-forwarded-for": client.network.address });
    expect(results.slice(1)).toEqual([
      { status: 101 },
      { code: 0, body: "orders hello" },
      { received: "orders\nhello\n" },
    ]);
    expect(server.accessLog()).toContainEqual(
      expect.objectContaining({
        direction: "inbound",
        port: "8080",
        client: client.network.address,
        peer: "spiffe://mesh.example.com/ns/shop/sa/web",
        status: "200",
        tls: "TLSv1.3",
      }),
    );
    expect(client.accessLog()).toContainEqual(
      expect.objectContaining({
        direction: "outbound",
        upstream: "orders",
        address: `${here}:8080`,
        peer: "spiffe://mesh.example.com/ns/shop/sa/orders",
      }),
    );
  });

  test("21: the log is JSON for any request", () => {
    const path = `/%22%0A%5C%00${"%C3%A9"}"}`.replace("%00", "%01");
    expect(client.ask([http("orders.shop.svc", 8080, { path })])[0]!.status).toBe(200);
    const asked = ({ request }: Record<string, string>) => request === 'GET /"\n\\\u0001é"}';
    expect(server.accessLog().filter(asked)).toHaveLength(1);
    expect(client.accessLog().filter(asked)).toHaveLength(1);
  });

  test("20: strict rejects plaintext of every protocol, and a port in mode off stays open", () => {
    const results = outsider.ask([
      http(here, 8080),
      grpc(here, 9090),
      tcp(here, 5432),
      http(here, 8083),
      http(here, 8082),
    ]);
    expect(results[0]!.status).toBe(403);
    expect(results[1]!.code).toBe(7);
    expect(results[2]!.received).not.toContain("orders");
    expect(results[3]!.status).toBe(403);
    expect(results[4]!.status).toBe(200);
  });

  test("20: strict rejects plaintext at the port behind the redirect too", () => {
    expect(outsider.ask([http(here, 15100)])[0]!.status).toBe(403);
    expect(outsider.ask([http(here, 15200), http(here, 15300)]).map(({ error }) => error)).toEqual([
      "ECONNREFUSED",
      "ECONNREFUSED",
    ]);
  });

  test("12: clients are rejected without certificate, with one of another authority, and with one that is not allowed", () => {
    const as = (svid: Svid | undefined) => [
      http(here, 8080, { identity: svid ? shown(svid) : {} }),
      tcp(here, 5432, { identity: svid ? shown(svid) : {} }),
    ];
    const outcome = (svid?: Svid) => {
      const [byHttp, byTcp] = outsider.ask(as(svid));
      return [byHttp!.status, byTcp!.received];
    };
    expect(outcome()).toEqual([400, ""]);
    expect(outcome(world.strangers.svid("shop", "web"))).toEqual([400, ""]);
    expect(outcome(world.domain.svid("shop", "billing"))).toEqual([403, ""]);
    expect(outcome(world.domain.svid("other", "web"))).toEqual([403, ""]);
    expect(outcome(world.domain.svid("shop", "web"))).toEqual([200, "orders\nhello\n"]);
  });

  test("12: the log has port and address of a client that is rejected without certificate", () => {
    const rejected = () =>
      server.accessLog().filter(({ client, status }) => client === outsider.network.address && status === "400");
    const before = rejected().length;
    expect(outsider.ask([http(here, 8080, { identity: {} })])[0]!.status).toBe(400);
    expect(rejected().slice(before)).toEqual([
      expect.objectContaining({ direction: "inbound", port: "8080", peer: "", tls: "TLSv1.3" }),
    ]);
    expect(server.errorLog().filter((line) => line.includes("uninitialized"))).toEqual([]);
  });

  test("12: another workload gets 403 by its SPIFFE ID, and is allowed where the whole trust domain is", () => {
    const host = "orders.shop.svc";
    const results = billing.ask([
      http(host, 8080),
      grpc(host, 9090),
      tcp(host, 5432),
      http(host, 8083),
      http(host, 8081),
    ]);
    expect(results.map(({ status, code, received }) => status ?? code ?? received)).toEqual([403, 7, "", 200, 403]);
    const refused = server.accessLog().filter(({ client }) => client === billing.network.address);
    expect(refused).toContainEqual(
      expect.objectContaining({ port: "8080", status: "403", peer: "spiffe://mesh.example.com/ns/shop/sa/billing" }),
    );
  });

  test("12: a certificate without exactly one URI has no SPIFFE ID", () => {
    const id = "URI:spiffe://mesh.example.com/ns/shop/sa/web";
    const outcome = (names: string) =>
      outsider.ask([http(here, 8080, { identity: shown(world.domain.leaf(names)) })])[0]!.status;
    expect(outcome(`${id},URI:spiffe://mesh.example.com/ns/shop/sa/billing`)).toBe(403);
    expect(outcome(`${id},${id}`)).toBe(403);
    expect(outcome(`${id},URI:https://example.com/`)).toBe(403);
    expect(outcome("DNS:web.shop.svc")).toBe(403);
    expect(outcome("")).toBe(403);
    expect(outcome(`${id}/x`)).toBe(403);
    expect(outcome("URI:spiffe://mesh.example.com/ns/shop/sa/WEB")).toBe(403);
    expect(outcome(`DNS:web.shop.svc,${id},email:web@example.com`)).toBe(200);
  });

  test("21: only probes and metrics pass strict mode in plaintext", () => {
    const probe = (path: string, more: Partial<Request> = {}) => http(here, 8080, { path, ...more });
    const passing = [probe("/healthz"), probe("/healthz", { method: "HEAD" }), probe("/metrics?full=1")];
    expect(world.node.ask(passing).map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = [
      probe("/healthz", { method: "POST" }),
      ...[
        "/",
        "/metrics",
        "/healthz?a",
        "/healthz/",
        "//healthz",
        "/secret/../healthz",
        "/healthz/../secret",
        "/%68ealthz",
        "/HEALTHZ",
      ].map((path) => probe(path)),
    ];
    expect(world.node.ask(refused).map(({ status }) => status)).toEqual(refused.map(() => 403));
    const [withBody, upgrading] = world.node.ask([
      probe("/healthz", { headers: { "content-length": "4" }, body: "four" }),
      probe("/healthz", { headers: { connection: "upgrade", upgrade: "echo" } }),
    ]);
    expect(JSON.parse(withBody!.body!)).toMatchObject({ length: 0, url: "/healthz" });
    expect(upgrading!.status).toBe(200);
  });

  test("21: only the gRPC probe passes strict mode in plaintext", () => {
    const [health, other] = world.node.ask([
      grpc(here, 9090, { path: "/grpc.health.v1.Health/Check" }),
      grpc(here, 9090),
    ]);
    expect(health).toEqual({ code: 0, body: "orders hello" });
    expect(other!.code).toBe(7);
  });

  test("20: permissive accepts both, and its log shows plaintext clients", () => {
    expect(outsider.ask([http(here, 8081), tcp(here, 5433)])).toEqual([
      expect.objectContaining({ status: 200 }),
      { received: "orders\nhello\n" },
    ]);
    const host = "orders.shop.svc";
    expect(client.ask([http(host, 8081), tcp(host, 5433)])).toEqual([
      expect.objectContaining({ status: 200 }),
      { received: "orders\nhello\n" },
    ]);
    expect(outsider.ask([http(here, 8081, { identity: {} })])[0]!.status).toBe(400);
    const plain = server.accessLog().filter(({ port, tls }) => port === "8081" && tls === "");
    expect(plain.map(({ client, peer }) => [client, peer])).toEqual([[outsider.network.address, ""]]);
  });

  test("11: with redirect an undeclared host gets 421, and a short name reaches the workload", () => {
    const results = client.ask([
      http("orders.shop.svc", 8080, { headers: { host: "orders" } }),
      http("orders.shop.svc", 8080, { headers: { host: "orders.shop.svc.cluster.local:8080" } }),
      http("other.shop.svc", 8080),
      http("orders.shop.svc", 8080, { headers: { host: here } }),
      grpc("other.shop.svc", 9090),
    ]);
    expect(results.slice(0, 4).map(({ status }) => status)).toEqual([200, 200, 421, 421]);
    expect(results[4]!.code).not.toBe(0);
  });

  test("10: connections of NGINX are not redirected; without that rule they loop", async () => {
    const both = { redirect: {}, inbound: copy(inbound.slice(0, 1)), outbound: copy(outbound.slice(0, 1)) } as const;
    const rendered = await renderPod(both);
    const pod = world.pod({ "orders.shop.svc": here });
    await pod.sidecar(rendered, world.domain.svid("shop", "web"));
    expect(pod.ask([http("orders.shop.svc", 8080)])[0]!.status).toBe(200);

    const control = world.pod({ "orders.shop.svc": here });
    const rules = rendered.files["redirect.v4"]!;
    const without = rules.replace(/^.*--uid-owner 2102.*\n/gm, "");
    expect(without).not.toBe(rules);
    await control.sidecar(
      { ...rendered, files: { ...rendered.files, "redirect.v4": without } },
      world.domain.svid("shop", "web"),
    );
    expect(control.ask([http("orders.shop.svc", 8080)])[0]!.status).not.toBe(200);
  });

  test("10: an application as the sidecar's user bypasses NGINX, so that user is refused", () => {
    expect(client.ask([http("orders.shop.svc", 8080)], 2102)[0]!.status).toBe(403);
    expect(client.ask([http("orders.shop.svc", 8080)])[0]!.status).toBe(200);
  });

  test("12: a server with another workload's certificate gets no request", async () => {
    const wrong = await renderPod({
      redirect: {},
      outbound: [{ name: "payments", host: "orders.shop.svc", port: 8080, protocol: "http", peer: peer("payments") }],
    });
    const pod = world.pod({ "orders.shop.svc": here });
    await pod.sidecar(wrong, world.domain.svid("shop", "web"));
    expect(pod.ask([http("orders.shop.svc", 8080)])[0]!.status).toBe(502);
    expect(pod.proxy!.output()).toContain('does not match "payments.shop.svc"');
  });

  test("15: with one less than the mesh's verification depth, both sides reject all certificates", async () => {
    const shallow = (configuration: string) => configuration.replace(/(ssl_verify_depth) 2;/g, "$1 1;");
    const pod = world.pod({ "orders.shop.svc": here });
    const calls = await renderPod({ redirect: {}, outbound: copy(outbound.slice(0, 1)) });
    await pod.sidecar(calls, world.domain.svid("shop", "web"), shallow);
    expect(pod.ask([http("orders.shop.svc", 8080)])[0]!.status).toBe(502);
    const other = world.pod();
    await other.serve("orders", listeners.slice(0, 1));
    const taken = await renderPod({ redirect: {}, inbound: copy(inbound.slice(0, 1)) });
    await other.sidecar(taken, world.domain.svid("shop", "orders"), shallow);
    const asWeb = http(other.network.address, 8080, { identity: shown(world.domain.svid("shop", "web")) });
    expect(outsider.ask([asWeb])[0]!.status).toBe(400);
  });

  test("3.2: no session is resumed, so each connection is verified", async () => {
    const { certificate, key } = world.domain.svid("shop", "web");
    const files = [
      "-cert",
      world.openFile(certificate),
      "-cert_chain",
      world.openFile(certificate),
      "-key",
      world.openFile(key),
    ];
    // openssl connects once, and five times more with the session of the first connection.
    const sessions = (host: string, port: number, version: string) =>
      outsider
        .output(["openssl", "s_client", "-reconnect", version, "-connect", `${host}:${port}`, ...files])
        .match(/^(?:New|Reused)(?=, TLS)/gm);
    for (const port of [8080, 5432])
      for (const version of ["-tls1_2", "-tls1_3"])
        expect([port, version, sessions(here, port, version)]).toEqual([port, version, Array(6).fill("New")]);
    const control = world.pod();
    const taken = await renderPod({ redirect: {}, inbound: copy(inbound.slice(0, 1)) });
    const resuming = (text: string) => text.replace(/ssl_session_cache off/g, "ssl_session_cache shared:control:1m");
    await control.sidecar(taken, world.domain.svid("shop", "orders"), resuming);
    expect(sessions(control.network.address, 8080, "-tls1_2")).toContain("Reused");
  });
});
