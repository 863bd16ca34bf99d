import { createPrivateKey, X509Certificate } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  type CertificateArgs,
  CertificateAuthority,
  type CertificateAuthorityArgs,
  type CertificateIssuer,
  type HostCertificate,
} from "../../../components/pki";
import { manifests, type RunResult, record, reveal, Secret } from "../../../engine";
import { secretOf } from "../secret-texts";

const intermediate = { subject: { commonName: "Issuing" } };
const twoTier: CertificateAuthorityArgs = { subject: { commonName: "Root" }, intermediate };
const server = {
  usage: "server",
  subject: { commonName: "broker" },
  dnsNames: ["broker.example.com"],
} satisfies Partial<CertificateArgs>;

/** An authority and one certificate of it. */
async function hierarchy(
  args: CertificateAuthorityArgs = twoTier,
  certificate: Partial<CertificateArgs> = {},
  opts?: () => pulumi.ComponentResourceOptions,
) {
  const result = await record(() => {
    const options = opts?.();
    const issuer = new CertificateAuthority("ca", args, options);
    const leaf = new Certificate("leaf", { namespace: "edge", issuer, ...server, ...certificate }, options);
    const { privateKeyPem, bundle, chain, rootCertificatePem, certificatePem, validityEndTime, renewFrom } = issuer;
    const ca = { privateKeyPem, bundle, chain, rootCertificatePem, certificatePem, validityEndTime, renewFrom };
    return {
      ca,
      revision: leaf.revision,
      leafEnd: leaf.validityEndTime,
      ready: leaf.readyForRenewal,
      chainPem: leaf.chainPem,
    };
  });
  const request = (name: string) => result.requests.find((candidate) => candidate.name === name)!;
  const ca = reveal(result.outputs.ca!) as Record<string, string>;
  return { result, request, ca, secret: secretOf(result, "leaf") };
}

/** Resource names with what was asked of the provider, PEM texts left out. */
function asked({ requests }: RunResult) {
  return requests
    .filter(({ type }) => type.startsWith("tls:"))
    .map(({ name, inputs }) => {
      const texts = ["caCertPem", "caPrivateKeyPem", "certRequestPem", "privateKeyPem"];
      return { name, ...Object.fromEntries(Object.entries(inputs).filter(([key]) => !texts.includes(key))) };
    })
    .sort((one, other) => one.name.localeCompare(other.name));
}

describe("what is asked of the TLS provider", () => {
  test("for a root, an intermediate and a server, by default", async () => {
    expect(asked((await hierarchy()).result)).toMatchInlineSnapshot(`
[
  {
    "allowedUses": [
      "cert_signing",
      "crl_signing",
    ],
    "isCaCertificate": true,
    "name": "ca-intermediate",
    "setSubjectKeyId": true,
    "validityPeriodHours": 43800,
  },
  {
    "algorithm": "ECDSA",
    "ecdsaCurve": "P256",
    "name": "ca-intermediate-key",
  },
  {
    "name": "ca-intermediate-request",
    "subject": {
      "commonName": "Issuing",
    },
  },
  {
    "allowedUses": [
      "cert_signing",
      "crl_signing",
    ],
    "isCaCertificate": true,
    "maxPathLength": 1,
    "name": "ca-root",
    "setAuthorityKeyId": true,
    "setSubjectKeyId": true,
    "subject": {
      "commonName": "Root",
    },
    "validityPeriodHours": 87600,
  },
  {
    "algorithm": "ECDSA",
    "ecdsaCurve": "P256",
    "name": "ca-root-key",
  },
  {
    "allowedUses": [
      "digital_signature",
      "server_auth",
    ],
    "earlyRenewalHours": 720,
    "name": "leaf-certificate",
    "setSubjectKeyId": true,
    "validityPeriodHours": 2160,
  },
  {
    "algorithm": "ECDSA",
    "ecdsaCurve": "P256",
    "name": "leaf-key",
  },
  {
    "dnsNames": [
      "broker.example.com",
    ],
    "name": "leaf-request",
    "subject": {
      "commonName": "broker",
    },
  },
]
`);
  });

  test("for RSA keys, other lifetimes, a client, and no intermediate", async () => {
    const key = { keyAlgorithm: "RSA", rsaBits: 2048 } as const;
    const { result } = await hierarchy(
      {
        ...key,
        subject: { commonName: "Root", organization: "Example" },
        validityHours: 10_000,
        renewalWindowHours: 3_000,
      },
      { ...key, usage: "client", validityHours: 3_000, earlyRenewalHours: 24 },
    );
    expect(asked(result)).toMatchInlineSnapshot(`
[
  {
    "allowedUses": [
      "cert_signing",
      "crl_signing",
    ],
    "isCaCertificate": true,
    "name": "ca-root",
    "setAuthorityKeyId": true,
    "setSubjectKeyId": true,
    "subject": {
      "commonName": "Root",
      "organization": "Example",
    },
    "validityPeriodHours": 10000,
  },
  {
    "algorithm": "RSA",
    "name": "ca-root-key",
    "rsaBits": 2048,
  },
  {
    "allowedUses": [
      "digital_signature",
      "key_encipherment",
      "client_auth",
    ],
    "earlyRenewalHours": 24,
    "name": "leaf-certificate",
    "setSubjectKeyId": true,
    "validityPeriodHours": 3000,
  },
  {
    "algorithm": "RSA",
    "name": "leaf-key",
    "rsaBits": 2048,
  },
  {
    "dnsNames": [
      "broker.example.com",
    ],
    "name": "leaf-request",
    "subject": {
      "commonName": "broker",
    },
  },
]
`);
  });
});

test("the Secret of a certificate", async () => {
  const { result, ca, secret } = await hierarchy(twoTier, { labels: { team: "platform" } });
  const [object] = manifests(result, { secrets: "show" });
  expect({ ...object, data: "…" }).toMatchInlineSnapshot(`
{
  "apiVersion": "v1",
  "data": "…",
  "kind": "Secret",
  "metadata": {
    "labels": {
      "team": "platform",
    },
    "name": "leaf-secret-6170b861",
    "namespace": "edge",
  },
  "type": "kubernetes.io/tls",
}
`);
  expect(Object.keys(secret)).toEqual(["ca.crt", "tls.crt", "tls.key"]);
  expect(secret["ca.crt"]).toBe(ca.rootCertificatePem);
  expect(secret["tls.crt"]).toBe(result.outputs.chainPem);
  expect(secret["tls.crt"]?.endsWith(ca.certificatePem ?? "-")).toBe(true);
});

test.each([
  ["a root", { subject: { commonName: "Root" } }, 17_520],
  ["an intermediate", twoTier, 8_760],
  ["a root that lives shortly", { subject: { commonName: "Root" }, validityHours: 12_000 }, 2_400],
  ["a root with a window of its own", { subject: { commonName: "Root" }, renewalWindowHours: 4_000 }, 4_000],
] as const)("%s is due for a rollover the right time before its end", async (_, args, hours) => {
  const { ca } = await hierarchy(args);
  expect((Date.parse(ca.validityEndTime ?? "") - Date.parse(ca.renewFrom ?? "")) / 3_600_000).toBe(hours);
});

test("below a short-lived root, an intermediate lives half as long", async () => {
  const { request } = await hierarchy({ ...twoTier, validityHours: 40_000 });
  expect(request("ca-intermediate").inputs.validityPeriodHours).toBe(20_000);
});

test("an authority that is not due says nothing, and a certificate tells its end", async () => {
  const { result } = await hierarchy();
  expect(result.log).toEqual([]);
  expect(result.outputs.ready).toBe(false);
  const hours = (Date.parse(String(result.outputs.leafEnd)) - Date.now()) / 3_600_000;
  expect(Math.round(hours)).toBe(2_160);
});

test("every child is named after its component, below it, and has what the component was given", async () => {
  const { request } = await hierarchy(twoTier, {}, () => ({
    provider: new k8s.Provider("cluster", {}),
    protect: true,
  }));
  for (const [component, suffixes] of Object.entries({
    ca: ["root-key", "root", "intermediate-key", "intermediate-request", "intermediate"],
    leaf: ["key", "request", "certificate", "secret"],
  }))
    for (const suffix of suffixes) {
      const child = request(`${component}-${suffix}`);
      expect(child.parent).toBe(request(component).urn);
      expect(child.protect).toBe(true);
    }
  expect(request("leaf-secret").provider).toContain(request("cluster").urn);
});

describe("secrets", () => {
  test("private keys stand in the envelopes of secrets alone", async () => {
    const { result, ca, secret } = await hierarchy({ ...twoTier, additionalRoots: [] });
    const rootKey = String(
      reveal(result.requests.find(({ name }) => name === "ca-root-key")?.outputs.privateKeyPem ?? ""),
    );
    // What is in an envelope is written as "[secret]".
    const open = JSON.stringify({ requests: result.requests, outputs: result.outputs, log: result.log });
    for (const key of [rootKey, ca.privateKeyPem ?? "", secret["tls.key"] ?? ""]) {
      const body = key.split("\n")[1] ?? "";
      expect(body).toMatch(/^[A-Za-z0-9+/]{64}$/);
      const spellings = [
        body,
        ...(["base64", "base64url", "hex"] as const).map((form) => Buffer.from(key).toString(form)),
      ];
      for (const spelling of spellings) expect(open).not.toContain(spelling);
    }
    expect(open).toContain("[secret]");
  });

  test("components register what identifies and configures, and no PEM of a leaf or bundle again", async () => {
    const { request } = await hierarchy();
    expect(request("leaf").inputs).toEqual({ namespace: "edge", ...server });
    expect(Object.keys(request("leaf").outputs).sort()).toEqual(["readyForRenewal", "secretName", "validityEndTime"]);
    expect(request("ca").inputs).toEqual(twoTier);
    expect(Object.keys(request("ca").outputs).sort()).toEqual([
      "certificatePem",
      "csrPem",
      "renewFrom",
      "renewalWindowHours",
      "rootCertificatePem",
      "validityEndTime",
    ]);
  });

  test("the key of an issuer that is given in plain values becomes a secret", async () => {
    const { ca } = await hierarchy();
    const issuer: CertificateIssuer = {
      certificatePem: ca.certificatePem ?? "",
      privateKeyPem: ca.privateKeyPem ?? "",
      chain: ca.chain ?? "",
      bundle: ca.bundle ?? "",
      renewalWindowHours: 2160,
    };
    const result = await record(() => void new Certificate("leaf", { namespace: "edge", issuer, ...server }));
    expect(JSON.stringify(result.requests)).not.toContain(issuer.privateKeyPem);
    expect(secretOf(result, "leaf")["ca.crt"]).toBe(ca.bundle);
  });

  test("the key of an external authority that is given in plain becomes a secret", async () => {
    const { ca } = await hierarchy({ subject: { commonName: "Root" } });
    const [certificatePem = "", privateKeyPem = ""] = [ca.certificatePem, ca.privateKeyPem];
    const { result } = await hierarchy({ external: { certificatePem, privateKeyPem } });
    const body = privateKeyPem.split("\n")[1] ?? "";
    expect(body).toMatch(/^[A-Za-z0-9+/]{64}$/);
    expect(JSON.stringify([result.requests, result.outputs, result.log])).not.toContain(body);
    expect((reveal(result.outputs.ca ?? "") as Record<string, string>).privateKeyPem).toBe(privateKeyPem);
  });

  test("the revision changes with the certificate", async () => {
    const revisions = [await hierarchy(), await hierarchy()].map(({ result }) => reveal(result.outputs.revision ?? ""));
    expect(revisions[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(revisions[1]).not.toBe(revisions[0]);
    expect(JSON.stringify((await hierarchy()).result.outputs.revision)).toBe('"[secret]"');
  });
});

test("a preview, in which nothing is known, registers all of it", async () => {
  const names = async (preview: boolean) => {
    const { requests } = await record(
      () => {
        const issuer = new CertificateAuthority("ca", twoTier);
        new Certificate("leaf", { namespace: "edge", issuer, ...server });
      },
      { preview },
    );
    return requests.map(({ name }) => name).sort();
  };
  expect(await names(true)).toEqual(await names(false));
});

test("an existing Secret is used as it is", async () => {
  const result = await record(() => {
    const existing = { name: "from-cert-manager", revision: "3" };
    const { secretName, certificatePem, csrPem, readyForRenewal } = new Certificate("leaf", {
      namespace: "edge",
      existing,
    });
    return { secretName, certificatePem, csrPem, readyForRenewal };
  });
  expect(result.outputs).toEqual({
    secretName: "from-cert-manager",
    certificatePem: "",
    csrPem: "",
    readyForRenewal: false,
  });
  expect(result.requests.map(({ name }) => name)).toEqual(["project-test", "leaf"]);
});

test("a certificate for hosts is in no Secret: its chain and its key, which is a secret, go into files", async () => {
  const result = await record(() => {
    const issuer = new CertificateAuthority("ca", twoTier);
    const leaf = new Certificate("leaf", { forHosts: true, issuer, ...server });
    const host: HostCertificate = leaf;
    return { ...host, secretName: leaf.secretName, revision: leaf.revision };
  });
  expect(manifests(result)).toEqual([]);
  const { chainPem, privateKeyPem, secretName, revision } = reveal(result.outputs) as Record<string, string>;
  expect([secretName, revision]).toEqual(["", ""]);
  expect(chainPem!.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  expect(new X509Certificate(chainPem!).checkPrivateKey(createPrivateKey(privateKeyPem!))).toBe(true);
  expect(result.outputs.privateKeyPem).toBeInstanceOf(Secret);
  const leaf = result.requests.find(({ name }) => name === "leaf")!;
  expect(leaf.inputs).toEqual({ forHosts: true, ...server });
  expect(JSON.stringify(leaf.outputs)).not.toContain("[secret]");
});

test("every certificate with a key of ours gives it, one that is not signed too, and an existing one none", async () => {
  const { outputs } = await record(() => ({
    unsigned: new Certificate("unsigned", { namespace: "edge", ...server }).privateKeyPem,
    existing: new Certificate("existing", { namespace: "edge", existing: { name: "there" } }).privateKeyPem,
  }));
  expect(outputs.unsigned).toBeInstanceOf(Secret);
  expect(createPrivateKey(reveal(outputs.unsigned!) as string).asymmetricKeyType).toBe("ec");
  expect(reveal(outputs.existing!)).toBe("");
});
