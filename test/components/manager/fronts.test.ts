import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  InstanceManagerHostProxy,
  InstanceManagerProxy,
  InstanceManagerV1Host,
  InstanceManagerV1Proxy,
  Namespace,
  TrustedCertificates,
} from "../../../components";
import { argumentOf, withFacts } from "../../../components/foundation";
import { checkAuthorities } from "../../../components/pki";
import { manifests, record, reveal } from "../../../engine";
import { OpenSsl } from "../../dataplane/openssl";
import { goodToken } from "../foundation/token";
import { type Refusal, testRefusals, thrownBy, withoutPlace } from "../refusals";

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

const hostname = { manager: "nim.example.com", agents: "agents.nim.example.com" };
const root = openssl.root("root");
const intermediate = openssl.intermediate("intermediate", root);

/** A certificate with these names and its key. */
function pair(names: string[], usage = "serverAuth", more: string[] = []) {
  const privateKeyPem = openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
  const chainPem = openssl.run([
    ...["req", "-x509", "-key", openssl.file(privateKeyPem), "-subj", "/CN=x", ...more],
    ...["-addext", `extendedKeyUsage=${usage}`],
    ...(names.length > 0 ? ["-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`] : []),
  ]);
  return { chainPem, privateKeyPem };
}
const server = pair(Object.values(hostname));
const leaf = pair(Object.values(hostname), "serverAuth", ["-addext", "basicConstraints=critical,CA:FALSE"]).chainPem;
const secret = (secretName: string) => ({ secretName });

const proxy = {
  ...{ namespace: "nim", edition: "oss", hostname, certificate: secret("server"), agentAuthorities: secret("agents") },
  backendTls: { trustedCertificates: secret("backends"), clientCertificate: secret("proxy") },
};
const v1Proxy = {
  ...{
    namespace: "nim",
    edition: "oss",
    hostname: "nim.example.com",
    manager: { host: "10.0.0.7" },
    api: {},
    agents: {},
  },
  ...{ certificate: secret("server"), agentAuthorities: secret("agents") },
  backendTls: { trustedCertificates: secret("manager") },
};
const hostProxy = {
  ...{ host: { name: "manager" }, hostname, certificate: server },
  agentAuthorities: { certificatesPem: root.certificate },
  backends: { apigw: { host: "unix:/run/apigw.sock" } },
};
const v1Host = {
  ...{ host: { name: "manager" }, hostname: "nim.example.com", front: { api: {}, agents: {} }, certificate: server },
  agentAuthoritiesPem: root.certificate,
};

/** A Secret of a component, with what that knows of it. */
const known = (name: string, component: string, facts: object) => ({
  secretName: withFacts(pulumi.output(name), { component: `Certificate "${component}"`, ...facts }),
});
const certificate = (usage: string, dnsNames: string[] = [], namespace = "nim") =>
  known("made", "made", { namespace, certificate: { usage, dnsNames } });
const misnamed = (path: string, name: string) =>
  `does not carry ${path}, "${name}", as a DNS name; put that name into the dnsNames of the certificate, or correct the name`;
const elsewhere = known("made", "made", { namespace: "shop" });
const otherNamespace =
  'is of Certificate "made", which is in another namespace; make it in the namespace of the pods that use it, once for each namespace';

const ofProxy = (rule: string, change: object, error: string): Refusal => ({
  ...{ rule, component: InstanceManagerProxy, args: { ...proxy, ...change }, error, plain: true },
});
const ofV1Proxy = (rule: string, change: object, error: string): Refusal => ({
  ...{ rule, component: InstanceManagerV1Proxy, args: { ...v1Proxy, ...change }, error, plain: true },
});
const ofHostProxy = (rule: string, change: object, error: string, secrets: string[] = []): Refusal => ({
  ...{ rule, component: InstanceManagerHostProxy, args: { ...hostProxy, ...change }, error, secrets },
});
const ofV1Host = (rule: string, change: object, error: string, secrets: string[] = []): Refusal => ({
  ...{ rule, component: InstanceManagerV1Host, args: { ...v1Host, ...change }, error, secrets },
});

describe("what a component of the same program knows of a certificate", () => {
  testRefusals([
    ofProxy(
      "a client's certificate for the server",
      { certificate: certificate("client", Object.values(hostname)) },
      'certificate.secretName is not for a server; issue it with usage "server"',
    ),
    ofProxy(
      "a certificate without the agents' name",
      { certificate: certificate("server", ["*.example.com"]) },
      `certificate.secretName ${misnamed("hostname.agents", hostname.agents)}`,
    ),
    ofProxy(
      "a certificate of the agents without their name",
      { agentCertificate: certificate("server", [hostname.manager]) },
      `agentCertificate.secretName ${misnamed("hostname.agents", hostname.agents)}`,
    ),
    ofProxy(
      "a server's certificate for the backends",
      { backendTls: { ...proxy.backendTls, clientCertificate: certificate("server", ["proxy"]) } },
      'backendTls.clientCertificate.secretName is not for a client; issue it with usage "client"',
    ),
    ofProxy(
      "a backend whose certificate has another name",
      {
        backends: {
          dpm: {
            host: withFacts(pulumi.output("dpm.nim.svc"), {
              component: 'InstanceManager "manager"',
              certificate: { usage: "server", dnsNames: ["dpm.nim.svc"] },
            }),
          },
        },
      },
      'backends.dpm.serverName is "dpm", which the certificate there does not carry; write one of the dnsNames of that certificate',
    ),
    ...(
      [
        ["certificate", { certificate: elsewhere }],
        ["agentCertificate", { agentCertificate: elsewhere }],
        ["agentAuthorities", { agentAuthorities: elsewhere }],
        ["backendTls.trustedCertificates", { backendTls: { ...proxy.backendTls, trustedCertificates: elsewhere } }],
        ["backendTls.clientCertificate", { backendTls: { ...proxy.backendTls, clientCertificate: elsewhere } }],
      ] as const
    ).map(([path, change]) => ofProxy(`${path} of another namespace`, change, `${path}.secretName ${otherNamespace}`)),
    ofV1Proxy(
      "a client's certificate for the server of Instance Manager 1",
      { certificate: certificate("client", ["nim.example.com"]) },
      'certificate.secretName is not for a server; issue it with usage "server"',
    ),
    ofV1Proxy(
      "a certificate without the name of Instance Manager 1",
      { certificate: certificate("server", ["other.example.com"]) },
      `certificate.secretName ${misnamed("hostname", "nim.example.com")}`,
    ),
    ...(["certificate", "agentCertificate", "agentAuthorities"] as const).map((path) =>
      ofV1Proxy(`${path} of another namespace, 1`, { [path]: elsewhere }, `${path}.secretName ${otherNamespace}`),
    ),
    ofV1Proxy(
      "password files of another namespace",
      { status: { tls: true }, statusUsers: elsewhere },
      `statusUsers.secretName ${otherNamespace}`,
    ),
    {
      ...ofV1Proxy(
        "a name of a Secret that is none",
        { certificate: secret("Server_1") },
        "certificate.secretName is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
      ),
      plain: false,
    },
  ]);

  test.each([
    ["both names", { certificate: certificate("server", Object.values(hostname)) }],
    ["wildcards", { certificate: certificate("serverAndClient", ["*.example.com", "*.NIM.example.com"]) }],
    ["both usages", { backendTls: { ...proxy.backendTls, clientCertificate: certificate("serverAndClient") } }],
    [
      "a backend's own name",
      {
        backends: {
          dpm: {
            host: withFacts(pulumi.output("dpm.nim.svc"), {
              component: 'InstanceManager "manager"',
              certificate: { usage: "serverAndClient", dnsNames: ["dpm"] },
            }),
          },
        },
      },
    ],
  ])("%s are accepted", async (_what, change) => {
    const run = await record(() => void new InstanceManagerProxy("nim", { ...proxy, ...change } as never));
    expect(run.requests.some(({ type }) => type === "nginx-stacks:index:NginxPlus")).toBe(true);
  });
});

describe("authorities in PEM", () => {
  const noRoot = "has no root in it; add the root: NGINX accepts no chain that ends before it";
  const noAuthority =
    "has a certificate that is no authority; write the certificates of the authorities, not those that they have issued";
  const cases = (name: string, of: (pem: string) => [object, string], make: typeof ofHostProxy) =>
    [
      ["an intermediate alone", intermediate.certificate, noRoot],
      ["a leaf", leaf, noAuthority],
      ["a leaf beside the root", root.certificate + leaf, noAuthority],
    ].map(([what, pem, reason]) => {
      const [change, path] = of(pem!);
      return make(`${name}: ${what}`, change, `${path} ${reason}`);
    });
  testRefusals([
    ...cases(
      "of agents",
      (pem) => [{ agentAuthorities: { certificatesPem: pem } }, "agentAuthorities.certificatesPem"],
      ofHostProxy,
    ),
    ...cases(
      "of backends",
      (pem) => [
        { backends: { apigw: { host: "gateway.example.com" } }, backendTls: { trustedCertificatesPem: pem } },
        "backendTls.trustedCertificatesPem",
      ],
      ofHostProxy,
    ),
    ...cases(
      "of the usage endpoint",
      (pem) => [
        { host: { name: "manager", management: { usageEndpoint: "x.example.com", trustedCertificatesPem: pem } } },
        "host.management.trustedCertificatesPem",
      ],
      ofHostProxy,
    ),
    ...cases(
      "of agents of Instance Manager 1",
      (pem) => [{ agentAuthoritiesPem: pem }, "agentAuthoritiesPem"],
      ofV1Host,
    ),
    ...cases(
      "of Instance Manager 1",
      (pem) => [
        { manager: { certificate: server }, backendTls: { trustedCertificatesPem: pem } },
        "backendTls.trustedCertificatesPem",
      ],
      ofV1Host,
    ),
  ]);
  testRefusals([
    ofV1Host(
      "a certificate of the manager without the name that is verified",
      {
        manager: { certificate: server },
        backendTls: { trustedCertificatesPem: root.certificate, serverName: "nim.internal" },
      },
      `manager.certificate.chainPem ${misnamed("backendTls.serverName", "nim.internal")}`,
    ),
  ]);

  test("a root that has expired is refused, and one beside the present root is not", () => {
    const refuse = (path: string, wrong: string, remedy: string): never => {
      throw new Error(`${path} ${wrong}; ${remedy}`);
    };
    const check = (now: string) => checkAuthorities(argumentOf(refuse, root.certificate, "pem"), new Date(now));
    expect(() => check("2056-12-01T00:00:00Z")).toThrow("pem has only roots that have expired; write the present root");
    expect(() => check("2027-01-01T00:00:00Z")).not.toThrow();
  });

  test("a root with its intermediate, and a former root beside the present one, are accepted", async () => {
    const former = openssl.root("former").certificate;
    for (const certificatesPem of [root.certificate + intermediate.certificate, former + root.certificate]) {
      const run = await record(
        () => void new InstanceManagerHostProxy("nim", { ...hostProxy, agentAuthorities: { certificatesPem } }),
      );
      expect(run.requests.length).toBeGreaterThan(0);
    }
  });
});

describe("the licence of a host is read as a LicenseSecret reads it", () => {
  const broken = goodToken().replace(/\./, "\n.");
  const licences = (make: typeof ofHostProxy): Refusal[] =>
    [
      [
        "a path",
        "/root/license.jwt",
        'is a path; write the contents of the file, for example `readFileSync("license.jwt", "utf8")`',
      ],
      ["nothing", "", "is empty; write the contents of the license.jwt file from MyF5"],
      ["a line break", broken, "has whitespace inside; write the token as one line, as it was downloaded"],
    ].map(([rule, license, reason]) =>
      make(`${rule}`, { host: { name: "manager", license } }, `host.license ${reason}`, license ? [license] : []),
    );
  testRefusals(licences(ofHostProxy));
  testRefusals(licences(ofV1Host));

  test("whitespace around it is removed", async () => {
    const license = `\n${goodToken()} \n`;
    const { outputs } = await record(() => {
      const { hostFiles } = new InstanceManagerHostProxy("nim", { ...hostProxy, host: { name: "m", license } });
      return { license: hostFiles.apply((files) => files.find(({ path }) => /license/.test(path))!.content) };
    });
    expect(reveal(outputs)).toEqual({ license: license.trim() });
  });
});

describe("K2: a bad snippet", () => {
  const bad = { name: "bad name" };
  const reason = "name is not the name of a directive; write the name alone, and its arguments in args";
  const nested = { name: "location", args: ["/own"], block: [{ name: "add_header", args: ["X-A", "1"] }, bad] };
  testRefusals(
    [
      ofProxy("of the whole", { snippets: { http: [bad] } }, `snippets.http[0].${reason}`),
      ofProxy(
        "in a block that gets headers",
        { snippets: { manager: [nested] } },
        `snippets.manager[0].block[1].${reason}`,
      ),
      ofProxy(
        "beside names that are outputs",
        {
          namespace: pulumi.output("nim"),
          hostname: { manager: pulumi.output("nim.example.com"), agents: "agents.nim.example.com" },
          snippets: { agents: [bad] },
        },
        `snippets.agents[0].${reason}`,
      ),
      ofV1Proxy("of Instance Manager 1", { snippets: { api: [nested] } }, `snippets.api[0].block[1].${reason}`),
      ofHostProxy("of a host", { snippets: { manager: [nested] } }, `snippets.manager[0].block[1].${reason}`),
      ofV1Host(
        "of a host of Instance Manager 1",
        { front: { ...v1Host.front, snippets: { agents: [bad] } } },
        `front.snippets.agents[0].${reason}`,
      ),
      ofProxy(
        "arguments of the pods",
        { pods: { replicas: -1 } },
        "pods.replicas is -1; write a whole number from 1 to 1000",
      ),
    ].map((one) => ({ ...one, plain: true })),
  );
});

describe("names from elsewhere", () => {
  testRefusals(
    [
      ofProxy("the pods'", { replicas: 3 }, "replicas is not an argument; write pods.replicas"),
      ofProxy("a former one", { agentMtls: "off" }, "agentMtls is not an argument; write agents.mtls"),
      ofV1Proxy("the pods' of 1", { service: {} }, "service is not an argument; write pods.service"),
      ofHostProxy(
        "a Secret where PEM is wanted",
        {
          backends: { apigw: { host: "gateway.example.com" } },
          backendTls: { trustedCertificatesPem: root.certificate, trustedCertificates: secret("x") },
        },
        "backendTls.trustedCertificates is not an argument; write backendTls.trustedCertificatesPem",
      ),
      ofV1Host("the front's", { status: {} }, "status is not an argument; write front.status"),
    ].map((one) => ({ ...one, plain: true })),
  );
});

test.each([
  [
    InstanceManagerProxy,
    {
      ...proxy,
      hostname: { ...hostname, manager: "a..b" },
      agents: { verifyDepth: 0, revocation: { deniedSerials: ["0A", "x"] } },
      pods: { replicas: "3" },
      backends: { dpm: { port: 70_000 } },
    },
    [
      'pods.replicas is "3"; write a number',
      "hostname.manager is not a host name; write labels of letters, digits and `-` between single dots, for example `broker.example.com`",
      "agents.verifyDepth is 0; write a whole number from 1 to 10",
      "agents.revocation.deniedSerials[1] is not a serial number in hexadecimal; write the output of `openssl x509 -noout -serial`, at most 40 digits",
      "backends.dpm.port is 70000; write a whole number from 1 to 65535",
    ],
  ],
  [
    InstanceManagerHostProxy,
    {
      ...hostProxy,
      host: { name: "Manager_1", user: "www data" },
      agents: { silenceSeconds: 0 },
      drainSeconds: 0,
      backends: { apigw: { host: "unix:x" } },
    },
    [
      "host.name is not the name of a host; write lower-case letters, digits and `-` between dots",
      "host.user is not the name of a user or group; write lower-case letters, digits, `_` and `-`, beginning with a letter or `_`",
      "agents.silenceSeconds is 0; write a whole number from 1 to 86400",
      "backends.apigw.host is not the path of a socket; write unix:/var/run/nms/am.sock",
      "drainSeconds is 0; write a whole number from 1 to 86400",
    ],
  ],
  [
    InstanceManagerV1Host,
    {
      ...v1Host,
      manager: { bindAddress: "example.com", logLevel: "loud" },
      front: { ...v1Host.front, headers: { frameOptions: "ALLOW" }, status: { allow: ["banana"] } },
      statusUsers: "ops:open sesame",
    },
    [
      'manager.logLevel is "loud"; write one of "panic", "fatal", "error", "info", "debug", "trace"',
      "manager.bindAddress is neither an address nor the path of a socket; write 127.0.0.1, or a path",
      'front.headers.frameOptions is "ALLOW", which browsers ignore; write SAMEORIGIN or DENY; for others there is contentSecurityPolicy with "frame-ancestors"',
      "front.status.allow[0] is not a network or an address; write for example `192.0.2.0/24` or `192.0.2.10`",
      "statusUsers is not a password file; write lines as `htpasswd` or `openssl passwd -6` make them: user:hash",
    ],
  ],
  [
    InstanceManagerV1Proxy,
    {
      ...v1Proxy,
      hostname: "nim",
      manager: { host: "https://10.0.0.7", grpcPort: 0 },
      agents: { corsOrigin: "*", mtls: "on" },
      pods: { imagePullSecrets: ["Reg_Cred"] },
      license: {},
    },
    [
      "license.secretName is missing; write a string: Name of the Secret, in the namespace of the pods",
      'agents.mtls is "on"; write one of "required", "optional", "off"',
      "manager.host is not a host name or an address; write the host alone, without scheme, port or path; IPv6 in brackets",
      "manager.grpcPort is 0; write a whole number from 1 to 65535",
      "agents.corsOrigin is not one origin; write the scheme and the host of the page, without a path: https://nginx-manager.example.com",
      "pods.imagePullSecrets[0] is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ],
  ],
] as const)("%p says every fault at once", (component, args, sentences) => {
  const thrown = thrownBy(() => new (component as new (name: string, args: never) => unknown)("x", args as never));
  expect(withoutPlace((thrown as Error).message).split("\n")).toEqual(
    sentences.map((sentence) => `${component.name} "x": ${sentence}`),
  );
});

test("in a Namespace that denies all traffic, the proxy may reach the parts of Instance Manager", async () => {
  const run = await record(() => {
    const namespace = new Namespace("nim", { defaultDeny: true }).name;
    const issuer = new CertificateAuthority("authority", { subject: { commonName: "root" } });
    const subject = { commonName: "nim" };
    const made = { namespace, issuer, subject };
    new InstanceManagerProxy("front", {
      ...{ namespace, edition: "oss", hostname },
      certificate: new Certificate("server", { ...made, usage: "server", dnsNames: Object.values(hostname) }),
      agentAuthorities: new TrustedCertificates("agents", { namespace, certificatesPem: issuer.bundle }),
      backendTls: {
        trustedCertificates: new TrustedCertificates("backends", { namespace, certificatesPem: issuer.bundle }),
        clientCertificate: new Certificate("client", { ...made, usage: "client" }),
      },
    });
  });
  const policies = manifests(run, { secrets: "digest" }).filter(({ kind }) => kind === "NetworkPolicy");
  const policy = policies.find(({ metadata }) => metadata.name.startsWith("front-nginx")) as unknown as {
    spec: { ingress: { ports: { port: number }[] }[]; egress: { ports: { port: number }[] }[] };
  };
  expect(policy.spec.ingress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([8443]);
  const open = policy.spec.egress.flatMap(({ ports }) => ports.map(({ port }) => port));
  expect(open).toEqual(expect.arrayContaining([443, 8443, 8036, 8035]));
});

describe("K5: a snippet that repeats a directive", () => {
  const repeats = (path: string, name: string, remedy: string) =>
    `${path}[0] repeats ${name}, which this component writes in the same block; ${remedy}`;
  const once = "remove it: NGINX accepts it once";
  const body = [{ name: "client_max_body_size", args: ["1m"] }];
  testRefusals(
    [
      ofProxy(
        "of the manager's server",
        { snippets: { manager: body } },
        repeats("snippets.manager", "client_max_body_size", once),
      ),
      ofHostProxy(
        "of the manager's server of a host",
        { snippets: { manager: body } },
        repeats("snippets.manager", "client_max_body_size", once),
      ),
      ofV1Host(
        "of the agents' server",
        { front: { ...v1Host.front, snippets: { agents: [{ name: "client_body_timeout", args: ["5s"] }] } } },
        repeats("front.snippets.agents", "client_body_timeout", "write front.agents.pauseSeconds instead"),
      ),
      ofHostProxy(
        "of the http block of a host",
        { snippets: { http: [{ name: "keepalive_timeout", args: ["5s"] }] } },
        repeats("snippets.http", "keepalive_timeout", once),
      ),
      ofV1Host(
        "of the http block of a host of Instance Manager 1",
        { front: { ...v1Host.front, snippets: { http: [{ name: "server_tokens", args: ["on"] }] } } },
        repeats("front.snippets.http", "server_tokens", once),
      ),
      ofProxy(
        "or that is none of NGINX's",
        { snippets: { manager: [{ name: "proxypass", args: ["http://x"] }] } },
        'snippets.manager[0].name is "proxypass", which is not a directive of NGINX; correct it, or set thirdParty: true on the node if another module has it',
      ),
    ].map((one) => ({ ...one, plain: true })),
  );
});
