import { createConnection } from "node:net";
import { family, residentKibibytes } from "../../bench/cost";
import { MqttProxy } from "../../components";
import { manifests, record } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { nodeEngine } from "../components/mqtt/connect-engines";
import {
  connectPacket,
  credentials,
  everySplit,
  type FuzzCase,
  fault,
  fuzzCase,
  randomNumbers,
} from "../components/mqtt/connect-fuzz";
import { type BrokerStub, startBrokerStub } from "./broker-stub";
import { masterOf } from "./nginx-workers";

const missing = missingPrograms("nginx");
const describeOnTheWire = missing ? describe.skip : describe;

describeOnTheWire(`CONNECT packets of all kinds through a real NGINX${missing ? ` (${missing})` : ""}`, () => {
  let stub: BrokerStub;
  let stack: Loopback;
  let port: number;
  beforeAll(async () => {
    stub = await startBrokerStub("stub", { silent: true });
    const run = await record(
      () =>
        void new MqttProxy("edge", {
          namespace: "mqtt",
          edition: "oss",
          upstreams: [{ name: "stub", servers: [{ host: "127.0.0.1", port: stub.port }] }],
          defaultRoute: { upstream: "stub" },
          credentials: { ...credentials, unsafeSendToUnverifiedBrokers: true },
        }),
    );
    stack = await runOnLoopback(manifests(run, { secrets: "show" }));
    port = stack.port("nginx", "mqtt");
  });
  afterAll(async () => {
    await stack?.stop();
    await stub?.stop();
  });

  const program = nodeEngine();

  /** Sends a case's pieces, ends, and waits until the proxy has closed. */
  const send = ({ chunks }: FuzzCase) =>
    new Promise<void>((resolve, reject) => {
      const socket = createConnection({ port, host: "127.0.0.1" });
      socket.setNoDelay().resume();
      socket.on("error", (error: NodeJS.ErrnoException) => /ECONNRESET|EPIPE/.test(error.code ?? "") || reject(error));
      socket.on("close", () => resolve());
      const next = (index: number): void => {
        if (index === chunks.length) return void socket.end();
        socket.write(chunks[index]!);
        setImmediate(next, index + 1);
      };
      next(0);
    });

  /** Sends the cases, several at a time; what the broker got must be what the program alone makes of them, and that one CONNECT. */
  async function through(cases: FuzzCase[], session = program): Promise<number> {
    const expected: string[] = [];
    for (const one of cases) {
      const result = session(one.chunks, credentials);
      if (session === program) expect(fault(one, result)).toBeUndefined();
      if (result.decision === "allow") expected.push(Buffer.from(result.sent, "base64").toString("hex"));
    }
    const before = stub.received.length;
    const waiting = [...cases];
    const worker = async () => {
      for (let one = waiting.pop(); one; one = waiting.pop()) await send(one);
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    while (stub.open() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const received = stub.received.slice(before).map((bytes) => bytes.toString("hex"));
    expect(received.sort()).toEqual(expected.sort());
    return expected.length;
  }

  test("20,000 of them: the broker sees nothing, or one CONNECT; no worker ends, none grows", async () => {
    const random = randomNumbers(7);
    const cases = (count: number) => Array.from({ length: count }, () => fuzzCase(random));
    const batches = async (count: number) => {
      let admitted = 0;
      for (let batch = 0; batch < count; batch++) {
        admitted += await through(cases(2_000));
        stub.received.fill(Buffer.alloc(0));
      }
      return admitted;
    };
    // Until here the workers' memory grows in steps, as packets of all sizes meet in them.
    await batches(15);
    const master = await masterOf(stack);
    const workers = family(master).slice(1);
    const memory = residentKibibytes(workers);
    const admitted = await batches(10);
    expect(admitted).toBeGreaterThan(4_000);
    expect(family(master).slice(1)).toEqual(workers);
    expect(residentKibibytes(workers) - memory).toBeLessThan(4 * 1024);
    expect(stack.output("nginx")).not.toMatch(/\[(?:alert|crit|emerg)\]|exited on signal/);
  });

  test("a CONNECT of either version, cut at every byte", async () => {
    const random = randomNumbers(11);
    const cases = Array.from({ length: 6 }, () => everySplit(connectPacket(random))).flat();
    expect(await through(cases)).toBeGreaterThan(100);
  });

  test("a byte that the broker should not have got would be seen", async () => {
    const random = randomNumbers(13);
    const cases = Array.from({ length: 200 }, () => fuzzCase(random));
    const stricter = nodeEngine((program) => program.replace("level !== 4 && level !== 5", "level !== 5"));
    await expect(through(cases, stricter)).rejects.toThrow();
    await through(cases);
  });
});
