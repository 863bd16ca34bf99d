import { Certificate, CertificateAuthority, type ClientRevocation, TrustedCertificates } from "../../components";
import { record, reveal } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { grpcClients, prepareGrpcClients } from "./grpc-clients";
import { closedPort, type GrpcBackend, grpcBackend, hostname, methods, renderManager } from "./manager-stack";
import { type Identity, OpenSsl } from "./openssl";
import { secondExchange } from "./s-client";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

const names = ["kept", "other", "revoked", "denied"] as const;
type Agents = Record<(typeof names)[number], Identity>;

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

let root: Identity;
let issuing: Identity;
let agents: Agents;
/** The lists of both authorities of the chain. */
let lists: string;
let stack: Loopback;
let roots: string;
let dpm: GrpcBackend;

beforeAll(prepareGrpcClients);
beforeAll(async () => {
  if (missing) return;
  root = openssl.root("Agents root");
  issuing = openssl.intermediate("Agents issuing", root);
  agents = await makeAgents();
  lists = openssl.revocationList(issuing, [agents.revoked.certificate]) + openssl.revocationList(root, []);
  dpm = await grpcBackend("dpm");
});
afterAll(() => dpm?.stop());

/** Certificates of the issuing authority, which this library makes. */
async function makeAgents(): Promise<Agents> {
  const { outputs } = await record(() => {
    const issuer = new CertificateAuthority("agents", {
      external: {
        certificatePem: issuing.certificate,
        privateKeyPem: issuing.key,
        rootCertificatePem: root.certificate,
      },
    });
    return Object.fromEntries(
      names.map((name) => {
        const subject = { commonName: name };
        const made = new Certificate(name, { forHosts: true, issuer, usage: "client", subject });
        return [name, { certificate: made.chainPem, key: made.privateKeyPem }];
      }),
    );
  });
  return reveal(outputs) as unknown as Agents;
}

/** Runs a proxy that trusts the agents' root and heeds these lists. */
async function runProxy(crlPem: string | undefined, revocation?: ClientRevocation) {
  const apigw = { host: "127.0.0.1", port: await closedPort() };
  const local = { host: "127.0.0.1", port: dpm.port };
  const rendered = await renderManager((namespace) => ({
    agentAuthorities: new TrustedCertificates("own", { namespace, certificatesPem: root.certificate, crlPem }),
    agents: { revocation },
    unsafePlainBackends: true,
    backends: { apigw, dpm: local, ingestion: local },
  }));
  roots = rendered.certificates.server.roots;
  stack = await runOnLoopback(rendered.objects);
}

const as = (identity?: Identity) => ({
  port: stack.port("nginx", "https"),
  serverName: hostname.agents,
  roots,
  method: methods.download,
  certificate: identity?.certificate,
  key: identity?.key,
});

const welcome = { code: 0, message: "", reply: "dpm" };
const denied = { code: 7, message: "permission_denied", reply: "" };
const unauthenticated = { code: 16, message: "unauthenticated", reply: "" };

const eachClient = (tests: (call: (typeof grpcClients)[number][1], testHere: typeof test) => void) =>
  describe.each(grpcClients)("seen by %s", (_name, call, clientMissing) =>
    tests(call, (clientMissing ? test.skip : test) as typeof test),
  );

describeOnTheWire(title("A2: an InstanceManagerProxy that heeds a list and denies serial numbers"), () => {
  beforeAll(async () => {
    const printed = openssl.run(["x509", "-noout", "-serial"], agents.denied.certificate);
    // The other's number with one digit more is on no certificate.
    const [, other] = /^serial=(.*)$/m.exec(openssl.run(["x509", "-noout", "-serial"], agents.other.certificate))!;
    await runProxy(lists, { crl: true, deniedSerials: [printed.toLowerCase(), `01${other}`.slice(0, 40)] });
  });
  afterAll(() => stack?.stop());

  eachClient((call, testHere) => {
    testHere("a revoked agent is UNAUTHENTICATED, a denied one gets PERMISSION_DENIED, the others go on", async () => {
      const before = dpm.calls.length;
      expect(await call(as(agents.revoked))).toEqual(unauthenticated);
      expect(await call(as(agents.denied))).toEqual(denied);
      expect(dpm.calls.length).toBe(before);
      expect(await call(as(agents.kept))).toEqual(welcome);
      expect(await call(as(agents.other))).toEqual(welcome);
      expect(dpm.calls.length).toBe(before + 2);
    });

    testHere("no method is left to a denied agent, and none to one without a certificate", async () => {
      for (const method of [methods.channel, methods.stream, "/mpi.v1.CommandService/CreateConnection"]) {
        expect(await call({ ...as(agents.denied), method })).toEqual(denied);
        expect(await call({ ...as(), method })).toEqual(unauthenticated);
      }
    });
  });

  test.each(["-tls1_2", "-tls1_3"])("%s: no session outlives a look at the list", async (version) => {
    const { certificate, key } = agents.kept;
    const identity = ["-cert", openssl.file(certificate), "-key", openssl.file(key), "-servername", hostname.agents];
    expect(await secondExchange(stack.port("nginx", "https"), version, identity, identity)).not.toBe("Reused");
  });
});

describeOnTheWire(title("an InstanceManagerProxy without revocation"), () => {
  beforeAll(() => runProxy(undefined, undefined));
  afterAll(() => stack?.stop());

  eachClient((call, testHere) => {
    testHere("each of these certificates is good", async () => {
      for (const name of names) expect([name, await call(as(agents[name]))]).toEqual([name, welcome]);
    });
  });
});

const past = ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z"];
const traps: [name: string, crl: () => string, reason: RegExp][] = [
  [
    "past its nextUpdate",
    () => openssl.revocationList(issuing, [], past) + openssl.revocationList(root, []),
    /CRL has expired/,
  ],
  ["of the issuing authority alone", () => openssl.revocationList(issuing, []), /unable to get certificate CRL/],
];

describeOnTheWire.each(traps)(title("a list %s, as documented, turns everyone away"), (_name, crl, reason) => {
  beforeAll(() => runProxy(crl(), { crl: true }));
  afterAll(() => stack?.stop());

  eachClient((call, testHere) => {
    testHere("with the gRPC status UNAUTHENTICATED", async () => {
      for (const name of names) expect([name, await call(as(agents[name]))]).toEqual([name, unauthenticated]);
      expect(stack.output("nginx")).toMatch(reason);
    });
  });
});
