import { Certificate, CertificateAuthority, MqttProxy, Namespace } from "../../components";
import { type KubernetesObject, manifests, record } from "../../engine";
import { describeCluster } from "./fixture";

/** Two proxies side by side, all that differs is the component's name. */
function twoProxies() {
  const namespace = new Namespace("shared").name;
  const issuer = new CertificateAuthority("authority", { subject: { commonName: "Shared root" } });
  for (const name of ["edge", "field"]) {
    const clientCertificate = new Certificate(`${name}-client`, {
      namespace,
      issuer,
      usage: "client",
      subject: { commonName: name },
    });
    new MqttProxy(name, {
      namespace,
      edition: "oss",
      upstreams: [{ name: "broker", servers: [{ host: "broker.example.com" }] }],
      defaultRoute: { upstream: "broker" },
      brokerTls: { trustedCertificatesPem: issuer.bundle, clientCertificate },
      credentials: { username: name },
    });
  }
}

describeCluster("two installs in one namespace", (cluster) => {
  test("become Ready, and each Service reaches the pods of its own Deployment only", async () => {
    const objects = manifests(await record(twoProxies), { secrets: "show" });
    await cluster().apply(objects);
    await cluster().waitReady(objects);

    const services = objects.filter(({ kind }) => kind === "Service");
    const reached = await Promise.all(services.map(deploymentsBehind));
    expect(reached.map((names) => names.length)).toEqual([1, 1]);
    expect(new Set(reached.flat()).size).toBe(2);
  });

  async function deploymentsBehind({ metadata, spec }: KubernetesObject): Promise<string[]> {
    const labels = Object.entries((spec as { selector: Record<string, string> }).selector);
    const selector = labels.map(([key, value]) => `${key}=${value}`).join(",");
    const answer = await cluster().kubectl([
      "get",
      "replicasets",
      "-n",
      String(metadata.namespace),
      "-l",
      selector,
      "-o",
      "json",
    ]);
    const owners: string[] = JSON.parse(answer).items.map(
      (set: { metadata: { ownerReferences: { name: string }[] } }) => set.metadata.ownerReferences[0]!.name,
    );
    return [...new Set(owners)];
  }
});
