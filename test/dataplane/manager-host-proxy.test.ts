import { mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingPrograms } from "../../loopback/missing";
import { type GrpcCall, grpcClients, prepareGrpcClients } from "./grpc-clients";
import { type HostNginx, runHostNginx } from "./host-nginx";
import {
  gatewaySocket,
  type HostCertificates,
  type HostParts,
  host,
  type PackagedManager,
  packagedManager,
  type RenderedHostManager,
  renderHostManager,
} from "./manager-host-stack";
import { type GrpcBackend, grpcBackend, hostname, methods } from "./manager-stack";
import { OpenSsl } from "./openssl";
import { sClient, secondExchange, withControlServer } from "./s-client";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

const openssl = new OpenSsl();
const stateFolder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
afterAll(() => {
  openssl.remove();
  rmSync(stateFolder, { recursive: true });
});

let rendered: RenderedHostManager;
let certificates: HostCertificates;
let nginx: HostNginx | undefined;
let manager: PackagedManager;

beforeAll(prepareGrpcClients);

const render = async (more: Parameters<typeof renderHostManager>[1] = () => ({})) => {
  rendered = await renderHostManager(stateFolder, more);
  certificates = rendered.certificates;
};
const onSockets = { backends: { apigw: { host: `unix:${gatewaySocket}` } } };

const as = (name?: keyof HostCertificates, call: Partial<GrpcCall> = {}): GrpcCall => ({
  port: nginx!.port(443),
  serverName: hostname.agents,
  roots: certificates.server.roots,
  certificate: name && certificates[name].certificate,
  key: name && certificates[name].key,
  method: methods.download,
  ...call,
});
const answer = (reply: string) => ({ code: 0, message: "", reply });
const failure = (code: number, message: string) => ({ code, message, reply: "" });

const eachClient = (tests: (call: (typeof grpcClients)[number][1], testHere: typeof test) => void) =>
  describe.each(grpcClients)("seen by %s", (_name, call, clientMissing) =>
    tests(call, (clientMissing ? test.skip : test) as typeof test),
  );

/** One request over HTTP/1.1 to the manager's server, without a client certificate. */
const https = (path: string, method = "GET", name = hostname.manager) =>
  new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const options = { servername: hostname.manager, ca: certificates.server.roots, headers: { host: name } };
    request({ host: "127.0.0.1", port: nginx!.port(443), path, method, ...options }, (response) => {
      let body = "";
      response.on("data", (data) => (body += data));
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    })
      .on("error", reject)
      .end();
  });

describeOnTheWire(title("InstanceManagerHostProxy on the machine of Instance Manager"), () => {
  beforeAll(async () => {
    manager = await packagedManager();
    await render(() => onSockets);
    nginx = await runHostNginx(rendered.run, host, manager.sockets);
  });
  afterAll(async () => {
    await nginx?.stop();
    manager?.stop();
  });

  eachClient((call, testHere) => {
    testHere("A2, A3: an agent reaches the Commander and the MetricsService on the packages' sockets", async () => {
      expect(await call(as("agent"))).toEqual(answer("dpm"));
      expect(await call(as("agent", { method: methods.stream }))).toEqual(answer("ingestion"));
    });

    testHere.each([undefined, "stranger", "server"] as const)(
      "A2: a client with the certificate %s is UNAUTHENTICATED",
      async (name) => {
        const before = manager.dpm.calls.length;
        expect(await call(as(name))).toEqual(failure(16, "unauthenticated"));
        expect(manager.dpm.calls.length).toBe(before);
      },
    );

    testHere("E20: the manager's server has no service of agents, by its own name or theirs", async () => {
      const before = [...manager.requests];
      expect(await call(as("agent", { serverName: hostname.manager }))).toEqual(failure(7, "permission_denied"));
      const walked = await call(as(undefined, { serverName: hostname.manager, authority: hostname.agents }));
      expect(walked.message).toMatch(/421/);
      expect(manager.requests).toEqual(before);
    });

    testHere("A3: an unknown service is UNIMPLEMENTED", async () => {
      expect((await call(as("agent", { method: "/mpi.v1.CommandService/CreateConnection" }))).code).toBe(12);
    });
  });

  test("A1: the interface is there by name, verified by a client that trusts the root only", async () => {
    const ca = openssl.file(certificates.server.roots);
    for (const name of Object.values(hostname)) {
      const verify = ["-servername", name, "-verify_hostname", name, "-verify_return_error", "-CAfile", ca];
      expect((await sClient(nginx!.port(443), verify)).output).toContain(`Verified peername: ${name}`);
    }
    expect(await https("/ui/")).toMatchObject({ status: 200, body: "gateway" });
    expect(manager.requests.at(-1)).toBe(`GET ${hostname.manager}/ui/`);
  });

  test("A1: TLS 1.1 is refused with the alert protocol_version, and another name with unrecognized_name", async () => {
    const old = ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"];
    const port = nginx!.port(443);
    for (const name of Object.values(hostname))
      expect((await sClient(port, ["-servername", name, ...old])).output).toMatch(/alert number 70/);
    expect((await sClient(port, ["-servername", "other.example.com"])).output).toMatch(/alert number 112/);
    const control = await withControlServer(certificates.server, old, (there) => sClient(there, old));
    expect(control.output).toMatch(/Protocol *: TLSv1\.1/);
  });

  test("E22: usage reports need no client certificate", async () => {
    expect((await https("/api/nginx-usage", "POST")).status).toBe(200);
    expect(manager.requests.at(-1)).toBe(`POST ${hostname.manager}/api/nginx-usage`);
  });

  test("A7: the packages' logs have what went wrong, and each request once", async () => {
    await https("/logged");
    const lines = () => nginx!.read("/var/log/nginx/access.log").split("\n");
    while (!lines().some((line) => line.includes("/logged"))) await new Promise((resolve) => setTimeout(resolve, 10));
    const logged = lines().filter((line) => line.includes("/logged"));
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { request: "GET /logged", server: hostname.manager },
    ]);
    expect(nginx!.read("/var/log/nginx/error.log")).toMatch(/\[notice\]/);
  });

  test("A8: each file has the document's place, and its mode lets no other user write it or read a key", () => {
    const mode = (path: string) => (statSync(nginx!.path(path)).mode & 0o777).toString(8);
    expect(["server.crt", "server.key", "ca.pem"].map((name) => mode(`/etc/nms/certs/${name}`))).toEqual([
      "644",
      "640",
      "644",
    ]);
    expect(nginx!.read("/etc/nms/certs/server.crt")).toBe(certificates.server.certificate);
  });
});

describeOnTheWire(title("InstanceManagerHostProxy in front of Instance Manager elsewhere"), () => {
  let [dpm, ingestion]: (GrpcBackend | undefined)[] = [];
  beforeAll(async () => {
    // The certificates are the same in the next run, with the ports of what they are for.
    await render(() => onSockets);
    dpm = await grpcBackend("dpm", certificates.dpm);
    ingestion = await grpcBackend("ingestion", certificates.impostor);
    await render(({ internal, certificate }: HostParts) => ({
      backends: {
        apigw: { host: `unix:${gatewaySocket}` },
        dpm: { host: "127.0.0.1", port: dpm!.port, serverName: "dpm.nim.example.com" },
        ingestion: { host: "127.0.0.1", port: ingestion!.port, serverName: "ingestion.nim.example.com" },
      },
      backendTls: { trustedCertificatesPem: internal.bundle, clientCertificate: certificate.proxy },
    }));
    nginx = await runHostNginx(rendered.run, host);
  });
  afterAll(async () => {
    await nginx?.stop();
    dpm?.stop();
    ingestion?.stop();
  });

  eachClient((call, testHere) => {
    testHere("E17: a backend is verified by its name, and sees the proxy's certificate", async () => {
      expect(await call(as("agent"))).toEqual(answer("dpm"));
      expect(await call(as("agent", { method: methods.stream }))).toEqual(failure(14, "unavailable"));
      expect(ingestion!.calls).toEqual([]);
      expect(nginx!.read("/var/log/nginx/error.log")).toMatch(/does not match "ingestion.nim.example.com"/);
    });
  });

  test("A3: a gateway whose socket is not there is 502 to a browser", async () => {
    expect((await https("/ui/")).status).toBe(502);
  });
});

describeOnTheWire(title("InstanceManagerHostProxy, reloaded with a list"), () => {
  beforeAll(async () => {
    manager = await packagedManager();
    await render(() => onSockets);
    nginx = await runHostNginx(rendered.run, host, manager.sockets);
  });
  afterAll(async () => {
    await nginx?.stop();
    manager?.stop();
  });

  test.each(grpcClients.slice(0, 1))("A2: %s: an agent on the list is rejected from then on", async (_name, call) => {
    expect(await call(as("agent"))).toEqual(answer("dpm"));
    const { certificate, key } = certificates.agent;
    const identity = ["-servername", hostname.agents, "-cert", openssl.file(certificate), "-key", openssl.file(key)];
    expect(await secondExchange(nginx!.port(443), "-tls1_2", identity, identity)).not.toBe("Reused");

    const crlPem = openssl.revocationList(rendered.authority, [certificates.agent.certificate]);
    await render(({ agents }) => ({
      ...onSockets,
      agentAuthorities: { certificatesPem: agents.bundle, crlPem },
      agents: { revocation: { crl: true } },
    }));
    await nginx!.reload(rendered.run);
    expect(await call(as("agent"))).toEqual(failure(16, "unauthenticated"));
    expect(await call(as("other"))).toEqual(answer("dpm"));
  });
});
