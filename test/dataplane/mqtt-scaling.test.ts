import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MqttBalancing, MqttProxy } from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import { missingPrograms } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { type RunningProcess, start, untilListening } from "../../loopback/process";
import { longestWaitSeconds, until } from "../cluster/until";
import { type Balancer, startBalancer } from "./balancer";
import { type Pod, startPod } from "./mqtt-pod";
import { MqttSession } from "./mqtt-session";
import { accessLog, admitted } from "./mqtt-stack";

const missing = missingPrograms("nginx", "mosquitto");
const describeOnTheWire = missing ? describe.skip : describe;
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

const clients = 300;

describeOnTheWire(`the number of pods of MqttProxy changes${missing ? ` (${missing})` : ""}`, () => {
  let folder: string;
  let brokers: RunningProcess[] = [];
  let brokerPorts: number[] = [];
  let pods: Pod[] = [];
  let balancer: Balancer;
  let sessions: MqttSession[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nginx-stacks-scaling-"));
  });
  afterEach(async () => {
    for (const session of sessions) session.leave();
    balancer?.stop();
    await Promise.all(pods.map(({ stack }) => stack.stop()));
    await Promise.all(brokers.map((broker) => broker.stop()));
    [brokers, brokerPorts, pods, sessions] = [[], [], [], []];
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Three brokers that share nothing, two pods before them, and clients with sessions. */
  async function prepare(balancing?: MqttBalancing): Promise<KubernetesObject[]> {
    for (let index = 0; index < 3; index++) {
      const port = await freePort();
      const name = join(folder, `${port}`);
      writeFileSync(name, `user root\npersistence false\nallow_anonymous true\nlistener ${port} 127.0.0.1\n`);
      const broker = start("mosquitto", ["-c", name], `${name}.log`);
      await untilListening(port, broker);
      brokers.push(broker);
      brokerPorts.push(port);
    }
    const servers = brokerPorts.map((port) => ({ host: "127.0.0.1", port }));
    const run = await record(
      () =>
        void new MqttProxy("edge", {
          namespace: "mqtt",
          edition: "oss",
          upstreams: [{ name: "brokers", servers, balancing }],
          defaultRoute: { upstream: "brokers" },
          pods: { drainSeconds: 2 },
        }),
    );
    const objects = manifests(run, { secrets: "show" });
    pods = [await startPod(objects), await startPod(objects)];
    balancer = await startBalancer(pods.map(({ port }) => port));
    const options = { port: balancer.port, clean: false, acknowledgeAfter: 0 };
    for (let index = 0; index < clients; index++) {
      sessions.push(new MqttSession(`device-${index}`, options));
      if (index % 50 === 49) await Promise.all(sessions.map((session) => session.connection()));
    }
    return objects;
  }

  const allBack = (who: MqttSession[], times: number) =>
    until("all are back", longestWaitSeconds, async () => {
      const back = who.every(({ connected, sessionsPresent }) => connected && sessionsPresent.length >= times);
      return back || undefined;
    });

  /** The brokers that each client came to, in order, from their logs. */
  function visits(): number[][] {
    const found = sessions.map((): number[] => []);
    for (const [index, broker] of brokers.entries())
      for (const clientId of admitted(broker.output())) found[Number(clientId!.slice("device-".length))]?.push(index);
    return found;
  }
  const connections = () => visits().flat().length;

  /** Numbers of the clients of a pod that has ended. */
  const clientsOf = ({ stack }: Pod) =>
    accessLog(stack.output("nginx")).map(({ client_id: id }) => Number(String(id).slice("device-".length)));

  const lastSession = ({ sessionsPresent }: MqttSession) => sessionsPresent[sessionsPresent.length - 1];

  test("by client id, a pod more moves no client, and a pod less moves its own clients, each back to its session", async () => {
    const objects = await prepare();
    const before = visits();
    expect(new Set(before.flat()).size).toBe(3);
    expect(connections()).toBe(clients);

    pods.push(await startPod(objects));
    balancer.endpoints = pods.map(({ port }) => port);
    await pause(500);
    expect(connections()).toBe(clients);
    expect(sessions.every(({ connected }) => connected)).toBe(true);

    // A new client may come by the new pod, and reaches the same broker.
    const cut = sessions.slice(0, 90);
    for (const session of cut) session.cut();
    await allBack(cut, 2);
    expect(cut.map(lastSession)).not.toContain(false);
    expect(connections()).toBe(clients + cut.length);

    // preStop, SIGQUIT and grace, once the Service has forgotten it.
    const [leaving, ...staying] = pods as [Pod, ...Pod[]];
    const absences = sessions.map(({ absences: all }) => all.length);
    balancer.endpoints = staying.map(({ port }) => port);
    expect(await leaving.end()).toBe(true);
    // Of those that were cut off before, its log does not say where they were last.
    const itsOwn = clientsOf(leaving).filter((index) => index >= cut.length);
    const wasMoved = (index: number) => sessions[index]!.absences.length > absences[index]!;
    await until("its own clients are away", longestWaitSeconds, async () => itsOwn.every(wasMoved) || undefined);
    await allBack(sessions, 1);
    const moved = sessions.flatMap((_, index) => (wasMoved(index) ? [index] : []));
    expect(moved.length).toBeGreaterThan(clients / 6);
    expect(moved.length).toBeLessThan(clients / 1.5);
    expect(moved.filter((index) => !clientsOf(leaving).includes(index))).toEqual([]);
    expect(moved.map((index) => lastSession(sessions[index]!))).not.toContain(false);
    expect(sessions.reduce((sum, { failures }) => sum + failures, 0)).toBe(0);

    // No client ever saw another broker than its first.
    expect(visits().map((all) => [...new Set(all)])).toEqual(before);
    expect(connections()).toBe(clients + cut.length + moved.length);
  });

  test("in turn, clients of a pod that leaves come to other brokers, and lose their sessions", async () => {
    await prepare("roundRobin");
    const [leaving, staying] = pods as [Pod, Pod];
    balancer.endpoints = [staying.port];
    await leaving.kill("SIGQUIT");
    const itsOwn = clientsOf(leaving).map((index) => sessions[index]!);
    await until(
      "its clients are back",
      longestWaitSeconds,
      async () => itsOwn.every(({ absences }) => absences.length > 0) || undefined,
    );
    await allBack(sessions, 1);
    const moved = sessions.filter(({ absences }) => absences.length > 0);
    expect(moved.length).toBeGreaterThan(clients / 3);
    expect(moved.filter((session) => lastSession(session) === false).length).toBeGreaterThan(moved.length / 3);
    expect(visits().filter((all) => new Set(all).size > 1).length).toBeGreaterThan(moved.length / 3);
  });
});
