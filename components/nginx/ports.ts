import type { Input } from "@pulumi/pulumi";

/** Transport protocols of a Service's port. */
export const NginxPortProtocol = { tcp: "TCP", udp: "UDP" } as const;
export type NginxPortProtocol = (typeof NginxPortProtocol)[keyof typeof NginxPortProtocol];

/** A port on which the configuration listens. */
export interface NginxPort {
  /** Name, at most 15 lower-case letters, digits and `-`. */
  name: string;
  /** Port of the Service. */
  port: number;
  /** Port on which NGINX listens, from 1024: it has no privileges. @default port */
  targetPort?: number;
  /** Transport protocol. @default "TCP" */
  protocol?: NginxPortProtocol;
  /** Application protocol, as the Service's `appProtocol`. @default none */
  appProtocol?: Input<string>;
}

/** Ports that every pod has beside those that it is made for. */
export const managementPort = { name: "management", port: 8080 };
export const metricsPort = { name: "metrics", port: 9113 };
