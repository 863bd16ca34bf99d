import { X509Certificate } from "node:crypto";
import { missingPrograms } from "../../../loopback/missing";
import { OpenSsl, pemBlocks } from "../../dataplane/openssl";
import { secretOf } from "../secret-texts";
import { type Installed, installed } from "./instance-manager-fixture";

const openssl = new OpenSsl();
afterAll(() => openssl.remove());
const missing = missingPrograms("openssl");
const opensslTest = missing ? test.skip : test;
const why = missing ? ` (${missing})` : "";

const parts = ["core", "dpm", "ingestion", "integrations", "secmon"];
let manager: Installed;
let another: Installed;
beforeAll(async () => {
  manager = await installed({ hostnames: ["nim.example.com"] });
  another = await installed({ internalCertificates: {} });
});

/** The texts of the Secret that the chart is told for a part. */
const texts = (part: string, { values, texts }: Installed = manager) => texts(values.externalCerts[part].secretName);
const roots = () => texts("ca")["ca.pem"]!;

test("the Secrets have the keys that the chart mounts, and no other", () => {
  const keys = (...names: string[]) => names.flatMap((name) => [`${name}.key`, `${name}.pem`]);
  for (const part of parts) expect(Object.keys(texts(part)).sort()).toEqual(keys(`${part}-client`, `${part}-server`));
  expect(Object.keys(texts("apigw")).sort()).toEqual(keys("apigw-client"));
  expect(Object.keys(texts("ca")).sort()).toEqual(["ca.crt", "ca.pem"]);
});

test("no key of an authority is in the cluster", () => {
  const secrets = manager.objects.filter(({ kind }) => kind === "Secret");
  const all = secrets.flatMap(({ metadata }) => Object.entries(manager.texts(metadata.name)));
  expect(all.map(([key]) => key)).not.toContain("ca.key");
  const authorities = manager.run.requests
    .filter(({ type, name }) => type === "tls:index/privateKey:PrivateKey" && name.startsWith("authority"))
    .map(({ outputs }) => JSON.stringify(outputs));
  expect(authorities).toHaveLength(2);
  for (const [, text] of all)
    for (const key of pemBlocks(text).filter((block) => block.includes("PRIVATE KEY")))
      for (const authority of authorities) expect(authority).not.toContain(JSON.stringify(key).slice(1, -1));
});

test.each(parts)("names and usages of %s are those that the chart's own have", (part) => {
  const secret = texts(part);
  const server = new X509Certificate(secret[`${part}-server.pem`]!);
  expect(server.subject).toBe(`CN=${part}.nim`);
  // In this order: the database of a part dials by the first.
  expect(server.subjectAltName).toBe(
    `DNS:${part}, DNS:${part}.nim.svc, DNS:${part}.nim.svc.cluster.local, IP Address:0.0.0.0, IP Address:127.0.0.1`,
  );
  expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  const client = new X509Certificate(secret[`${part}-client.pem`]!);
  expect(client.subject).toBe(`CN=${part}-client`);
  expect(client.subjectAltName).toBe(`DNS:${part}-api-service, DNS:${part}-grpc-service`);
  expect(client.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  for (const own of [server, client]) expect(own.ca).toBe(false);
});

test("keys belong to their certificates, and are RSA of 2048 bits unless another is asked for", () => {
  for (const one of [manager, another])
    for (const part of parts) {
      const secret = texts(part, one);
      for (const file of [`${part}-server`, `${part}-client`]) {
        const { publicKey } = new X509Certificate(secret[`${file}.pem`]!);
        expect(openssl.run(["pkey", "-pubout"], secret[`${file}.key`])).toBe(
          publicKey.export({ type: "spki", format: "pem" }),
        );
        expect(publicKey.asymmetricKeyType).toBe(one === manager ? "ec" : "rsa");
        if (one === another) expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
      }
    }
});

opensslTest(`every part verifies every other by ca.pem, by name and by address${why}`, () => {
  for (const part of parts) {
    const { [`${part}-server.pem`]: server, [`${part}-client.pem`]: client } = texts(part);
    for (const host of [part, `${part}.nim.svc`, `${part}.nim.svc.cluster.local`])
      expect(openssl.verify(server!, roots(), "sslserver", ["-verify_hostname", host])).toBe("OK");
    expect(openssl.verify(server!, roots(), "sslserver", ["-verify_ip", "127.0.0.1"])).toBe("OK");
    // The databases of a part show it in both directions.
    expect(openssl.verify(server!, roots(), "sslclient")).toBe("OK");
    expect(openssl.verify(client!, roots(), "sslclient")).toBe("OK");
  }
  expect(openssl.verify(texts("apigw")["apigw-client.pem"]!, roots(), "sslclient")).toBe("OK");
});

opensslTest(`another part, a client and a certificate of another authority are found out${why}`, () => {
  const { "dpm-server.pem": server, "dpm-client.pem": client } = texts("dpm");
  expect(openssl.verify(server!, roots(), "sslserver", ["-verify_hostname", "core"])).toBe("hostname mismatch");
  // NGINX verifies an upstream by the upstream's own name unless told otherwise, and only a client's certificate has that.
  expect(openssl.verify(server!, roots(), "sslserver", ["-verify_hostname", "dpm-grpc-service"])).toBe(
    "hostname mismatch",
  );
  expect(openssl.verify(client!, roots(), "sslserver", ["-verify_hostname", "dpm-grpc-service"])).toMatch(
    /unsuitable certificate purpose|unsupported certificate purpose/,
  );
  expect(openssl.verify(server!, texts("ca", another)["ca.pem"]!, "sslserver")).not.toBe("OK");
});

opensslTest(
  `the HTTPS certificate is good for the Service and for the hostnames, where the root is trusted${why}`,
  () => {
    const { "tls.crt": chain } = manager.texts(manager.values.apigw.tlsSecret);
    for (const host of ["apigw", "apigw.nim.svc", "apigw.nim.svc.cluster.local", "nim.example.com"])
      expect(openssl.verify(chain!, roots(), "sslserver", ["-verify_hostname", host])).toBe("OK");
    expect(openssl.verify(chain!, roots(), "sslserver", ["-verify_hostname", "agents.nim.example.com"])).toBe(
      "hostname mismatch",
    );
  },
);

opensslTest(`a proxy is known by its certificate as the chart's gateway is${why}`, () => {
  const { "tls.crt": chain, "ca.crt": trusted } = secretOf(manager.run, "nim-proxy-client");
  expect(trusted).toBe(roots());
  expect(openssl.verify(chain!, roots(), "sslclient")).toBe("OK");
  const identity = (pem: string) => {
    const { subject, subjectAltName } = new X509Certificate(pem);
    return { subject, subjectAltName };
  };
  expect(identity(chain!)).toEqual(identity(texts("apigw")["apigw-client.pem"]!));
});

test("they last 90 days, not the chart's hundred years", () => {
  const { validFrom, validTo } = new X509Certificate(texts("core")["core-server.pem"]!);
  expect(Math.round((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000)).toBe(90);
});
