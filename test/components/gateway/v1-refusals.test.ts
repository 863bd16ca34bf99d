import * as pulumi from "@pulumi/pulumi";
import { GatewayFabricV1 } from "../../../components/gateway/gateway-fabric-v1";
import { type Refusal, testRefusals } from "../refusals";

// A run that is refused ends before the warning about the line has arrived, which the SDK reports.
beforeAll(() => {
  const { error } = console;
  jest.spyOn(console, "error").mockImplementation((...words) => {
    if (!`${words[0]}`.startsWith("failed to deliver log message")) error(...words);
  });
});

const usage = { license: { secretName: "nplus-license" } };
const good = { namespace: "nginx-gateway", usage, crds: "existing" };

const refused = (rule: string, args: object, error: string, plain = false): Refusal => ({
  rule,
  component: GatewayFabricV1,
  args: { ...good, ...args },
  error,
  plain,
});
/** A rule about an argument that can be no Output. */
const plainly = (rule: string, args: object, error: string) => refused(rule, args, error, true);
const report = (rule: string, args: object, error: string) => refused(rule, { usage: { ...usage, ...args } }, error);

describe("names and versions", () => {
  testRefusals([
    refused(
      "no namespace",
      { namespace: undefined },
      "namespace is missing; write a string: Namespace of Gateway Fabric and of its Secrets, a Namespace's `name`",
    ),
    refused(
      "a namespace in capitals",
      { namespace: "Gateway" },
      "namespace is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
    ),
    plainly(
      "a name that no Service can have",
      { name: "1st-gateway" },
      "name is not a DNS-1035 label; write at most 63 lower-case letters, digits and `-`, beginning with a letter",
    ),
    plainly(
      "a name that the chart would cut",
      { name: "g".repeat(51) },
      "name is 51 characters long; write at most 50: -proxy-config is put behind it",
    ),
    plainly(
      "a GatewayClass with a space",
      { gatewayClassName: "my class" },
      "gatewayClassName is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
    plainly(
      "a controller of a domain of one's own",
      { gatewayControllerName: "example.com/gateway" },
      "gatewayControllerName is not in the domain gateway.nginx.org; write `gateway.nginx.org/` and a path of your own: Gateway Fabric does not start with another domain",
    ),
    plainly(
      "a version of the other line",
      { version: "2.6.7" },
      "version is 2.6.7, of the 2.x line; use GatewayFabric for 2.x: between the lines lies an uninstall and a reinstall",
    ),
    plainly(
      "a version that is not known",
      { version: "1.5.0" },
      'version is "1.5.0", which is not known here; write one of 1.6.1, 1.6.2, or describe it in customVersion',
    ),
    plainly(
      "a version with half an entry",
      {
        customVersion: {
          version: "1.6.3",
          chartVersion: "1.6.3",
          gatewayApiVersion: "1.2.1",
          plusRelease: "R33",
          kubernetes: "1.25",
          secretNameLimit: 253,
          behavesLike: "1.6.2",
        },
      },
      "customVersion.imageTag is missing; write a string: Tag of the images of control plane and data plane",
    ),
    plainly(
      "an argument of 2.x",
      { dataPlane: { replicas: 2 } },
      "dataPlane is not an argument; write service, errorLevel and dataPlaneConfig: NGINX runs in the pod of the control plane",
    ),
    plainly(
      "certificates of 2.x",
      { issuer: {} },
      "issuer is not an argument; remove it: control plane and data plane share a pod",
    ),
    plainly(
      "the whole of metrics as an output",
      { monitoring: pulumi.output({ enabled: false }) },
      "monitoring is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    ),
  ]);
});

describe("edition and usage reporting", () => {
  testRefusals([
    plainly("an edition that is none", { edition: "free" }, 'edition is "free"; write one of "plus", "oss"'),
    plainly(
      "NGINX Plus without a licence",
      { usage: undefined },
      'usage is missing; give usage: { license } with a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)',
    ),
    plainly(
      "reporting of open-source NGINX",
      { edition: "oss" },
      'usage is about NGINX Plus; leave it out for edition "oss", or use edition "plus"',
    ),
    plainly(
      "reporting without a licence",
      { usage: { usageEndpoint: "nim.example.com" } },
      "usage.license is missing; write an object with secretName: Licence of NGINX Plus",
    ),
    report(
      "a licence under another key",
      { license: { secretName: "nplus-license", key: "jwt" } },
      "usage.license.key is not license.jwt; keep the token under license.jwt: Gateway Fabric looks for no other key",
    ),
    report(
      "a Secret name in capitals",
      { license: { secretName: "License" } },
      "usage.license.secretName is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
    plainly(
      "a grace period before 2.2",
      { usage: { ...usage, enforceInitialReport: false } },
      "usage.enforceInitialReport is not in 1.6.2; leave it out, or use version 2.2.0 or later: before, traffic always waits for the first report",
    ),
    report(
      "an endpoint with a scheme",
      { usageEndpoint: "https://nim.example.com" },
      "usage.usageEndpoint is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
    ),
    report(
      "an endpoint with a path",
      { usageEndpoint: "nim.example.com/report" },
      "usage.usageEndpoint is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
    ),
    report(
      "a port that the flag reads as negative",
      { usageEndpoint: "nim.example.com:40000" },
      "usage.usageEndpoint has the port 40000; write a port from 1 to 32767: Gateway Fabric takes no higher one",
    ),
    report(
      "two name servers",
      { resolver: "10.0.0.10 10.0.0.11" },
      "usage.resolver is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:53` or `[2001:db8::1]:53`",
    ),
    report(
      "an endpoint that ends the directive",
      { usageEndpoint: "nim.example.com;" },
      "usage.usageEndpoint is not a host with an optional port; write one host without scheme or path: `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
    ),
    report(
      "CA and client certificate in one Secret",
      { trustedCertificates: { secretName: "nim" }, clientCertificate: { secretName: "nim" } },
      "usage.clientCertificate.secretName is that of usage.trustedCertificates.secretName; keep them in separate Secrets: of one that is both, Gateway Fabric uses only one half",
    ),
  ]);
});

describe("images", () => {
  testRefusals([
    refused(
      "a mirror with a scheme",
      { registry: "https://registry.example.com" },
      "registry is not a registry; write it without scheme and final slash, for example `registry.example.com/mirror`",
    ),
    refused(
      "a repository with its tag",
      { controlPlaneImage: { repository: "registry.example.com/nginx-gateway-fabric:1.6.2" } },
      "controlPlaneImage.repository is not a repository of images; write it without scheme, tag or digest: `registry.example.com/nginx-gateway-fabric`",
    ),
    refused(
      "a digest alone as tag",
      { dataPlaneImage: { tag: `sha256:${"0".repeat(64)}` } },
      "dataPlaneImage.tag is not a tag; write a tag, with its digest if you like: `2.6.7@sha256:…`",
    ),
    refused(
      "the open-source image for NGINX Plus",
      { dataPlaneImage: { repository: "registry.example.com/nginx-gateway-fabric/nginx" } },
      'dataPlaneImage.repository is the image of edition "oss"; write the one that ends in nginx-gateway-fabric/nginx-plus, or edition "oss"',
    ),
    plainly(
      "a pull policy that is none",
      { dataPlaneImage: { pullPolicy: "Sometimes" } },
      'dataPlaneImage.pullPolicy is "Sometimes"; write one of "Always", "IfNotPresent", "Never"',
    ),
    refused(
      "a pull secret that is the path of a file",
      { imagePullSecrets: ["registry", "/root/.docker/config.json"] },
      "imagePullSecrets[1] is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
    plainly(
      "a pull secret twice",
      { imagePullSecrets: ["registry", "registry"] },
      'imagePullSecrets[1] repeats "registry"; name each pull secret once',
    ),
  ]);
});

describe("pods and Service", () => {
  testRefusals([
    plainly("half a pod", { replicas: 0.5 }, "replicas is 0.5; write a whole number from 1 to 1000"),
    plainly(
      "several pods, all of which write",
      { replicas: 2, leaderElection: false },
      "leaderElection is false with 2 replicas; leave it out: each of them would write the status of Gateways and routes",
    ),
    plainly(
      "a log level that is none",
      { logLevel: "trace" },
      'logLevel is "trace"; write one of "info", "debug", "error"',
    ),
    plainly(
      "an error level that is none",
      { errorLevel: "verbose" },
      'errorLevel is "verbose"; write one of "debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"',
    ),
    plainly(
      "an error level that counts too late",
      { dataPlaneConfig: { logging: { errorLevel: "debug" } } },
      "dataPlaneConfig.logging.errorLevel says how NGINX logs only from its first configuration on; write errorLevel, which counts from the start",
    ),
    plainly(
      "metrics on a privileged port",
      { monitoring: { port: 80 } },
      "monitoring.port is 80; write a whole number from 1024 to 65535",
    ),
    plainly(
      "one port for metrics and probe",
      { monitoring: { port: 8081 } },
      "monitoring.port is 8081, which serves the readiness probe too; choose another port: Gateway Fabric does not start with one for both",
    ),
    plainly(
      "labels of a PodMonitor that is not made",
      { monitoring: { labels: { release: "prometheus" } } },
      "monitoring.labels is given without prometheusOperator; set prometheusOperator: true, or leave it out",
    ),
    plainly(
      "settings of metrics that are not served",
      { monitoring: { enabled: false, secure: true } },
      "monitoring.secure is given, but no metrics are served; leave it out, or leave enabled out",
    ),
    plainly(
      "no ports",
      { service: { ports: [] } },
      "service.ports is empty; give one for each port of the Gateway's listeners, or leave it out",
    ),
    plainly(
      "a listener on the port of the metrics",
      { service: { ports: [{ name: "http", port: 80, targetPort: 9113 }] } },
      "service.ports[0].targetPort leads to 9113, which serves metrics; choose another port for one of the two: control plane and NGINX share a pod",
    ),
    plainly(
      "a port twice",
      {
        service: {
          ports: [
            { name: "http", port: 80 },
            { name: "web", port: 80 },
          ],
        },
      },
      "service.ports[1] repeats the name or port of another; give each name and each port once",
    ),
    plainly(
      "a name that no port has",
      { service: { ports: [{ name: "plain-text-http-traffic", port: 80 }] } },
      "service.ports[0].name is not a name of a port; write at most 15 lower-case letters, digits and single `-`, with at least one letter",
    ),
    plainly(
      "the policy of a Service that is not reached from outside",
      { service: { type: "ClusterIP", externalTrafficPolicy: "Local" } },
      "service.externalTrafficPolicy is given for a Service of type ClusterIP; leave it out, or use LoadBalancer or NodePort",
    ),
    plainly(
      "an address without a load balancer",
      { service: { type: "NodePort", loadBalancerIP: "192.0.2.1" } },
      "service.loadBalancerIP is given for a Service of type NodePort; leave it out, or use LoadBalancer",
    ),
  ]);
});

describe("delivery and CRDs", () => {
  testRefusals([
    plainly(
      "a delivery that is none",
      { delivery: "operator" },
      'delivery is "operator"; write one of "manifests", "helm"',
    ),
    plainly(
      "values without a chart",
      { helmValues: { nginx: { debug: true } } },
      'helmValues is given without a chart; use delivery: "helm", or opts.transforms for single objects',
    ),
    plainly(
      "a source of CRDs that are there",
      { crdSource: "crds" },
      'crdSource is given beside crds "existing"; remove one of the two: CRDs that are there are left alone',
    ),
  ]);
});

describe("several faults", () => {
  testRefusals([
    {
      ...plainly(
        "come all at once",
        {
          dataPlane: {},
          service: { type: "Loadbalancer", ports: [{ name: "HTTP", port: 80 }] },
          logLevel: "trace",
          registry: "https://registry.example.com",
          terminationGracePeriodSeconds: -1,
        },
        "dataPlane is not an argument; write service, errorLevel and dataPlaneConfig: NGINX runs in the pod of the control plane",
      ),
      also: [
        'service.type is "Loadbalancer"; write one of "ClusterIP", "NodePort", "LoadBalancer"',
        'logLevel is "trace"; write one of "info", "debug", "error"',
        "registry is not a registry; write it without scheme and final slash, for example `registry.example.com/mirror`",
        "service.ports[0].name is not a name of a port; write at most 15 lower-case letters, digits and single `-`, with at least one letter",
        "terminationGracePeriodSeconds is -1; write a whole number from 0 to 86400",
      ],
    },
  ]);
});
