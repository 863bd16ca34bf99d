import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MqttProxy } from "nginx-stacks";

/** Labels of the smoke test's pod. */
export const clientLabels = { "app.kubernetes.io/name": "mqtt-smoke-test" };

const script = `
set -eu
for version in mqttv311 mqttv5; do
  mosquitto_sub -V "$version" -h "$HOST" -p "$PORT" -i sensor-reader -t smoke -C 1 -W 20 > /tmp/received &
  sleep 2
  mosquitto_pub -V "$version" -h "$HOST" -p "$PORT" -i sensor-writer -t smoke -q 1 -m "hello $version"
  wait $!
  grep -qx "hello $version" /tmp/received
done
! mosquitto_pub -h "$HOST" -p "$PORT" -i stranger -t smoke -m "not for you"
`.trim();

/** What the smoke test needs to know. */
export interface SmokeTestArgs {
  namespace: pulumi.Input<string>;
  proxy: MqttProxy;
  /** The broker's pods, which must be there first. */
  broker: pulumi.Resource;
}

/** A Job that sends a message through the proxy with both versions of MQTT, and that an unknown client id must not get through. */
export function smokeTest(name: string, args: SmokeTestArgs): void {
  const { namespace, proxy, broker } = args;
  new kubernetes.batch.v1.Job(
    name,
    {
      metadata: { namespace },
      spec: {
        backoffLimit: 3,
        template: {
          metadata: { labels: clientLabels },
          spec: {
            restartPolicy: "Never",
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, runAsUser: 1883, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: "client",
                image: "docker.io/library/eclipse-mosquitto:2.0.22",
                command: ["sh", "-c", script],
                env: [
                  { name: "HOST", value: proxy.host },
                  { name: "PORT", value: pulumi.interpolate`${proxy.port}` },
                ],
                resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
                volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
              },
            ],
            volumes: [{ name: "tmp", emptyDir: {} }],
          },
        },
      },
    },
    { dependsOn: [proxy, broker] },
  );
  // The namespace denies all traffic: the client gets to DNS and to the proxy.
  new kubernetes.networking.v1.NetworkPolicy(name, {
    metadata: { namespace },
    spec: {
      podSelector: { matchLabels: clientLabels },
      policyTypes: ["Ingress", "Egress"],
      egress: [
        {
          ports: [
            { port: 53, protocol: "UDP" },
            { port: 53, protocol: "TCP" },
          ],
        },
        { to: [{ podSelector: {} }], ports: [{ port: proxy.port, protocol: "TCP" }] },
      ],
    },
  });
}
