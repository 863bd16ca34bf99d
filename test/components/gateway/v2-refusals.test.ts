import * as pulumi from "@pulumi/pulumi";
import { LicenseSecret, RegistrySecret } from "../../../components/foundation";
import { GatewayFabric } from "../../../components/gateway/gateway-fabric";
import { knownVersions } from "../../../components/gateway/versions";
import { inDays, jsonWebToken } from "../foundation/token";
import { type Refusal, testRefusals } from "../refusals";

const license = { secretName: "nplus-license" };
const usage = { license };
const good = { namespace: "nginx-gateway", usage, imagePullSecrets: ["registry"] };
const open = { namespace: "nginx-gateway", edition: "oss" };

const refused = (rule: string, args: object, error: string, plain = false): Refusal => ({
  rule,
  component: GatewayFabric,
  args: { ...good, ...args },
  error,
  plain,
});
/** A rule about an argument that can be no Output. */
const plainly = (rule: string, args: object, error: string) => refused(rule, args, error, true);
const report = (rule: string, given: object, error: string) => refused(rule, { usage: { ...usage, ...given } }, error);
const dataPlane = (rule: string, given: object, error: string) => plainly(rule, { dataPlane: given }, error);

const known =
  "2.0.0, 2.0.1, 2.0.2, 2.1.0, 2.1.1, 2.1.2, 2.1.3, 2.1.4, 2.2.0, 2.2.1, 2.2.2, 2.3.0, 2.4.0, 2.4.1, 2.4.2, 2.5.0, 2.5.1, " +
  "2.6.0, 2.6.1, 2.6.2, 2.6.3, 2.6.4, 2.6.5, 2.6.6, 2.6.7, 2.6.8, 2.7.0, 2.7.1, 2.7.2";
const newer = {
  version: "2.6.8",
  chartVersion: "2.6.8",
  imageTag: "2.6.8",
  gatewayApiVersion: "1.5.1",
  plusRelease: "R37.0",
  kubernetes: "1.31",
  secretNameLimit: 253,
  behavesLike: "2.6.7",
};

describe("versions", () => {
  testRefusals([
    plainly(
      "a version of the other line",
      { version: "1.6.2" },
      "version is 1.6.2, of the 1.x line; use GatewayFabricV1 for 1.x: between the lines lies an uninstall and a reinstall",
    ),
    plainly(
      "a version that is not known",
      { version: "2.9.0" },
      `version is "2.9.0", which is not known here; write one of ${known}, or describe it in customVersion`,
    ),
    plainly(
      "a version and a custom one",
      { version: "2.6.7", customVersion: newer },
      "customVersion is given beside version; remove one of the two: a known version needs its number only",
    ),
    plainly(
      "a custom version without the Gateway API's",
      { customVersion: { ...newer, gatewayApiVersion: undefined } },
      "customVersion.gatewayApiVersion is missing; write a string: Version of the Gateway API's CRDs that it needs",
    ),
    plainly(
      "a custom version of the other line",
      { customVersion: { ...newer, version: "1.6.3" } },
      "customVersion.version is not of the 2.x line; use GatewayFabricV1 for 1.x: between the lines lies an uninstall and a reinstall",
    ),
    plainly(
      "a custom version like one that is not known",
      { customVersion: { ...newer, behavesLike: "2.9.0" } },
      `customVersion.behavesLike is "2.9.0", which is not known here; write one of ${known}, or describe it in customVersion`,
    ),
    plainly(
      "a custom version with a feature that its like has",
      { customVersion: { ...newer, addedFeatures: ["listenerSets"] } },
      "customVersion.addedFeatures[0] is listenerSets, which 2.6.7 has; leave it out: customVersion names differences from behavesLike",
    ),
    plainly(
      "a custom version without a feature that its like has not",
      { customVersion: { ...newer, removedFeatures: ["tlsTermination"] } },
      "customVersion.removedFeatures[0] is tlsTermination, which 2.6.7 has not; leave it out: customVersion names differences from behavesLike",
    ),
    plainly(
      "a custom version with a feature that does not exist",
      { customVersion: { ...newer, addedFeatures: ["toString"] } },
      `customVersion.addedFeatures[0] is "toString", no feature that versions differ in; write some of ${Object.keys(knownVersions[0]!.features).sort().join(", ")}`,
    ),
    plainly(
      "a custom version with a flag that is none",
      { customVersion: { ...newer, flags: ["cluster-domain=cluster.local"] } },
      "customVersion.flags[0] is not a flag; write it as a command line has it: `--cluster-domain=cluster.local`",
    ),
    plainly(
      "a custom version with a CRD from no URL",
      { customVersion: { ...newer, crds: ["http://example.com/crds.yaml"] } },
      "customVersion.crds[0] is not the URL of a file; write it with `https://`, a host and the path of the file",
    ),
    plainly(
      "a custom version with a limit that is none",
      { customVersion: { ...newer, secretNameLimit: 0 } },
      "customVersion.secretNameLimit is 0; write a whole number from 1 to 253",
    ),
    plainly(
      "a custom version that is none",
      { customVersion: { ...newer, version: "2.6" } },
      "customVersion.version is not a version; write three numbers between dots: `2.6.8`",
    ),
    plainly(
      "namespaces to watch before 2.4.0",
      { version: "2.3.0", watchNamespaces: ["shop"] },
      "watchNamespaces is not in 2.3.0; leave it out, or use version 2.4.0 or later",
    ),
    plainly(
      "snippets before 2.4.0",
      { version: "2.3.0", snippets: true },
      "snippets is not in 2.3.0; leave it out, or use version 2.4.0 or later",
    ),
    plainly(
      "the inference extension before 2.2.0",
      { version: "2.1.4", inferenceExtension: true },
      "inferenceExtension is not in 2.1.4; leave it out, or use version 2.2.0 or later",
    ),
    plainly(
      "the initial report before 2.2.0",
      { version: "2.1.4", usage: { ...usage, enforceInitialReport: false } },
      "usage.enforceInitialReport is not in 2.1.4; leave it out, or use version 2.2.0 or later: before, traffic always waits for the first report",
    ),
    plainly(
      "both kinds of snippets",
      { snippets: true, snippetsFilters: true },
      "snippetsFilters is given beside snippets; leave it out: snippets has SnippetsFilters too",
    ),
  ]);
});

describe("licence and reporting of usage", () => {
  testRefusals([
    report(
      "usage reports to an Instance Manager before 2.18",
      { usageEndpoint: "nim.example.com", instanceManagerVersion: "2.17.3" },
      "usage.instanceManagerVersion is 2.17.3: NGINX Plus from R33 on reports its usage to Instance Manager 2.18 or later, and stops without; report to a later one, or to F5",
    ),
    report(
      "an Instance Manager nowhere",
      { instanceManagerVersion: "2.22.2" },
      "usage.instanceManagerVersion is given without usageEndpoint; write where that Instance Manager is, or leave it out",
    ),
    plainly(
      "NGINX Plus without a licence",
      { usage: undefined },
      'usage is missing; give usage: { license } with a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)',
    ),
    plainly(
      "a reporting without a licence",
      { usage: { usageEndpoint: "nim.example.com" } },
      "usage.license is missing; write an object with secretName: Licence of NGINX Plus",
    ),
    plainly(
      "a licence for open source",
      { ...open, usage },
      'usage is about NGINX Plus; leave it out for edition "oss", or use edition "plus"',
    ),
    report(
      "a licence under another key",
      { license: { ...license, key: "token" } },
      "usage.license.key is not license.jwt; keep the token under license.jwt: Gateway Fabric looks for no other key",
    ),
    report(
      "a name that is none",
      { license: { secretName: "NPLUS" } },
      "usage.license.secretName is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
    report(
      "a name whose copy 2.6.8 cannot name",
      { license: { secretName: "l".repeat(53) } },
      "usage.license.secretName is 53 characters long; write at most 52: 2.6.8 cannot shorten the name of its copy of a longer one",
    ),
    report(
      "CA and client certificate in one Secret",
      { trustedCertificates: { secretName: "nim" }, clientCertificate: { secretName: "nim" } },
      "usage.clientCertificate.secretName is that of usage.trustedCertificates.secretName; keep them in separate Secrets: of one that is both, Gateway Fabric uses only one half",
    ),
    report(
      "a name that ends another",
      { trustedCertificates: { secretName: "nim-ca" }, clientCertificate: { secretName: "ca" } },
      "usage.clientCertificate.secretName and usage.trustedCertificates.secretName end alike; write names of which none ends in another: 2.x finds the copies of a deleted Secret by the end of their names",
    ),
    refused(
      "a pull secret whose name ends another's",
      { imagePullSecrets: ["license"] },
      "imagePullSecrets[0] and usage.license.secretName end alike; write names of which none ends in another: 2.x finds the copies of a deleted Secret by the end of their names",
    ),
    refused(
      "a long pull secret of open source, which is copied too",
      { ...open, usage: undefined, imagePullSecrets: ["r".repeat(60)] },
      "imagePullSecrets[0] is 60 characters long; write at most 52: 2.6.8 cannot shorten the name of its copy of a longer one",
    ),
    report(
      "an endpoint with a scheme",
      { usageEndpoint: "https://nim.example.com" },
      "usage.usageEndpoint is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
    ),
    report(
      "an endpoint with a path",
      { usageEndpoint: "nim.example.com/api" },
      "usage.usageEndpoint is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
    ),
    report(
      "a port that the validator reads as negative",
      { usageEndpoint: "nim.example.com:50443" },
      "usage.usageEndpoint has the port 50443; write a port from 1 to 32767: Gateway Fabric takes no higher one",
    ),
    report(
      "a port that is none",
      { usageEndpoint: "nim.example.com:https" },
      "usage.usageEndpoint is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
    ),
    report(
      "an IPv6 address without a port",
      { usageEndpoint: "2001:db8::1" },
      "usage.usageEndpoint is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
    ),
    report(
      "an IPv6 address in brackets, without a port",
      { usageEndpoint: "[2001:db8::1]" },
      "usage.usageEndpoint is an IPv6 address without a port; write it with its port, since Gateway Fabric takes nothing else: [2001:db8::1]:443",
    ),
    report(
      "capital letters",
      { usageEndpoint: "NIM.example.com" },
      "usage.usageEndpoint has capital letters; write it in lower case: Gateway Fabric takes no others",
    ),
    report(
      "two resolvers",
      { resolver: "10.0.0.10 10.0.0.11" },
      "usage.resolver is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:53` or `[2001:db8::1]:53`",
    ),
    report(
      "a resolver that is none",
      { resolver: "Name_Server" },
      "usage.resolver is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:53` or `[2001:db8::1]:53`",
    ),
  ]);
});

describe("certificates between the planes", () => {
  const agentCertificate = { secretName: "agent-tls" };
  const serverCertificate = { secretName: "server-tls" };
  const issuer = { certificatePem: "pem", privateKeyPem: "pem", chain: "", bundle: "pem", renewalWindowHours: 240 };
  testRefusals([
    plainly(
      "one of the two",
      { serverCertificate },
      "agentCertificate is missing; give both or neither: control plane and data plane trust the authority of each other's certificate",
    ),
    plainly(
      "the other of the two",
      { agentCertificate },
      "serverCertificate is missing; give both or neither: control plane and data plane trust the authority of each other's certificate",
    ),
    plainly(
      "one Secret for both",
      { serverCertificate, agentCertificate: serverCertificate },
      "agentCertificate.secretName is that of serverCertificate; give the data plane a certificate of its own: its Secret is copied to every namespace with a Gateway",
    ),
    plainly(
      "an issuer with nothing to issue",
      {
        serverCertificate,
        agentCertificate,
        issuer,
      },
      "issuer is given beside serverCertificate; remove one of the two: nothing is left to issue",
    ),
    plainly(
      "an issuer whose certificates would last for half an hour",
      { issuer: { ...issuer, renewalWindowHours: 0.5 } },
      "issuer.renewalWindowHours is 0.5; write a whole number of hours, at least 1",
    ),
    refused(
      "an issuer that is not signed yet",
      { issuer: { ...issuer, certificatePem: "" } },
      "issuer.certificatePem is empty; have the issuer's csrPem signed, and give it offline.signedCertificatePem",
    ),
    refused(
      "a name that cannot be copied",
      { serverCertificate, agentCertificate: { secretName: "a".repeat(60) } },
      "agentCertificate.secretName is 60 characters long; write at most 52: 2.6.8 cannot shorten the name of its copy of a longer one",
    ),
    refused(
      "a server's Secret that is none",
      { serverCertificate: { secretName: "server_tls" }, agentCertificate },
      "serverCertificate.secretName is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
    plainly(
      "a cluster's domain that is none",
      { clusterDomain: "cluster.local." },
      "clusterDomain is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
  ]);

  test("a component whose own Secret could not be copied", () => {
    const name = "the-gateway-of-the-whole-company";
    expect(() => new GatewayFabric(name, good as never)).toThrow(
      `GatewayFabric "${name}": agentCertificate is missing, and the Secret that is made for it would have a name of 58 characters; ` +
        "shorten the component's name by 6, or give both certificates: 2.6.8 copies no Secret with a name longer than 52",
    );
  });
});

describe("control plane and data plane", () => {
  testRefusals([
    plainly(
      "a probe on the agents' port",
      { healthPort: 8443 },
      "healthPort is 8443, on which the data plane calls the control plane; choose another port",
    ),
    plainly(
      "metrics on the agents' port",
      { monitoring: { port: 8443 } },
      "monitoring.port is 8443, on which the data plane calls the control plane; choose another port",
    ),
    plainly(
      "a label that Gateway Fabric cuts",
      { name: "n".repeat(40), gatewayClassName: "c".repeat(23), monitoring: { prometheusOperator: true } },
      `monitoring.prometheusOperator looks for the label ${"n".repeat(40)}-${"c".repeat(23)} of 64 characters, which Gateway Fabric cuts; shorten name or gatewayClassName: together they have at most 62`,
    ),
    plainly(
      "a class whose Gateways 2.6.8 fails at",
      { gatewayClassName: "c".repeat(53) },
      "gatewayClassName is 53 characters long; write at most 52: 2.6.8 fails at the names of what it makes for a Gateway of the class",
    ),
    refused(
      "a pull secret of the control plane that is none",
      { controlPlanePullSecrets: ["my secret"] },
      "controlPlanePullSecrets[0] is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
    plainly(
      "no namespace to watch",
      { watchNamespaces: [] },
      "watchNamespaces is empty; name the namespaces to watch, or leave it out to watch all",
    ),
    plainly(
      "a namespace that is none",
      { watchNamespaces: ["shop.example"] },
      "watchNamespaces[0] is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
    ),
    plainly(
      "a namespace twice",
      { watchNamespaces: ["shop", "shop"] },
      'watchNamespaces[1] repeats "shop"; name each namespace once',
    ),
    plainly(
      "the control plane's namespace",
      { watchNamespaces: ["nginx-gateway"] },
      "watchNamespaces[0] is the namespace of the control plane; leave it out: that one is always watched",
    ),
    dataPlane("half a pod", { replicas: 1.5 }, "dataPlane.replicas is 1.5; write a whole number from 0 to 1000"),
    dataPlane(
      "a type that is none",
      { service: { type: "ExternalName" } },
      'dataPlane.service.type is "ExternalName"; write one of "ClusterIP", "NodePort", "LoadBalancer"',
    ),
    dataPlane(
      "a policy that is none",
      { service: { externalTrafficPolicy: "Nearest" } },
      'dataPlane.service.externalTrafficPolicy is "Nearest"; write one of "Cluster", "Local"',
    ),
    dataPlane(
      "a policy for traffic that cannot come",
      { service: { type: "ClusterIP", externalTrafficPolicy: "Local" } },
      "dataPlane.service.externalTrafficPolicy is given for a Service of type ClusterIP; leave it out, or use LoadBalancer or NodePort",
    ),
    dataPlane(
      "what the component itself writes",
      { config: { kubernetes: {} } },
      "dataPlane.config.kubernetes is made of the other fields of dataPlane; write them instead",
    ),
    dataPlane(
      "fields that are not known yet",
      { config: pulumi.output({}) },
      "dataPlane.config is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    ),
    refused(
      "the image of the other edition",
      { dataPlaneImage: { repository: "ghcr.io/nginx/nginx-gateway-fabric/nginx" } },
      'dataPlaneImage.repository is the image of edition "oss"; write the one that ends in nginx-gateway-fabric/nginx-plus, or edition "oss"',
    ),
  ]);
});

describe("names that an argument has elsewhere", () => {
  const service = { type: "LoadBalancer", sourceRanges: ["203.0.113.0/24"] };
  const values = { nginxGateway: { replicas: 2 } };
  testRefusals([
    plainly("the Service, by its name in 1.6", { service: {} }, "service is not an argument; write dataPlane.service"),
    plainly(
      "the level of the error log, by its name in 1.6",
      { errorLevel: "warn" },
      "errorLevel is not an argument; write dataPlane.config: { logging: { errorLevel } }",
    ),
    plainly(
      "fields of the NginxProxy, by their name in 1.6",
      { dataPlaneConfig: {} },
      "dataPlaneConfig is not an argument; write dataPlane.config",
    ),
    plainly(
      "one image",
      { image: "nginx" },
      "image is not an argument; write dataPlaneImage for NGINX, controlPlaneImage for the control plane",
    ),
    plainly("metrics, by the former name", { metrics: {} }, "metrics is not an argument; write monitoring"),
    plainly(
      "keys of the chart",
      values,
      'nginxGateway is not an argument; write the arguments of the control plane, for example replicas, or helmValues: { nginxGateway } with delivery: "helm"',
    ),
    report(
      "the endpoint, by its name in the chart",
      { endpoint: "nim.example.com" },
      "usage.endpoint is not an argument; write usage.usageEndpoint",
    ),
    report(
      "skipped verification, by the former name",
      { insecureSkipVerify: true },
      "usage.insecureSkipVerify is not an argument; write usage.unsafeSkipVerification",
    ),
    plainly(
      "the endpoint outside usage",
      { usageEndpoint: "nim.example.com" },
      "usageEndpoint is not an argument; write usage: { usageEndpoint }",
    ),
    dataPlane(
      "source ranges deep in a variable",
      { service },
      "dataPlane.service.sourceRanges is not an argument; write dataPlane.service.loadBalancerSourceRanges",
    ),
    dataPlane(
      "a misspelt key without another name",
      { replica: 2 },
      "dataPlane.replica is not an argument; write dataPlane.replicas",
    ),
  ]);
});

describe("the Service of every Gateway", () => {
  testRefusals([
    refused(
      "a network that is none",
      { dataPlane: { service: { loadBalancerSourceRanges: ["203.0.113.0/24", "banana"] } } },
      "dataPlane.service.loadBalancerSourceRanges[1] is not a network in CIDR notation; write for example `192.0.2.0/24`",
    ),
    dataPlane(
      "no network at all",
      { service: { loadBalancerSourceRanges: [] } },
      "dataPlane.service.loadBalancerSourceRanges is empty; name the networks, or leave it out for a load balancer that takes any client",
    ),
    dataPlane(
      "networks without a load balancer",
      { service: { type: "NodePort", loadBalancerSourceRanges: ["203.0.113.0/24"] } },
      "dataPlane.service.loadBalancerSourceRanges is given for a Service of type NodePort; leave it out, or use LoadBalancer",
    ),
    refused(
      "an address that is none",
      { dataPlane: { service: { loadBalancerIP: "gateway.example.com" } } },
      "dataPlane.service.loadBalancerIP is not an IP address; write for example `192.0.2.10` or `2001:db8::10`",
    ),
  ]);
});

describe("several faults", () => {
  testRefusals([
    {
      ...plainly(
        "come all at once",
        {
          dataPlane: { service: { typ: "NodePort" } },
          replicas: "3",
          usage: { license: { secretName: "License" }, usageEndpoint: "nim..example.com" },
          imagePullSecrets: ["registry", "registry"],
        },
        "dataPlane.service.typ is not an argument; write dataPlane.service.type",
      ),
      also: [
        'replicas is "3"; write a number',
        'imagePullSecrets[1] repeats "registry"; name each pull secret once',
        "usage.usageEndpoint is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
        "usage.license.secretName is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
      ],
    },
  ]);
});

describe("the token, before it gets into a Secret", () => {
  const expired = jsonWebToken({ exp: inDays(-91) });
  const [header, payload] = expired.split(".");
  const token = (rule: string, component: Refusal["component"], jwt: string, error: string): Refusal => ({
    rule,
    component,
    args: { namespace: "nginx-gateway", jwt },
    error,
    secrets: jwt.length > 100 ? [jwt] : [],
  });
  testRefusals([
    token(
      "a path in place of the token",
      RegistrySecret,
      "./license.jwt",
      'jwt is a path; write the contents of the file, for example `readFileSync("license.jwt", "utf8")`',
    ),
    token(
      "whitespace inside, which the registry answers with 401",
      RegistrySecret,
      expired.replace(".", ". "),
      "jwt has whitespace inside; write the token as one line, as it was downloaded",
    ),
    token(
      "a token that was cut",
      LicenseSecret,
      `${header}.${payload}`,
      "jwt has 2 parts between dots; write the whole token: a header, a payload and a signature",
    ),
    token(
      "a licence that NGINX Plus does not start with",
      LicenseSecret,
      expired,
      `jwt expired at ${new Date(inDays(-91) * 1000).toISOString().replace(/\.\d+Z$/, "Z")}, more than 90 days ago: NGINX Plus does not start; download a renewed token from MyF5`,
    ),
  ]);
});
