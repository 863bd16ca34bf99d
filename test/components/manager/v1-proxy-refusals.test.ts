import { InstanceManagerV1Proxy, type InstanceManagerV1ProxyArgs } from "../../../components/manager";
import { OpenSsl } from "../../dataplane/openssl";
import { type Refusal, testRefusals } from "../refusals";

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

const secret = (secretName: string) => ({ secretName });
const other = openssl.run([
  ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"],
  ...["-subj", "/CN=nginx-manager.example.com", "-addext", "subjectAltName=DNS:other.example.com"],
]);

const valid: InstanceManagerV1ProxyArgs = {
  namespace: "nim",
  edition: "oss",
  hostname: "nginx-manager.example.com",
  manager: { host: "10.0.0.7" },
  api: {},
  agents: {},
  certificate: secret("server"),
  agentAuthorities: secret("agents"),
  backendTls: { trustedCertificates: secret("manager") },
};

const refused = (rule: string, args: Partial<InstanceManagerV1ProxyArgs>, error: string, plain = true): Refusal => ({
  ...{ rule, component: InstanceManagerV1Proxy, args: { ...valid, ...args }, error, plain },
});

testRefusals([
  refused(
    "nowhere to go",
    { manager: undefined },
    "manager is missing; write an object with host: Where Instance Manager runs",
  ),
  refused(
    "a URL as the manager's host",
    { manager: { host: "https://10.0.0.7" } },
    "manager.host is not a host name or an address; write the host alone, without scheme, port or path; IPv6 in brackets",
    false,
  ),
  refused(
    "no TLS to the manager, without the flag that allows it",
    { backendTls: undefined },
    "backendTls is missing; give trustedCertificates (or, where anyone may read and change the traffic, unsafePlainBackends: true)",
  ),
  refused(
    "TLS and none",
    { unsafePlainBackends: true },
    "unsafePlainBackends is true beside backendTls; leave one of the two out",
  ),
  refused(
    "TLS that is not verified",
    { backendTls: {} as never },
    "backendTls.trustedCertificates is missing; write an object with secretName: Secret whose `ca.crt` has the authorities of the manager's certificate",
  ),
  refused(
    "TLS behind a front that only passes it on",
    {
      api: undefined,
      agents: { publication: "passthrough" },
      certificate: undefined,
      agentAuthorities: undefined,
    },
    "backendTls is given, but TLS is only passed on; leave it out, or publish the api",
  ),
  refused(
    "an address to verify",
    { backendTls: { trustedCertificates: secret("manager"), serverName: "10.0.0.7" } },
    "backendTls.serverName is an address, which is no server name in TLS; write a DNS name that the certificate carries",
    false,
  ),
  refused(
    "a certificate for another name",
    { certificate: { secretName: "server", certificatePem: other } },
    'certificate.certificatePem does not carry hostname, "nginx-manager.example.com", as a DNS name; put that name into the dnsNames of the certificate, or correct the name',
    false,
  ),
  refused(
    "half of mutual TLS",
    { agentAuthorities: undefined },
    'agentAuthorities is missing: agents.mtls is "required", and there is nothing to verify certificates with; give the authorities of your agents',
  ),
  refused(
    "a status for everyone",
    { status: {} },
    "status would answer anyone who reaches its address; restrict it by allow or statusUsers",
  ),
  refused(
    "an address of a host's",
    { status: { address: "127.0.0.1", allow: ["10.0.0.0/8"] } },
    "status.address is about hosts; leave it out: the pods' status is behind their Service",
  ),
  refused(
    "a Service for everyone",
    { pods: { service: { type: "LoadBalancer" } } },
    "pods.service.type is LoadBalancer, which anyone may reach from outside the cluster; give loadBalancerSourceRanges or an internal loadBalancerClass (or, where that is meant, exposed: true)",
  ),
  refused(
    "a version of no image",
    { openSourceVersion: "1.22.1" },
    "openSourceVersion is given without image; remove it: the version of the default image is known",
  ),
  refused(
    "NGINX Plus without a licence",
    { edition: "plus" },
    'license is missing; write a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)',
  ),
]);
