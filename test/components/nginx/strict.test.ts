import { type NginxManagement, type NginxPlusArgs, printConfig } from "../../../components/nginx";
import { wholeConfiguration } from "../../../components/nginx/configuration";
import { managementBlock } from "../../../components/nginx/management";
import { plusReleases, readRelease } from "../../../components/nginx/releases";
import { type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";

const missing = crossplaneMissing();
const suite = missing === undefined ? describe : describe.skip;

const management: NginxManagement = {
  usageEndpoint: "nim.example.com:8443",
  resolver: ["192.0.2.53"],
  trustedCertificates: { secretName: "ca" },
  clientCertificate: { secretName: "client" },
  enforceInitialReport: false,
};
const proxy = { host: "proxy.example.com", port: 3128, username: "edge", password: "a b" };

const args: NginxPlusArgs = {
  namespace: "edge",
  ports: [{ name: "mqtt", port: 1883 }],
  configuration: {
    http: [{ name: "server", block: [{ name: "listen", args: ["8000"] }] }],
    stream: [
      {
        name: "server",
        block: [
          { name: "listen", args: ["1883"] },
          { name: "mqtt_preread", args: ["on"] },
          { name: "proxy_pass", args: ["192.0.2.1:1883"] },
        ],
      },
    ],
  },
};

/** The release's name in the tables of crossplane: PLS.37.0 is R37 there. */
const table = (name: string) => name.replace(/^PLS\.(\d+).*/, "R$1") as CrossplaneRelease;

const errors = (release: CrossplaneRelease, given: NginxPlusArgs) =>
  parseStrict([
    {
      release,
      files: {
        "/etc/nginx/nginx.conf": printConfig(wholeConfiguration(given), given.edition ?? "plus"),
        "/etc/nginx/management/block/mgmt.conf": printConfig([managementBlock(given.management)], "plus"),
      },
    },
  ])[0]!.errors.map(({ message }) => message);

suite(missing === undefined ? "NGINX's own tables" : `NGINX's own tables: ${missing}`, () => {
  test.each(plusReleases)("$name knows every directive that its configuration has", ({ name, managementProxy }) => {
    expect(errors(table(name), args)).toEqual([]);
    expect(errors(table(name), { ...args, management: { unsafeSkipVerification: true } })).toEqual([]);
    expect(errors(table(name), { ...args, management: { ...management, ...(managementProxy && { proxy }) } })).toEqual(
      [],
    );
  });

  test.each(plusReleases)("$name has a proxy for its reports: $managementProxy", ({ name, managementProxy }) => {
    const unknown = errors(table(name), { ...args, management: { proxy } }).filter((error) => /unknown/.test(error));
    expect(unknown.length === 0).toBe(managementProxy);
  });

  test("open-source NGINX knows every directive that its configuration has", () => {
    const { http } = args.configuration;
    expect(errors("oss", { ...args, edition: "oss", configuration: { http, stream: [] } })).toEqual([]);
  });
});

test.each([
  ["R33", "R33", false],
  ["R35 P9", "R35", false],
  ["R36", "R36", false],
  ["R36 P6", "R36", false],
  ["R36 P7", "R36", true],
  ["PLS.37.0.2.1", "PLS.37.0", false],
  ["PLS.37.0.3.1", "PLS.37.0", true],
  ["PLS.37.0.4.1", "PLS.37.0", true],
  ["PLS.37.0.8.1", "PLS.37.0", true],
  ["PLS.37.1.0.1", "PLS.37.1", true],
  ["PLS.37.3.0.1", "PLS.37.3", true],
])("the release %s is %s, and has the fix of the MQTT filter: %s", (text, name, patched) => {
  expect(readRelease(text)?.release.name).toBe(name);
  expect(readRelease(text)?.patched).toBe(patched);
});

test.each(["", "r36", "R36P7", "R32", "R38", "37.0.4.1", "PLS.37", "PLS.37.0", "PLS.37.9.0.1", "R36 P7\n"])(
  "%j is no release",
  (text) => {
    expect(readRelease(text)).toBeUndefined();
  },
);

test("the mgmt block is left out of open-source configurations", () => {
  expect(printConfig([managementBlock()], "oss")).toBe("");
});
