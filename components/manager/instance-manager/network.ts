import * as k8s from "@pulumi/kubernetes";
import type { CustomResourceOptions, Input } from "@pulumi/pulumi";
import { type NginxService, NginxServiceType, nameServerRules, policyPeer, serviceSpec } from "../../nginx";
import { apigw } from "./certificates";
import { nativePort } from "./clickhouse";
import { InstanceManagerMode } from "./instance-manager-args";
import type { ResolvedInstanceManager } from "./resolve";

type PolicySpec = k8s.types.input.networking.v1.NetworkPolicySpec;

const nameLabel = "app.kubernetes.io/name";
/** Port of the API gateway's pods. */
const gatewayPort = 8443;
const parts = [apigw, "core", "dpm", "ingestion", "integrations", "secmon", "clickhouse", "utility"];

/** Returns whether a Service is reached from outside the cluster. */
export const isOutside = (service?: NginxService) => (service?.type ?? NginxServiceType.clusterIP) !== "ClusterIP";

/** Makes the policies: one for all parts, and one for each part that needs more. With them the parts work in a namespace that denies by default. */
export function makeNetworkPolicies(
  name: string,
  resolved: ResolvedInstanceManager,
  opts: CustomResourceOptions,
): void {
  const { namespace, clients, service, mode, openshift, clickHouse, dns } = resolved;
  const make = (suffix: string, spec: PolicySpec) =>
    new k8s.networking.v1.NetworkPolicy(`${name}-${suffix}`, { metadata: { namespace }, spec }, opts);
  const tcp = (port: number) => ({ port, protocol: "TCP" });
  make("parts", {
    podSelector: { matchExpressions: [{ key: nameLabel, operator: "In", values: parts }] },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [{ podSelector: {} }] }],
    egress: [
      ...nameServerRules(openshift === true, dns),
      { to: [{ podSelector: {} }] },
      ...(clickHouse.external ? [{ ports: [tcp(nativePort(clickHouse.external))] }] : []),
    ],
  });
  if (clients.length > 0 || isOutside(service))
    make("clients", {
      podSelector: { matchLabels: { [nameLabel]: apigw } },
      policyTypes: ["Ingress"],
      // Behind a load balancer a connection may come from any node: its own source ranges decide.
      ingress: [{ ports: [tcp(gatewayPort)], ...(!isOutside(service) && { from: clients.map(policyPeer) }) }],
    });
  if (mode !== InstanceManagerMode.disconnected)
    make("updates", {
      podSelector: { matchLabels: { [nameLabel]: "integrations" } },
      policyTypes: ["Egress"],
      egress: [{}],
    });
}

/** Makes the Service by which the API gateway is reached from outside. */
export const makeService = (
  name: string,
  namespace: Input<string>,
  service: NginxService,
  opts: CustomResourceOptions,
) =>
  new k8s.core.v1.Service(
    `${name}-service`,
    {
      metadata: { namespace, name: service.name, annotations: service.annotations },
      spec: serviceSpec(service, [{ name: "https", port: 443, appProtocol: "https" }], { [nameLabel]: apigw }),
    },
    opts,
  );
