import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { type RunningProcess, start, untilListening } from "../../loopback/process";
import { longestWaitSeconds, until } from "../cluster/until";
import { client, renderMqttStack } from "./mqtt-stack";

const missing = missingPrograms("nginx", "mosquitto", "mosquitto_pub", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;

describeOnTheWire(`a mosquitto bridge at its defaults${missing ? ` (${missing})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-"));
  let stack: Loopback;
  let remote: RunningProcess;
  let port: number;

  beforeAll(async () => {
    const objects = await renderMqttStack({
      brokers: ["central"],
      proxy: () => ({ defaultRoute: { upstream: "central" } }),
    });
    stack = await runOnLoopback(objects);
    port = await freePort();
    const configuration = [
      `listener ${port} 127.0.0.1`,
      "allow_anonymous true",
      "connection to-central",
      `address 127.0.0.1:${stack.port("nginx", "mqtt")}`,
      "topic up/# out 1",
      "topic down/# in 1",
      "log_dest stderr",
    ];
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "bridge.conf"), `${configuration.join("\n")}\n`);
    remote = start("mosquitto", ["-c", join(folder, "bridge.conf")], join(folder, "log"), 65534);
    await untilListening(port, remote);
  });
  afterAll(async () => {
    await Promise.all([remote?.stop(), stack?.stop()]);
    rmSync(folder, { recursive: true });
  });

  test("connects, and messages pass in both directions", async () => {
    await until(
      "the bridge at the broker",
      longestWaitSeconds,
      async () => /New bridge connected from \S+ as \S+to-central /.test(stack.output("central")) || undefined,
    );
    const pass = async (topic: string, from: number, to: number) => {
      const received = client("mosquitto_sub", to, "-t", topic, "-C", "1", "-W", "30");
      // A subscription is there a moment after its client has connected.
      const sending = setInterval(() => client("mosquitto_pub", from, "-t", topic, "-q", "1", "-m", topic), 200);
      try {
        return (await received).output.trim();
      } finally {
        clearInterval(sending);
      }
    };
    const proxy = stack.port("nginx", "mqtt");
    expect(await pass("up/a", port, proxy)).toBe("up/a");
    expect(await pass("down/b", proxy, port)).toBe("down/b");
  });
});
