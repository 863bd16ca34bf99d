import { runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { startBrokerStub } from "./broker-stub";
import { Devices, lastConnect, reached, renderProxy } from "./mqtt-clients";

const missing = missingPrograms("nginx", "openssl");
const describeOnTheWire = missing ? describe.skip : describe;
const title = (name: string) => (missing ? `${name} (${missing})` : name);

describeOnTheWire(title("credentials with a name from the certificate"), () => {
  test("that no listener's clients get stand in a file of NGINX's, which starts all the same", async () => {
    const credentials = (field: "emailAddress" | "commonName") => ({
      usernameFromCertificate: field,
      password: "p",
      unsafeSendToUnverifiedBrokers: true,
    });
    for (const field of ["emailAddress", "commonName"] as const) {
      const objects = await renderProxy({
        upstreams: [{ name: "b", servers: [{ host: "127.0.0.1", port: 9 }] }],
        defaultRoute: { refuse: true },
        listeners: [{ name: "plain", port: 1883 }],
        tenants: [{ name: "one", listeners: ["plain"], defaultRoute: { upstream: "b" } }],
        credentials: credentials(field),
      });
      const stack = await runOnLoopback(objects);
      expect(stack.output("nginx")).not.toMatch(/\[emerg\]/);
      await stack.stop();
    }
  });

  test("are not used on a listener whose clients bring their own, nor is the name that they need", async () => {
    const devices = new Devices();
    const broker = await startBrokerStub("broker");
    const clientCertificates = { trustedCertificatesPem: devices.authority.certificate };
    const objects = await renderProxy(
      {
        upstreams: [{ name: "b", servers: [{ host: "127.0.0.1", port: broker.port }] }],
        defaultRoute: { upstream: "b" },
        listeners: [
          { name: "devices", port: 8883, tls: { certificate: { secretName: "server" }, clientCertificates } },
          { name: "bring", port: 1883, passCredentials: true },
        ],
        credentials: { usernameFromCertificate: "dnsName", password: "p", unsafeSendToUnverifiedBrokers: true },
      },
      { server: { "tls.crt": devices.server.certificate, "tls.key": devices.server.key } },
    );
    const stack = await runOnLoopback(objects);
    try {
      const own = { username: "own", password: "word" };
      expect(await reached(stack.port("nginx", "bring"), own)).toBe("broker");
      expect(lastConnect(broker)).toMatchObject(own);
      const names = ["subjectAltName=DNS:a.example.com"];
      const tls = devices.issue("/CN=x", "clientAuth", devices.authority, names);
      expect(await reached(stack.port("nginx", "devices"), { tls, ...own })).toBe("broker");
      expect(lastConnect(broker)).toMatchObject({ username: "a.example.com", password: "p" });
      expect(await reached(stack.port("nginx", "devices"), { tls: devices.issue("/CN=x"), ...own })).toBe("");
    } finally {
      await stack.stop();
      await broker.stop();
      devices.remove();
    }
  });
});
