// Renders examples/mqtt-proxy, runs what it rendered on loopback, and lets MQTT clients talk through it.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { manifests, type RecordedRequest, runProgram, writeManifests } from "../engine";
import { type Loopback, runOnLoopback } from "../loopback";
import { missingPrograms } from "../loopback/missing";

const execute = promisify(execFile);
const root = join(__dirname, "..");
const say = (text = "") => process.stdout.write(`${text}\n`);
const heading = (text: string) => say(`\n\x1b[1m${text}\x1b[0m`);

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-demo-"));
  let loopback: Loopback | undefined;
  const clean = async () => {
    await loopback?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("SIGINT", () => clean().finally(() => process.exit(130)));
  try {
    heading("1. The program of examples/mqtt-proxy, run without a cluster");
    const run = await runProgram({
      folder: join(root, "examples/mqtt-proxy"),
      stack: "dev",
      stateFolder: join(folder, "state"),
    });
    printTree(run.requests);
    const out = join(root, "examples/mqtt-proxy/manifests");
    writeManifests(run, out);
    say(`\nKubernetes manifests, secrets as digests: ${relative(process.cwd(), out) || out}`);

    const missing = missingPrograms("nginx", "mosquitto", "mosquitto_pub");
    if (missing)
      throw new Error(
        `The rest needs NGINX and mosquitto; ${missing}. On Debian, \`npm run setup\` as root installs them.`,
      );
    heading("2. Its NGINX and its broker, started here from the rendered files");
    loopback = await runOnLoopback(manifests(run, { secrets: "show" }));
    const proxy = loopback.port("nginx", "mqtt");
    const broker = loopback.port("broker", "mqtts");
    say(
      `NGINX listens on 127.0.0.1:${proxy} without TLS, mosquitto on 127.0.0.1:${broker} with TLS and client certificates only.`,
    );

    heading("3. MQTT clients through the proxy");
    for (const version of ["mqttv311", "mqttv5"]) {
      const received = await roundTrip(proxy, version, `hello from ${version}`);
      say(`${version}: sent and received "${received}"`);
    }
    say("The broker saw the proxy's user name, where the clients gave none:");
    for (const line of linesWith(loopback.output("broker"), "New client connected")) say(`  ${line}`);
    say("NGINX's access log:");
    for (const line of linesWith(loopback.output("nginx"), '"client_id":"sensor-')) say(`  ${line}`);

    heading("4. Clients that are turned away");
    const publish = (port: number, id: string) => [
      "-h",
      "127.0.0.1",
      "-p",
      `${port}`,
      "-i",
      id,
      "-t",
      "demo",
      "-m",
      "x",
    ];
    await turnedAway("a client id that no route takes", publish(proxy, "stranger"));
    await turnedAway("a client that goes straight to the broker, without TLS", publish(broker, "sensor-1"));
    const authorities = loopback.path("broker", "/mosquitto/certificates/ca.crt");
    await turnedAway("the same with TLS, without a certificate", [
      ...publish(broker, "sensor-1"),
      "--cafile",
      authorities,
      "--insecure",
    ]);
    say("\nThe same program goes to a cluster with `pulumi up`.");
  } finally {
    await clean();
  }
}

/** Each resource below its parent, as `pulumi up` would list them. */
function printTree(requests: RecordedRequest[], parent = "", indent = ""): void {
  for (const request of requests.filter((candidate) => candidate.parent === parent)) {
    say(`${indent}${request.type}  ${request.name}`);
    printTree(requests, request.urn, `${indent}  `);
  }
}

async function roundTrip(port: number, version: string, message: string): Promise<string> {
  const common = ["-V", version, "-h", "127.0.0.1", "-p", `${port}`, "-t", `demo/${version}`, "-q", "1"];
  const subscriber = execute("mosquitto_sub", [...common, "-i", "sensor-reader", "-C", "1", "-W", "10"]);
  // A retained message arrives whether the subscription or the message comes first.
  await execute("mosquitto_pub", [...common, "-i", "sensor-writer", "-r", "-m", message]);
  return (await subscriber).stdout.trim();
}

async function turnedAway(who: string, args: string[]): Promise<void> {
  try {
    await execute("mosquitto_pub", args, { timeout: 10_000 });
  } catch (error) {
    const { stderr } = error as { stderr: string };
    say(`${who}: ${stderr.trim().split("\n").at(-1)}`);
    return;
  }
  throw new Error(`${who} was let in`);
}

const linesWith = (text: string, part: string) => text.split("\n").filter((line) => line.includes(part));

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
