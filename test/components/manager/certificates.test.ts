import * as pulumi from "@pulumi/pulumi";
import { InstanceManagerCertificates, InstanceManagerProxy, NginxAgentConfiguration } from "../../../components";
import { manifests, type RunResult, record, reveal, Secret } from "../../../engine";
import { requestLints } from "../../lints";
import { secretTexts } from "../secret-texts";
import { v2 } from "./agent-fixture";

const hostname = { manager: "nim.example.com", agents: "nginx-manager.example.com" };
const namespace = "nim";
const common = { profile: "instanceManagerV2", hostname, keyAlgorithm: "ECDSA" } as const;

const resourcesOf = (result: RunResult, component: string) =>
  result.requests.filter(({ type }) => type.endsWith(component));

test("A8: in a cluster the server's certificate and the roots are Secrets that a proxy takes, and an agent on a host takes its own", async () => {
  const result = await record(() => {
    const agents = [{ name: "nginx-1.example.com" }, { name: "in-pods", namespace: "edge" }];
    const certificates = new InstanceManagerCertificates("nim", { ...common, namespace, agents });
    new InstanceManagerProxy("proxy", {
      namespace,
      edition: "oss",
      hostname,
      certificate: certificates.server,
      agentAuthorities: certificates.trustedCertificates,
      unsafePlainBackends: true,
    });
    const { chainPem, privateKeyPem } = certificates.agents["nginx-1.example.com"]!;
    const host = { certificatePem: chainPem, privateKeyPem, trustedCertificatesPem: certificates.bundle };
    new NginxAgentConfiguration("agent", { v2, host: { name: "nginx-1.example.com", ...host } });
    return { bundle: certificates.bundle, server: certificates.server.chainPem };
  });
  const secrets = manifests(result, { secrets: "show" }).filter(({ kind }) => kind === "Secret");
  const described = secrets.map((secret) => [
    secret.metadata.name.replace(/-[0-9a-f]{8}$/, ""),
    secret.metadata.namespace,
    Object.keys(secretTexts(secret)),
  ]);
  expect(described.sort()).toEqual([
    ["nim-agent-in-pods-secret", "edge", ["ca.crt", "tls.crt", "tls.key"]],
    ["nim-server-secret", "nim", ["ca.crt", "tls.crt", "tls.key"]],
    ["nim-trust-secret", "nim", ["ca.crt"]],
  ]);
  const { bundle, server } = reveal(result.outputs) as Record<string, string>;
  const texts = Object.fromEntries(secrets.map((secret) => [secret.metadata.name.slice(0, -9), secretTexts(secret)]));
  expect(texts["nim-trust-secret"]!["ca.crt"]).toBe(bundle);
  expect(texts["nim-server-secret"]!["tls.crt"]).toBe(server);
  for (const lint of Object.values(requestLints)) expect(lint(result)).toEqual([]);
});

test("for hosts there is no Secret, and each text of a key is one", async () => {
  const result = await record(() => {
    const { server, issuer, trustedCertificates } = new InstanceManagerCertificates("nim", {
      ...common,
      forHosts: true,
    });
    return { server, issuer, trustedCertificates };
  });
  expect(manifests(result)).toEqual([]);
  const { server, issuer, trustedCertificates } = result.outputs as Record<string, Record<string, unknown>>;
  for (const { privateKeyPem } of [server!, issuer!]) expect(privateKeyPem).toBeInstanceOf(Secret);
  expect([server!.secretName, trustedCertificates!.secretName]).toEqual(["", ""]);
  expect(issuer!.renewalWindowHours).toBe(8_760);
});

test("the subject, the lifetimes and further roots are replaceable, and reach every certificate", async () => {
  const result = await record(() => {
    const old = new InstanceManagerCertificates("old", { ...common, forHosts: true });
    const { bundle, caPem } = new InstanceManagerCertificates("nim", {
      ...common,
      forHosts: true,
      agents: [{ name: "nginx-1" }],
      subject: { organization: pulumi.output("Example"), country: "DE", province: "Hessen", locality: "Fulda" },
      rootValidityHours: 10_000,
      intermediateValidityHours: 5_000,
      validityHours: 2_000,
      earlyRenewalHours: 500,
      additionalRoots: [old.bundle],
    });
    return { old: old.bundle, bundle, caPem };
  });
  const { old, bundle, caPem } = reveal(result.outputs) as Record<string, string>;
  expect(bundle!.endsWith(old!)).toBe(true);
  expect(caPem!.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
  expect(caPem!.endsWith(bundle!)).toBe(true);
  const asked = result.requests.filter(({ name, type }) => name.startsWith("nim-") && type.startsWith("tls:"));
  const subjects = asked.flatMap(({ inputs }) => (inputs.subject ? [inputs.subject as Record<string, string>] : []));
  expect(subjects.map(({ commonName, ...others }) => [commonName, Object.values(others).sort().join()]).sort()).toEqual(
    ["nginx-1", "nim.example.com", "nms-ca", "nms-int-ca"].map((name) => [name, "DE,Example,Fulda,Hessen"]),
  );
  const hours = asked.flatMap(({ name, inputs: { validityPeriodHours, earlyRenewalHours } }) =>
    validityPeriodHours === undefined ? [] : [[name, validityPeriodHours, earlyRenewalHours]],
  );
  expect(hours.sort()).toEqual([
    ["nim-agent-nginx-1-certificate", 2_000, 500],
    ["nim-authority-intermediate", 5_000, undefined],
    ["nim-authority-root", 10_000, undefined],
    ["nim-server-certificate", 2_000, 500],
  ]);
});

test("nothing of a certificate is registered again, and unsafeAsDocumented is warned of", async () => {
  const agents = [{ name: "agent.example.com" }];
  const result = await record(
    () => void new InstanceManagerCertificates("nim", { ...common, forHosts: true, agents, unsafeAsDocumented: true }),
  );
  const [component] = resourcesOf(result, ":InstanceManagerCertificates");
  expect(component!.inputs).toEqual({
    ...common,
    forHosts: true,
    agents: ["agent.example.com"],
    unsafeAsDocumented: true,
  });
  expect(component!.outputs).toEqual({ renewalWindowHours: 8_760 });
  expect(result.log.map(({ message }) => message)).toContain(
    'InstanceManagerCertificates "nim": unsafeAsDocumented: the certificates have the weaknesses of the document',
  );
  const quiet = await record(() => void new InstanceManagerCertificates("nim", { ...common, forHosts: true }));
  expect(quiet.log).toEqual([]);
});
