import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { Certificate, CertificateAuthority } from "../../components";
import type { KubernetesObject } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { type Balancer, startBalancer } from "./balancer";
import { grpcClients, grpcJsClient } from "./grpc-clients";
import { type Certificates, type GrpcBackend, grpcBackend, hostname, methods, renderManager } from "./manager-stack";
import { masterOf } from "./nginx-workers";
import { OpenSsl } from "./openssl";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

interface PodTemplate {
  metadata: { annotations: Record<string, string> };
  spec: {
    terminationGracePeriodSeconds: number;
    containers: { lifecycle: { preStop: { sleep: { seconds: number } } } }[];
  };
}
const template = (objects: KubernetesObject[]) =>
  (objects.find(({ kind }) => kind === "Deployment")!.spec as unknown as { template: PodTemplate }).template;

const drainSeconds = 20;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const openssl = new OpenSsl();
const stateFolder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
afterAll(() => {
  openssl.remove();
  rmSync(stateFolder, { recursive: true });
});

let dpm: GrpcBackend;
let apigw: Server;
let former: KubernetesObject[];
let renewed: KubernetesObject[];
let certificates: Certificates;

/** A rendering whose server certificate ends after so many hours; another number is another certificate of the same authority. */
async function renderUntil(validityHours: number) {
  const local = (port: number) => ({ host: "127.0.0.1", port });
  const { objects, certificates } = await renderManager((namespace) => {
    const issuer = new CertificateAuthority("front", { subject: { commonName: "front" } });
    const [subject, dnsNames] = [{ commonName: "nim" }, Object.values(hostname)];
    return {
      certificate: new Certificate("server-of-front", {
        ...{ namespace, issuer, usage: "server", subject, dnsNames },
        validityHours,
      }),
      pods: { drainSeconds },
      unsafePlainBackends: true,
      backends: {
        apigw: local((apigw.address() as { port: number }).port),
        dpm: local(dpm.port),
        ingestion: local(dpm.port),
      },
    };
  }, stateFolder);
  const secret = objects.find(
    ({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith("server-of-front-secret"),
  )!;
  const text = (key: string) => Buffer.from((secret.data as Record<string, string>)[key]!, "base64").toString();
  const serial = openssl.run(["x509", "-noout", "-serial"], text("tls.crt")).trim().replace("serial=", "");
  return { objects, certificates, serial, roots: text("ca.crt") };
}

let serials: string[];
let roots: string;

beforeAll(async () => {
  if (missing) return;
  dpm = await grpcBackend("dpm");
  // Slow enough that at any moment somebody waits for an answer.
  apigw = createServer((_, response) => void setTimeout(() => response.end("gateway"), 50));
  await new Promise<void>((resolve) => apigw.listen(0, "127.0.0.1", resolve));
  const [first, second] = [await renderUntil(1000), await renderUntil(1001)];
  expect(second.roots).toBe(first.roots);
  ({ certificates, roots } = first);
  serials = [first.serial, second.serial];
  [former, renewed] = [first.objects, second.objects];
});
afterAll(() => {
  dpm?.stop();
  apigw?.close();
});

/** One pod: NGINX, and what Kubernetes does when it ends one. */
interface Pod {
  stack: Loopback;
  port: number;
  signal(name: NodeJS.Signals): void;
  ended(): Promise<void>;
}

async function startPod(objects: KubernetesObject[]): Promise<Pod> {
  const stack = await runOnLoopback(objects);
  const pid = await masterOf(stack);
  const alive = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  return {
    stack,
    port: stack.port("nginx", "https"),
    signal: (name) => void process.kill(pid, name),
    ended: async () => {
      while (alive()) await pause(20);
    },
  };
}

/** What clients saw that connect anew all the while. */
interface Seen {
  serials: string[];
  answers: number;
  failures: string[];
}

function startClients(port: number) {
  const seen: Seen = { serials: [], answers: 0, failures: [] };
  let done = false;
  const loop = async (once: () => Promise<string | undefined>) => {
    while (!done) {
      const failure = await once();
      if (failure === undefined) seen.answers++;
      else {
        seen.failures.push(failure);
        await pause(20);
      }
    }
  };
  const https = () =>
    new Promise<string | undefined>((resolve) => {
      const options = { servername: hostname.manager, ca: roots, headers: { host: hostname.manager }, agent: false };
      const call = request({ host: "127.0.0.1", port, path: "/ui/", method: "POST", ...options }, (response) => {
        const serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber;
        let body = "";
        response.on("data", (data) => (body += data));
        response.on("error", (error) => resolve(`https: ${error.message}`));
        response.on("end", () => {
          if (seen.serials.at(-1) !== serial) seen.serials.push(serial);
          resolve(body === "gateway" ? undefined : `https: ${response.statusCode}`);
        });
      });
      call.on("error", (error) => resolve(`https: ${error.message}`));
      call.end("x");
    });
  const identity = () => ({
    ...{ port, serverName: hostname.agents, roots, method: methods.download },
    ...{ certificate: certificates.agent.certificate, key: certificates.agent.key },
  });
  const [, grpcJs] = grpcClients[0]!;
  const grpc = async () => {
    const { code, message } = await grpcJs(identity());
    return code === 0 ? undefined : `grpc ${code}: ${message}`;
  };
  const loops = [https, https, https, grpc, grpc].map(loop);
  return {
    seen,
    identity,
    /** Resolves once each kind of client has had more answers. */
    more: async (count: number) => {
      for (const before = seen.answers + seen.failures.length; seen.answers + seen.failures.length < before + count; )
        await pause(10);
    },
    stop: async () => {
      done = true;
      await Promise.all(loops);
      return seen;
    },
  };
}

describeOnTheWire(title("renewing the server certificate of an InstanceManagerProxy"), () => {
  let pods: Pod[] = [];
  let balancer: Balancer;
  let clients: ReturnType<typeof startClients> | undefined;
  beforeEach(async () => {
    clients = undefined;
    pods = [await startPod(former), await startPod(renewed)];
    balancer = await startBalancer([pods[0]!.port]);
  });
  afterEach(async () => {
    await clients?.stop();
    balancer?.stop();
    for (const { stack } of pods) await stack.stop();
  });

  test("rolls its pods, which an update without a renewal does not", async () => {
    const again = await renderUntil(1001);
    const checksums = (objects: KubernetesObject[]) => template(objects).metadata.annotations;
    expect(checksums(renewed)).not.toEqual(checksums(former));
    expect(checksums(again.objects)).toEqual(checksums(renewed));
    expect(serials[0]).not.toBe(serials[1]);
  });

  test("loses no request of clients that connect all the while, as Kubernetes replaces a pod", async () => {
    const { terminationGracePeriodSeconds, containers } = template(former).spec;
    const preStop = containers[0]!.lifecycle.preStop.sleep.seconds;
    expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(preStop + drainSeconds);
    clients = startClients(balancer.port);
    await clients.more(20);

    // An agent's channel, open before and used after.
    const agent = grpcJsClient(clients.identity());
    const same = (value: Buffer) => value;
    const stream = agent.makeBidiStreamRequest(methods.channel, same, same);
    const ended = new Promise<{ code: number }>((resolve) => stream.once("status", resolve));
    stream.on("error", () => undefined);
    const answer = () => new Promise<string>((resolve) => stream.once("data", (data) => resolve(`${data}`)));
    const exchange = async (bytes: number) => {
      const answered = answer();
      stream.write(Buffer.alloc(bytes));
      return answered;
    };
    expect(await exchange(1)).toBe("1");

    // The new pod is ready. The old one ends: the Service forgets it within the time of preStop, and QUIT follows.
    balancer.endpoints = pods.map(({ port }) => port);
    await clients.more(20);
    const asleep = pause(preStop * 1000);
    await clients.more(20);
    balancer.endpoints = [pods[1]!.port];
    await asleep;
    pods[0]!.signal("SIGQUIT");
    await clients.more(40);
    expect(await exchange(2)).toBe("2");
    stream.end();
    expect((await ended).code).toBe(0);
    agent.close();
    await pods[0]!.ended();
    await clients.more(20);

    const { failures, serials: shown, answers } = await clients.stop();
    expect(failures).toEqual([]);
    expect(answers).toBeGreaterThan(100);
    expect([shown[0], shown.at(-1)]).toEqual(serials);
  });

  test("would lose some without preStop and a drain", async () => {
    clients = startClients(balancer.port);
    await clients.more(20);
    balancer.endpoints = pods.map(({ port }) => port);
    await clients.more(20);
    // A program that is just told to end, while the Service still knows it.
    pods[0]!.signal("SIGTERM");
    await pods[0]!.ended();
    await clients.more(20);
    balancer.endpoints = [pods[1]!.port];
    await clients.more(20);
    const { failures, answers } = await clients.stop();
    expect(failures.length).toBeGreaterThan(0);
    expect(answers).toBeGreaterThan(20);
  });
});
