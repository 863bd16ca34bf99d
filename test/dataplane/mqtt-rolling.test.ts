import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MqttProxy } from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import { missingPrograms } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { type RunningProcess, start, untilListening } from "../../loopback/process";
import { longestWaitSeconds, until } from "../cluster/until";
import { type Balancer, startBalancer } from "./balancer";
import { type Pod, startPod } from "./mqtt-pod";
import { MqttSession } from "./mqtt-session";

const missing = missingPrograms("nginx", "mosquitto");
const describeOnTheWire = missing ? describe.skip : describe;
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const drainSeconds = 5;

describeOnTheWire(`a rolling restart of MqttProxy${missing ? ` (${missing})` : ""}`, () => {
  let folder: string;
  let broker: RunningProcess;
  let objects: KubernetesObject[];
  let pods: Pod[] = [];
  let balancer: Balancer;
  let sessions: MqttSession[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "nginx-stacks-rolling-"));
    const port = await freePort();
    writeFileSync(
      join(folder, "conf"),
      `user root\npersistence false\nmax_queued_messages 0\nallow_anonymous true\nlistener ${port} 127.0.0.1\n`,
    );
    broker = start("mosquitto", ["-c", join(folder, "conf")], join(folder, "log"));
    await untilListening(port, broker);
    const run = await record(
      () =>
        void new MqttProxy("edge", {
          namespace: "mqtt",
          edition: "oss",
          upstreams: [{ name: "broker", servers: [{ host: "127.0.0.1", port }] }],
          defaultRoute: { upstream: "broker" },
          pods: { drainSeconds },
        }),
    );
    objects = manifests(run, { secrets: "show" });
    pods = [await startPod(objects), await startPod(objects)];
    balancer = await startBalancer(ports());
  });
  afterEach(async () => {
    for (const session of sessions) session.leave();
    balancer?.stop();
    await Promise.all(pods.map(({ stack }) => stack.stop()));
    await broker?.stop();
    rmSync(folder, { recursive: true });
    sessions = [];
  });

  const ports = () => pods.map(({ port }) => port);

  async function connectSessions(count: number, clean: boolean): Promise<void> {
    const options = { port: balancer.port, clean, acknowledgeAfter: 300 };
    for (let index = 0; index < count; index++) {
      const session = new MqttSession(`device-${index}`, options);
      sessions.push(session);
      if (index % 50 === 49) await session.connection();
    }
    await Promise.all(sessions.map((session) => session.connection()));
  }

  const all = (what: string, holds: (session: MqttSession) => boolean) =>
    until(`each session ${what}`, longestWaitSeconds, async () => sessions.every(holds) || undefined);

  /** Each session sends numbered messages to the next until `stop`, which gives all that were sent. `sentToAbsent` counts those that a connected session sent to one that is not. */
  function startTraffic(): { stop(): string[][]; sentToAbsent(): number } {
    let absent = 0;
    const sent: string[][] = sessions.map(() => []);
    const timers = sessions.map((session, index) => {
      const to = (index + 1) % sessions.length;
      return setInterval(
        () => {
          const payload = `${index}:${sent[to]!.length}`;
          sent[to]!.push(payload);
          if (session.connected && !sessions[to]!.connected) absent++;
          session.publish(`to/device-${to}`, payload);
        },
        800 + (index % 400),
      );
    });
    return {
      sentToAbsent: () => absent,
      stop: () => {
        for (const timer of timers) clearInterval(timer);
        return sent;
      },
    };
  }

  /** Messages that never came, when all had time to. */
  async function lost(sent: string[][], settled: () => boolean): Promise<number> {
    const count = () =>
      sent.reduce((sum, payloads, index) => {
        const got = new Set(sessions[index]!.received);
        return sum + payloads.filter((payload) => !got.has(payload)).length;
      }, 0);
    for (const end = performance.now() + 10_000; performance.now() < end && !(settled() && count() === 0); )
      await pause(100);
    return count();
  }
  const allAcknowledged = () =>
    sessions.every(({ connected, unacknowledged }) => connected && unacknowledged.size === 0);

  test("1,000 clients with sessions and QoS 1 in flight: all are back within the drain time, and no message is lost", async () => {
    await connectSessions(1000, false);
    const traffic = startTraffic();
    await all("has had a message", ({ received }) => received.length > 0);
    for (const old of [...pods]) {
      // Kubernetes starts a pod beyond the number, and ends an old one when the new is ready.
      pods.push(await startPod(objects));
      balancer.endpoints = ports();
      const ending = old.end();
      await pause(1000);
      balancer.endpoints = ports().filter((port) => port !== old.port);
      expect(await ending).toBe(true);
      pods.splice(pods.indexOf(old), 1);
      await old.stack.stop();
      await Promise.all(sessions.map((session) => session.connection()));
    }
    await all("has had ten messages", ({ received }) => received.length > 10);
    expect(await lost(traffic.stop(), allAcknowledged)).toBe(0);
    const absences = sessions.flatMap((session) => session.absences);
    expect(Math.max(...absences)).toBeLessThan(drainSeconds * 1000);
    // All of them were moved, and something was under way when they were.
    expect(absences.length).toBeGreaterThanOrEqual(1000);
    expect(sessions.reduce((sum, { repeated }) => sum + repeated, 0)).toBeGreaterThan(50);
    expect(sessions.reduce((sum, { failures }) => sum + failures, 0)).toBe(0);
    expect(sessions.flatMap(({ received }) => received).length).toBeGreaterThan(10_000);
  });

  test("without preStop, attempts to connect fail; without sessions, messages are lost", async () => {
    await connectSessions(100, true);
    const traffic = startTraffic();
    await all("has had a message", ({ received }) => received.length > 0);
    const [old] = pods as [Pod];
    // Told to end while the Service still knows it, and takes every client there.
    balancer.endpoints = [old.port];
    await old.kill("SIGTERM");
    await until("messages are sent to clients that are away", longestWaitSeconds, async () =>
      traffic.sentToAbsent() > 5 && sessions.some(({ failures }) => failures > 0) ? true : undefined,
    );
    balancer.endpoints = ports().filter((port) => port !== old.port);
    await Promise.all(sessions.map((session) => session.connection()));
    expect(await lost(traffic.stop(), () => false)).toBeGreaterThan(0);
    expect(sessions.reduce((sum, { failures }) => sum + failures, 0)).toBeGreaterThan(0);
  });
});
