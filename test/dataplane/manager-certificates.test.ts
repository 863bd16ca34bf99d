import { join } from "node:path";
import { NginxAgentFleet } from "../../components/manager/agent";
import {
  InstanceManagerCertificates,
  type InstanceManagerCertificatesArgs,
} from "../../components/manager/certificates";
import type { CertificateIssuer } from "../../components/pki";
import { hosts, record, reveal } from "../../engine";
import { missingPrograms } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { type RunningProcess, start, untilListening } from "../../loopback/process";
import { OpenSsl, pemBlocks } from "./openssl";

const missing = missingPrograms("openssl");
const suite = missing ? describe.skip : describe;

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

const hostname = { manager: "nginx-manager.example.com", agents: "agents.nginx-manager.example.com" };
const agents = [{ name: "agent.example.com" }, { name: "agent-1.example.com" }];
const place = { forHosts: true, agents };
const v2: InstanceManagerCertificatesArgs = { ...place, profile: "instanceManagerV2", hostname };
const v1: InstanceManagerCertificatesArgs = {
  ...place,
  profile: "instanceManagerV1",
  serverName: hostname.manager,
};
const ecdsa = { keyAlgorithm: "ECDSA" } as const;

interface Leaf {
  certificatePem: string;
  chainPem: string;
  privateKeyPem: string;
}

interface Hierarchy {
  server: Leaf;
  agents: Record<string, Leaf>;
  bundle: string;
  caPem: string;
}

async function hierarchy(args: InstanceManagerCertificatesArgs): Promise<Hierarchy> {
  const { outputs } = await record(() => {
    const { server, agents, bundle, caPem } = new InstanceManagerCertificates("nim", args);
    return { server, agents, bundle, caPem };
  });
  return reveal(outputs) as unknown as Hierarchy;
}

const agentOf = ({ agents: leaves }: Hierarchy) => leaves["agent.example.com"]!;

const documentedParts = ",ST=California,L=San Francisco,O=NGINX\\, Inc.,C=US";

/** Subject, signer, size, lifetime, uses and names: the intermediate, the root, the server, the agents. */
const expected = {
  v2: [
    "CN=nms-int-ca as documented; by nms-ca; 4096 bits; 913 days; Certificate Sign, CRL Sign; ; ",
    "CN=nms-ca as documented; by nms-ca; 4096 bits; 1826 days; Certificate Sign, CRL Sign; ; ",
    "CN=nginx-manager.example.com as documented; by nms-int-ca; 4096 bits; 365 days; Digital Signature, Key Encipherment; TLS Web Server Authentication; DNS:nginx-manager.example.com, DNS:agents.nginx-manager.example.com",
    "CN=agent-1.example.com as documented; by nms-int-ca; 2048 bits; 365 days; Digital Signature, Key Encipherment; TLS Web Client Authentication; ",
    "CN=agent.example.com as documented; by nms-int-ca; 2048 bits; 365 days; Digital Signature, Key Encipherment; TLS Web Client Authentication; ",
  ],
  documentedV2: [
    "CN=nms-int-ca as documented; by nms-ca; 256 bits; 365 days; Certificate Sign, CRL Sign; ; ",
    "CN=nms-ca as documented; by nms-ca; 256 bits; 1826 days; Certificate Sign, CRL Sign; ; ",
    "CN=nginx-manager.example.com as documented; by nms-int-ca; 256 bits; 365 days; Digital Signature, Non Repudiation, Key Encipherment, Key Agreement; TLS Web Server Authentication; DNS:nginx-manager.example.com, DNS:agents.nginx-manager.example.com",
    "CN=agent-1.example.com as documented; by nms-ca; 256 bits; 365 days; Digital Signature, Non Repudiation, Key Encipherment, Key Agreement; TLS Web Client Authentication; ",
    "CN=agent.example.com as documented; by nms-ca; 256 bits; 365 days; Digital Signature, Non Repudiation, Key Encipherment, Key Agreement; TLS Web Client Authentication; ",
  ],
  v1: [
    "CN=nginx-manager_ca_int as documented; by nginx-manager_ca; 4096 bits; 913 days; Certificate Sign, CRL Sign; ; ",
    "CN=nginx-manager_ca as documented; by nginx-manager_ca; 4096 bits; 1826 days; Certificate Sign, CRL Sign; ; ",
    "CN=nginx-manager.example.com as documented; by nginx-manager_ca_int; 4096 bits; 365 days; Digital Signature, Key Encipherment; TLS Web Server Authentication; DNS:nginx-manager.example.com, DNS:server, DNS:nginx-manager, DNS:localhost, IP Address:127.0.0.1",
    "CN=agent-1.example.com as documented; by nginx-manager_ca_int; 2048 bits; 365 days; Digital Signature, Key Encipherment; TLS Web Client Authentication; DNS:agent-1.example.com",
    "CN=agent.example.com as documented; by nginx-manager_ca_int; 2048 bits; 365 days; Digital Signature, Key Encipherment; TLS Web Client Authentication; DNS:agent.example.com",
  ],
  documentedV1: [
    "CN=nginx-manager_ca_int as documented; by nginx-manager_ca; 4096 bits; 365 days; Certificate Sign, CRL Sign; ; DNS:nginx-manager_ca_int.example.com, DNS:localhost, IP Address:127.0.0.1",
    "CN=nginx-manager_ca as documented; by nginx-manager_ca; 4096 bits; 365 days; Certificate Sign, CRL Sign; ; DNS:nginx-manager_ca.example.com, DNS:localhost, IP Address:127.0.0.1",
    "CN=nginx-manager.example.com as documented; by nginx-manager_ca_int; 4096 bits; 365 days; ; ; DNS:nginx-manager.example.com, DNS:server, DNS:nginx-manager, DNS:localhost, IP Address:127.0.0.1",
    "CN=agent-1.example.com as documented; by nginx-manager_ca; 2048 bits; 365 days; ; ; DNS:agent-1.example.com, DNS:*.example.com",
    "CN=agent.example.com as documented; by nginx-manager_ca; 2048 bits; 365 days; ; ; DNS:agent.example.com, DNS:*.example.com",
  ],
};

/** What the document's script decides of a certificate; all have its parts of the subject. */
function dump(pem: string): string {
  const text = openssl.run(["x509", "-noout", "-text", "-nameopt", "RFC2253"], pem);
  const line = (pattern: RegExp) => (pattern.exec(text)?.[1] ?? "").trim();
  const time = (which: string) => Date.parse(line(new RegExp(`Not ${which} ?: (.*)`)));
  return [
    // A subject without them stays as it is, and the test fails.
    line(/Subject: (.*)/).replace(documentedParts, " as documented"),
    `by ${/CN=([^,]+)/.exec(line(/Issuer: (.*)/))?.[1]}`,
    `${line(/Public-Key: \((\d+) bit\)/)} bits`,
    `${(time("After") - time("Before")) / 86_400_000} days`,
    line(/Key Usage: .*\n(.*)/),
    line(/Extended Key Usage:.*\n(.*)/),
    line(/Alternative Name:.*\n(.*)/),
  ].join("; ");
}

const dumps = ({ server, agents: leaves, caPem }: Hierarchy) =>
  [...pemBlocks(caPem), server.certificatePem, ...Object.values(leaves).map((leaf) => leaf.certificatePem)].map(dump);

suite(`the certificates of the documents, verified by openssl${missing ? ` (${missing})` : ""}`, () => {
  describe.each([
    ["A8", "Instance Manager 2", v2, [hostname.manager, hostname.agents]],
    ["B19", "Instance Manager 1", v1, [hostname.manager, "server", "nginx-manager", "localhost"]],
  ] as const)("%s, %s", (row, _, args, serverNames) => {
    let made: Hierarchy;
    beforeAll(async () => {
      made = await hierarchy(args);
    });
    const asServer = (chain: string, trusted: string, name: string) =>
      openssl.verify(chain, trusted, "sslserver", ["-verify_hostname", name]);

    test(`${row}: names, sizes, lifetimes, signers and the order of ca.pem are the document's`, () => {
      expect(dumps(made)).toEqual(expected[args.profile === "instanceManagerV2" ? "v2" : "v1"]);
    });

    test.each(serverNames)(`${row}: the server's certificate is good for %s, with the root alone`, (name) => {
      expect(asServer(made.server.chainPem, made.bundle, name)).toBe("OK");
      expect(asServer(made.server.chainPem, made.caPem, name)).toBe("OK");
      expect(openssl.verify(made.server.chainPem, made.bundle, "sslclient")).toBe("unsuitable certificate purpose");
    });

    test(`${row}: the server's certificate is good for no other name`, () => {
      for (const name of ["agent.example.com", "other.example.com", "example.com"])
        expect(asServer(made.server.chainPem, made.bundle, name)).toBe("hostname mismatch");
    });

    test.each(agents)(`${row}: the certificate of $name is a client's, and no server's by any name`, ({ name }) => {
      const { chainPem } = made.agents[name]!;
      expect(openssl.verify(chainPem, made.bundle, "sslclient")).toBe("OK");
      for (const server of [...serverNames, name])
        expect(asServer(chainPem, made.caPem, server)).toMatch(/^(unsuitable certificate purpose|hostname mismatch)$/);
      expect(openssl.verify(chainPem, made.caPem, "sslserver")).toBe("unsuitable certificate purpose");
    });

    test(`${row}: each key is that of its certificate, and unlike the others`, () => {
      const leaves = [made.server, ...Object.values(made.agents)];
      const publicKeys = leaves.map(({ certificatePem, privateKeyPem }) => {
        const key = openssl.run(["pkey", "-pubout"], privateKeyPem);
        expect(openssl.run(["x509", "-noout", "-pubkey"], certificatePem)).toBe(key);
        return key;
      });
      expect(new Set(publicKeys).size).toBe(leaves.length);
    });

    test(`${row}: the issuing authority outlives what it signs, by more than a renewal takes`, () => {
      const [intermediate, root] = pemBlocks(made.caPem);
      const end = (pem: string) =>
        Date.parse(openssl.run(["x509", "-noout", "-enddate"], pem).replace("notAfter=", ""));
      for (const { certificatePem } of [made.server, ...Object.values(made.agents)])
        expect(end(intermediate!) - end(certificatePem)).toBeGreaterThan(365 * 86_400_000);
      expect(end(root!)).toBeGreaterThan(end(intermediate!));
    });
  });

  describe("an agent that wants to pass for the manager", () => {
    const impersonation = ({ caPem, agents: leaves }: Hierarchy) =>
      openssl.verify(leaves["agent.example.com"]!.chainPem, caPem, "sslserver", ["-verify_hostname", hostname.manager]);

    test("B19: openssl takes the document's certificate of an agent for the manager's, which is what unsafeAsDocumented makes", async () => {
      const documented = await hierarchy({ ...v1, unsafeAsDocumented: true });
      // With -x509_strict, and below without it: the verdict is the same.
      expect(impersonation(documented)).toBe("OK");
      expect(dumps(documented)).toEqual(expected.documentedV1);
      const alone = ["-CAfile", openssl.file(documented.caPem), openssl.file(agentOf(documented).certificatePem)];
      const manager = ["-verify_hostname", hostname.manager];
      expect(openssl.run(["verify", "-purpose", "sslserver", ...manager, ...alone])).toMatch(/: OK\n$/);
    });

    test("B19: by default it cannot", async () => {
      expect(impersonation(await hierarchy({ ...v1, ...ecdsa }))).toBe("unsuitable certificate purpose");
    });

    test("A8: nor can an agent of Instance Manager 2, whose documented certificate the root signs past the intermediate", async () => {
      const safe = await hierarchy({ ...v2, ...ecdsa });
      const documented = await hierarchy({ ...v2, ...ecdsa, unsafeAsDocumented: true });
      for (const made of [safe, documented]) expect(impersonation(made)).toBe("unsuitable certificate purpose");
      const [, root] = pemBlocks(documented.caPem);
      expect(openssl.verify(agentOf(documented).certificatePem, root!, "sslclient")).toBe("OK");
      expect(openssl.verify(agentOf(safe).certificatePem, safe.bundle, "sslclient")).toBe(
        "unable to get local issuer certificate",
      );
      expect(dumps(documented)).toEqual(expected.documentedV2);
    });
  });

  test("A8: an agent of a fleet that another program makes is a client of the same hierarchy, and no server", async () => {
    const authority = await record(() => {
      const { issuer } = new InstanceManagerCertificates("nim", { ...v2, ...ecdsa });
      return { ...issuer };
    });
    const issuer = reveal(authority.outputs) as unknown as CertificateIssuer & { bundle: string };
    const certificatePath = "/etc/nms/certs/agent.crt";
    const tls = { clientCertificate: { certificatePath, keyPath: "/etc/nms/certs/agent.key" } };
    const fleet = await record(
      () =>
        void new NginxAgentFleet("fleet", {
          issuer,
          agents: [{ host: "nginx-1.example.com" }, { host: "nginx-2.example.com", commonName: "second" }],
          v2: { hostname: hostname.agents, tls },
        }),
    );
    const chains = hosts(fleet).map(({ files }) => files.find(({ path }) => path === certificatePath)!.content!);
    for (const [index, name] of ["nginx-1.example.com", "second"].entries()) {
      const chain = chains[index]!;
      expect(openssl.run(["x509", "-noout", "-subject"], chain)).toBe(`subject=CN = ${name}\n`);
      expect(openssl.verify(chain, issuer.bundle, "sslclient")).toBe("OK");
      expect(openssl.verify(chain, issuer.bundle, "sslserver")).toBe("unsuitable certificate purpose");
    }
  });

  describe("on the wire, with a client that trusts the root alone", () => {
    let made: Hierarchy;
    let stranger: Hierarchy;
    let documented: Hierarchy;
    beforeAll(async () => {
      made = await hierarchy({ ...v2, ...ecdsa });
      stranger = await hierarchy({ ...v2, ...ecdsa });
      documented = await hierarchy({ ...v2, ...ecdsa, unsafeAsDocumented: true });
    });

    let server: RunningProcess | undefined;
    afterEach(async () => {
      await server?.stop();
      server = undefined;
    });

    /** Files of a certificate as a program is given them. */
    const files = ({ chainPem, privateKeyPem }: Leaf) => [
      ...["-cert", openssl.file(pemBlocks(chainPem)[0]!), "-key", openssl.file(privateKeyPem)],
      ...(pemBlocks(chainPem).length > 1 ? ["-cert_chain", openssl.file(chainPem)] : []),
    ];

    /** A server that takes only clients whose certificate `trusted` vouches for. */
    async function serve(own: Leaf, trusted: string): Promise<number> {
      const port = await freePort();
      const clients = ["-Verify", "2", "-verify_return_error", "-CAfile", openssl.file(trusted)];
      // As NGINX does it: nothing is sent but what is in the files. Else openssl looks for an intermediate among what it trusts.
      const noChain = ["-chainCAfile", openssl.file(stranger.bundle)];
      const args = ["s_server", "-accept", `127.0.0.1:${port}`, "-www", ...files(own), ...clients, ...noChain];
      server = start("openssl", args, join(openssl.folder, `server-${port}.log`));
      await untilListening(port, server);
      return port;
    }

    function connect(port: number, trusted: string, own: Leaf | undefined, version: string, name: string) {
      const { stdout, stderr } = openssl.attempt(
        [
          ...["s_client", "-connect", `127.0.0.1:${port}`, version, "-ign_eof", "-servername", name],
          ...["-verify_hostname", name, "-verify_return_error", "-CAfile", openssl.file(trusted)],
          ...(own ? files(own) : []),
        ],
        "GET / HTTP/1.0\r\n\r\n",
      );
      return `${stdout}${stderr}`;
    }

    test.each(["-tls1_2", "-tls1_3"])("A8: an agent connects to the manager and is accepted, %s", async (version) => {
      const port = await serve(made.server, made.bundle);
      const said = connect(port, made.bundle, agentOf(made), version, hostname.agents);
      expect(said).toContain("HTTP/1.0 200 ok");
      expect(said).toContain("Verify return code: 0 (ok)");
    });

    test("A8: a server that sends its certificate alone, as the document's does, is not verified: error 21", async () => {
      const { server: own, bundle } = made;
      const port = await serve({ ...own, chainPem: own.certificatePem }, bundle);
      const said = connect(port, bundle, agentOf(made), "-tls1_2", hostname.agents);
      expect(said).toMatch(/verify error:num=2[01]:unable to (verify the first|get local issuer) certificate/);
      expect(said).not.toContain("HTTP/1.0 200 ok");
      await server!.stop();
      // Without -verify_return_error the client goes on, and names the last of the errors.
      const again = await serve({ ...own, chainPem: own.certificatePem }, bundle);
      const { stdout } = openssl.attempt([
        ...["s_client", "-connect", `127.0.0.1:${again}`, "-tls1_2", "-CAfile", openssl.file(bundle)],
        ...files(agentOf(made)),
      ]);
      expect(stdout).toContain("Verify return code: 21 (unable to verify the first certificate)");
    });

    test("A8: what unsafeAsDocumented makes behaves so, too: its peers have to have ca.pem", async () => {
      const [, root] = pemBlocks(documented.caPem);
      const port = await serve(documented.server, documented.caPem);
      const attempt = (trusted: string) =>
        connect(port, trusted, agentOf(documented), "-tls1_2", hostname.agents).includes("HTTP/1.0 200 ok");
      expect([attempt(root!), attempt(documented.caPem)]).toEqual([false, true]);
    });

    test.each<[string, () => Leaf | undefined, RegExp]>([
      ["no certificate", () => undefined, /alert handshake failure/],
      ["the server's certificate, which is for servers alone", () => made.server, /alert unsupported certificate/],
      ["a certificate of another authority", () => agentOf(stranger), /alert unknown ca/],
    ])("A8: a client with %s is refused", async (_, own, alert) => {
      const port = await serve(made.server, made.bundle);
      const said = connect(port, made.bundle, own(), "-tls1_2", hostname.agents);
      expect(said).toMatch(alert);
      expect(said).not.toContain("HTTP/1.0 200 ok");
    });

    test("A8: a client that asks for another name breaks off", async () => {
      const port = await serve(made.server, made.bundle);
      const said = connect(port, made.bundle, agentOf(made), "-tls1_2", "other.example.com");
      expect(said).toContain("hostname mismatch");
      expect(said).not.toContain("HTTP/1.0 200 ok");
    });
  });
});
