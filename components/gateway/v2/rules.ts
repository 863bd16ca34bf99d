import type { types } from "@pulumi/kubernetes";
import type { GatewayFabricVersion } from "../versions";

/** Options that decide about the rights of the control plane. */
export interface RuleOptions {
  version: GatewayFabricVersion;
  plus: boolean;
  productTelemetry: boolean;
  leaderElection: boolean;
  experimental: boolean;
  snippets: boolean;
  snippetsFilters: boolean;
  inferenceExtension: boolean;
  /** Names of the SecurityContextConstraints of control plane and data plane, on OpenShift. */
  constraints?: string[];
}

type Rule = types.input.rbac.v1.PolicyRule;

const rule = (apiGroups: string[], resources: string[], verbs: string[]): Rule => ({ apiGroups, resources, verbs });

const read = ["get", "list", "watch"];
const watch = ["list", "watch"];
const manage = ["create", "update", "delete", "list", "get", "watch"];
const gatewayApi = ["gateway.networking.k8s.io"];
const own = ["gateway.nginx.org"];
const inference = ["inference.networking.k8s.io"];

const status = (resources: string[]) => resources.map((resource) => `${resource}/status`);

/** Returns every rule by its subject; an empty list where the options leave it out. */
function rules(options: RuleOptions) {
  const { features } = options.version;
  const some = (condition: boolean, ...names: string[]) => (condition ? names : []);
  const when = (condition: boolean, ...list: Rule[]) => (condition ? list : []);
  const policies = [
    ...["clientsettingspolicies", "observabilitypolicies", "upstreamsettingspolicies"],
    ...some(features.filterPolicies, "authenticationfilters", "proxysettingspolicies", "ratelimitpolicies"),
    ...some(features.wafPolicies, "wafpolicies"),
    ...some(options.snippetsFilters || options.snippets, "snippetsfilters"),
    ...some(options.snippets, "snippetspolicies"),
  ];
  const routes = [
    ...some(features.backendTlsPolicies || options.experimental, "backendtlspolicies"),
    ...some(features.tlsRoutes || options.experimental, "tlsroutes"),
    ...some(features.listenerSets, "listenersets"),
    ...some(features.standardLayer4Routes || (features.layer4Routes && options.experimental), "tcproutes", "udproutes"),
  ];
  const { constraints = [] } = options;
  return {
    namespaces: rule([""], ["namespaces"], read),
    pods: rule([""], ["pods"], read),
    nodes: when(options.productTelemetry || options.plus, rule([""], ["nodes"], ["list"])),
    tokenReviews: rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
    definitions: rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], watch),
    core: rule([""], ["secrets", "configmaps", "serviceaccounts", "services"], manage),
    serviceStatus: when(features.serviceStatus, rule([""], ["services/status"], ["patch"])),
    workloads: rule(["apps"], ["deployments", "daemonsets"], manage),
    disruptionBudgets: when(features.disruptionBudgets, rule(["policy"], ["poddisruptionbudgets"], manage)),
    autoscalers: rule(["autoscaling"], ["horizontalpodautoscalers"], manage),
    replicaSets: rule(["apps"], ["replicasets"], ["get", "list"]),
    endpointSlices: rule(["discovery.k8s.io"], ["endpointslices"], watch),
    gatewayResources: ["gateways", "httproutes", "referencegrants", "grpcroutes", ...routes],
    gatewayStatuses: rule(
      gatewayApi,
      [
        ...status(["httproutes", "gateways"]),
        ...some(features.finalizers, "gateways/finalizers"),
        ...status(["gatewayclasses", "grpcroutes", ...routes]),
      ],
      ["update"],
    ),
    nginxGateways: rule(own, ["nginxgateways"], read),
    policies: rule(own, ["nginxproxies", ...policies], watch),
    policyStatuses: rule(own, status(["nginxgateways", ...policies]), ["update"]),
    inference: when(
      options.inferenceExtension,
      rule(inference, ["inferencepools"], read),
      rule(inference, ["inferencepools/status", ...some(features.finalizers, "inferencepools/finalizers")], ["update"]),
    ),
    leases: when(options.leaderElection, rule(["coordination.k8s.io"], ["leases"], ["create", "get", "update"])),
    useConstraints: when(constraints.length > 0, {
      ...rule(["security.openshift.io"], ["securitycontextconstraints"], ["use"]),
      resourceNames: constraints,
    }),
    grantConstraints: when(
      constraints.length > 0,
      rule(["rbac.authorization.k8s.io"], ["roles", "rolebindings"], manage),
    ),
  };
}

/** One rule in place of several that allow the same. */
const merged = (list: Rule[], verbs: string[]) =>
  rule(
    list.flatMap(({ apiGroups }) => apiGroups as string[]),
    list.flatMap(({ resources }) => resources as string[]),
    verbs,
  );

/** Returns the rules for the whole cluster, whatever namespaces are watched: upstream's, in upstream's order, as all here. */
export function clusterRules(options: RuleOptions): Rule[] {
  const all = rules(options);
  return [
    all.namespaces,
    ...all.nodes,
    all.tokenReviews,
    all.definitions,
    rule(gatewayApi, ["gatewayclasses"], watch),
    rule(gatewayApi, ["gatewayclasses/status"], ["update"]),
    ...all.useConstraints,
    ...(options.version.additions.rules ?? []),
  ];
}

/** The rules for each namespace that is watched; for all of them where none is named. */
export function namespacedRules(options: RuleOptions): Rule[] {
  const all = rules(options);
  return [
    all.core,
    ...all.serviceStatus,
    all.pods,
    rule(["events.k8s.io", ""], ["events"], ["create", "patch"]),
    all.workloads,
    all.replicaSets,
    all.autoscalers,
    ...all.disruptionBudgets,
    all.endpointSlices,
    rule(gatewayApi, all.gatewayResources, watch),
    all.gatewayStatuses,
    all.nginxGateways,
    all.policies,
    all.policyStatuses,
    ...all.inference,
    ...all.leases,
    ...all.grantConstraints,
  ];
}

/** The rules of a version that watches all namespaces, and only so. */
export function singleClusterRole(options: RuleOptions): Rule[] {
  const all = rules(options);
  const { features } = options.version;
  const provisioned = [all.core, all.workloads, ...(features.horizontalPodAutoscalers ? [all.autoscalers] : [])];
  return [
    ...(features.workloadRules ? provisioned : [merged(provisioned, manage)]),
    rule([""], ["namespaces", "pods"], read),
    all.replicaSets,
    ...all.nodes,
    rule([""], ["events"], ["create", "patch"]),
    all.endpointSlices,
    all.tokenReviews,
    rule(gatewayApi, ["gatewayclasses", ...all.gatewayResources], watch),
    all.gatewayStatuses,
    all.nginxGateways,
    all.policies,
    all.policyStatuses,
    ...all.inference,
    ...all.leases,
    all.definitions,
    ...all.useConstraints,
    ...all.grantConstraints,
    ...(options.version.additions.rules ?? []),
  ];
}
