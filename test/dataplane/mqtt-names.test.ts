import { chmodSync, renameSync, writeFileSync } from "node:fs";
import type { TLSSocket } from "node:tls";
import type { MqttProxyArgs, MqttUpstream } from "../../components";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { longestWaitSeconds, until } from "../cluster/until";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { Devices, open, reached, renderProxy } from "./mqtt-clients";
import { type NameServer, type Records, startNameServer } from "./name-server";
import { masterOf, reloaded } from "./nginx-workers";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

let brokers: BrokerStub[] = [];
let stacks: Loopback[] = [];
let names: NameServer | undefined;
afterEach(async () => {
  await Promise.all([...stacks, ...brokers].map((one) => one.stop()));
  names?.stop();
  [stacks, brokers, names] = [[], [], undefined];
});

const domain = "mqtt.svc.cluster.local";
const orders = `orders.${domain}`;
const stock = `stock.${domain}`;

/** Starts brokers on one port of these addresses, each with its address as its name. */
async function startBrokers(...hosts: string[]): Promise<number> {
  const port = await freePort();
  brokers.push(...(await Promise.all(hosts.map((host) => startBrokerStub(host, { host, port })))));
  return port;
}

const nameServer = () => ({ addresses: [`127.0.0.1:${names!.port}`], validSeconds: 1, ipv6: false });

/** Starts a proxy that asks our name server. */
async function startProxy(args: Omit<MqttProxyArgs, "namespace" | "edition">, secrets = {}): Promise<Loopback> {
  const stack = await runOnLoopback(await renderProxy({ resolver: nameServer(), ...args }, secrets));
  stacks.push(stack);
  return stack;
}

const listener = (stack: Loopback) => stack.port("nginx", "mqtt");

/** Waits until a client gets to this broker. */
const reaches = (stack: Loopback, clientId: string, broker: string) =>
  until(`${clientId} at ${broker}`, longestWaitSeconds, async () =>
    (await reached(listener(stack), { clientId })) === broker ? true : undefined,
  );

describeOnTheWire(title("a host name that does not resolve"), () => {
  const upstreams = (port: number): MqttUpstream[] => [
    { name: "orders", servers: [{ host: orders, port }] },
    { name: "stock", servers: [{ host: stock, port }] },
  ];
  const routes = [{ clientId: { prefix: "stock-" }, upstream: "stock" }];

  test("leaves the other upstreams alone at start; the log names it, and its clients get through once it does", async () => {
    const port = await startBrokers("127.0.0.2", "127.0.0.3");
    names = await startNameServer({ [orders]: ["127.0.0.2"] });
    const stack = await startProxy({ upstreams: upstreams(port), routes, defaultRoute: { upstream: "orders" } });
    await reaches(stack, "device", "127.0.0.2");
    expect(await reached(listener(stack), { clientId: "stock-1" })).toBe("");
    await until("the name in the log", longestWaitSeconds, async () =>
      stack.output("nginx").includes(`${stock} could not be resolved (3: Host not found)`) ? true : undefined,
    );
    names.records![stock] = ["127.0.0.3"];
    await reaches(stack, "stock-1", "127.0.0.3");
  });

  test("does not keep a renewed certificate from being used after a reload", async () => {
    const devices = new Devices();
    const port = await startBrokers("127.0.0.2", "127.0.0.3");
    names = await startNameServer({ [orders]: ["127.0.0.2"], [stock]: ["127.0.0.3"] });
    const secret = { "tls.crt": devices.server.certificate, "tls.key": devices.server.key };
    const stack = await startProxy(
      {
        upstreams: upstreams(port),
        listeners: [{ name: "mqtt", port: 8883, tls: { certificate: { secretName: "edge-tls" } } }],
        routes,
        defaultRoute: { upstream: "orders" },
      },
      { "edge-tls": secret },
    );
    const shown = async () => {
      const { socket, broker } = await open(listener(stack), { clientId: "device", tls: true });
      const serial = (socket as TLSSocket).getPeerCertificate().serialNumber;
      socket.destroy();
      return { serial, broker };
    };
    await until("a broker", longestWaitSeconds, async () => ((await shown()).broker ? true : undefined));
    delete names.records![stock];
    const renewed = devices.issue("/CN=mqtt.example.com", "serverAuth");
    for (const [file, text] of [
      ["tls.crt", renewed.certificate],
      ["tls.key", renewed.key],
    ] as const)
      replaceFile(stack.path("nginx", `/etc/nginx/mqtt-tls-mqtt/${file}`), text);
    const master = await masterOf(stack);
    await reloaded(
      master,
      () => process.kill(master, "SIGHUP"),
      () => stack.output("nginx"),
    );
    expect(await shown()).toEqual({ serial: devices.serial(renewed), broker: "127.0.0.2" });
    devices.remove();
  });

  test("stops NGINX where names are resolved once", async () => {
    names = await startNameServer({});
    const upstreams = [{ name: "orders", servers: [{ host: "orders.invalid" }], resolveOnce: true }];
    await expect(startProxy({ upstreams, defaultRoute: { upstream: "orders" } })).rejects.toThrow(
      'host not found in upstream "orders.invalid:1883"',
    );
  });

  test("follows a broker that gets another address", async () => {
    const port = await startBrokers("127.0.0.2", "127.0.0.3");
    names = await startNameServer({ [orders]: ["127.0.0.2"] });
    const stack = await startProxy({
      resolver: { addresses: ["192.0.2.53"] },
      upstreams: [
        { name: "orders", servers: [{ host: orders, port }], resolver: nameServer(), balancing: "roundRobin" },
      ],
      defaultRoute: { upstream: "orders" },
    });
    await reaches(stack, "device", "127.0.0.2");
    names.records![orders] = ["127.0.0.3"];
    await reaches(stack, "device", "127.0.0.3");
  });
});

/** A headless Service with a port `mqtt`: brokers by the names of their pods. */
function headless(port: number, pods: Record<string, string>): Records {
  const addresses = Object.values(pods);
  const target = (pod: string) => `${pod}.${orders}`;
  // As CoreDNS has it.
  const weight = Math.floor(100 / addresses.length);
  return {
    [orders]: addresses,
    [`_mqtt._tcp.${orders}`]: Object.keys(pods).map((pod) => ({ target: target(pod), port, weight })),
    ...Object.fromEntries(Object.entries(pods).map(([pod, address]) => [target(pod), [address]])),
  };
}

const clientIds = Array.from({ length: 200 }, (_, index) => `device-${index}`);

/** Returns the broker of each client, by the name of its pod. */
async function placement(stack: Loopback, pods: Record<string, string>): Promise<string[]> {
  const podOf = new Map(Object.entries(pods).map(([pod, address]) => [address, pod]));
  const found = await Promise.all(clientIds.map((clientId) => reached(listener(stack), { clientId })));
  return found.map((address) => podOf.get(address) ?? address);
}

describeOnTheWire(title("clients by their client id, before one name with several brokers"), () => {
  /** Starts so many brokers of the headless Service, and two proxies before it. */
  async function start(count: number, service?: string) {
    const addresses = Array.from({ length: 2 * count }, (_, index) => `127.0.0.${index + 2}`);
    const port = await startBrokers(...addresses);
    let pods = Object.fromEntries(addresses.slice(0, count).map((address, index) => [`broker-${index}`, address]));
    names = await startNameServer(headless(port, pods));
    const args: Parameters<typeof startProxy>[0] = {
      upstreams: [{ name: "orders", servers: [{ host: orders, ...(service ? { service } : { port }) }] }],
      defaultRoute: { upstream: "orders" },
    };
    const proxies = [await startProxy(args), await startProxy(args)];
    return {
      addresses,
      proxies,
      pods: () => pods,
      /** Changes the brokers; resolves with the broker of each client, by way of each proxy, once both use all of these and no other. */
      change: (next: Record<string, string>) => {
        pods = next;
        names!.records = headless(port, pods);
        const ofAll = () => Promise.all(proxies.map((proxy) => placement(proxy, pods)));
        return until("the brokers of both proxies", longestWaitSeconds, async () => {
          const placements = await ofAll();
          // A proxy may learn of the change between two clients: the next round is the one that counts.
          const used = placements.map((placement) => [...new Set(placement)].sort().join());
          return used.every((one) => one === Object.keys(pods).sort().join()) ? ofAll() : undefined;
        });
      },
    };
  }

  test.each([3, 5])(
    "by SRV records of %d brokers, each stays with its own by way of two proxies while the brokers are rolled",
    async (count) => {
      const { addresses, pods, change } = await start(count, "mqtt");
      const [first, second] = await change(pods());
      expect(second).toEqual(first);
      for (let index = 0; index < count; index++) {
        const pod = `broker-${index}`;
        const { [pod]: _, ...others } = pods();
        // Only the clients of the broker that is away are elsewhere.
        for (const placement of await change(others))
          expect(placement.map((one, client) => (first![client] === pod ? pod : one))).toEqual(first);
        // It comes back with its name and another address, and so do its clients.
        expect(await change({ ...others, [pod]: addresses[count + index]! })).toEqual([first, first]);
      }
    },
  );

  test("by SRV records, a broker with a new name takes clients from each, and no other client moves", async () => {
    const { addresses, pods, change } = await start(3, "mqtt");
    const [before] = await change(pods());
    const [one, other] = await change({ ...pods(), "broker-3": addresses[3]! });
    expect(other).toEqual(one);
    const moved = one!.filter((pod, client) => pod !== before![client]);
    expect(new Set(moved)).toEqual(new Set(["broker-3"]));
    expect(moved.length / clientIds.length).toBeLessThan(0.4);
  });

  test("by addresses alone, each returns to its broker by way of the same proxy", async () => {
    const { proxies, pods, change } = await start(3);
    const placements = await change(pods());
    expect(await Promise.all(proxies.map((proxy) => placement(proxy, pods())))).toEqual(placements);
  });
});

/** Writes a file beside another and puts it in its place, as the kubelet does. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  chmodSync(`${path}.new`, 0o444);
  renameSync(`${path}.new`, path);
}
