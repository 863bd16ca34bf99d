import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  type CertificateAuthorityArgs,
  issuerFrom,
  issuerOutputs,
} from "../../../components/pki";
import { type PropertyMap, record, reveal, Secret } from "../../../engine";
import { missingPrograms } from "../../../loopback/missing";
import { OpenSsl } from "../../dataplane/openssl";
import { requestLints } from "../../lints";
import { secretOf } from "../secret-texts";

const name = "organization/authorities/prod";

/** What the stack with the authority puts out. */
const putOut = async (args: CertificateAuthorityArgs): Promise<PropertyMap> => {
  const { outputs } = await record(() => issuerOutputs("brokers", new CertificateAuthority("brokers", args)));
  return outputs;
};

/** A stack that issues with it, and gives its roots to all readers of a ConfigMap. */
const issueWith = (outputs: PropertyMap, preview = false) =>
  record(
    () => {
      const issuer = issuerFrom(new pulumi.StackReference(name), "brokers");
      new Certificate("broker", {
        namespace: "mqtt",
        issuer,
        usage: "server",
        subject: { commonName: "broker" },
        dnsNames: ["broker.example.com"],
      });
      new k8s.core.v1.ConfigMap("roots", { metadata: { namespace: "mqtt" }, data: { "ca.crt": issuer.bundle } });
    },
    { stackOutputs: { [name]: outputs }, preview },
  );

const twoTier = { subject: { commonName: "Root" }, intermediate: { subject: { commonName: "Issuing" } } };

test("an issuer is put out as what anyone may see, and its key", async () => {
  const outputs = await putOut(twoTier);
  expect(Object.keys(outputs)).toEqual(["brokersIssuer", "brokersIssuerKey"]);
  expect(outputs.brokersIssuer).toEqual({
    certificatePem: expect.stringContaining("BEGIN CERTIFICATE"),
    chain: expect.stringContaining("BEGIN CERTIFICATE"),
    bundle: expect.stringContaining("BEGIN CERTIFICATE"),
    renewalWindowHours: 8760,
  });
  expect(outputs.brokersIssuerKey).toBeInstanceOf(Secret);
  expect(reveal(outputs.brokersIssuerKey!)).toContain("PRIVATE KEY");
});

const missing = missingPrograms("openssl");
(missing ? test.skip : test)(
  `another stack issues with it, and only its key is a secret there${missing ? ` (${missing})` : ""}`,
  async () => {
    const openssl = new OpenSsl();
    try {
      for (const args of [twoTier, { subject: { commonName: "Root" } }]) {
        const outputs = await putOut(args);
        const run = await issueWith(outputs);
        for (const [rule, lint] of Object.entries(requestLints)) expect([rule, lint(run)]).toEqual([rule, []]);
        const { bundle } = outputs.brokersIssuer as { bundle: string };
        const secret = secretOf(run, "broker");
        expect(secret["ca.crt"]).toBe(bundle);
        expect(openssl.verify(secret["tls.crt"]!, bundle, "sslserver")).toBe("OK");
        const { inputs } = run.requests.find(({ name }) => name === "roots")!;
        expect(inputs.data).toEqual({ "ca.crt": bundle });
        const certificate = run.requests.find(({ name }) => name === "broker-certificate")!;
        expect(certificate.inputs.caPrivateKeyPem).toBeInstanceOf(Secret);
        expect(certificate.inputs.caCertPem).not.toBeInstanceOf(Secret);
      }
    } finally {
      openssl.remove();
    }
  },
);

test("a preview of the other stack works too", async () => {
  const { requests } = await issueWith(await putOut(twoTier), true);
  expect(requests.map(({ name }) => name)).toContain("broker-certificate");
});

test("the lifetime of a certificate is held against that of an issuer in another stack", async () => {
  const outputs = await putOut({ ...twoTier, renewalWindowHours: 24 });
  await expect(issueWith(outputs)).rejects.toThrow("more than the issuer's renewalWindowHours, 24");
});

test("a stack that puts no such issuer out is named", async () => {
  await expect(issueWith({ brokersIssuerKey: new Secret("key") })).rejects.toThrow(
    "Required output 'brokersIssuer' does not exist on stack 'organization/authorities/prod'.",
  );
});

test("a key that came as plain text is a secret in both stacks", async () => {
  const { outputs } = await record(() => issuerOutputs("brokers", { ...issuer, privateKeyPem: "key" }));
  expect(outputs.brokersIssuerKey).toEqual(new Secret("key"));
  const { outputs: taken } = await record(
    () => ({ key: issuerFrom(new pulumi.StackReference(name), "brokers").privateKeyPem }),
    { stackOutputs: { [name]: { ...outputs, brokersIssuerKey: "key" } } },
  );
  expect(taken.key).toEqual(new Secret("key"));
});

const issuer = { certificatePem: "", privateKeyPem: "", chain: "", bundle: "", renewalWindowHours: 1 };
test.each<[string, () => unknown, string]>([
  [
    "a name that is none",
    () => issuerOutputs("", issuer),
    'issuerOutputs "": has no name; write it as the first parameter, a string',
  ],
  [
    "a name with a hyphen",
    () => issuerFrom({} as pulumi.StackReference, "mqtt-brokers"),
    'issuerFrom "mqtt-brokers": name is not letters and digits; write the beginning of the outputs\' names: `brokers`',
  ],
  [
    "no StackReference",
    () => issuerFrom({} as pulumi.StackReference, "brokers"),
    'issuerFrom "brokers": stack is not a StackReference; write for example new pulumi.StackReference("organization/project/dev")',
  ],
  [
    "an issuer without its key",
    () => issuerOutputs("brokers", { ...issuer, privateKeyPem: undefined } as never),
    'issuerOutputs "brokers": privateKeyPem is missing; write a string: Private key of the issuing authority, PEM',
  ],
  [
    "an issuer with a revocation list",
    () => issuerOutputs("brokers", { ...issuer, crl: "PEM" }),
    'issuerOutputs "brokers": issuer has a revocation list, and whether there is one has to be known before the stack is read; ' +
      "give { ...issuer, crl: undefined }, and the list as an output of its own: { ...issuerFrom(stack, name), crl } takes it there",
  ],
])("%s is refused", (_what, act, message) => {
  expect(act).toThrow(message);
});
