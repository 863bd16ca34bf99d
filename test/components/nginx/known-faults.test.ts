import { type NginxConfigNode, NginxPlus, type NginxPlusArgs } from "../../../components";
import { knownFaults } from "../../../components/nginx/known-faults";
import { record } from "../../../engine";

const listen: NginxConfigNode = { name: "listen", args: ["8081"] };
const http2 = { http: [{ name: "server", block: [listen, { name: "http2", args: ["on"] }] }] };
const http1 = { http: [{ name: "server", block: [listen] }] };
const resolver = { http: [{ name: "resolver", args: ["192.0.2.53"] }, ...http1.http] };
const preread = {
  stream: [{ name: "server", block: [listen, { name: "ssl_preread", args: ["on"] }, { name: "return", args: ["x"] }] }],
};
const clientCertificates = {
  stream: [
    {
      name: "server",
      block: [listen, { name: "ssl_verify_client", args: ["on"] }, { name: "return", args: ["x"] }],
    },
  ],
};
const mqtt = {
  stream: [{ name: "server", block: [listen, { name: "mqtt", args: ["on"] }, { name: "return", args: ["x"] }] }],
};
const regexMap = {
  http: [{ name: "map", args: ["$host", "$a"], variables: true, block: [{ name: "~^a", args: ["1"] }] }, ...http1.http],
};

const base = { namespace: "web", ports: [{ name: "http", port: 8081 }] };
const oss = (image: string | undefined, configuration: NginxPlusArgs["configuration"], more = {}) =>
  ({ ...base, edition: "oss", image, configuration, ...more }) as NginxPlusArgs;
const plus = (release: string, configuration: NginxPlusArgs["configuration"], more = {}) =>
  ({
    ...{ ...base, license: { secretName: "license" }, imagePullSecrets: ["registry"] },
    ...{ release, image: "registry.example.com/nginx-plus:own", configuration, ...more },
  }) as NginxPlusArgs;

const log = async (args: NginxPlusArgs) =>
  (await record(() => void new NginxPlus("web", args))).log.map(({ message }) => message);
const http2Faults = ["CVE-2026-123007", "CVE-2026-123633"];
const http2Effect = http2Faults.map((id) => `${id}, a critical fault in HTTP/2, with published exploits`).join("; ");

test.each<[title: string, args: NginxPlusArgs, message: string]>([
  [
    "HTTP/2 on NGINX 1.30.4",
    oss("nginx:1.30.4", http2),
    `image is 1.30.4, which has ${http2Effect}; write 1.30.7 or later (or, knowing this, unsafeAllowVulnerableVersion: ${JSON.stringify(http2Faults)})`,
  ],
  [
    "HTTP/2 on the mainline before its fix",
    oss("docker.io/nginxinc/nginx-unprivileged:1.31.8", http2),
    `image is 1.31.8, which has ${http2Effect}; write`,
  ],
  ["HTTP/2 on R36", plus("R36 P8", http2), `release is R36 P8, which has ${http2Effect}; write PLS.37.0.8.1 or later`],
  ["HTTP/2 on a continuous release", plus("PLS.37.2.0.1", http2), `release is PLS.37.2.0.1, which has ${http2Effect};`],
  [
    "HTTP/2 on a patch that has one of two fixes",
    plus("PLS.37.0.7.1", http2),
    "release is PLS.37.0.7.1, which has CVE-2026-123007, a critical fault in HTTP/2, with published exploits; write",
  ],
  [
    "one of two faults accepted",
    plus("R36 P8", http2, { unsafeAllowVulnerableVersion: ["CVE-2026-123007"] }),
    "release is R36 P8, which has CVE-2026-123633, a critical fault in HTTP/2",
  ],
  ["ssl_preread", oss("nginx:1.30.6", preread), "image is 1.30.6, which has CVE-2026-123640, a fault in ssl_preread"],
  [
    "client certificates in stream",
    oss("nginx:1.30.6", clientCertificates),
    "which has CVE-2026-120967, a fault in stream",
  ],
  [
    "the MQTT filter",
    plus("R36 P6", mqtt),
    "release is R36 P6, which has CVE-2026-60065, an MQTT filter in which anyone",
  ],
  [
    "an unknown fault",
    oss(undefined, http1, { unsafeAllowVulnerableVersion: ["CVE-2026-1"] }),
    'unsafeAllowVulnerableVersion[0] is "CVE-2026-1", no known fault; write some of CVE-2026-123007',
  ],
])("%s is refused", async (_title, args, message) => {
  await expect(log(args)).rejects.toThrow(message);
});

test.each<[title: string, args: NginxPlusArgs]>([
  ["HTTP/2 on the default image", oss(undefined, http2)],
  ["HTTP/2 on NGINX 1.30.7", oss("nginx:1.30.7", http2)],
  ["HTTP/2 on the newest releases", plus("PLS.37.0.8.1", http2)],
  ["HTTP/2 on the newest continuous release", plus("PLS.37.3.0.1", http2)],
  ["a release whose faults are in parts that are not used", plus("R36 P8", http1)],
  ["the MQTT filter with its fix", plus("R36 P7", mqtt)],
  ["a map on NGINX with its fix", oss("nginx:1.30.6", regexMap)],
  ["an image that does not name its version", oss("registry.example.com/web:7", http2)],
])("%s is accepted, and no fault is logged", async (_title, args) => {
  expect((await log(args)).filter((line) => line.includes("CVE"))).toEqual([]);
});

test.each<[title: string, args: NginxPlusArgs, messages: string[]]>([
  [
    "accepted faults",
    plus("R36 P8", http2, { unsafeAllowVulnerableVersion: http2Faults }),
    [
      "release: R36 P8 has CVE-2026-123007, a critical fault in HTTP/2, with published exploits; fixed in PLS.37.0.8.1",
      "release: R36 P8 has CVE-2026-123633, a critical fault in HTTP/2, with published exploits; fixed in PLS.37.0.7.1",
    ],
  ],
  [
    "an image of another maker, who may have mended them",
    oss("registry.example.com/web:1.30.4", preread),
    ["image: 1.30.4 has CVE-2026-123640, a fault in ssl_preread of stream; fixed in 1.30.7"],
  ],
  [
    "faults that are not grave",
    oss("nginx:1.30.5", { http: [...resolver.http, regexMap.http[0]!] }),
    [
      "image: 1.30.5 has CVE-2026-123634, a fault in the resolver, which a forged answer of a name server reaches; fixed in 1.30.7",
      "image: 1.30.5 has CVE-2026-93479, a fault in maps with regular expressions; fixed in 1.30.6",
    ],
  ],
])("%s are logged with the version that mends them", async (_title, args, messages) => {
  expect((await log(args)).filter((line) => line.includes("CVE"))).toEqual(messages);
});

test("every fault is there once", () => {
  const ids = knownFaults.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
