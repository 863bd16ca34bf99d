import { pbkdf2Sync } from "node:crypto";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Certificate } from "nginx-stacks";

/** What the broker needs to know. */
export interface MosquittoArgs {
  /** Namespace of the broker. */
  namespace: pulumi.Input<string>;
  /** Server certificate for the Service's host name; its Secret also has the authorities that clients must come from. */
  certificate: Certificate;
  /** The only user. */
  username: pulumi.Input<string>;
  /** That user's password. */
  password: pulumi.Input<string>;
}

/** Labels of the broker's pods. */
export const brokerLabels = (name: string) => ({
  "app.kubernetes.io/name": "mosquitto",
  "app.kubernetes.io/instance": name,
});

const configuration = `
# TLS only, clients must show a certificate of ours and know the password: three doors, all shut to strangers.
listener 8883
cafile /mosquitto/certificates/ca.crt
certfile /mosquitto/certificates/tls.crt
keyfile /mosquitto/certificates/tls.key
require_certificate true
tls_version tlsv1.2
allow_anonymous false
password_file /mosquitto/passwords/passwords
log_dest stderr
persistence false
`.trimStart();

/** The broker's Service, made before the proxy since NGINX looks its name up when it starts; gives the host name inside the cluster. */
export function mosquittoService(name: string, namespace: pulumi.Input<string>): pulumi.Output<string> {
  const service = new kubernetes.core.v1.Service(name, {
    // Its pods come after the proxy, so no resource waits for them here.
    metadata: { namespace, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: { selector: brokerLabels(name), ports: [{ name: "mqtts", port: 8883, targetPort: "mqtts" }] },
  });
  return pulumi.interpolate`${service.metadata.name}.${service.metadata.namespace}.svc.cluster.local`;
}

/** A mosquitto broker that speaks TLS only, to clients with a certificate and a password. */
export function mosquitto(name: string, args: MosquittoArgs): pulumi.Resource {
  const { namespace, certificate } = args;
  // The salt is stored in the stack: a new one at each run would change the Secret at each run.
  const salt = new random.RandomId(`${name}-salt`, { byteLength: 12 });
  const passwords = new kubernetes.core.v1.Secret(`${name}-passwords`, {
    metadata: { namespace },
    stringData: {
      passwords: pulumi.all([args.username, args.password, salt.b64Std]).apply(passwordLine),
    },
  });
  const settings = new kubernetes.core.v1.ConfigMap(`${name}-settings`, {
    metadata: { namespace },
    data: { "mosquitto.conf": configuration },
  });

  const image = "docker.io/library/eclipse-mosquitto:2.0.22";
  const securityContext = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
  const deployment = new kubernetes.apps.v1.Deployment(name, {
    metadata: { namespace },
    spec: {
      selector: { matchLabels: brokerLabels(name) },
      // Mosquitto keeps its sessions to itself: two of them would be two brokers.
      replicas: 1,
      strategy: { type: "Recreate" },
      template: {
        metadata: { labels: brokerLabels(name) },
        spec: {
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1883,
            runAsGroup: 1883,
            fsGroup: 1883,
            seccompProfile: { type: "RuntimeDefault" },
          },
          // Files of a Secret are symbolic links, and mosquitto from 2.1 on does not open a password file by a link.
          initContainers: [
            {
              name: `${name}-passwords`,
              image,
              command: ["sh", "-c", "umask 077 && cp /mosquitto/secret/passwords /mosquitto/passwords/passwords"],
              resources: { requests: { cpu: "10m", memory: "8Mi" }, limits: { memory: "32Mi" } },
              securityContext,
              volumeMounts: [
                { name: "secret", mountPath: "/mosquitto/secret", readOnly: true },
                { name: "passwords", mountPath: "/mosquitto/passwords" },
              ],
            },
          ],
          containers: [
            {
              name,
              image,
              command: ["mosquitto", "-c", "/mosquitto/config/mosquitto.conf"],
              ports: [{ name: "mqtts", containerPort: 8883 }],
              readinessProbe: { tcpSocket: { port: "mqtts" } },
              resources: { requests: { cpu: "50m", memory: "32Mi" }, limits: { memory: "128Mi" } },
              securityContext,
              volumeMounts: [
                { name: "settings", mountPath: "/mosquitto/config", readOnly: true },
                { name: "certificates", mountPath: "/mosquitto/certificates", readOnly: true },
                { name: "passwords", mountPath: "/mosquitto/passwords", readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: "settings", configMap: { name: settings.metadata.name } },
            { name: "certificates", secret: { secretName: certificate.secretName, defaultMode: 0o440 } },
            { name: "secret", secret: { secretName: passwords.metadata.name, defaultMode: 0o440 } },
            { name: "passwords", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
          ],
        },
      },
    },
  });
  new kubernetes.networking.v1.NetworkPolicy(name, {
    metadata: { namespace },
    spec: {
      podSelector: { matchLabels: brokerLabels(name) },
      policyTypes: ["Ingress", "Egress"],
      // Any pod of the namespace may knock; the certificate and the password decide.
      ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8883, protocol: "TCP" }] }],
    },
  });
  return deployment;
}

/** A line of mosquitto's password file: PBKDF2 with SHA-512. Few rounds, since the password is 32 random characters. */
function passwordLine([username, password, salt]: [string, string, string]): string {
  const rounds = 101;
  const hash = pbkdf2Sync(password, Buffer.from(salt, "base64"), rounds, 64, "sha512").toString("base64");
  return `${username}:$7$${rounds}$${salt}$${hash}\n`;
}
