import type { Server } from "node:http";
import { request } from "node:https";
import * as grpc from "@grpc/grpc-js";
import { Certificate, CertificateAuthority, TrustedCertificates } from "../../components";
import { InstanceManagerV1Proxy, type InstanceManagerV1ProxyArgs } from "../../components/manager";
import { manifests, record } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { data } from "../../loopback/pod";
import { grpcClients, prepareGrpcClients } from "./grpc-clients";
import { type GrpcBackend, grpcBackend, methods } from "./manager-stack";
import { nginxImage, nginxVersion } from "./nginx-version";
import { OpenSsl } from "./openssl";
import { sClient } from "./s-client";
import { hostname, plainGateway } from "./v1-stack";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

let stack: Loopback | undefined;
let backend: GrpcBackend;
let roots: string;
const identities: Record<string, { certificate: string; key: string }> = {};

beforeAll(prepareGrpcClients);

/** Runs the pods with certificates of the library's. */
async function run(args: Partial<InstanceManagerV1ProxyArgs>, tls = true) {
  const namespace = "nim";
  const rendered = await record(() => {
    const authority = new CertificateAuthority("agents", { subject: { commonName: "agents" } });
    const others = new CertificateAuthority("others", { subject: { commonName: "others" } });
    const certificate = (name: string, issuer: CertificateAuthority, usage: "server" | "client", dnsNames?: string[]) =>
      new Certificate(name, { namespace, issuer, usage, subject: { commonName: name }, dnsNames });
    certificate("agent", authority, "client");
    certificate("stranger", others, "client");
    const own = certificate("server", authority, "server", [hostname]);
    const trust = new TrustedCertificates("trust", { namespace, certificatesPem: authority.bundle });
    new InstanceManagerV1Proxy("nim", {
      ...{ namespace, edition: "oss", openSourceVersion: nginxVersion },
      pods: { image: nginxImage },
      ...{ hostname, manager: { host: "127.0.0.1" } },
      ...(tls && { certificate: own, agentAuthorities: trust }),
      ...args,
    });
  });
  const objects = manifests(rendered, { secrets: "show" });
  for (const name of ["agent", "stranger", "server"]) {
    const secret = objects.find(
      ({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith(`${name}-secret-`),
    )!;
    const { "tls.crt": certificate, "tls.key": key, "ca.crt": ca } = data(secret);
    identities[name] = { certificate: `${certificate}`, key: `${key}` };
    if (name === "server") roots = `${ca}`;
  }
  stack = await runOnLoopback(objects);
}

describeOnTheWire(title("InstanceManagerV1Proxy"), () => {
  let plain: { port: number; server: Server };

  beforeAll(async () => {
    backend = await grpcBackend("manager");
    plain = await plainGateway();
    await run({
      manager: { host: "127.0.0.1", grpcPort: backend.port, gatewayPort: plain.port },
      unsafePlainBackends: true,
      api: { redirectPort: 80 },
      agents: {},
      status: { allow: ["127.0.0.1"] },
    });
  });
  afterAll(async () => {
    await stack?.stop();
    backend?.stop();
    plain?.server.close();
  });

  describe.each(grpcClients)("B10, seen by %s", (_name, client, absent) => {
    const testHere = absent ? test.skip : test;
    testHere.each([
      ["its certificate", "agent", grpc.status.OK],
      ["another authority's", "stranger", grpc.status.UNAUTHENTICATED],
      ["a server's", "server", grpc.status.UNAUTHENTICATED],
      ["none", "nobody", grpc.status.UNAUTHENTICATED],
    ])("an agent with %s", async (_what, name, code) => {
      const port = stack!.port("nginx", "agents");
      const result = await client({ port, serverName: hostname, roots, method: methods.download, ...identities[name] });
      expect(result.code).toBe(code);
    });
  });

  test("B2, B9: the interface is there over HTTPS, with its headers", async () => {
    const answer = await new Promise<[number, string | undefined]>((resolve, reject) =>
      request(
        {
          ...{ host: "127.0.0.1", port: stack!.port("nginx", "https"), servername: hostname, ca: roots },
          headers: { host: hostname },
        },
        (response) => resolve([response.resume().statusCode!, response.headers["strict-transport-security"]]),
      )
        .on("error", reject)
        .end(),
    );
    expect(answer).toEqual([200, "max-age=86400; includeSubDomains"]);
  });

  test("B1, B6: the ports without TLS send browsers to the other, and show the status", async () => {
    const plainly = (port: string, path: string) =>
      fetch(`http://127.0.0.1:${stack!.port("nginx", port)}${path}`, { redirect: "manual" });
    expect((await plainly("http", "/a")).headers.get("location")).toBe(`https://${hostname}/a`);
    expect(await (await plainly("status", "/nginx_status")).text()).toMatch(/^Active connections/);
  });
});

describeOnTheWire(title("InstanceManagerV1Proxy, passthrough"), () => {
  test("B13: a client sees the manager's certificate", async () => {
    const openssl = new OpenSsl();
    const own = openssl.root("manager");
    backend = await grpcBackend("manager", { ...own, roots: own.certificate });
    await run(
      { manager: { host: "127.0.0.1", grpcPort: backend.port }, agents: { publication: "passthrough" } },
      false,
    );
    const { output } = await sClient(stack!.port("nginx", "agents"), ["-servername", hostname]);
    expect(output).toMatch(/subject=CN = manager/);
    await stack!.stop();
    backend.stop();
    openssl.remove();
  });
});
