import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  type CertificateArgs,
  CertificateAuthority,
  Gateway,
  GatewayFabric,
  type GatewayFabricArgs,
  GatewayFabricV1,
  type GatewayListener,
  LicenseSecret,
  Namespace,
  RegistrySecret,
} from "../../../components";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { goodToken } from "../foundation/token";
import { withoutPlace } from "../refusals";

/** Sentences of a program's refusal; none where it is accepted. */
const refusal = async (program: () => void): Promise<string[]> => {
  const message = await record(program).then(
    () => "",
    (error: Error) => withoutPlace(error.message),
  );
  return message === "" ? [] : message.split("\n");
};
const objects = async (program: () => void): Promise<KubernetesObject[]> =>
  manifests(await record(program), { secrets: "show" });

const http: GatewayListener = { name: "http", port: 80, protocol: "HTTP" };
const oss = { namespace: "nginx-gateway", edition: "oss", crds: "existing" } as const;

/** The refusal of a Gateway with one listener, of a GatewayFabric with these arguments. */
const served = (listener: object, args: Partial<GatewayFabricArgs> = {}) =>
  refusal(() => {
    const { gatewayClassName } = new GatewayFabric("fabric", { ...oss, ...args });
    new Gateway("web", { namespace: "shop", gatewayClassName, listeners: [{ ...http, ...listener }] });
  });

/** The refusal of a Gateway with one listener, of a GatewayFabricV1. */
const servedV1 = (listener: object) =>
  refusal(() => {
    const { gatewayClassName } = new GatewayFabricV1("fabric", oss);
    new Gateway("web", { namespace: "shop", gatewayClassName, listeners: [{ ...http, ...listener }] });
  });

describe("a listener that the version of its class does not serve is refused", () => {
  const certificates = [{ secretName: "one" }, { secretName: "two" }];
  const newer: Partial<GatewayFabricArgs> = {
    customVersion: {
      version: "2.7.2",
      chartVersion: "2.7.2",
      imageTag: "2.7.2",
      gatewayApiVersion: "1.6.1",
      plusRelease: "R37.0",
      kubernetes: "1.32",
      secretNameLimit: 253,
      behavesLike: "2.6.7",
    },
  };

  test.each<[string, object, Partial<GatewayFabricArgs>, string[]]>([
    [
      "TCP without experimental features",
      { protocol: "TCP" },
      {},
      [
        'listeners[0].protocol is TCP, to which no route can attach: GatewayFabric "fabric" has version 2.6.8 without experimentalFeatures; write experimentalFeatures: true in GatewayFabric "fabric", or use version 2.7.0 or later',
      ],
    ],
    [
      "UDP before 2.4.0",
      { protocol: "UDP" },
      { version: "2.3.0", experimentalFeatures: true },
      [
        'listeners[0].protocol is UDP, to which no route can attach: GatewayFabric "fabric" has version 2.3.0; use version 2.7.0 or later, or 2.4.0 or later with experimentalFeatures: true',
      ],
    ],
    ["TCP with experimental features", { protocol: "TCP" }, { experimentalFeatures: true }, []],
    [
      "TLS that ends at the Gateway before 2.7.0",
      { protocol: "TLS", certificates: [{ secretName: "one" }] },
      {},
      [
        'listeners[0].protocol is TLS that ends at the Gateway, which is not served: GatewayFabric "fabric" has version 2.6.8; write passthrough: true, use protocol HTTPS, or use version 2.7.0 or later',
      ],
    ],
    ["TLS that ends at the Gateway", { protocol: "TLS", certificates: [{ secretName: "one" }] }, newer, []],
    [
      "TLS passthrough before 2.5.0",
      { protocol: "TLS", passthrough: true },
      { version: "2.4.2" },
      [
        'listeners[0].protocol is TLS, to which no route can attach: GatewayFabric "fabric" has version 2.4.2 without experimentalFeatures; write experimentalFeatures: true in GatewayFabric "fabric", or use version 2.5.0 or later',
      ],
    ],
    ["TLS passthrough", { protocol: "TLS", passthrough: true }, {}, []],
    [
      "several certificates before 2.6.0",
      { protocol: "HTTPS", certificates },
      { version: "2.5.1" },
      [
        'listeners[0].certificates are 2, of which a listener may have one: GatewayFabric "fabric" has version 2.5.1; write a listener for each host name, or use version 2.6.0 or later',
      ],
    ],
    ["several certificates", { protocol: "HTTPS", certificates }, {}, []],
    [
      "the port of the data plane's metrics",
      { port: 9113 },
      {},
      ['listeners[0].port is 9113, which serves metrics in the pods of GatewayFabric "fabric"; choose another port'],
    ],
    ["a port that metrics have left", { port: 9113 }, { dataPlane: { config: { metrics: { port: 9999 } } } }, []],
    ["the port of metrics that are off", { port: 9113 }, { dataPlane: { config: { metrics: { disable: true } } } }, []],
  ])("%s", async (_rule, listener, args, faults) => {
    expect(await served(listener, args)).toEqual(faults.map((fault) => `Gateway "web": ${fault}`));
  });

  test("also of the 1.6 line", async () => {
    expect(await servedV1({ protocol: "TLS", passthrough: true })).toEqual([
      'Gateway "web": listeners[0].protocol is TLS, to which no route can attach: GatewayFabricV1 "fabric" has version 1.6.2 without experimentalFeatures; write experimentalFeatures: true in GatewayFabricV1 "fabric", or use GatewayFabric with version 2.5.0 or later',
    ]);
    expect(await servedV1({ port: 8081 })).toEqual([
      'Gateway "web": listeners[0].port is 8081, which serves the readiness probe in the pods of GatewayFabricV1 "fabric"; choose another port',
    ]);
    expect(await servedV1({})).toEqual([]);
  });

  test("a Gateway of the 1.6 line has no pods of its own to set", async () => {
    const program = (more: object) => () => {
      const { gatewayClassName } = new GatewayFabricV1("fabric", oss);
      new Gateway("web", { namespace: "shop", gatewayClassName, listeners: [http], ...more });
    };
    const settings = { infrastructureLabels: { a: "b" }, infrastructureAnnotations: { a: "b" }, nginxProxy: "own" };
    expect(await refusal(program(settings))).toEqual(
      Object.keys(settings).map(
        (path) =>
          `Gateway "web": ${path} is given for GatewayFabricV1 "fabric", which makes nothing for a Gateway; leave it out, or use GatewayFabric`,
      ),
    );
    expect(await refusal(program({ labels: { a: "b" } }))).toEqual([]);
  });

  test("a Gateway is in a namespace that its GatewayFabric watches", async () => {
    const program = (namespace: () => pulumi.Input<string>) => () => {
      const { gatewayClassName } = new GatewayFabric("fabric", { ...oss, watchNamespaces: ["shop"] });
      new Gateway("web", { namespace: namespace(), gatewayClassName, listeners: [http] });
    };
    const fault = [
      'Gateway "web": namespace is blog, which GatewayFabric "fabric" does not watch; add it to the watchNamespaces of GatewayFabric "fabric"',
    ];
    expect(await refusal(program(() => "blog"))).toEqual(fault);
    expect(await refusal(program(() => new Namespace("blog", { name: "blog" }).name))).toEqual(fault);
    expect(await refusal(program(() => pulumi.output("blog")))).toEqual(fault);
    for (const name of ["shop", "nginx-gateway"]) {
      expect(await refusal(program(() => name))).toEqual([]);
      expect(await refusal(program(() => new Namespace("own", { name }).name))).toEqual([]);
    }
  });

  test("a class that is named by a text is not known, and refuses nothing", async () => {
    const listeners = [{ ...http, protocol: "TCP" } as GatewayListener];
    expect(
      await refusal(() => void new Gateway("web", { namespace: "shop", gatewayClassName: "nginx", listeners })),
    ).toEqual([]);
  });
});

describe("the certificate of a listener", () => {
  const listener: GatewayListener = { name: "https", port: 443, protocol: "HTTPS", hostname: "shop.example.com" };

  /** The refusal of a listener with certificates that are made with these arguments. */
  const shown = (
    args: (Partial<CertificateArgs> & { from?: string })[],
    more: Partial<GatewayListener> = {},
    reference = {},
  ) =>
    refusal(() => {
      const issuer = new CertificateAuthority("authority", { subject: { commonName: "root" } });
      const certificates = args.map((given, index) => {
        const { secretName, revision } = new Certificate(`certificate-${index}`, {
          namespace: "shop",
          usage: "server",
          subject: { commonName: "shop" },
          dnsNames: ["shop.example.com"],
          issuer,
          ...given,
        });
        return { secretName, revision, ...reference };
      });
      new Gateway("web", {
        namespace: "shop",
        gatewayClassName: "nginx",
        listeners: [{ ...listener, ...more, certificates }],
      });
    });
  const of = (fault: string) => [
    `Gateway "web": listeners[0].certificates[0].secretName is of Certificate "certificate-0", ${fault}`,
  ];

  test("is refused where it is for clients, for other names, or in another namespace", async () => {
    expect(await shown([{ usage: "client" }])).toEqual(
      of('a certificate for a client; give one with usage "server" or "serverAndClient"'),
    );
    expect(await shown([{ dnsNames: ["blog.example.com", "*.shop.example.com"] }])).toEqual(
      of(
        "which is for blog.example.com, *.shop.example.com; add shop.example.com to its dnsNames: clients accept no other certificate",
      ),
    );
    expect(await shown([{ namespace: "certs" }])).toEqual(
      of(
        "which is in another namespace; make it in the Gateway's namespace, or write { secretName, namespace } with its own, for which the Gateway makes a ReferenceGrant",
      ),
    );
  });

  test("is accepted where a name of it covers the listener's", async () => {
    expect(await shown([{ dnsNames: ["*.example.com"] }])).toEqual([]);
    expect(await shown([{ dnsNames: ["Shop.Example.com"] }])).toEqual([]);
    expect(await shown([{ dnsNames: ["shop.example.com"] }], { hostname: "*.example.com" })).toEqual([]);
    expect(await shown([{ dnsNames: ["other.example"] }], { hostname: undefined })).toEqual([]);
    expect(await shown([{ usage: "serverAndClient" }])).toEqual([]);
    expect(await shown([{ dnsNames: [pulumi.output("shop.example.com")] }])).toEqual([]);
  });

  test("is refused once its names are known", async () => {
    expect(await shown([{ dnsNames: [pulumi.output("blog.example.com")] }])).toEqual(
      of("which is for blog.example.com; add shop.example.com to its dnsNames: clients accept no other certificate"),
    );
    expect(await shown([{}], { hostname: pulumi.output("blog.example.com") })).toEqual(
      of("which is for shop.example.com; add blog.example.com to its dnsNames: clients accept no other certificate"),
    );
  });

  test("is the only one with a key of its algorithm", async () => {
    expect(await shown([{}, { keyAlgorithm: "ECDSA" }])).toEqual([
      'Gateway "web": listeners[0].certificates[1].secretName is of Certificate "certificate-1" with a key of ECDSA, as Certificate "certificate-0" has; write a listener for each host name: of several certificates with such keys NGINX shows the last to every client',
    ]);
    expect(await shown([{}, { keyAlgorithm: "RSA" }])).toEqual([]);
  });

  test("may be in another namespace, with a ReferenceGrant", async () => {
    expect(await shown([{ namespace: "certs" }], {}, { namespace: "certs" })).toEqual([]);
    const made = await objects(() => {
      new Gateway("web", {
        namespace: "shop",
        gatewayClassName: "nginx",
        listeners: [
          {
            ...listener,
            certificates: [
              { secretName: "one", namespace: "certs" },
              { secretName: "two", namespace: "vault", grant: false },
              { secretName: "three", namespace: "shop" },
            ],
          },
        ],
      });
    });
    const gateway = made.find(({ kind }) => kind === "Gateway") as KubernetesObject & {
      spec: { listeners: { tls: object }[] };
    };
    expect(gateway.spec.listeners[0]!.tls).toEqual({
      mode: "Terminate",
      certificateRefs: [
        { kind: "Secret", name: "one", namespace: "certs" },
        { kind: "Secret", name: "two", namespace: "vault" },
        { kind: "Secret", name: "three", namespace: "shop" },
      ],
    });
    const grants = made.filter(({ kind }) => kind === "ReferenceGrant");
    expect(grants.map(({ metadata, spec }) => [metadata.namespace, spec])).toEqual([
      [
        "certs",
        {
          from: [{ group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "shop" }],
          to: [{ group: "", kind: "Secret", name: "one" }],
        },
      ],
    ]);
  });
});

describe("Secrets of another namespace", () => {
  const inAnother = (path: string, component: string) =>
    `GatewayFabric "fabric": ${path} is of ${component}, which is in another namespace; make it in the namespace of the pods that use it, once for each namespace`;

  /** Makes a GatewayFabric whose Secrets are all in one namespace. */
  const licensed = (
    own: pulumi.Input<string>,
    namespace: pulumi.Input<string>,
    client: "client" | "server" = "client",
  ) => {
    const jwt = goodToken();
    const issuer = new CertificateAuthority("authority", { subject: { commonName: "root" } });
    const certificate = (name: string, usage: "client" | "server", dnsNames: string[]) =>
      new Certificate(name, { namespace, issuer, usage, subject: { commonName: name }, dnsNames });
    new GatewayFabric("fabric", {
      namespace: own,
      crds: "existing",
      usage: {
        license: new LicenseSecret("license", { namespace, jwt }),
        clientCertificate: certificate("reports", client, ["a.b"]),
      },
      imagePullSecrets: [new RegistrySecret("registry", { namespace, jwt }).secretName],
      serverCertificate: certificate("planes-server", "server", ["nginx-gateway.nginx-gateway.svc"]),
      agentCertificate: certificate("planes-agent", "client", ["*.cluster.local"]),
    });
  };

  test("are refused, all at once", async () => {
    const faults = [
      inAnother("imagePullSecrets[0]", 'RegistrySecret "registry"'),
      inAnother("usage.license.secretName", 'LicenseSecret "license"'),
      inAnother("usage.clientCertificate.secretName", 'Certificate "reports"'),
      inAnother("serverCertificate.secretName", 'Certificate "planes-server"'),
      inAnother("agentCertificate.secretName", 'Certificate "planes-agent"'),
    ];
    expect(await refusal(() => licensed("nginx-gateway", "shared"))).toEqual(faults);
    expect(
      await refusal(() => licensed(new Namespace("own", { name: "nginx-gateway" }).name, new Namespace("shared").name)),
    ).toEqual(faults);
  });

  test("pass where the namespace is the same, as a text and as a Namespace's name", async () => {
    expect(await refusal(() => licensed("nginx-gateway", "nginx-gateway"))).toEqual([]);
    expect(
      await refusal(() => licensed(new Namespace("own", { name: "nginx-gateway" }).name, "nginx-gateway")),
    ).toEqual([]);
  });

  test("nor is a certificate of the wrong kind accepted", async () => {
    expect(await refusal(() => licensed("nginx-gateway", "nginx-gateway", "server"))).toEqual([
      'GatewayFabric "fabric": usage.clientCertificate.secretName is of Certificate "reports", a certificate for a server; give one with usage "client" or "serverAndClient"',
    ]);
  });
});

describe("a Namespace of the same program", () => {
  test("with Pod Security restricted is refused for the 1.6 line, whose pods it does not admit", async () => {
    const program = (podSecurity: "restricted" | "baseline") => () => {
      new GatewayFabricV1("fabric", { ...oss, namespace: new Namespace("own", { podSecurity }).name });
    };
    expect(await refusal(program("restricted"))).toEqual([
      'GatewayFabricV1 "fabric": namespace is of Namespace "own" with Pod Security "restricted", which admits none of the pods; write podSecurity: "baseline" there: the control plane signals NGINX by the capability KILL',
    ]);
    expect(await refusal(program("baseline"))).toEqual([]);
  });

  test("that denies all traffic is refused where the label that it would look for is cut", async () => {
    const names = { name: "n".repeat(40), gatewayClassName: "c".repeat(23) };
    expect(
      await refusal(() => {
        const namespace = new Namespace("own", { defaultDeny: true }).name;
        new GatewayFabric("fabric", { ...oss, ...names, namespace });
      }),
    ).toEqual([
      `GatewayFabric "fabric": namespace is of Namespace "own", which denies traffic of pods with the label ${names.name}-${names.gatewayClassName} of 64 characters, since Gateway Fabric cuts it; shorten name or gatewayClassName: together they have at most 62`,
    ]);
    expect(await refusal(() => void new GatewayFabric("fabric", { ...oss, ...names }))).toEqual([]);
  });

  const policies = async (program: () => void) =>
    (await objects(program)).filter(
      ({ kind, metadata }) => kind === "NetworkPolicy" && !metadata.name.includes("default-deny"),
    );
  const dns = {
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
        podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      },
    ],
    ports: [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ],
  };
  const tcp = (...ports: number[]) => ports.map((port) => ({ port, protocol: "TCP" }));
  const apiServer = { ports: tcp(443, 6443) };
  const anyPod = [{ namespaceSelector: {} }];

  test("that denies all traffic opens what control plane and data plane need, and nothing else", async () => {
    const [controlPlane, gateway, ...others] = await policies(() => {
      const own = new Namespace("own", { name: "nginx-gateway", defaultDeny: true }).name;
      const fabric = new GatewayFabric("fabric", {
        ...oss,
        namespace: own,
        edition: "plus",
        imagePullSecrets: ["regcred"],
        usage: { license: { secretName: "license" }, usageEndpoint: "nim.example.com:8443" },
        experimentalFeatures: true,
        monitoring: { prometheusOperator: true },
      });
      new Gateway("web", {
        namespace: new Namespace("shop", { name: "shop", defaultDeny: true }).name,
        name: "web",
        gatewayClassName: fabric.gatewayClassName,
        listeners: [http, { name: "dns", port: 53, protocol: "UDP" }],
      });
    });
    expect(others).toEqual([]);
    expect(controlPlane!.metadata.namespace).toBe("nginx-gateway");
    expect(controlPlane!.spec).toEqual({
      podSelector: {
        matchLabels: { "app.kubernetes.io/instance": "nginx-gateway", "app.kubernetes.io/name": "nginx-gateway" },
      },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [
            {
              namespaceSelector: {},
              podSelector: { matchLabels: { "app.kubernetes.io/managed-by": "nginx-gateway-nginx" } },
            },
          ],
          ports: tcp(8443),
        },
        { from: anyPod, ports: tcp(9113) },
      ],
      egress: [apiServer, dns],
    });
    expect(gateway!.metadata.namespace).toBe("shop");
    expect(gateway!.spec).toEqual({
      podSelector: { matchLabels: { "gateway.networking.k8s.io/gateway-name": "web" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          ports: [
            { port: 80, protocol: "TCP" },
            { port: 53, protocol: "UDP" },
          ],
        },
      ],
      egress: [dns, { to: anyPod }, { ports: tcp(8443) }],
    });
  });

  test("that denies all traffic opens it for the 1.6 line, whose pods are all in its own", async () => {
    const [pods, ...others] = await policies(() => {
      const { gatewayClassName } = new GatewayFabricV1("fabric", {
        ...oss,
        namespace: new Namespace("own", { podSecurity: "baseline", defaultDeny: true }).name,
        service: { ports: [{ name: "http", port: 80, targetPort: 8080 }] },
      });
      const namespace = new Namespace("shop", { defaultDeny: true }).name;
      new Gateway("web", { namespace, gatewayClassName, listeners: [http] });
    });
    expect(others).toEqual([]);
    expect(pods!.spec).toMatchObject({ ingress: [{ ports: tcp(8080) }], egress: [apiServer, dns, { to: anyPod }] });
  });

  test("without that gets no policy", async () => {
    expect(
      await policies(() => {
        const namespace = new Namespace("own").name;
        const { gatewayClassName } = new GatewayFabric("fabric", { ...oss, namespace });
        new Gateway("web", { namespace, gatewayClassName, listeners: [http] });
      }),
    ).toEqual([]);
  });
});
