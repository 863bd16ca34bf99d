import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubernetesObject, manifests } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { data } from "../../loopback/pod";
import { exampleStacks, runExample } from "../example-stacks";
import { admitted, publish } from "./mqtt-stack";

const missing = missingPrograms("nginx", "mosquitto", "mosquitto_pub");
const describeOnTheWire = missing ? describe.skip : describe;

describeOnTheWire(`examples/mqtt-fleet${missing ? ` (${missing})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-fleet-"));
  let objects: KubernetesObject[];
  let stack: Loopback;
  beforeAll(async () => {
    const example = exampleStacks().find(({ name }) => name === "mqtt-fleet/dev")!;
    objects = manifests(await runExample(example, join(folder, "state")), { secrets: "show" });
    stack = await runOnLoopback(objects);
  });
  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true });
  });

  const secret = (name: string) =>
    data(objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith(name))!);
  /** What mosquitto's clients need to be this tenant's device. */
  const device = (tenant: string) => {
    const file = (name: string, content: Buffer) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const own = secret(`${tenant}-device`);
    return [
      ...["--cafile", file("ca.crt", secret("gateway-server")["ca.crt"]!), "--insecure"],
      ...["--cert", file(`${tenant}.crt`, own["tls.crt"]!), "--key", file(`${tenant}.key`, own["tls.key"]!)],
    ];
  };
  const seen = () =>
    Object.fromEntries(
      ["north-1", "north-2", "south-1", "south-2"].map((broker) => [broker, admitted(stack.output(broker))]),
    );

  test("the devices of each tenant are spread over its brokers, with its credentials, and no other's", async () => {
    const port = stack.port("nginx", "mqtts");
    const ids = Array.from({ length: 12 }, (_, index) => `sensor-${index}`);
    for (const tenant of ["north", "south"])
      for (const id of ids)
        expect(await publish(port, `${tenant}-${id}`, ...device(tenant), "-u", "gateway-south", "-P", "x")).toEqual({
          status: 0,
          output: "",
        });
    const brokers = seen();
    for (const tenant of ["north", "south"]) {
      const own = [...brokers[`${tenant}-1`]!, ...brokers[`${tenant}-2`]!];
      expect(own.sort()).toEqual(ids.map((id) => `${tenant}-${id}`).sort());
      expect(brokers[`${tenant}-1`]!.length).toBeGreaterThan(0);
      expect(brokers[`${tenant}-2`]!.length).toBeGreaterThan(0);
      expect(stack.output(`${tenant}-1`)).toContain(`u'gateway-${tenant}'`);
    }
  });

  test("a client without a certificate, and one of our own authority, reach no broker", async () => {
    const port = stack.port("nginx", "mqtts");
    const before = seen();
    const [north] = [device("north")];
    expect((await publish(port, "x", ...north.slice(0, 3))).status).not.toBe(0);
    const broker = secret("north-1-server");
    const files = ["tls.crt", "tls.key"].map((key) => {
      writeFileSync(join(folder, key), broker[key]!);
      return join(folder, key);
    });
    const stranger = [...north.slice(0, 3), "--cert", files[0]!, "--key", files[1]!];
    expect((await publish(port, "x", ...stranger)).status).not.toBe(0);
    expect(seen()).toEqual(before);
  });
});
