import type { types } from "@pulumi/kubernetes";

/** Options that decide about the rights of the control plane. */
export interface RuleOptions {
  plus: boolean;
  productTelemetry: boolean;
  leaderElection: boolean;
  experimental: boolean;
  snippetsFilters: boolean;
  /** Name of the SecurityContextConstraints, on OpenShift. */
  constraints?: string;
}

type Rule = types.input.rbac.v1.PolicyRule;

const rule = (apiGroup: string, resources: string[], ...verbs: string[]): Rule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

const status = (resources: string[]) => resources.map((resource) => `${resource}/status`);

/** The rules of the control plane's ClusterRole: upstream's, in upstream's order. */
export function clusterRules(options: RuleOptions): Rule[] {
  const { plus, productTelemetry, leaderElection, experimental, snippetsFilters, constraints } = options;
  // Both telemetry and the licence's deployment context tell how large the cluster is, and which workload runs the pod.
  const counting = plus || productTelemetry;
  const experimentalRoutes = experimental ? ["backendtlspolicies", "tlsroutes"] : [];
  const policies = ["clientsettingspolicies", "observabilitypolicies", "upstreamsettingspolicies"];
  const filters = snippetsFilters ? ["snippetsfilters"] : [];
  const gatewayApi = "gateway.networking.k8s.io";
  const own = "gateway.nginx.org";
  return [
    rule("", ["namespaces", "services", "secrets", ...(experimental ? ["configmaps"] : [])], "get", "list", "watch"),
    ...(counting ? [rule("", ["pods"], "get"), rule("apps", ["replicasets"], "get")] : []),
    ...(plus ? [rule("apps", ["replicasets"], "list")] : []),
    ...(counting ? [rule("", ["nodes"], "list")] : []),
    rule("", ["events"], "create", "patch"),
    rule("discovery.k8s.io", ["endpointslices"], "list", "watch"),
    rule(
      gatewayApi,
      ["gatewayclasses", "gateways", "httproutes", "referencegrants", "grpcroutes", ...experimentalRoutes],
      "list",
      "watch",
    ),
    rule(
      gatewayApi,
      status(["httproutes", "gateways", "gatewayclasses", "grpcroutes", ...experimentalRoutes]),
      "update",
    ),
    rule(own, ["nginxgateways"], "get", "list", "watch"),
    rule(own, ["nginxproxies", ...policies, ...filters], "list", "watch"),
    rule(own, status(["nginxgateways", ...policies, ...filters]), "update"),
    ...(leaderElection ? [rule("coordination.k8s.io", ["leases"], "create", "get", "update")] : []),
    rule("apiextensions.k8s.io", ["customresourcedefinitions"], "list", "watch"),
    ...(constraints === undefined
      ? []
      : [{ ...rule("security.openshift.io", ["securitycontextconstraints"], "use"), resourceNames: [constraints] }]),
  ];
}
