import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Certificate, InstanceManagerProxy, NginxAgentConfiguration, TrustedCertificates } from "nginx-stacks";

/** Where the agent has its certificate, and those that it trusts. */
export const agentPaths = {
  certificate: "/etc/nginx-agent/certificate",
  authorities: "/etc/nginx-agent/authorities",
};

/** A name of the cluster's DNS for a Service that is called otherwise. */
export function alias(name: string, namespace: pulumi.Input<string>, host: pulumi.Input<string>): void {
  new kubernetes.core.v1.Service(name, {
    metadata: { name, namespace },
    spec: { type: "ExternalName", externalName: host },
  });
}

/** What the managed NGINX needs to know. */
export interface ManagedNginxArgs {
  namespace: pulumi.Input<string>;
  /** An image whose entry point starts NGINX and an NGINX Agent 2 as the user 101. */
  image: pulumi.Input<string>;
  imagePullSecrets?: pulumi.Input<string>[];
  agent: NginxAgentConfiguration;
  certificate: Certificate;
  authorities: TrustedCertificates;
  /** What the agent connects to. */
  front: InstanceManagerProxy;
}

/** An NGINX whose agent has Instance Manager watch and configure it. */
export function managedNginx(name: string, args: ManagedNginxArgs): void {
  const { namespace, image, imagePullSecrets = [], agent, certificate, authorities, front } = args;
  const labels = { "app.kubernetes.io/name": "managed-nginx", "app.kubernetes.io/instance": name };
  // What the agent and NGINX write.
  const scratch = ["/var/lib/nginx-agent", "/var/log/nginx-agent", "/var/run/nginx-agent", "/var/cache/nginx", "/tmp"];
  const volumeName = (path: string) => path.slice(1).replace(/\//g, "-");
  new kubernetes.apps.v1.Deployment(
    name,
    {
      metadata: { namespace },
      spec: {
        selector: { matchLabels: labels },
        replicas: 1,
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })),
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 101,
              runAsGroup: 101,
              fsGroup: 101,
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
              {
                name: "nginx",
                image,
                resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } },
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                volumeMounts: [
                  {
                    name: "agent",
                    mountPath: "/etc/nginx-agent/nginx-agent.conf",
                    subPath: "nginx-agent.conf",
                    readOnly: true,
                  },
                  { name: "certificate", mountPath: agentPaths.certificate, readOnly: true },
                  { name: "authorities", mountPath: agentPaths.authorities, readOnly: true },
                  ...scratch.map((mountPath) => ({ name: volumeName(mountPath), mountPath })),
                ],
              },
            ],
            volumes: [
              { name: "agent", configMap: { name: agent.configMapName } },
              { name: "certificate", secret: { secretName: certificate.secretName, defaultMode: 0o440 } },
              { name: "authorities", secret: { secretName: authorities.secretName } },
              ...scratch.map((path) => ({ name: volumeName(path), emptyDir: {} })),
            ],
          },
        },
      },
    },
    { dependsOn: [front] },
  );
  // The namespace denies all traffic: the agent gets to DNS and to the proxy.
  new kubernetes.networking.v1.NetworkPolicy(name, {
    metadata: { namespace },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ["Ingress", "Egress"],
      egress: [
        {
          ports: [
            { port: 53, protocol: "UDP" },
            { port: 53, protocol: "TCP" },
          ],
        },
        { to: [{ podSelector: {} }], ports: [{ port: 8443, protocol: "TCP" }] },
      ],
    },
  });
}
