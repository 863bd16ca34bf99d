import type { KubernetesObject } from "../../engine";
import { openSourceImage } from "./images";
import { find, type Loose } from "./rendered";

interface Part {
  servicePort: number;
  port: number;
  /** Secret and the names of certificate and key in it. */
  certificate: [secret: string, certificate: string, key: string];
}

const parts: Record<string, Part> = {
  apigw: { servicePort: 443, port: 8443, certificate: ["manager-apigw-server", "tls.crt", "tls.key"] },
  dpm: { servicePort: 8036, port: 8036, certificate: ["manager-dpm-certificates", "dpm-server.pem", "dpm-server.key"] },
  ingestion: {
    servicePort: 8035,
    port: 8035,
    certificate: ["manager-ingestion-certificates", "ingestion-server.pem", "ingestion-server.key"],
  },
};

/**
 * A stand-in for NGINX Instance Manager, whose images come with a subscription: the Services and labels of its chart, in front of NGINX that has
 * the certificates of the render, asks for the proxy's, and answers with its part's name, gRPC calls with the status 0.
 */
export const managerStandIn = (objects: KubernetesObject[]): KubernetesObject[] => {
  const namespace = find(objects, "Secret", "manager-authority").metadata.namespace;
  return Object.entries(parts).flatMap(([name, part]) => partObjects(objects, namespace, name, part));
};

function partObjects(objects: KubernetesObject[], namespace: string, name: string, part: Part): KubernetesObject[] {
  const { servicePort, port, certificate } = part;
  const [secret, certificateFile, keyFile] = certificate;
  const labels = { "app.kubernetes.io/name": name };
  const metadata = { name, namespace, labels };
  const volumes: Loose[] = [
    { name: "configuration", configMap: { name } },
    { name: "certificate", secret: { secretName: find(objects, "Secret", secret).metadata.name } },
    { name: "authority", secret: { secretName: find(objects, "Secret", "manager-authority").metadata.name } },
  ];
  const configuration = `
server {
  listen ${port} ssl;
  http2 on;
  ssl_certificate /etc/nginx/certificate/${certificateFile};
  ssl_certificate_key /etc/nginx/certificate/${keyFile};
  ssl_verify_client on;
  ssl_verify_depth 2;
  ssl_client_certificate /etc/nginx/authority/ca.pem;
  default_type $answer;
  add_header grpc-status 0;
  location / { return 200 "${name}\\n"; }
}
map $content_type $answer {
  application/grpc application/grpc;
  default text/plain;
}
`;
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { "part.conf": configuration },
    } as KubernetesObject,
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ port: servicePort, targetPort: port }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, fsGroup: 101, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: "stand-in",
                image: openSourceImage,
                imagePullPolicy: "Never",
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
                volumeMounts: [
                  { name: "configuration", mountPath: "/etc/nginx/conf.d" },
                  { name: "certificate", mountPath: "/etc/nginx/certificate" },
                  { name: "authority", mountPath: "/etc/nginx/authority" },
                ],
              },
            ],
            volumes,
          },
        },
      },
    },
  ];
}
