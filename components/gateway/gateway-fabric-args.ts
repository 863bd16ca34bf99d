import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { PodPlacement } from "../foundation";
import type { Edition } from "../nginx";
import type { CertificateIssuer, CertificateReference } from "../pki";
import type { GatewayFabricCustomVersion } from "./resolve-version";
import type { GatewayUsageReporting } from "./usage";

/** Delivery of Gateway Fabric: every object from here, or a release of its Helm chart. */
export const GatewayFabricDelivery = { manifests: "manifests", helm: "helm" } as const;
export type GatewayFabricDelivery = (typeof GatewayFabricDelivery)[keyof typeof GatewayFabricDelivery];

/** Origin of the CRDs of the Gateway API and of Gateway Fabric. */
export const GatewayFabricCrds = { install: "install", existing: "existing" } as const;
export type GatewayFabricCrds = (typeof GatewayFabricCrds)[keyof typeof GatewayFabricCrds];

/** Policy by which a node pulls an image. */
export const ImagePullPolicy = { always: "Always", ifNotPresent: "IfNotPresent", never: "Never" } as const;
export type ImagePullPolicy = (typeof ImagePullPolicy)[keyof typeof ImagePullPolicy];

/** Log levels of the control plane. */
export const GatewayFabricLogLevel = { info: "info", debug: "debug", error: "error" } as const;
export type GatewayFabricLogLevel = (typeof GatewayFabricLogLevel)[keyof typeof GatewayFabricLogLevel];

/** An image, in the two parts that Gateway Fabric takes. */
export interface GatewayFabricImage {
  /** Repository without tag: `registry.example.com/nginx-gateway-fabric/nginx-plus`. @default by edition and `registry` */
  repository?: Input<string>;
  /** Tag, with a digest if you like: `2.6.7@sha256:…`. @default that of the version */
  tag?: Input<string>;
  /** Policy by which a node pulls it. @default "IfNotPresent" */
  pullPolicy?: ImagePullPolicy;
}

/** Metrics of Gateway Fabric for Prometheus. */
export interface GatewayFabricMonitoring {
  /** `false`: none are served. @default true */
  enabled?: boolean;
  /** Port that serves them, from 1024. Flag `--metrics-port`. @default 9113 */
  port?: number;
  /** `true`: they are served over TLS, with a certificate that cannot be verified. Flag `--metrics-secure-serving`. @default false */
  secure?: boolean;
  /**
   * `true`: the cluster runs the Prometheus Operator: a PodMonitor then has the metrics collected, and a PrometheusRule warns.
   *
   * @default false
   */
  prometheusOperator?: boolean;
  /** Labels of the PodMonitor and PrometheusRule, for the selectors of a Prometheus: `{ release: "prometheus" }`. @default none */
  labels?: Record<string, Input<string>>;
}

/** Arguments that both lines have. The placement is that of the control plane, which in 1.6 is the data plane too. */
export interface GatewayFabricCommonArgs extends PodPlacement {
  /** Namespace of Gateway Fabric and of its Secrets, a Namespace's `name`. In one that denies all traffic the pods get a NetworkPolicy. */
  namespace: Input<string>;
  /** Name of the release, a DNS-1123 label: objects that are looked for by name are called after it. Two in one cluster differ in it and in `gatewayClassName`. @default "nginx-gateway" */
  name?: string;
  /** NGINX Plus, or open-source NGINX, as data plane. @default "plus" */
  edition?: Edition;
  /** Version of Gateway Fabric. @default 2.6.8, or 1.6.2 */
  version?: string;
  /** A version that the library does not know. @default none */
  customVersion?: GatewayFabricCustomVersion;
  /** Every object from here, or a release of the Helm chart. @default "manifests" */
  delivery?: GatewayFabricDelivery;
  /** Source of the CRDs: the component installs them, or they exist already. @default "install" */
  crds?: GatewayFabricCrds;
  /**
   * Place of the CRDs, instead of the pinned URLs: a folder, or a URL, with `gateway-api-1.5.1-standard.yaml` (or `-experimental`) and `nginx-gateway-fabric-2.6.7.yaml` for the versions in question; with `inferenceExtension` also `inference-pools-1.5.0.yaml`.
   *
   * @default those that upstream publishes for the version
   */
  crdSource?: string;
  /** `true`: `destroy` also deletes the CRDs, and with them every Gateway and route of the cluster. @default false */
  deleteCrds?: boolean;
  /** Licence and reporting of usage. Needed for NGINX Plus, refused for open-source NGINX. */
  usage?: GatewayUsageReporting;
  /** A mirror that stands in for the registry of every default image: `registry.example.com/mirror`. @default each image's own registry */
  registry?: Input<string>;
  /** Image of the control plane. @default `ghcr.io/nginx/nginx-gateway-fabric` */
  controlPlaneImage?: GatewayFabricImage;
  /** Image of NGINX. @default `private-registry.nginx.com/nginx-gateway-fabric/nginx-plus`, or `ghcr.io/nginx/nginx-gateway-fabric/nginx` */
  dataPlaneImage?: GatewayFabricImage;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson` for the image of NGINX, for example a RegistrySecret's `secretName`. @default none */
  imagePullSecrets?: Input<string>[];
  /** `true`: the SecurityContextConstraints that OpenShift needs are made too. @default false */
  openshift?: boolean;
  /** Number of pods of the control plane. @default 1 */
  replicas?: number;
  /** CPU and memory of the control plane. @default none, as upstream */
  resources?: types.input.core.v1.ResourceRequirements;
  /** Log level of the control plane. @default "info" */
  logLevel?: GatewayFabricLogLevel;
  /** Metrics for Prometheus. @default served on port 9113 */
  monitoring?: GatewayFabricMonitoring;
  /** Port that answers the readiness probe of the control plane, from 1024. Flag `--health-port`. @default 8081 */
  healthPort?: number;
  /** `true`: the control plane sends telemetry to F5 once a day. @default true */
  productTelemetry?: boolean;
  /** `true`: one elected pod of the control plane alone writes the status of Gateways and routes. @default true */
  leaderElection?: boolean;
  /** Name of the GatewayClass, a DNS-1123 subdomain. @default "nginx" */
  gatewayClassName?: string;
  /** Name of the controller in the GatewayClass: `gateway.nginx.org/` and a path. @default "gateway.nginx.org/nginx-gateway-controller" */
  gatewayControllerName?: string;
  /** `true`: experimental features of the Gateway API work; its CRDs are then those of the experimental channel. @default false */
  experimentalFeatures?: boolean;
  /** `true`: SnippetsFilters put NGINX configuration of any kind into the data plane. Deprecated in 2.4 for `snippets`. @default false */
  snippetsFilters?: boolean;
  /** Values for the chart that no argument decides, for delivery "helm": `{ nginx: { autoscaling: { enable: true } } }`. Keys that the chart lacks, and secrets, are refused. @default none */
  // biome-ignore lint/suspicious/noExplicitAny: a tree of values, checked against the chart's keys
  helmValues?: Record<string, any>;
}

/** Types of a Service of the data plane. */
export const GatewayServiceType = {
  clusterIp: "ClusterIP",
  nodePort: "NodePort",
  loadBalancer: "LoadBalancer",
} as const;
export type GatewayServiceType = (typeof GatewayServiceType)[keyof typeof GatewayServiceType];

/** Pods to which a Service sends traffic that comes from outside the cluster: all, or those of the same node. */
export const GatewayTrafficPolicy = { cluster: "Cluster", local: "Local" } as const;
export type GatewayTrafficPolicy = (typeof GatewayTrafficPolicy)[keyof typeof GatewayTrafficPolicy];

/** The Service in front of NGINX: that of every Gateway in 2.x. */
export interface GatewayFabricService {
  /** Its type. @default "LoadBalancer" */
  type?: GatewayServiceType;
  /** Policy of the Service for traffic from outside; "Local" keeps the client's address. Not for ClusterIP. @default "Local", where there is traffic from outside */
  externalTrafficPolicy?: GatewayTrafficPolicy;
  /** Address that the load balancer is to have. Only for LoadBalancer. @default chosen by the cloud */
  loadBalancerIP?: Input<string>;
  /** Networks (CIDR) from which the load balancer takes traffic. Only for LoadBalancer. @default any */
  loadBalancerSourceRanges?: Input<string>[];
}

/** The pods of NGINX that the control plane makes for every Gateway, as the NginxProxy describes them. */
export interface GatewayFabricDataPlane {
  /** Number of pods. @default 1 */
  replicas?: number;
  /** CPU and memory of NGINX. @default none, as upstream */
  resources?: types.input.core.v1.ResourceRequirements;
  /** Labels that a node must have. @default any node */
  nodeSelector?: Record<string, Input<string>>;
  /** Taints that the pods tolerate. @default none */
  tolerations?: types.input.core.v1.Toleration[];
  /** Rules about nodes and other pods, required or preferred. @default none */
  affinity?: types.input.core.v1.Affinity;
  /** Spread of the pods over zones or nodes. @default none, as upstream */
  topologySpreadConstraints?: types.input.core.v1.TopologySpreadConstraint[];
  /** The Service of every Gateway. @default of type LoadBalancer */
  service?: GatewayFabricService;
  /** Further fields of the NginxProxy's `spec`, beside `kubernetes`: `{ ipFamily: "ipv4" }`. @default none */
  // biome-ignore lint/suspicious/noExplicitAny: fields of a CRD, which the API server checks
  config?: Record<string, any>;
}

/** Arguments of a GatewayFabric, the 2.x line. */
export interface GatewayFabricArgs extends GatewayFabricCommonArgs {
  /** Names of pull secrets for the image of the control plane, where that is in a registry of yours. @default none: upstream's is public */
  controlPlanePullSecrets?: Input<string>[];
  /** The authority that issues the certificates between control plane and data plane: a CertificateAuthority. @default one of its own */
  issuer?: CertificateIssuer;
  /** The control plane's certificate, in place of one that is issued here: keys `tls.crt`, `tls.key`, `ca.crt`. Given together with `agentCertificate`. @default issued here */
  serverCertificate?: CertificateReference;
  /** The data plane's certificate, in place of one that is issued here: keys `tls.crt`, `tls.key`, `ca.crt`, of the same authority. @default issued here */
  agentCertificate?: CertificateReference;
  /** DNS domain of the cluster. @default "cluster.local" */
  clusterDomain?: string;
  /** Namespaces whose Gateways and routes are looked at; that of the control plane always is. @default all */
  watchNamespaces?: string[];
  /** The pods of NGINX. @default one for each Gateway, behind a load balancer */
  dataPlane?: GatewayFabricDataPlane;
  /** `true`: SnippetsFilters and SnippetsPolicies put NGINX configuration of any kind into the data plane. From 2.4.0 on. @default false */
  snippets?: boolean;
  /** `true`: InferencePools of the Gateway API's inference extension can be backends; their CRD is then one of those to install. From 2.2.0 on. @default false */
  inferenceExtension?: boolean;
}
