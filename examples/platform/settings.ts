import * as pulumi from "@pulumi/pulumi";
import { Edition, GatewayFabricCrds } from "nginx-stacks";

/** What the stack's file says. */
export const config = new pulumi.Config();

/** Open-source NGINX, or NGINX Plus. */
export const edition = config.get<Edition>("edition", { allowedValues: [Edition.plus, Edition.oss] }) ?? Edition.oss;

/** Names of the two Secrets that every namespace with NGINX Plus has: the same there after a new token, so what runs never looks for one that is gone. */
export const secretNames = { registry: "nginx-plus-registry", license: "nginx-plus-license" };

/** Source of the CRDs of Gateway Fabric and SPIRE: upstream's, unless the stack's file says otherwise. */
export const crds = {
  crds: config.get<GatewayFabricCrds>("crds", { allowedValues: Object.values(GatewayFabricCrds) }),
  crdSource: config.get("crdSource"),
};

/** Pods that may read metrics: those of the namespace that Prometheus runs in. */
export const metricsFrom = [
  { namespaceLabels: { "kubernetes.io/metadata.name": config.get("monitoringNamespace") ?? "monitoring" } },
];

const maxReplicas = config.getNumber("maximumReplicas");

/** One pod each for a trial; with `maximumReplicas` as many as there is load for, with metrics. */
export const size = maxReplicas
  ? { autoscaling: { maxReplicas }, podDisruptionBudget: { maxUnavailable: 1 }, monitoring: {} }
  : { replicas: 1 };
