import { output } from "@pulumi/pulumi";
import type { GatewayUsageReporting } from "../../../components/gateway/usage";
import { rendered, the } from "./v1-fixture";

const license = { secretName: "nplus-license" };

/** Every combination of what decides about the block. */
const combinations = [...Array(16).keys()].map((bits) => ({
  endpoint: (bits & 1) > 0,
  skip: (bits & 2) > 0,
  ca: (bits & 4) > 0,
  client: (bits & 8) > 0,
}));

test.each(combinations)(
  "endpoint $endpoint, skip verification $skip, CA $ca, client certificate $client",
  async (has) => {
    const usage: GatewayUsageReporting = {
      license,
      ...(has.endpoint && { usageEndpoint: "nim.example.com:8443" }),
      ...(has.skip && { unsafeSkipVerification: true }),
      ...(has.ca && { trustedCertificates: { secretName: "nim-ca" } }),
      ...(has.client && { clientCertificate: { secretName: "nim-client" } }),
    };
    const objects = await rendered({ usage });
    // Line by line as templates/configmap.yaml of the chart of 1.6.2 has them.
    expect(the("ConfigMap", objects).data).toEqual({
      "main.conf": "error_log stderr info;\n",
      "mgmt.conf": [
        "mgmt {\n",
        has.endpoint ? "    usage_report endpoint=nim.example.com:8443;\n" : "",
        has.skip ? "    ssl_verify off;\n" : "",
        has.ca ? "    ssl_trusted_certificate /etc/nginx/certs-bootstrap/ca.crt;\n" : "",
        has.client ? "    ssl_certificate        /etc/nginx/certs-bootstrap/tls.crt;\n" : "",
        has.client ? "    ssl_certificate_key    /etc/nginx/certs-bootstrap/tls.key;\n" : "",
        "    enforce_initial_report off;\n",
        "    deployment_context /etc/nginx/main-includes/deployment_ctx.json;\n",
        "}\n",
      ].join(""),
    });

    const pod = the("Deployment", objects).spec.template.spec;
    const [gateway, nginx] = pod.containers;
    expect(gateway.args.filter((flag: string) => /usage|plus/.test(flag))).toEqual([
      "--nginx-plus",
      "--usage-report-secret=nplus-license",
      ...(has.endpoint ? ["--usage-report-endpoint=nim.example.com:8443"] : []),
      ...(has.skip ? ["--usage-report-skip-verify"] : []),
      ...(has.ca ? ["--usage-report-ca-secret=nim-ca"] : []),
      ...(has.client ? ["--usage-report-client-ssl-secret=nim-client"] : []),
    ]);
    const certificates = ({ name }: { name: string }) => name === "nginx-plus-usage-certs";
    const mounted = has.ca || has.client;
    expect(nginx.volumeMounts.filter(certificates)).toEqual(
      mounted ? [{ name: "nginx-plus-usage-certs", mountPath: "/etc/nginx/certs-bootstrap/" }] : [],
    );
    const item = (key: string) => ({ key, path: key });
    expect(pod.volumes.filter(certificates)).toEqual(
      mounted
        ? [
            {
              name: "nginx-plus-usage-certs",
              projected: {
                sources: [
                  ...(has.ca ? [{ secret: { name: "nim-ca", items: [item("ca.crt")] } }] : []),
                  ...(has.client
                    ? [{ secret: { name: "nim-client", items: [item("tls.crt"), item("tls.key")] } }]
                    : []),
                ],
              },
            },
          ]
        : [],
    );
  },
);

test("an endpoint that is known later makes the same file, and the same flag", async () => {
  const now = await rendered({ usage: { license, usageEndpoint: "nim.example.com" } });
  const later = await rendered({ usage: { license, usageEndpoint: output("nim.example.com") } });
  expect(the("ConfigMap", later).data).toEqual(the("ConfigMap", now).data);
  expect(the("Deployment", later).spec.template.spec.containers[0].args).toEqual(
    the("Deployment", now).spec.template.spec.containers[0].args,
  );
});

test("an address goes into the file as it was given", async () => {
  const objects = await rendered({ usage: { license, usageEndpoint: "[2001:db8::1]:8443" } });
  expect(the("ConfigMap", objects).data["mgmt.conf"]).toContain("    usage_report endpoint=[2001:db8::1]:8443;\n");
});

test("open-source NGINX has none of it", async () => {
  const objects = await rendered({ edition: "oss" });
  expect(the("ConfigMap", objects).data).toEqual({ "main.conf": "error_log stderr info;\n" });
  expect(JSON.stringify(objects)).not.toMatch(/usage|nginx-lib|license|mgmt|--nginx-plus/);
});

test("the level of NGINX's error log is in its first file and in the NginxProxy", async () => {
  const objects = await rendered({ edition: "oss", errorLevel: "debug", dataPlaneConfig: { ipFamily: "ipv4" } });
  expect(the("ConfigMap", objects).data["main.conf"]).toBe("error_log stderr debug;\n");
  expect(the("NginxProxy", objects)).toEqual({
    apiVersion: "gateway.nginx.org/v1alpha1",
    kind: "NginxProxy",
    metadata: { name: "nginx-gateway-proxy-config", labels: the("GatewayClass", objects).metadata.labels },
    spec: { ipFamily: "ipv4", logging: { errorLevel: "debug" } },
  });
  expect(the("GatewayClass", objects).spec.parametersRef).toEqual({
    group: "gateway.nginx.org",
    kind: "NginxProxy",
    name: "nginx-gateway-proxy-config",
  });
});
