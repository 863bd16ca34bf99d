import { readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { type RunningProcess, start } from "../../loopback/process";
import { longestWaitSeconds, until } from "../cluster/until";
import { newestMosquitto, newestMosquittoMissing } from "../newest-mosquitto";
import { renderMqttStack } from "./mqtt-stack";

const missing = missingPrograms("nginx", "mosquitto", "openssl") ?? newestMosquittoMissing();
const describeOnTheWire = missing ? describe.skip : describe;

describeOnTheWire(`the password file of the example, in mosquitto 2.1${missing ? ` (${missing})` : ""}`, () => {
  let stack: Loopback;
  let broker: RunningProcess | undefined;
  beforeAll(async () => {
    stack = await runOnLoopback(
      await renderMqttStack({ brokers: ["central"], proxy: () => ({ defaultRoute: { upstream: "central" } }) }),
    );
  });
  afterEach(() => broker?.stop());
  afterAll(() => stack?.stop());

  /** Starts it with the files of the pod; resolves with its log once it runs or has ended. */
  async function startNewest(): Promise<string> {
    const file = stack.path("central", "/mosquitto/config/mosquitto.conf");
    const port = await freePort();
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace(/^listener \d+/m, () => `listener ${port}`),
    );
    const [command, ...args] = newestMosquitto();
    broker = start(command, [...args, "-c", file], join(stack.path("central", "."), `newest-${port}.log`), 1883);
    return until("mosquitto has started or ended", longestWaitSeconds, async () =>
      [/version 2\.1\S* running/, / terminating/].some((end) => end.test(broker!.output()))
        ? broker!.output()
        : undefined,
    );
  }
  const passwords = () => stack.path("central", "/mosquitto/passwords/passwords");

  test("is a file of its user, who alone reads it, and mosquitto runs", async () => {
    const { uid, mode } = statSync(passwords());
    expect([uid, mode & 0o777]).toEqual([process.getuid!() === 0 ? 1883 : uid, 0o400]);
    expect(await startNewest()).toMatch(/version 2\.1\S* running/);
  });

  test("is rejected where it is a link, as the files of a Secret are", async () => {
    renameSync(passwords(), `${passwords()}.data`);
    symlinkSync(`${passwords()}.data`, passwords());
    expect(await startNewest()).toMatch(/password-file: Error: Unable to open pwfile/);
  });
});
