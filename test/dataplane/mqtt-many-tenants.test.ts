import { randomBytes } from "node:crypto";
import { runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { startBrokerStub } from "./broker-stub";
import { Devices, lastConnect, reached, renderProxy } from "./mqtt-clients";

const missing = missingPrograms("nginx", "openssl");
const testOnTheWire = missing ? test.skip : test;
const title = missing ? ` (${missing})` : "";

// Forty letters, of which NGINX's variables get sixty; those of the smallest number are as long as NGINX has room for by itself.
const longest = (index: number) => `t${index}`.padEnd(40, "-x").slice(0, 40).replace(/-$/, "x");

testOnTheWire.each([
  ["one tenant with a short name", ["a"]],
  ["one with the longest name", [longest(0)]],
  ["100 with the longest names", Array.from({ length: 100 }, (_, index) => longest(index))],
])(`%s: NGINX has room for their variables, and warns of nothing${title}`, async (_what, names) => {
  const devices = new Devices();
  const broker = await startBrokerStub("broker");
  const clientCertificates = { trustedCertificatesPem: devices.authority.certificate };
  const password = randomBytes(8).toString("hex");
  const objects = await renderProxy(
    {
      upstreams: names.map((_, index) => ({ name: `b${index}`, servers: [{ host: "127.0.0.1", port: broker.port }] })),
      defaultRoute: { refuse: true },
      listeners: [{ name: "devices", port: 8883, tls: { certificate: { secretName: "server" }, clientCertificates } }],
      tenants: names.map((name, index) => ({
        name,
        listeners: ["devices"],
        certificate: { organizationalUnit: { exact: name } },
        routes: [
          { certificate: { emailAddress: { prefix: "x" } }, upstream: `b${index}` },
          { username: { exact: "x" }, upstream: `b${index}` },
        ],
        defaultRoute: { upstream: `b${index}` },
        credentials: { usernameFromCertificate: "emailAddress", password, unsafeSendToUnverifiedBrokers: true },
      })),
    },
    { server: { "tls.crt": devices.server.certificate, "tls.key": devices.server.key } },
  );
  const stack = await runOnLoopback(objects);
  try {
    const last = names[names.length - 1]!;
    const { key, certificate } = devices.issue(`/CN=x/OU=${last}`, "clientAuth", devices.authority, [
      "subjectAltName=email:sensor@example.com",
    ]);
    expect(await reached(stack.port("nginx", "devices"), { tls: { key, certificate } })).toBe("broker");
    expect(lastConnect(broker)).toMatchObject({ username: "sensor@example.com", password });
    expect(stack.output("nginx")).not.toMatch(/\[(?:warn|emerg|alert|crit)\]/);
  } finally {
    await stack.stop();
    await broker.stop();
    devices.remove();
  }
});
