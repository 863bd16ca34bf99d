import { Sidecar, type SidecarArgs } from "../../../components/mesh/sidecar";
import { type Refusal, testRefusals } from "../refusals";
import { explicit, least, mesh, web } from "./sidecar-fixture";

const refused = (rule: string, args: object, error: string, more: Partial<Refusal> = {}): Refusal => ({
  rule,
  component: Sidecar,
  args: { ...least, ...args },
  error,
  ...more,
});
const inbound = (more: object): Partial<SidecarArgs> => ({ inbound: [{ ...least.inbound![0]!, ...more }] });
const outbound = (...more: object[]): Partial<SidecarArgs> => ({
  outbound: more.map((one, index) => ({
    name: `o${index}`,
    host: "orders.shop.svc",
    port: 8080 + index,
    protocol: "http",
    peer: web,
    ...one,
  })),
});
const withoutRedirect = { redirect: undefined };
const plus = { edition: "plus", image: "registry.example.com/nginx-plus:1", license: { secretName: "license" } };

testRefusals([
  refused(
    "a namespace",
    { namespace: "Shop" },
    "namespace is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  ),
  refused(
    "a trust domain",
    { mesh: { ...mesh, trustDomain: "spiffe://mesh.example.com" } },
    "mesh.trustDomain is a URI; write the trust domain alone, without `spiffe://` and path",
  ),
  refused(
    "no verify depth",
    { mesh: { ...mesh, verifyDepth: 0 } },
    "mesh.verifyDepth is 0; write a whole number from 1 to 10",
  ),
  refused(
    "neither inbound nor outbound",
    { inbound: [] },
    "inbound and outbound are empty; declare at least one port, or one workload to which this one connects",
  ),
  refused(
    "a name longer than a label's value",
    { name: `${"a".repeat(60)}.bcd` },
    "name has 64 characters; write at most 63: it is the value of a label",
  ),
  refused("families of addresses", { ipFamilies: ["IPv5"] }, 'ipFamilies[0] is "IPv5"; write one of "IPv4", "IPv6"', {
    plain: true,
  }),
  refused("no family of addresses", { ipFamilies: [] }, "ipFamilies is empty; write one or both of IPv4, IPv6"),
  refused(
    "a host that the search list of the pod would complete in two ways",
    outbound({ host: "orders.shop" }),
    "outbound[0].host has two labels, and NGINX's resolver has no search list; write for example orders.shop.svc, with the namespace and svc",
  ),
  refused(
    "11: tcp behind a redirect without addresses",
    outbound({ protocol: "tcp" }),
    "outbound[0].addresses is missing, as is unsafeAnyAddress; write [service.spec.clusterIP], or networks with the pods of a headless Service: after the redirect only the port tells workloads by tcp apart",
  ),
  refused(
    "11: a headless Service's address",
    outbound({ protocol: "tcp", addresses: ["None"] }),
    "outbound[0].addresses[0] is not a network or an address; write for example `192.0.2.0/24` or `192.0.2.10`",
  ),
  refused(
    "11: an address of another family",
    outbound({ addresses: ["fd00::1"] }),
    "outbound[0].addresses[0] is of IPv6, which is not in ipFamilies; leave it out, or write ipFamilies with IPv6",
  ),
  refused(
    "11: no address",
    outbound({ addresses: [] }),
    "outbound[0].addresses is empty; write an address of the Service, or leave it out",
  ),
  refused(
    "11: any address of http",
    outbound({ unsafeAnyAddress: true }),
    "outbound[0].unsafeAnyAddress is given for http, where the header Host selects the workload; leave it out",
  ),
  refused(
    "11: addresses without redirect",
    { ...withoutRedirect, inbound: [], ...outbound({ localPort: 3000, addresses: ["192.0.2.1"] }) },
    "outbound[0].addresses is given without redirect; leave it out: localPort selects the workload",
  ),
  refused(
    "a cluster's domain with a dot at its end",
    { clusterDomain: "cluster.local." },
    "clusterDomain is not the domain of a cluster; write for example `cluster.local`",
  ),
  refused("too few connections", { connections: 0 }, "connections is 0; write a whole number from 512 to 1000000"),
  refused(
    "a header larger than a mebibyte",
    { headerKilobytes: 2048 },
    "headerKilobytes is 2048; write a whole number from 4 to 1024",
  ),
  refused(
    "a header's size as a snippet",
    { snippets: { http: [{ name: "large_client_header_buffers", args: ["4", "8k"] }] } },
    "snippets.http[0] repeats large_client_header_buffers, which this component writes in the same block; write headerKilobytes instead",
  ),
  refused(
    "a first port without enough ports after it",
    { firstPort: 65_100 },
    "firstPort is 65100; write a whole number from 1024 to 65036",
  ),
  refused(
    "Plus without an image",
    { ...plus, image: undefined },
    'image is missing: F5\'s images of NGINX Plus for unprivileged users have no njs, which reads SPIFFE IDs; name an image of your own with nginx-plus-module-njs, or use edition "oss"',
  ),
  refused(
    "Plus without a licence",
    { ...plus, license: undefined },
    'license is missing; give a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)',
  ),
  refused(
    "an unknown release",
    { ...plus, release: "R99" },
    'release is "R99"; write one of R33, R34, R35, R36, PLS.37.0, PLS.37.1, PLS.37.2, PLS.37.3, with its patch: R36 P8, PLS.37.0.8.1',
    { plain: true },
  ),
  refused(
    "a proxy's password in a ConfigMap",
    { ...plus, management: { proxy: { host: "proxy.example.com", port: 3128, username: "u", password: "a word" } } },
    "management.proxy has a name and password, which would be readable in a ConfigMap; write the block into a Secret, and name that in management.existing",
    { secrets: ["a word"] },
  ),
  refused(
    "a licence for open-source NGINX",
    { license: { secretName: "license" } },
    'license is for NGINX Plus; leave it out for edition "oss", or use edition "plus"',
  ),
  refused(
    "a version without its image",
    { openSourceVersion: "1.22.1" },
    "openSourceVersion is given without image; remove it: the version of the default image is known",
    { plain: true },
  ),
  refused(
    "a version that is too old",
    { image: "x", openSourceVersion: "1.18.0" },
    "openSourceVersion is 1.18.0, which lacks what the sidecar needs in its stream block; use 1.19.4 or later",
    { plain: true },
  ),
  refused(
    "a resolver before NGINX 1.27.3",
    { image: "x", openSourceVersion: "1.22.1", resolver: ["192.0.2.53"] },
    "resolver needs NGINX 1.27.3, and this is 1.22.1; leave it out, or use a later image",
  ),
  refused(
    "a resolver with a scheme",
    { resolver: ["tcp://192.0.2.53"] },
    "resolver[0] is not the address of a name server; write its address, IPv6 in brackets, with a port if it is not 53",
  ),
  // Inbound.
  refused(
    "a port twice",
    { inbound: [least.inbound![0], least.inbound![0]] },
    "inbound[1].port repeats 8080; declare each port once",
  ),
  refused(
    "22: a port of UDP",
    inbound({ protocol: "udp" }),
    'inbound[0].protocol is "udp"; write one of "http", "grpc", "tcp"',
    { plain: true },
  ),
  refused(
    "a protocol",
    inbound({ protocol: "mqtt" }),
    'inbound[0].protocol is "mqtt"; write one of "http", "grpc", "tcp"',
    { plain: true },
  ),
  refused(
    "20: a mode",
    inbound({ mode: "STRICT" }),
    'inbound[0].mode is "STRICT"; write one of "strict", "permissive", "off"',
    { plain: true },
  ),
  refused(
    "20: peers of a port in mode off",
    inbound({ mode: "off" }),
    "inbound[0].allow is given for mode off, which ignores it; leave it out, or write another mode",
  ),
  refused(
    "12: no allowed workload",
    inbound({ allow: undefined }),
    "inbound[0].allow is missing, as is allowTrustDomain; name the workloads that may connect, or set allowTrustDomain: true for every workload of the trust domain",
  ),
  refused(
    "12: an empty list of allowed workloads",
    inbound({ allow: [] }),
    "inbound[0].allow is empty; name at least one workload that may connect",
  ),
  refused(
    "12: some and all allowed",
    inbound({ allowTrustDomain: true }),
    "inbound[0].allowTrustDomain is given beside allow; name the workloads that may connect, or set allowTrustDomain: true for every workload of the trust domain",
  ),
  refused(
    "12: a peer without a namespace",
    inbound({ allow: [{ serviceAccount: "web" }] }),
    "inbound[0].allow[0].namespace is missing; write a string: Namespace of the workload",
  ),
  refused(
    "12: a service account that would be a path",
    inbound({ allow: [{ namespace: "shop", serviceAccount: "web/../admin" }] }),
    "inbound[0].allow[0].serviceAccount is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
  ),
  refused(
    "21: a path of tcp",
    inbound({ protocol: "tcp", plainPaths: ["/"] }),
    "inbound[0].plainPaths is given for tcp, which has no paths; leave it out: a tcpSocket probe needs none",
  ),
  refused(
    "21: a path of permissive",
    inbound({ mode: "permissive", plainPaths: ["/"] }),
    "inbound[0].plainPaths is given for mode permissive, which accepts all plaintext; leave it out",
  ),
  refused(
    "21: a path without its slash",
    inbound({ plainPaths: ["healthz"] }),
    "inbound[0].plainPaths[0] is not the path of a request; write it as the probe requests it: at most 1024 characters, from `/` on, without fragment or space",
    { plain: true },
  ),
  refused(
    "21: a path with a line feed",
    inbound({ plainPaths: ["/a\nb"] }),
    "inbound[0].plainPaths[0] is not the path of a request; write it as the probe requests it: at most 1024 characters, from `/` on, without fragment or space",
    { plain: true },
  ),
  refused(
    "21: a path of gRPC",
    inbound({ protocol: "grpc", plainPaths: ["/healthz"] }),
    "inbound[0].plainPaths[0] is not a method of gRPC; write /<package.Service>/<Method>",
    { plain: true },
  ),
  refused(
    "an application's port beside a redirect",
    inbound({ applicationPort: 8090 }),
    "inbound[0].applicationPort is given with redirect; leave it out: connections to port are redirected",
  ),
  refused(
    "no port for the application",
    withoutRedirect,
    "inbound[0].applicationPort is missing; write the port on 127.0.0.1 on which the application listens, or set redirect",
  ),
  refused(
    "10: a loop through NGINX",
    { ...withoutRedirect, ...inbound({ applicationPort: 8080 }) },
    "inbound[0].applicationPort is 8080, the port on which NGINX listens; let the application listen on another port",
  ),
  refused(
    "a privileged port",
    { ...withoutRedirect, ...inbound({ port: 443, applicationPort: 8080 }) },
    "inbound[0].port is 443, on which NGINX cannot listen without privileges; write 1024 or higher; the Service may have another port",
  ),
  refused(
    "a reserved port",
    inbound({ port: 15_100 }),
    "inbound[0].port is 15100, which is reserved for the sidecar; set firstPort, so that 500 ports from it on are free",
  ),
  // Outbound.
  refused(
    "a workload's name",
    outbound({ name: "Orders" }),
    "outbound[0].name is not the name of a workload; write at most 63 lower-case letters, digits and `-`",
    { plain: true },
  ),
  refused(
    "a workload's name twice",
    outbound({ name: "a" }, { name: "a" }),
    'outbound[1].name repeats "a"; give each workload its own name',
    { plain: true },
  ),
  refused(
    "a host with a scheme",
    outbound({ host: "https://orders" }),
    "outbound[0].host is not a host name; write a name in lower-case letters, without scheme, port, path or final dot",
  ),
  refused(
    "a host that is an address",
    outbound({ host: "192.0.2.1" }),
    "outbound[0].host is not a host name; write a name in lower-case letters, without scheme, port, path or final dot",
  ),
  refused(
    "12: a workload without a peer",
    outbound({ peer: undefined }),
    "outbound[0].peer is missing; write an object with namespace, serviceAccount: Namespace and ServiceAccount that the workload's certificate must name",
  ),
  refused(
    "11: tcp on a shared port",
    outbound({ port: 80 }, { port: 80, protocol: "tcp", unsafeAnyAddress: true }),
    'outbound[1].port is 80, as for "o0", and with redirect tcp and http cannot share a port; give one of the two Services another port, or leave redirect out',
  ),
  refused(
    "11: http and grpc on a shared port",
    outbound({ port: 80, protocol: "grpc" }, { port: 80 }),
    'outbound[1].port is 80, as for "o0", and with redirect http and grpc cannot share a port; give one of the two Services another port, or leave redirect out',
  ),
  refused(
    "a local port beside a redirect",
    outbound({ localPort: 3000 }),
    "outbound[0].localPort is given with redirect; leave it out: the application connects to host and port",
  ),
  refused(
    "an alias of tcp",
    outbound({ protocol: "tcp", unsafeAnyAddress: true, aliases: ["o"] }),
    "outbound[0].aliases is given for tcp, which has no header Host; leave it out",
  ),
  refused(
    "an alias that is a pattern",
    outbound({ aliases: ["*.shop.svc"] }),
    "outbound[0].aliases[0] is not a host name; write a name in lower-case letters, without scheme, port, path or final dot",
    { plain: true },
  ),
  refused(
    "keepalive for tcp",
    outbound({ protocol: "tcp", unsafeAnyAddress: true, keepalive: 1 }),
    "outbound[0].keepalive is given for tcp, where each connection is the application's; leave it out",
  ),
  refused(
    "no local port",
    { ...explicit, ...outbound({}) },
    "outbound[0].localPort is missing; write the port on 127.0.0.1 to which the application connects, or set redirect",
  ),
  refused(
    "a local port twice",
    { ...explicit, ...outbound({ localPort: 3000 }, { localPort: 3000 }) },
    "outbound[1].localPort repeats 3000; give each workload its own port on 127.0.0.1",
  ),
  refused(
    "a local port that is inbound",
    { ...explicit, ...outbound({ localPort: 8080 }) },
    "outbound[0].localPort is 8080, a port in inbound; give it its own port on 127.0.0.1",
  ),
  // Redirect.
  refused(
    "an unknown egress",
    { redirect: { egress: "none" } },
    'redirect.egress is "none"; write one of "any", "declared"',
    { plain: true },
  ),
  refused(
    "10: a network of two words",
    { redirect: { excludedCidrs: ["10.0.0.0/8 -j ACCEPT"] } },
    "redirect.excludedCidrs[0] is not a network in CIDR notation; write for example `192.0.2.0/24`",
    { plain: true },
  ),
  refused(
    "10: a network of two lines",
    { redirect: { excludedCidrs: ["10.0.0.0/8\nCOMMIT"] } },
    "redirect.excludedCidrs[0] is not a network in CIDR notation; write for example `192.0.2.0/24`",
    { plain: true },
  ),
  refused(
    "a network that is too long",
    { redirect: { excludedCidrs: ["10.0.0.0/33"] } },
    "redirect.excludedCidrs[0] is not a network in CIDR notation; write for example `192.0.2.0/24`",
    { plain: true },
  ),
  refused(
    "a network of another family",
    { redirect: { excludedCidrs: ["fd00::/8"] } },
    "redirect.excludedCidrs[0] is of IPv6, which is not in ipFamilies; leave it out, or write ipFamilies with IPv6",
    { plain: true },
  ),
  // Snippets.
  refused(
    "a directive of Plus",
    { snippets: { http: [{ name: "keyval_zone", args: ["zone=a:1m"] }] } },
    'snippets.http[0].name is a directive that only NGINX Plus has; remove it, mark the node with plus: true to leave it out for edition "oss", or use edition "plus"',
    { plain: true },
  ),
  refused(
    "K5: a directive of the sidecar",
    { snippets: { http: [{ name: "server_tokens", args: ["on"] }] } },
    "snippets.http[0] repeats server_tokens, which this component writes in the same block; remove it: NGINX accepts it once",
  ),
  refused(
    "K5: a directive with an argument of its own",
    {
      ...{ resolver: ["192.0.2.53"], image: "x", openSourceVersion: "1.30.7" },
      snippets: { stream: [{ name: "resolver", args: ["192.0.2.54"] }] },
    },
    "snippets.stream[0] repeats resolver, which this component writes in the same block; write resolver instead",
  ),
  refused(
    "a directive that NGINX does not have",
    { snippets: { http: [{ name: "proxy_hide_haeder", args: ["a"] }] } },
    'snippets.http[0].name is "proxy_hide_haeder", which is not a directive of NGINX; write proxy_hide_header, or set thirdParty: true on the node if another module has it',
    { plain: true },
  ),
]);

test("a component's name too long for the label's value", () => {
  expect(() => new Sidecar("a".repeat(48), least)).toThrow(
    "name would be made from the component's name of 48 characters; name the component in at most 47, or write a name here: it is the value of a label",
  );
});
