import { GatewayFabricV1 } from "../../../components";
import type { GatewayFabricArgs } from "../../../components/gateway/gateway-fabric-args";
import { knownFaults } from "../../../components/gateway/known-faults";
import { faultsClock, knownFaultsDate } from "../../../components/versions";
import { record } from "../../../engine";
import { plus, recorded } from "./v2-fixture";

/** Numbers of the faults that a GatewayFabric warns about. */
const warned = async (args: Partial<GatewayFabricArgs>) => ids((await recorded({ ...plus, ...args })).log);

const ids = (log: { message: string }[]) =>
  log.flatMap(({ message }) => / has ([^,]+), /.exec(message)?.[1] ?? []).sort();

const http2 = ["CVE-2026-123007 and CVE-2026-123633"];
const noHttp2 = { dataPlane: { config: { disableHTTP2: true } } };

test.each<[string, Partial<GatewayFabricArgs>, string[]]>([
  ["2.3.0", {}, ["CVE-2026-32682"]],
  ["2.4.0", {}, ["CVE-2026-32682", "CVE-2026-91184"]],
  ["2.6.3", {}, ["CVE-2026-11311", "CVE-2026-32682", "CVE-2026-66362", "CVE-2026-91184"]],
  ["2.6.4", {}, ["CVE-2026-66362", "CVE-2026-91184"]],
  ["2.6.7", { edition: "oss", usage: undefined, imagePullSecrets: undefined }, ["CVE-2026-91184"]],
  ["2.6.8", {}, ["CVE-2026-91184"]],
  ["2.7.2", {}, ["CVE-2026-91184"]],
])("%s warns of its faults and of no others", async (version, args, faults) => {
  expect(await warned({ version, ...args, ...noHttp2 })).toEqual(faults);
  expect(await warned({ version, ...args })).toEqual([...http2, ...faults].sort());
});

test("an image of one's own may have a mended NGINX", async () => {
  expect(await warned({ dataPlaneImage: { tag: "own" } })).toEqual(["CVE-2026-91184"]);
});

test("verified reports are warned about where pods do not become ready with them", async () => {
  const usage = { ...plus.usage!, usageEndpoint: "nim.example.com", trustedCertificates: { secretName: "nim-ca" } };
  const defect = "nginx/nginx-gateway-fabric#5887";
  for (const [version, found] of [
    ["2.2.2", false],
    ["2.3.0", true],
    ["2.7.0", true],
    ["2.7.1", false],
  ] as const)
    expect((await warned({ version, usage, ...noHttp2 })).includes(defect)).toBe(found);
  const { log } = await recorded({ ...plus, usage, ...noHttp2 });
  expect(log.map(({ message }) => message)).toContain(
    `GatewayFabric "gateway": version: 2.6.8 has ${defect}, usage.trustedCertificates and usage.clientCertificate, with which pods of the data plane do not become ready; fixed in 2.7.1; without it, report to an endpoint whose certificate the image's own authorities know`,
  );
});

test("1.6 warns too", async () => {
  const args = { namespace: "nginx-gateway", crds: "existing", ...plus } as const;
  const { log } = await record(() => void new GatewayFabricV1("old", args));
  expect(ids(log)).toEqual([...http2, "CVE-2026-32682"].sort());
});

test("a plan says so when the tables are more than 60 days old", async () => {
  const { now } = faultsClock;
  const messages = async (days: number) => {
    faultsClock.now = () => Date.parse(knownFaultsDate) + days * 86_400_000;
    return (await recorded(plus)).log.filter(({ message }) => message.includes(knownFaultsDate));
  };
  try {
    expect(await messages(60)).toEqual([]);
    expect(await messages(61)).toMatchObject([
      {
        severity: "warning",
        message: `GatewayFabric "gateway": known faults of NGINX and Gateway Fabric are those of ${knownFaultsDate}, 61 days ago; use a newer release of nginx-stacks, or read their security advisories`,
      },
    ]);
  } finally {
    faultsClock.now = now;
  }
});

test("a fault has a fixed version or a way round it", () => {
  for (const { affected, remedy } of knownFaults)
    expect(remedy !== undefined || affected.every(({ fixed }) => fixed !== undefined)).toBe(true);
});
