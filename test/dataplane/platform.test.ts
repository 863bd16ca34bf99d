import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server as HttpsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Certificate, type CertificateIssuer, issuerFrom } from "../../components";
import { type KubernetesObject, manifests, type RunResult, record, reveal } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { data } from "../../loopback/pod";
import { exampleStacks, runWithRead } from "../example-stacks";
import { grpcClients } from "./grpc-clients";
import { closedPort, type GrpcBackend, gateway, grpcBackend, methods, type Pems } from "./manager-stack";
import { admitted, publish } from "./mqtt-stack";

const missing = missingPrograms("nginx", "mosquitto", "mosquitto_pub");
const describeOnTheWire = missing ? describe.skip : describe;

type Part = "apigw" | "dpm" | "ingestion";
const ports: Record<Part, number> = { apigw: 443, dpm: 8036, ingestion: 8035 };

describeOnTheWire(`examples/platform${missing ? ` (${missing})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-platform-"));
  let foundation: RunResult;
  let objects: KubernetesObject[];
  /** Certificates that neither stack makes, by name. */
  let others: Record<string, Pems>;
  const running: Record<string, Loopback> = {};

  beforeAll(async () => {
    const example = exampleStacks().find(({ name }) => name === "platform/services-dev")!;
    const runs = await runWithRead(example, folder);
    foundation = runs[0]!;
    objects = runs.flatMap((run) => manifests(run, { secrets: "show" }));
    others = await issueOthers(foundation);
  });
  afterAll(async () => {
    for (const stack of Object.values(running)) await stack.stop();
    rmSync(folder, { recursive: true });
  });

  const inPlace = (place: string) => {
    const name = (foundation.outputs.namespaces as Record<string, string>)[place];
    return objects.filter(({ metadata }) => metadata.namespace === name);
  };
  const run = async (place: string, change = (text: string) => text) => {
    const here = JSON.parse(change(JSON.stringify(inPlace(place)))) as KubernetesObject[];
    running[place] = await runOnLoopback(here);
    return running[place];
  };
  /** The certificate in a Secret that one of the two stacks makes. */
  const pems = (name: string): Pems => {
    const secret = objects.find(
      ({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith(`${name}-secret-`),
    );
    const texts = data(secret!);
    return { certificate: `${texts["tls.crt"]}`, key: `${texts["tls.key"]}`, roots: `${texts["ca.crt"]}` };
  };
  const trusted = (area: string) => (foundation.outputs.trusted as Record<string, string>)[area]!;

  describe("MQTT", () => {
    let stack: Loopback;
    beforeAll(async () => {
      stack = await run("mqtt");
    });

    const brokers = () => ({ north: admitted(stack.output("north")), south: admitted(stack.output("south")) });
    /** Publishes with this certificate, to a proxy that a root of the servers stands behind; its name is not that of the loopback. */
    const send = (clientId: string, own?: Pems) => {
      const file = (name: string, text: string) => {
        writeFileSync(join(folder, name), text, { mode: 0o600 });
        return join(folder, name);
      };
      const identity = own ? ["--cert", file("own.crt", own.certificate), "--key", file("own.key", own.key)] : [];
      const authorities = ["--cafile", file("servers.crt", trusted("servers")), "--insecure"];
      return publish(stack.port("nginx", "mqtts"), clientId, ...authorities, ...identity, "-u", "south", "-P", "x");
    };

    test.each([
      ["north", "sensor-1"],
      ["south", "sensor-2"],
    ] as const)("a device of %s gets to its tenant's broker, under the tenant's name there", async (tenant, device) => {
      const before = brokers();
      expect(await send(device, pems(device))).toEqual({ status: 0, output: "" });
      expect(brokers()).toEqual({ ...before, [tenant]: [...before[tenant], device] });
      expect(stack.output(tenant)).toMatch(new RegExp(`as ${device} \\(.* u'${tenant}'\\)`));
    });

    test.each<[string, () => Pems | undefined]>([
      ["no certificate", () => undefined],
      ["an agent of Instance Manager", () => pems("nginx-1.dev.example.com")],
      ["an agent that has the name of a device and its tenant", () => others.agentAsDevice],
      ["a broker that has the name of a device and its tenant", () => others.brokerAsDevice],
      ["the proxy itself, as brokers know it", () => pems("mqtt-client")],
    ])("%s gets to no broker", async (_who, own) => {
      const before = brokers();
      expect((await send("sensor-1", own())).status).not.toBe(0);
      expect(brokers()).toEqual(before);
    });

    test("what refuses an agent with a device's name is its root: below the devices' root the same name gets in", async () => {
      const before = brokers();
      expect(await send("sensor-1", others.device)).toEqual({ status: 0, output: "" });
      expect(brokers().north).toEqual([...before.north, "sensor-1"]);
    });
  });

  describe("Instance Manager", () => {
    const host = "192.0.2.10";
    let stack: Loopback;
    let parts: { dpm: GrpcBackend; ingestion: GrpcBackend; apigw: HttpsServer };
    beforeAll(async () => {
      const here = { apigw: await closedPort(), dpm: await closedPort(), ingestion: await closedPort() };
      parts = {
        dpm: await grpcBackend("dpm", others.dpm, here.dpm),
        ingestion: await grpcBackend("ingestion", others.ingestion, here.ingestion),
        apigw: (await gateway(others.apigw!, here.apigw)).server,
      };
      const moved = (text: string) =>
        (Object.keys(ports) as Part[]).reduce(
          (moved, part) => moved.replaceAll(`${host}:${ports[part]};`, `127.0.0.1:${here[part]};`),
          // Debian's NGINX is older than the directive http2.
          text.replace(/ ssl( default_server)?;\\n +http2 on;/g, " ssl http2$1;"),
        );
      stack = await run("manager", moved);
    });
    afterAll(() => {
      parts?.dpm.stop();
      parts?.ingestion.stop();
      parts?.apigw.close();
    });

    const call = (own: Pems | undefined, method = methods.download) => {
      const [[, send]] = grpcClients as [(typeof grpcClients)[number]];
      const { certificate, key } = own ?? {};
      const roots = trusted("servers");
      const port = stack.port("nginx", "https");
      return send({ port, serverName: "agents.nim.dev.example.com", roots, certificate, key, method });
    };

    test("an agent gets to the parts behind the proxy, each of which has a certificate of the manager's area", async () => {
      const agent = pems("nginx-1.dev.example.com");
      expect(await call(agent)).toEqual({ code: 0, message: "", reply: "dpm" });
      expect(await call(agent, methods.stream)).toEqual({ code: 0, message: "", reply: "ingestion" });
    });

    test.each<[string, () => Pems | undefined]>([
      ["no certificate", () => undefined],
      ["a device", () => pems("sensor-1")],
      ["a device that has the name of an agent", () => others.deviceAsAgent],
      ["a part of Instance Manager", () => pems("manager-client")],
    ])("%s gets to no part", async (_who, own) => {
      const before = parts.dpm.calls.length;
      expect(await call(own())).toEqual({ code: 16, message: "unauthenticated", reply: "" });
      expect(parts.dpm.calls).toHaveLength(before);
    });
  });

  test("the website behind the Gateway answers", async () => {
    const stack = await run("web");
    const answer = await fetch(`http://127.0.0.1:${stack.port("nginx", "http")}/`);
    expect([answer.status, await answer.text()]).toEqual([200, "www\n"]);
  });
});

/**
 * Certificates of other programs: those of another team, which takes an issuer from the foundation, and those of an impostor,
 * made with keys that the foundation never hands out.
 */
async function issueOthers(foundation: RunResult): Promise<Record<string, Pems>> {
  const name = "organization/platform/foundation-dev";
  const kept = (request: string, output: string) =>
    String(reveal(foundation.requests.find((one) => one.name === request)!.outputs[output]!));
  const keptIssuer = (area: string): CertificateIssuer => ({
    certificatePem: kept(`${area}-intermediate`, "certPem"),
    privateKeyPem: kept(`${area}-intermediate-key`, "privateKeyPem"),
    chain: kept(`${area}-intermediate`, "certPem"),
    bundle: kept(`${area}-root`, "certPem"),
    renewalWindowHours: 8760,
  });
  const { outputs } = await record(
    () => {
      const stack = new pulumi.StackReference(name);
      const [devices, agents] = [keptIssuer("devices"), keptIssuer("agents")];
      const parts = issuerFrom(stack, "manager");
      let count = 0;
      const certificate = (
        issuer: CertificateIssuer,
        usage: "client" | "server",
        subject: object,
        dnsNames?: string[],
      ) => {
        const { commonName, ...more } = { commonName: "", ...subject };
        const unique = `${commonName}-${++count}`;
        const { chainPem, privateKeyPem } = new Certificate(unique, {
          forHosts: true,
          issuer,
          usage,
          subject: { commonName, ...more },
          dnsNames,
        });
        return { certificate: chainPem, key: privateKeyPem, roots: issuer.bundle };
      };
      const device = { commonName: "sensor-1", organizationalUnit: "north" };
      return {
        agentAsDevice: certificate(agents, "client", device),
        brokerAsDevice: certificate(issuerFrom(stack, "brokers"), "client", device),
        device: certificate(devices, "client", device),
        deviceAsAgent: certificate(devices, "client", { commonName: "nginx-1.dev.example.com" }),
        ...Object.fromEntries(
          Object.keys(ports).map((part) => [part, certificate(parts, "server", { commonName: part }, [part])]),
        ),
      };
    },
    { stackOutputs: { [name]: foundation.outputs } },
  );
  return reveal(outputs as never) as unknown as Record<string, Pems>;
}
