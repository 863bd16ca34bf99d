import { longestWaitSeconds, until } from "../cluster/until";
import { run } from "./mesh-network";
import { type MeshPod, renderPod } from "./mesh-pod";
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
  startServerAndClient,
  tcp,
  title,
  World,
  workloads,
} from "./mesh-world";

const host = "orders.shop.svc";

describeInNamespaces(title("Rotation under load"), () => {
  let world: World;
  let server: MeshPod;
  let client: MeshPod;
  beforeAll(async () => {
    world = new World();
    ({ server, client } = await startServerAndClient(world, host));
  });
  afterAll(() => world?.remove());

  /** Returns the certificate of the server. */
  const serial = () =>
    /serial=(\w+)/.exec(
      world.node.output([
        "sh",
        "-c",
        `openssl s_client -connect ${server.network.address}:8080 </dev/null | openssl x509 -noout -serial`,
      ]),
    )?.[1];

  /** Rotates the certificates of both sides, one after another. */
  const rotations = async () => {
    for (let round = 0; round < 5; round++)
      for (const [pod, account] of [
        [server, "orders"],
        [client, "web"],
      ] as const) {
        pod.identity(world.domain.svid("shop", account));
        await pod.reload();
      }
  };

  test("13: rotations on both sides, one after another, lose no request and no connection", async () => {
    const stop = await client.load(6, [http(host, 8080, { method: "POST", body: "four" }), tcp(host, 5432)]);
    const before = serial();
    await rotations();
    const { good, bad } = await stop();
    expect(bad).toEqual([]);
    expect(good).toBeGreaterThan(50);
    expect(serial()).not.toBe(before);
  });

  test("13: a gRPC call that a rotation interrupts fails, and the next one succeeds", async () => {
    const stop = await client.load(2, [grpc(host, 9090)]);
    await rotations();
    const { good, bad } = await stop();
    // This NGINX closes HTTP/2 connections that it has accepted but not read: UNAVAILABLE, or INTERNAL.
    expect(bad.filter(({ code }) => code !== 14 && code !== 13)).toEqual([]);
    expect(good).toBeGreaterThan(bad.length);
    expect(client.ask([grpc(host, 9090)])).toEqual([{ code: 0, body: "orders hello" }]);
  });

  test("13: keepalive saves handshakes, and a rotation loses no request that can be repeated", async () => {
    const kept = world.pod({ [host]: server.network.address });
    const calls = copy(outbound.slice(0, 1).map((one) => ({ ...one, keepalive: 4 })));
    await kept.sidecar(await renderPod({ redirect: {}, outbound: calls }), world.domain.svid("shop", "web"));
    const open = (pod: MeshPod) =>
      run("ip", [
        "netns",
        "exec",
        pod.network.namespace,
        "ss",
        "-Htn",
        "state",
        "established",
        "dst",
        server.network.address,
      ])
        .split("\n")
        .filter((line) => line.includes(":8080")).length;
    expect(kept.ask([http(host, 8080), http(host, 8080)]).map(({ status }) => status)).toEqual([200, 200]);
    expect(client.ask([http(host, 8080), http(host, 8080)]).map(({ status }) => status)).toEqual([200, 200]);
    expect([open(kept), open(client)]).toEqual([1, 0]);
    const stop = await kept.load(4, [http(host, 8080)]);
    for (let round = 0; round < 3; round++) {
      server.identity(world.domain.svid("shop", "orders"));
      await server.reload();
    }
    const { good, bad } = await stop();
    expect(bad).toEqual([]);
    expect(good).toBeGreaterThan(20);
  });

  test("13: an open connection outlives a rotation", async () => {
    // The client rotates too: NGINX on both sides keeps an old worker for the connection.
    const talk = await client.hold({ ...tcp(host, 5432), say: "late\n" });
    for (const [pod, account] of [
      [server, "orders"],
      [client, "web"],
    ] as const) {
      pod.identity(world.domain.svid("shop", account));
      await pod.reload();
    }
    expect(await talk()).toEqual({ received: "orders\nlate\n" });
  });

  test("13: a certificate that is written in the same second as the previous one is used", async () => {
    // spiffe-helper writes into the same files, and NGINX since 1.27.4 compares the seconds of their times.
    const second = new Date(1000 * Math.floor(Date.now() / 1000));
    server.identity(world.domain.svid("shop", "orders"), second);
    await server.reload();
    const before = serial();
    server.identity(world.domain.svid("shop", "orders"), second);
    await server.reload();
    expect(serial()).not.toBe(before);
    expect(client.ask([http(host, 8080)])[0]!.status).toBe(200);
  });

  test("13: after a signal between two files, NGINX keeps the previous certificate", async () => {
    const before = serial();
    const next = world.domain.svid("shop", "orders");
    server.identity({ ...next, key: world.domain.svid("shop", "orders").key });
    server.signal();
    await until("NGINX refuses the pair", longestWaitSeconds, async () =>
      server.proxy!.output().includes("key values mismatch") ? true : undefined,
    );
    expect(client.ask([http(host, 8080)])[0]!.status).toBe(200);
    expect(serial()).toBe(before);
    server.identity(next);
    await server.reload();
    expect(client.ask([http(host, 8080)])[0]!.status).toBe(200);
    expect(serial()).not.toBe(before);
  });

  test("13: the same load fails when NGINX is stopped instead", async () => {
    const stop = await client.load(2, [http(host, 8080)]);
    await server.proxy!.stop();
    // Its last requests follow the stop.
    expect((await stop()).bad.length).toBeGreaterThan(0);
  });
});

describeInNamespaces(title("What leaves a pod with a redirect"), () => {
  let world: World;
  let outsider: MeshPod;
  beforeAll(async () => {
    world = new World();
    outsider = world.pod();
    await outsider.serve("outside", [
      ...[80, 53, 8443].map((port) => ({ protocol: "http" as const, host: "::", port })),
      { protocol: "udp" as const, host: "::", port: 9999 },
    ]);
  });
  afterAll(() => world?.remove());

  const pod = async (redirect: object) => {
    const made = world.pod({ [host]: outsider.network.address });
    await made.serve("application", [{ protocol: "http", host: "::", port: 8082 }]);
    const args = { redirect, inbound: copy(inbound.slice(2, 3)), outbound: copy(outbound.slice(0, 1)) };
    await made.sidecar(await renderPod(args as never), world.domain.svid("shop", "web"));
    return made;
  };

  test("11: undeclared destinations are reachable, unless egress is declared", async () => {
    const at = outsider.network.address;
    const requests = [http(at, 80), http(at, 8443), { ...http(at, 9999), protocol: "udp" as const }];
    expect((await pod({})).ask(requests)).toEqual([
      expect.objectContaining({ status: 200 }),
      expect.objectContaining({ status: 200 }),
      { received: "hello" },
    ]);
    const closed = await pod({ egress: "declared" });
    expect(closed.ask(requests).map(({ error }) => error)).toEqual([
      "ECONNREFUSED",
      "ECONNREFUSED",
      expect.stringMatching(/^E(CONNREFUSED|PERM)$/),
    ]);
    // DNS, declared destinations, the pod itself and answers still work.
    const results = closed.ask([http(at, 53), http(host, 8080), http("127.0.0.1", 8082)]);
    expect(results.map(({ status }) => status)).toEqual([200, 502, 200]);
    expect(outsider.ask([http(closed.network.address, 8082)])[0]!.status).toBe(200);
  });

  test("11: only connections to the addresses of a workload by tcp are its, and those to another database on the port are not", async () => {
    const orders = world.pod();
    await orders.serve("orders", [{ protocol: "tcp", host: "::", port: 5432 }]);
    const taken = await renderPod({ redirect: {}, inbound: copy(inbound.filter(({ port }) => port === 5432)) });
    await orders.sidecar(taken, world.domain.svid("shop", "orders"));
    const database = world.pod();
    await database.serve("database", [{ protocol: "tcp", host: "::", port: 5432 }]);
    const { address } = orders.network;
    const names = { [host]: address, "db.example.com": database.network.address };
    const client = async (more: object, redirect: object = {}) => {
      const made = world.pod(names);
      const call = { name: "orders", host, port: 5432, protocol: "tcp" as const, peer: peer("orders"), ...more };
      await made.sidecar(await renderPod({ redirect, outbound: [call] }), world.domain.svid("shop", "web"));
      return made.ask([tcp(host, 5432), tcp("db.example.com", 5432)]);
    };
    const both = [{ received: "orders\nhello\n" }, { received: "database\nhello\n" }];
    expect(await client({ addresses: [address] })).toEqual(both);
    expect(await client({ addresses: [`${address}/32`, "10.96.0.0/12"] })).toEqual(both);
    const [ours, theirs] = await client({ addresses: [address] }, { egress: "declared" });
    expect([ours!.received, theirs!.error]).toEqual(["orders\nhello\n", "ECONNREFUSED"]);
    // This is what the other argument says.
    expect(await client({ unsafeAnyAddress: true })).toEqual(Array(2).fill(both[0]));
  });

  test("11: a host that is no workload is reachable on the port of one by http that has addresses", async () => {
    const plain = world.pod();
    await plain.serve("plain", [{ protocol: "http", host: "::", port: 8080 }]);
    const made = world.pod({ [host]: outsider.network.address });
    const call = { ...outbound[0]!, addresses: [outsider.network.address] };
    await made.sidecar(await renderPod({ redirect: {}, outbound: [call] as never }), world.domain.svid("shop", "web"));
    // The workload itself has no sidecar here.
    expect(made.ask([http(plain.network.address, 8080), http(host, 8080)]).map(({ status }) => status)).toEqual([
      200, 502,
    ]);
  });

  test("11: connections to an excluded network bypass NGINX", async () => {
    const at = outsider.network.address;
    const excluding = await pod({ egress: "declared", excludedCidrs: [`${at}/32`] });
    expect(excluding.ask([http(at, 80)])[0]!.status).toBe(200);
  });

  test("10: the rules can be set twice, and need NET_ADMIN only", async () => {
    const made = await pod({ egress: "declared" });
    const restore = (...capabilities: string[]) =>
      made.output(
        [
          "setpriv",
          `--bounding-set=${["-all", ...capabilities].join(",")}`,
          "iptables-nft-restore",
          "/run/mesh/configuration/redirect.v4",
        ],
        "",
        0,
        [],
      );
    const rules = () =>
      run("ip", ["netns", "exec", made.network.namespace, "iptables-nft-save"]).replace(/^[#:].*\n/gm, "");
    const once = rules();
    expect(once).toContain("--uid-owner 2102");
    expect(restore("+net_admin")).toBe("");
    expect(rules()).toBe(once);
    expect(restore()).toContain("Permission denied");
  });
});

describeInNamespaces(title("Sidecars with IPv6"), () => {
  let world: World;
  beforeAll(() => {
    world = new World();
  });
  afterAll(() => world?.remove());

  test("10: connections by IPv6 are redirected by their own rules", async () => {
    const ipFamilies = ["IPv4", "IPv6"] as const;
    const server = world.pod();
    await server.serve("orders", listeners);
    const taken = await renderPod({ redirect: {}, ipFamilies: [...ipFamilies], inbound: copy(inbound) });
    expect(taken.spec.initContainers.map(({ name }) => name)).toEqual([
      "mesh-redirect",
      "mesh-redirect-ipv6",
      "mesh-identity-first",
      "mesh-identity",
      "mesh-proxy",
    ]);
    await server.sidecar(taken, world.domain.svid("shop", "orders"));
    const { address, address6 } = server.network;
    const outsider = world.pod();
    for (const at of [address, address6]) {
      const results = outsider.ask([
        http(at, 8080),
        http(at, 8080, { path: "/healthz" }),
        tcp(at, 5432),
        http(at, 8082),
      ]);
      expect(results.map(({ status, received }) => status ?? received?.includes("orders"))).toEqual([
        403,
        200,
        false,
        200,
      ]);
    }
    const client = world.pod({ [host]: address6 });
    const calls = await renderPod({
      redirect: { egress: "declared" },
      ipFamilies: [...ipFamilies],
      outbound: copy(outbound),
    });
    await client.sidecar(calls, world.domain.svid("shop", "web"));
    expect(client.ask([http(host, 8080), tcp(host, 5432), grpc(host, 9090)])).toEqual([
      expect.objectContaining({ status: 200 }),
      { received: "orders\nhello\n" },
      { code: 0, body: "orders hello" },
    ]);
    expect(client.ask([http(address6, 8082)])[0]!.error).toBe("ECONNREFUSED");

    // Without its rules the application accepts plaintext by IPv6.
    const half = world.pod();
    await half.serve("orders", listeners.slice(0, 1));
    await half.sidecar(
      await renderPod({ redirect: {}, inbound: copy(inbound.slice(0, 1)) }),
      world.domain.svid("shop", "orders"),
    );
    expect(outsider.ask([http(half.network.address6, 8080)])[0]!.status).toBe(200);
  });
});

describeInNamespaces(title("Sidecars with explicit ports"), () => {
  let world: World;
  beforeAll(() => {
    world = new World();
  });
  afterAll(() => world?.remove());

  const explicit = inbound
    .filter((one) => !("mode" in one) || one.mode !== "off")
    .map((one) => ({ ...one, applicationPort: one.port + 20_000 }));

  test("8: mutual TLS without privileges: strict, permissive, probes, and connections to 127.0.0.1", async () => {
    const server = world.pod();
    await server.serve(
      "orders",
      explicit.map(({ protocol, applicationPort }) => ({ protocol, host: "127.0.0.1", port: applicationPort })),
    );
    const taken = await renderPod({ inbound: copy(explicit) });
    const calls = await renderPod({
      outbound: copy(workloads.map((one, index) => ({ ...one, localPort: 3000 + index }))),
    });
    for (const { spec } of [taken, calls])
      for (const { securityContext } of spec.initContainers)
        expect(securityContext).toMatchObject({
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
          allowPrivilegeEscalation: false,
        });
    await server.sidecar(taken, world.domain.svid("shop", "orders"));
    const client = world.pod({ [host]: server.network.address });
    await client.sidecar(calls, world.domain.svid("shop", "web"));
    const at = (name: string) => 3000 + workloads.findIndex((one) => one.name === name);
    const results = client.ask([
      http("127.0.0.1", at("orders")),
      http("127.0.0.1", at("orders-permissive")),
      grpc("127.0.0.1", at("orders-grpc")),
      tcp("127.0.0.1", at("orders-tcp")),
    ]);
    expect(JSON.parse(results[0]!.body!).headers.host).toBe("orders.shop.svc:8080");
    expect(results.slice(1)).toEqual([
      expect.objectContaining({ status: 200 }),
      { code: 0, body: "orders hello" },
      { received: "orders\nhello\n" },
    ]);

    const here = server.network.address;
    const outsider = world.pod();
    const refused = outsider.ask([http(here, 8080), grpc(here, 9090), tcp(here, 5432), http(here, 28080)]);
    expect([refused[0]!.status, refused[1]!.code, refused[2]!.received!.includes("orders"), refused[3]!.error]).toEqual(
      [403, 7, false, "ECONNREFUSED"],
    );
    expect(outsider.ask([http(here, 8081), tcp(here, 5433)])).toEqual([
      expect.objectContaining({ status: 200 }),
      { received: "orders\nhello\n" },
    ]);
    const stranger = { identity: shown(world.strangers.svid("shop", "web")) };
    expect(outsider.ask([http(here, 8080, stranger)])[0]!.status).toBe(400);
    expect(world.node.ask([http(here, 8080, { path: "/healthz" })])[0]!.status).toBe(200);
    // The probe of the sidecar is the only path there.
    expect(
      world.node.ask([http(here, 15000, { path: "/healthz" }), http(here, 15000)]).map(({ status }) => status),
    ).toEqual([200, 404]);
  });

  test("12: two authorities are one mesh while the bundle has both", async () => {
    const server = world.pod();
    await server.serve("orders", [{ protocol: "http", host: "127.0.0.1", port: 28080 }]);
    const taken = await renderPod({ inbound: copy(explicit.slice(0, 1)) });
    const svid = world.domain.svid("shop", "orders");
    await server.sidecar(taken, svid);
    const other = world.strangers.svid("shop", "web");
    const request = http(server.network.address, 8080, { identity: shown(other) });
    const outsider = world.pod();
    expect(outsider.ask([request])[0]!.status).toBe(400);
    server.identity({ ...svid, bundle: svid.bundle + other.bundle });
    await server.reload();
    expect(outsider.ask([request])[0]!.status).toBe(200);
  });

  test("the server must be the declared peer, of the declared namespace", async () => {
    const server = world.pod();
    await server.serve("orders", [{ protocol: "http", host: "127.0.0.1", port: 28080 }]);
    await server.sidecar(
      await renderPod({ inbound: copy(explicit.slice(0, 1)) }),
      world.domain.svid("other", "orders"),
    );
    const client = world.pod({ [host]: server.network.address });
    const call = (namespace: string) => ({
      name: namespace,
      host,
      port: 8080,
      protocol: "http" as const,
      peer: { ...peer("orders"), namespace },
    });
    await client.sidecar(
      await renderPod({
        outbound: [
          { ...call("shop"), localPort: 3000 },
          { ...call("other"), localPort: 3001 },
        ],
      }),
      world.domain.svid("shop", "web"),
    );
    expect(client.ask([http("127.0.0.1", 3000), http("127.0.0.1", 3001)]).map(({ status }) => status)).toEqual([
      502, 200,
    ]);
  });
});
