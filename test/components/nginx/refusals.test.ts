import { NginxPlus } from "../../../components/nginx";
import { type Refusal, testRefusals, thrownBy, withoutPlace } from "../refusals";

const server = (port: string) => ({ name: "server", block: [{ name: "listen", args: [port] }] });
const open = {
  namespace: "edge",
  edition: "oss",
  ports: [{ name: "mqtt", port: 1883 }],
  configuration: { stream: [server("1883")] },
};
const plus = { ...open, edition: "plus", license: { secretName: "license" }, imagePullSecrets: ["registry"] };
const password = "corr3ct horse";

// The other texts of the interface may be Outputs.
const plainTexts =
  /^(release|edition|imagePullSecrets|configuration|files\[\d+\]\.path|secretMounts\[\d+\]\.(name|keys\[\d+\])|service\.type|service\.externalTrafficPolicy|ports\[\d+\]\.name|configuration\S*\.name) /;

const refusal = (rule: string, base: object, args: object, error: string, secrets: string[] = []): Refusal => ({
  rule,
  component: NginxPlus,
  args: { ...base, ...args },
  error,
  secrets,
  plain: plainTexts.test(error),
});
const oss = (rule: string, args: object, error: string) => refusal(rule, open, args, error);
const commercial = (rule: string, args: object, error: string, secrets?: string[]) =>
  refusal(rule, plus, args, error, secrets);
const port = (rule: string, given: object, error: string) =>
  oss(rule, { ports: [{ name: "mqtt", port: 1883, ...given }] }, error);
const management = (rule: string, given: object, error: string, secrets?: string[]) =>
  commercial(rule, { management: given }, error, secrets);
const policy = (rule: string, given: object, error: string) => oss(rule, { networkPolicy: given }, error);
const node = (name: string, ...args: string[]) => ({ configuration: { stream: [server("1883"), { name, args }] } });

testRefusals([
  oss(
    "no namespace",
    { namespace: undefined },
    "namespace is missing; write a string: Namespace of everything that is made",
  ),
  commercial("an unknown edition", { edition: "free" }, 'edition is "free"; write one of "plus", "oss"'),

  commercial(
    "an unknown release",
    { release: "R99" },
    'release is "R99"; write one of R33, R34, R35, R36, PLS.37.0, PLS.37.1, PLS.37.2, PLS.37.3, with its patch: R36 P8, PLS.37.0.8.1',
  ),
  commercial(
    "a release with the flaw in the MQTT filter",
    { release: "R36 P6" },
    "release is R36 P6, in whose MQTT filter anyone who can connect reads beyond a buffer and restarts workers (CVE-2026-60065); write PLS.37.0.8.1 or later (or, knowing this, unsafeAllowVulnerableRelease: true)",
  ),
  commercial(
    "a release that the registry has dropped",
    { release: "R33", unsafeAllowVulnerableRelease: true },
    "image is missing: F5's registry has no image of R33 that is known here; write the name of an image with it",
  ),
  commercial(
    "no licence",
    { license: undefined },
    'license is missing; write a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)',
  ),
  ...Object.entries({
    license: { secretName: "license" },
    management: {},
    release: "R36 P8",
    unsafeAllowVulnerableRelease: true,
  }).map(([property, value]) =>
    oss(
      `${property} for open-source NGINX`,
      { [property]: value },
      `${property} is about NGINX Plus; remove it for edition "oss", or use edition "plus"`,
    ),
  ),

  oss("no port", { ports: [] }, "ports is empty; write at least one port on which the configuration listens"),
  port(
    "a port's name",
    { name: "MQTT" },
    "ports[0].name is not the name of a port; write at most 15 lower-case letters, digits and single `-`, one letter at least",
  ),
  port("a port that is none", { port: 70000 }, "ports[0].port is 70000; write a whole number from 1 to 65535"),
  port(
    "a privileged port",
    { port: 443 },
    "ports[0].port is 443, on which NGINX cannot listen without privileges; set targetPort to a port from 1024, for example 8443, and let the configuration listen there",
  ),
  port(
    "a privileged target port",
    { targetPort: 80 },
    "ports[0].targetPort is 80, on which NGINX cannot listen without privileges; set targetPort to a port from 1024, for example 8080, and let the configuration listen there",
  ),
  port(
    "the port of the probes",
    { targetPort: 8080 },
    'ports[0] is like the port "management" (8080); write another name and targetPort',
  ),
  oss(
    "one port of the Service twice",
    {
      ports: [
        { name: "a", port: 1883 },
        { name: "b", port: 1883, targetPort: 1884 },
      ],
      configuration: { stream: [server("1883"), server("1884")] },
    },
    "ports[1].port repeats 1883; write each port of the Service once",
  ),

  oss(
    "a port that nothing listens on",
    { configuration: { stream: [server("1884"), server("[::]:2000-2009")] } },
    'ports[0].port is 1883, on which nothing in the configuration listens; write a server with { name: "listen", args: ["1883"] } in http or stream',
  ),
  oss(
    "listening with privileges",
    { configuration: { stream: [server("1883")], http: [server("0.0.0.0:80")] } },
    "configuration.http[0].block[0].args[0] listens on port 80, which takes privileges; listen on a port from 1024",
  ),
  oss(
    "listening where probes are answered",
    { configuration: { stream: [server("1883"), server("8000-8100")] } },
    "configuration.stream[1].block[0].args[0] listens on port 8080, which answers probes; listen on another port",
  ),

  oss("no time to drain", { drainSeconds: 0 }, "drainSeconds is 0; write a whole number from 1 to 86400"),
  oss(
    "replicas beside an autoscaler",
    { replicas: 3, autoscaling: { maxReplicas: 5 } },
    "replicas is given beside autoscaling; remove it: the autoscaler decides, from minReplicas on",
  ),
  oss(
    "fewer pods at most than at least",
    { autoscaling: { minReplicas: 4, maxReplicas: 3 } },
    "autoscaling.maxReplicas is 3, below 4; make it at least minReplicas",
  ),
  oss(
    "scaling by connections that are not counted",
    { autoscaling: { maxReplicas: 3, connectionsPerPod: 3000 } },
    "autoscaling.connectionsPerPod is given without monitoring, which counts the connections; add monitoring: {}, or remove it: CPU decides then",
  ),
  oss(
    "scaling by more connections than a pod has",
    { autoscaling: { maxReplicas: 3, connectionsPerPod: 8193 }, monitoring: {} },
    "autoscaling.connectionsPerPod is 8193, and a pod has room for 8192 clients (worker_processes, worker_connections): it would be full before another came; aim at three quarters of that, 6144",
  ),
  oss(
    "scaling by less than a connection",
    { autoscaling: { maxReplicas: 3, connectionsPerPod: 0 }, monitoring: {} },
    "autoscaling.connectionsPerPod is 0; write a whole number from 1 to 10000000",
  ),
  oss(
    "a longer window than Kubernetes has",
    { autoscaling: { maxReplicas: 3, scaleDown: { stabilizationWindowSeconds: 3601 } } },
    "autoscaling.scaleDown.stabilizationWindowSeconds is 3601; write a whole number from 0 to 3600",
  ),
  oss(
    "pods that never leave",
    { autoscaling: { maxReplicas: 3, scaleDown: { pods: 0 } } },
    "autoscaling.scaleDown.pods is 0; write a whole number from 1 to 1000",
  ),
  oss(
    "a longer period than Kubernetes has",
    { autoscaling: { maxReplicas: 3, scaleDown: { periodSeconds: 1801 } } },
    "autoscaling.scaleDown.periodSeconds is 1801; write a whole number from 1 to 1800",
  ),
  oss(
    "two disruption budgets",
    { podDisruptionBudget: { minAvailable: 1, maxUnavailable: 1 } },
    "podDisruptionBudget has both minAvailable and maxUnavailable; remove one of the two",
  ),
  oss(
    "a budget under which no node can be drained",
    { replicas: 1, podDisruptionBudget: { minAvailable: 1 } },
    "podDisruptionBudget.minAvailable is 1 of 1 pods, so that no node could ever be drained; make it less than 1, or run more pods",
  ),

  oss(
    "a type of Service",
    { service: { type: "ExternalName" } },
    'service.type is "ExternalName"; write one of "ClusterIP", "NodePort", "LoadBalancer"',
  ),
  oss(
    "a traffic policy inside the cluster",
    { service: { externalTrafficPolicy: "Local" } },
    "service.externalTrafficPolicy is given for a Service of type ClusterIP; remove it, or use LoadBalancer or NodePort",
  ),
  oss(
    "a load balancer's networks without a load balancer",
    { service: { type: "NodePort", loadBalancerSourceRanges: ["192.0.2.0/24"] } },
    "service.loadBalancerSourceRanges is given for a Service of type NodePort; remove it, or use LoadBalancer",
  ),

  policy(
    "a peer that is two",
    { clients: [{ cidr: "192.0.2.0/24", podLabels: {} }] },
    "networkPolicy.clients[0] has both a cidr and labels; write two entries: a peer is a network, or pods",
  ),
  policy(
    "an empty peer",
    { upstreams: [{ ports: [8883] }] },
    "networkPolicy.upstreams[0] names no peer; write a cidr, podLabels or namespaceLabels",
  ),
  policy(
    "an address in place of a network",
    { upstreams: [{ cidr: "192.0.2.1", ports: [8883] }] },
    "networkPolicy.upstreams[0].cidr is not a network in CIDR notation; write for example `192.0.2.0/24`",
  ),
  policy(
    "an upstream without ports",
    { upstreams: [{ cidr: "192.0.2.0/24", ports: [] }] },
    "networkPolicy.upstreams[0].ports is empty; write at least one port of the servers",
  ),
  policy(
    "a licensing endpoint of open-source NGINX",
    { licenseEndpointCidrs: ["192.0.2.0/24"] },
    'networkPolicy.licenseEndpointCidrs is about NGINX Plus; remove it for edition "oss"',
  ),
  commercial(
    "no network of the licensing endpoint",
    { networkPolicy: { licenseEndpointCidrs: [] } },
    "networkPolicy.licenseEndpointCidrs is empty; write the networks of the endpoint, or remove it for anywhere",
  ),

  management(
    "an endpoint with a scheme",
    { usageEndpoint: "https://nim.example.com" },
    "management.usageEndpoint is not a host with an optional port; write for example `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
  ),
  management(
    "usage reports to an Instance Manager before 2.18",
    { usageEndpoint: "nim.example.com", instanceManagerVersion: "2.17.3" },
    "management.instanceManagerVersion is 2.17.3: NGINX Plus from R33 on reports its usage to Instance Manager 2.18 or later, and stops without; report to a later one, or to F5",
  ),
  management(
    "an Instance Manager nowhere",
    { instanceManagerVersion: "2.22.2" },
    "management.instanceManagerVersion is given without usageEndpoint; write usageEndpoint, the address of that Instance Manager",
  ),
  management(
    "a version that is none",
    { usageEndpoint: "nim.example.com", instanceManagerVersion: "latest" },
    'management.instanceManagerVersion is "latest"; write the numbers: 2.22.2',
  ),
  management(
    "no name server",
    { resolver: [] },
    "management.resolver is empty; write the address of a name server, or remove it",
  ),
  management(
    "authorities without a use",
    { unsafeSkipVerification: true, trustedCertificates: { secretName: "ca" } },
    "management.trustedCertificates is given, but unsafeSkipVerification ignores it; remove one of the two",
  ),
  commercial(
    "a proxy before there were any",
    {
      release: "R33",
      unsafeAllowVulnerableRelease: true,
      image: "registry.example.com/nginx-plus:r33",
      management: { proxy: { host: "proxy.example.com", port: 3128 } },
    },
    "management.proxy is not in R33; use a release from R34 on, or open the way to the endpoint",
  ),
  management(
    "a proxy with a scheme",
    { proxy: { host: "http://proxy.example.com", port: 3128 } },
    "management.proxy.host is not a host name or address; write a name such as `broker.example.com`, or an address; IPv6 without brackets",
  ),
  management(
    "half of the proxy's credentials",
    { proxy: { host: "proxy.example.com", port: 3128, password } },
    "management.proxy has one of username and password; write both, or neither",
    [password],
  ),
  management(
    "an existing block and another",
    { enforceInitialReport: false, existing: { name: "management" } },
    "management.enforceInitialReport is given beside existing; remove one of the two: the Secret holds the whole block",
  ),
  management(
    "a password that NGINX cannot read",
    { proxy: { host: "proxy.example.com", port: 3128, username: "edge", password: `${password}\0` } },
    "management.proxy.password has a NUL byte; remove it: NGINX ends the word there",
    [password],
  ),

  oss(
    "labels without a use",
    { monitoring: { labels: { release: "prometheus" } } },
    "monitoring.labels is given without prometheusOperator; set prometheusOperator: true, or remove the labels",
  ),
  oss(
    "a dashboard that finds no pods",
    { monitoring: { dashboard: true } },
    "monitoring.dashboard is given without prometheusOperator: it finds the pods by the job that the PodMonitor gives them; set prometheusOperator: true, or remove the dashboard",
  ),
  oss(
    "labels without a dashboard",
    { monitoring: { prometheusOperator: true, dashboardLabels: { dashboards: "1" } } },
    "monitoring.dashboardLabels is given without dashboard; set dashboard: true, or remove the labels",
  ),
  oss(
    "a file elsewhere",
    { files: [{ path: "/etc/passwd", content: "" }] },
    "files[0].path is not in a folder below /etc/nginx; write it as /etc/nginx/<folder>/<file>",
  ),
  oss(
    "a file that no ConfigMap can hold",
    { files: [{ path: "njs/größe.js", content: "" }] },
    "files[0].path has characters that no key of a ConfigMap has; write letters, digits, `-`, `_` and `.`",
  ),
  oss(
    "one file twice",
    {
      files: [
        { path: "njs/a.js", content: "" },
        { path: "/etc/nginx/njs/a.js", content: "" },
      ],
    },
    "files[1].path repeats another file, or differs only in / and .; rename one of the two",
  ),
  oss(
    "a volume's name",
    { secretMounts: [{ name: "TLS", secretName: "tls", path: "tls" }] },
    "secretMounts[0].name is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  ),
  oss(
    "one volume twice",
    { secretMounts: [{ name: "cache", secretName: "tls", path: "tls" }] },
    'secretMounts[0].name repeats the volume "cache"; give each mount a name of its own',
  ),
  oss(
    "a mount of nothing",
    { secretMounts: [{ name: "tls", secretName: "tls", path: "tls", keys: [] }] },
    "secretMounts[0].keys is empty; write the keys that are wanted, or remove it for all",
  ),
  oss(
    "a volume inside another",
    {
      files: [{ path: "tls/trusted.crt", content: "" }],
      secretMounts: [{ name: "tls", secretName: "tls", path: "/etc/nginx/tls/server" }],
    },
    'secretMounts and files put the volume "tls" (/etc/nginx/tls/server) into "files-1" (/etc/nginx/tls); give each Secret, and the files, folders beside each other',
  ),
  oss(
    "a volume over the image's modules",
    { secretMounts: [{ name: "tls", secretName: "tls", path: "modules" }] },
    'secretMounts put the volume "tls" over /etc/nginx/modules, where the image has its own files; choose a folder of its own',
  ),

  oss(
    "a directive of NGINX Plus in open-source NGINX",
    node("status_zone", "a"),
    'configuration.stream[1].name is a directive that only NGINX Plus has; remove it, mark the node with plus: true to leave it out for edition "oss", or use edition "plus"',
  ),
  oss(
    "a word that NGINX cannot read",
    node("error_log", "a".repeat(5000)),
    "configuration.stream[1].args[0] takes 5000 bytes with its quotes and escapes; write at most 4095: NGINX reads no longer words",
  ),
  oss(
    "a directive in place of a name",
    node("server { listen 1; }"),
    "configuration.stream[1].name is not the name of a directive; write the name alone, and its arguments in args",
  ),

  oss(
    "text in place of a list",
    { imagePullSecrets: "regcred" },
    "imagePullSecrets is a string; write a list, each entry a string",
  ),
  oss(
    "a port in place of a list",
    { ports: 8081 },
    "ports is a number; write a list, each entry an object with name, port: The ports of the Service, at least one",
  ),
  oss(
    "text in place of a tree",
    { configuration: "server {}" },
    "configuration is a string; write an object: The NGINX configuration",
  ),
  oss("another name of an argument", { metrics: {} }, "metrics is not an argument; write monitoring"),
  oss(
    "the name of a Secret that is none",
    { imagePullSecrets: ["registry.example.com:5000"] },
    "imagePullSecrets[0] is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
  ),
  oss(
    "a network that is none",
    { service: { type: "LoadBalancer", loadBalancerSourceRanges: ["banana"] } },
    "service.loadBalancerSourceRanges[0] is not a network in CIDR notation; write for example `192.0.2.0/24`",
  ),
  oss(
    "a registry with a scheme",
    { registry: "https://registry.example.com" },
    "registry is not a registry; write it without scheme and final slash, for example `registry.example.com/mirror`",
  ),
  oss(
    "an image with a scheme",
    { image: "docker://nginx:1.30.7" },
    "image is not the name of an image; write it without scheme, for example `registry.example.com/nginx:1.30.7`",
  ),
  oss(
    "a Service's name that begins with a digit",
    { service: { name: "1-edge" } },
    "service.name is not a DNS-1035 label; write at most 63 lower-case letters, digits and `-`, beginning with a letter",
  ),
  oss(
    "monitoring that no peer can read",
    { monitoring: {}, networkPolicy: {} },
    'networkPolicy.metricsFrom is missing beside monitoring: no peer could read the metrics; write for example [{ namespaceLabels: { "kubernetes.io/metadata.name": "monitoring" } }]; [] for none',
  ),
  management(
    "a name server that is none",
    { resolver: ["192.0.2.53", "valid:30s"] },
    "management.resolver[1] is not a name server; write its address, with a port where that is not 53, for example `192.0.2.53`, or a parameter of resolver: `valid=30s`",
  ),
]);

test("without arguments, each that is needed is named", () => {
  expect(
    withoutPlace((thrownBy(() => new (NginxPlus as never as new (name: string) => object)("edge")) as Error).message)
      .split("\n")
      .map((line) => line.split(";")[0]),
  ).toEqual([
    'NginxPlus "edge": configuration is missing',
    'NginxPlus "edge": ports is missing',
    'NginxPlus "edge": namespace is missing',
    'NginxPlus "edge": license is missing',
  ]);
});
