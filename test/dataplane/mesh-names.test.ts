import { longestWaitSeconds, until } from "../cluster/until";
import { type MeshPod, renderPod } from "./mesh-pod";
import { copy, describeInNamespaces, grpc, http, inbound, listeners, peer, tcp, title, World } from "./mesh-world";

const names = { orders: "orders.shop.svc", stock: "stock.shop.svc" };
/** Returns the pod of a workload that asks its name server again after a second, not ten. */
async function renderImpatient(args: Parameters<typeof renderPod>[0]): ReturnType<typeof renderPod> {
  const { spec, files } = await renderPod({ redirect: {}, ...args });
  const start = files["start.sh"]!.replace("valid=10s", "valid=1s");
  expect(start).not.toBe(files["start.sh"]);
  return { spec, files: { ...files, "start.sh": start } };
}

const call = (name: keyof typeof names, more: object = {}) => ({
  name,
  host: names[name],
  port: 8080,
  protocol: "http" as const,
  peer: peer(name),
  ...more,
});

describeInNamespaces(title("Names of workloads that do not resolve"), () => {
  let world: World;
  let orders: MeshPod;
  beforeAll(async () => {
    world = new World();
    orders = await workload("orders");
  });
  afterAll(() => world?.remove());

  /** Starts a workload with all inbound ports. */
  async function workload(name: keyof typeof names): Promise<MeshPod> {
    const pod = world.pod();
    await pod.serve(name, listeners);
    await pod.sidecar(await renderPod({ redirect: {}, inbound: copy(inbound) }), world.domain.svid("shop", name));
    return pod;
  }

  // Any address outside the pod is redirected: the header names the workload.
  const status = (pod: MeshPod, name: keyof typeof names) =>
    pod.ask([http(orders.network.address, 8080, { headers: { host: names[name] } })])[0]!.status;
  const eventually = (what: string, pod: MeshPod, name: keyof typeof names, expected: number) =>
    until(what, longestWaitSeconds, async () => (status(pod, name) === expected ? true : undefined));

  test("one that is missing at the start, or vanishes, stops no other one, and a new certificate is used", async () => {
    const known = { [names.orders]: orders.network.address };
    const client = world.pod(known);
    const outbound = [
      call("orders"),
      call("stock"),
      call("orders", { name: "orders-grpc", port: 9090, protocol: "grpc" }),
      call("stock", { name: "stock-grpc", port: 9090, protocol: "grpc" }),
      call("orders", { name: "orders-tcp", port: 5432, protocol: "tcp", unsafeAnyAddress: true }),
      call("stock", { name: "stock-tcp", port: 5433, protocol: "tcp", unsafeAnyAddress: true }),
    ];
    // Orders does not allow this account, so that its answer says which certificate it sees.
    await client.sidecar(await renderImpatient({ outbound }), world.domain.svid("shop", "billing"));
    await eventually("the name resolves", client, "orders", 403);
    expect(status(client, "stock")).toBe(502);
    expect(client.proxy!.output()).toContain("stock.shop.svc.cluster.local could not be resolved (3: Host not found)");

    const stock = await workload("stock");
    client.names({ ...known, [names.stock]: stock.network.address });
    await eventually("a name that appears resolves", client, "stock", 403);

    client.names(known);
    client.identity(world.domain.svid("shop", "web"));
    await client.reload();
    await eventually("a name that vanishes has no address", client, "stock", 502);
    const answers = client.ask([http(names.orders, 8080), grpc(names.orders, 9090), tcp(names.orders, 5432)]);
    expect(answers).toEqual([
      expect.objectContaining({ status: 200 }),
      { code: 0, body: "orders hello" },
      { received: "orders\nhello\n" },
    ]);

    // Not even the name server is needed for a reload.
    client.names({});
    client.identity(world.domain.svid("shop", "billing"));
    await client.reload();
    await eventually("a name that vanishes has no address", client, "orders", 502);
    client.names(known);
    await eventually("a name that comes back resolves", client, "orders", 403);
  });

  test("two headless workloads that call each other start, and reach each other", async () => {
    const both = await Promise.all(
      (["orders", "stock"] as const).map(async (name) => {
        const pod = world.pod();
        await pod.serve(name, listeners);
        const other: keyof typeof names = name === "orders" ? "stock" : "orders";
        const ports = [{ port: 8080, protocol: "http", allow: [peer(other)] }] as const;
        const rendered = await renderImpatient({ inbound: copy(ports), outbound: [call(other)] });
        await pod.sidecar(rendered, world.domain.svid("shop", name));
        return { pod, other, address: pod.network.address };
      }),
    );
    const addresses = { [names.orders]: both[0]!.address, [names.stock]: both[1]!.address };
    for (const { pod } of both) pod.names(addresses);
    for (const { pod, other } of both) {
      await eventually("the other one resolves", pod, other, 200);
      const [answer] = pod.ask([http(names[other], 8080)]);
      expect(JSON.parse(answer!.body!).name).toBe(other);
    }
  });
});
