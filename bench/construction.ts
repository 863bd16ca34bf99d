import { join } from "node:path";
import { Certificate, CertificateAuthority, MqttProxy, Namespace } from "nginx-stacks";
import { type RecordedRequest, record } from "../engine";
import { execute, timed, within } from "./cost";
import { writtenFlat } from "./flat";
import { compare, type Row, seconds } from "./report";
import { assertSameResources } from "./same-resources";
import { interleave, type Sample } from "./statistics";

const root = join(__dirname, "..");

/** What importing and constructing through the library costs over the same resources written flat. */
export async function measureConstruction(): Promise<Row[]> {
  return [...(await measureImport()), ...(await measureProgram())];
}

async function measureImport(): Promise<Row[]> {
  const sdk = ["@pulumi/pulumi", "@pulumi/kubernetes", "@pulumi/random", "@pulumi/tls"];
  const rounds = await interleave(
    { library: () => imported(["nginx-stacks"]), flat: () => imported(sdk) },
    { rounds: 6, seconds: 20 },
  );
  const labels = { library: "nginx-stacks", flat: "the four @pulumi packages alone" };
  return [
    compare(
      rounds,
      { measure: "start of Node.js until imported", key: "wall", print: seconds },
      labels,
      "library",
      "flat",
    ),
    compare(
      rounds,
      { measure: "start of Node.js until imported, processor time", key: "processor", print: seconds },
      labels,
      "library",
      "flat",
    ),
  ];
}

/** A process of its own says how long it took from its start until the packages were there. */
async function imported(packages: string[]): Promise<Sample> {
  const script = `${packages.map((name) => `require("${name}");`).join("")}
    const wall = performance.now(), { user, system } = process.cpuUsage();
    console.log(JSON.stringify({ wall: wall / 1e3, processor: (user + system) / 1e6 }));`;
  const { stdout } = await execute(process.execPath, ["-e", script], { cwd: root, timeout: 30_000 });
  return JSON.parse(stdout);
}

async function measureProgram(): Promise<Row[]> {
  const recorded = (await record(mqttProxyStack)).requests;
  const flat = writtenFlat(recorded);
  assertSameResources(recorded, (await record(flat)).requests);
  const run = (program: () => void) => () => timed(() => within(30, "a program", record(program)));
  const rounds = await interleave({ library: run(mqttProxyStack), flat: run(flat) }, { rounds: 10, seconds: 20 });
  const count = (custom: boolean) => recorded.filter((request: RecordedRequest) => request.custom === custom).length;
  const labels = {
    library: `${count(true)} resources in ${count(false) - 1} components`,
    flat: `the ${count(true)} resources, flat`,
  };
  return [
    compare(rounds, { measure: "running a program", key: "wall", print: seconds }, labels, "library", "flat"),
    compare(
      rounds,
      { measure: "running a program, processor time", key: "processor", print: seconds },
      labels,
      "library",
      "flat",
    ),
  ];
}

/** The library's part of examples/mqtt-proxy. */
function mqttProxyStack(): void {
  const namespace = new Namespace("mqtt", { defaultDeny: true }).name;
  const issuer = new CertificateAuthority("authority", {
    subject: { commonName: "Example root" },
    intermediate: { subject: { commonName: "Example issuer" } },
  });
  const clientCertificate = new Certificate("proxy-client", {
    namespace,
    issuer,
    usage: "client",
    subject: { commonName: "mqtt-proxy" },
  });
  new MqttProxy("edge", {
    namespace,
    edition: "oss",
    upstreams: [{ name: "broker", servers: [{ host: "broker.example.com" }] }],
    routes: [
      { clientId: { prefix: "sensor-" }, upstream: "broker" },
      { clientId: { exact: "Gateway-1" }, upstream: "broker" },
    ],
    defaultRoute: { refuse: true },
    brokerTls: { trustedCertificatesPem: issuer.bundle, clientCertificate },
    credentials: { username: "mqtt-proxy" },
  });
}
