import type { Input } from "@pulumi/pulumi";
import type { NginxPortProtocol } from "./ports";

/** The other end of connections: a network, or pods by their labels. */
export interface NginxPeer {
  /** Network as a CIDR, `192.0.2.0/24`; then there are no labels. @default none */
  cidr?: Input<string>;
  /** Labels of the pods. @default all pods of the namespaces */
  podLabels?: Record<string, Input<string>>;
  /** Labels of the pods' namespaces. @default the namespace of NGINX */
  namespaceLabels?: Record<string, Input<string>>;
}

/** Servers that NGINX connects to. */
export interface NginxUpstreamPeer extends NginxPeer {
  /** Ports of the servers, at least one: those of pods, not of a Service. */
  ports: number[];
  /** Transport protocol. @default "TCP" */
  protocol?: NginxPortProtocol;
}

/**
 * A NetworkPolicy. Ingress: the Service's ports, and port 9113 from those who collect metrics. Egress: the cluster's name servers, the upstreams, and
 * for NGINX Plus the licensing endpoint (through the proxy of `management`, if it has one).
 *
 * A NetworkPolicy knows no host names, and ports of pods in place of those of their Service. Without `licenseEndpointCidrs` the endpoint's port, 443
 * unless `management` says otherwise, is open to anywhere.
 */
export interface NginxNetworkPolicy {
  /** Peers that may connect to the ports of the Service. @default anyone */
  clients?: NginxPeer[];
  /** Peers that may read the metrics on port 9113; needed beside `monitoring`. @default none */
  metricsFrom?: NginxPeer[];
  /** Servers that NGINX may connect to. @default the ports of servers that the configuration names by plain texts, at any address; those of its brokers for an MqttProxy */
  upstreams?: NginxUpstreamPeer[];
  /** Name servers, on port 53. @default the pods of the cluster's DNS, with the label `k8s-app: kube-dns` in `kube-system`; and each address in a directive `resolver` */
  dns?: NginxPeer[];
  /**
   * Networks (CIDR) of the licensing endpoint, or of the proxy on the way to it. F5 names 3.135.72.139, 3.133.232.50 and 52.14.85.249 for product.connect.nginx.com.
   * @default anywhere
   */
  licenseEndpointCidrs?: Input<string>[];
}
