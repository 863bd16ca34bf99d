import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { securityContextConstraints } from "../openshift";
import type { AgentSecrets } from "./certificates";
import { agentPort, deploymentSpec } from "./deployment";
import { gatewayClassSpec, nginxGatewaySpec, nginxProxySpec } from "./gateway-api";
import { metadata, selector } from "./names";
import type { ResolvedGatewayFabric } from "./resolve";
import { clusterRules, namespacedRules, type RuleOptions, singleClusterRole } from "./rules";

/**
 * Makes every object of Gateway Fabric.
 *
 * @param opts the parent, and what the objects wait for
 * @param definitions the CRDs, where they are made here
 * @returns what Gateways wait for
 */
export function makeObjects(
  name: string,
  resolved: ResolvedGatewayFabric,
  secrets: AgentSecrets,
  opts: pulumi.CustomResourceOptions,
  definitions: pulumi.Resource[],
): pulumi.Resource[] {
  const { names, version, namespace, monitoring } = resolved;
  const named = (object: string, inNamespace?: pulumi.Input<string>) => metadata(names, version, object, inNamespace);
  const own = named(names.release, namespace);

  const account = new k8s.core.v1.ServiceAccount(
    `${name}-account`,
    {
      metadata: own,
      ...(version.features.accountTokenOnRequest && { automountServiceAccountToken: false }),
      imagePullSecrets: resolved.controlPlanePullSecrets?.map((secret) => ({ name: secret })),
    },
    opts,
  );
  const rights = [
    ...makeRights(name, resolved, opts),
    ...(resolved.openshift ? makeConstraints(name, resolved, opts) : []),
  ];
  new k8s.core.v1.Service(
    `${name}-service`,
    {
      metadata: own,
      spec: {
        type: "ClusterIP",
        selector: selector(names),
        ports: [
          { name: "agent-grpc", port: 443, protocol: "TCP", targetPort: agentPort },
          ...(version.features.metricsService && monitoring.enabled
            ? [{ name: "metrics", port: monitoring.port, protocol: "TCP", targetPort: monitoring.port }]
            : []),
        ],
      },
    },
    opts,
  );

  const afterDefinitions = pulumi.mergeOptions(opts, { dependsOn: definitions });
  const gateway = (suffix: string, kind: string, apiVersion: string, of: object, spec: object) =>
    new k8s.apiextensions.CustomResource(
      `${name}-${suffix}`,
      { apiVersion, kind, metadata: of, spec },
      afterDefinitions,
    );
  const gatewayConfig = gateway(
    "config",
    "NginxGateway",
    "gateway.nginx.org/v1alpha1",
    named(names.config, namespace),
    nginxGatewaySpec(resolved),
  );
  const proxyConfig = gateway(
    "proxy-config",
    "NginxProxy",
    "gateway.nginx.org/v1alpha2",
    named(names.proxyConfig, namespace),
    nginxProxySpec(resolved),
  );
  const gatewayClass = gateway(
    "class",
    "GatewayClass",
    "gateway.networking.k8s.io/v1",
    named(resolved.gatewayClassName),
    gatewayClassSpec(resolved),
  );
  const deployment = new k8s.apps.v1.Deployment(
    `${name}-deployment`,
    { metadata: own, spec: deploymentSpec(resolved, secrets) },
    // Created after its dependencies, deleted before them.
    pulumi.mergeOptions(opts, { dependsOn: [account, ...rights, gatewayConfig, proxyConfig] }),
  );
  return [gatewayClass, deployment];
}

/** Roles and their bindings: for the whole cluster, or apart for each namespace that is watched. */
function makeRights(
  name: string,
  resolved: ResolvedGatewayFabric,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { names, version, namespace, watchNamespaces } = resolved;
  const options: RuleOptions = {
    version,
    plus: resolved.plus,
    productTelemetry: resolved.productTelemetry,
    leaderElection: resolved.leaderElection,
    experimental: resolved.experimentalFeatures,
    snippets: resolved.snippets,
    snippetsFilters: resolved.snippetsFilters,
    inferenceExtension: resolved.inferenceExtension,
    ...(resolved.openshift && { constraints: [names.constraints, `${names.constraints}-nginx`] }),
  };
  const role = { apiGroup: "rbac.authorization.k8s.io", name: names.release };
  const subjects = [{ kind: "ServiceAccount", name: names.release, namespace }];
  const everywhere = version.features.watchNamespaces
    ? [...clusterRules(options), ...(watchNamespaces ? [] : namespacedRules(options))]
    : singleClusterRole(options);
  const clusterMetadata = metadata(names, version, names.release);
  return [
    new k8s.rbac.v1.ClusterRole(`${name}-cluster-role`, { metadata: clusterMetadata, rules: everywhere }, opts),
    new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-cluster-role-binding`,
      { metadata: clusterMetadata, roleRef: { ...role, kind: "ClusterRole" }, subjects },
      opts,
    ),
    ...Object.entries(watchNamespaces ? { ...byName(watchNamespaces), "": namespace } : {}).flatMap(
      ([suffix, watched]) => {
        const logicalName = suffix === "" ? `${name}-role` : `${name}-role-${suffix}`;
        const watchedMetadata = metadata(names, version, names.release, watched);
        return [
          new k8s.rbac.v1.Role(logicalName, { metadata: watchedMetadata, rules: namespacedRules(options) }, opts),
          new k8s.rbac.v1.RoleBinding(
            `${logicalName}-binding`,
            { metadata: watchedMetadata, roleRef: { ...role, kind: "Role" }, subjects },
            opts,
          ),
        ];
      },
    ),
  ];
}

const byName = (namespaces: string[]): Record<string, pulumi.Input<string>> =>
  Object.fromEntries(namespaces.map((one) => [one, one]));

/** Returns OpenShift's permissions: by account for the control plane's pods, by roles of the control plane for the data plane's. */
function makeConstraints(
  name: string,
  { names, version, namespace }: ResolvedGatewayFabric,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const constraints = (suffix: string, of: string, fields: object) =>
    new k8s.apiextensions.CustomResource(
      `${name}-${suffix}`,
      {
        apiVersion: "security.openshift.io/v1",
        kind: "SecurityContextConstraints",
        metadata: metadata(names, version, of),
        ...fields,
      },
      opts,
    );
  const { unprivilegedDataPlane } = version.features;
  const user = pulumi.interpolate`system:serviceaccount:${namespace}:${names.release}`;
  return [
    constraints(
      "constraints",
      names.constraints,
      securityContextConstraints({ lastUser: 101, volumes: ["secret"], users: [user] }),
    ),
    constraints("data-plane-constraints", `${names.constraints}-nginx`, {
      ...securityContextConstraints({
        lastUser: 101,
        volumes: ["emptyDir", "secret", "configMap", "projected"],
        ...(!unprivilegedDataPlane && { capabilities: ["NET_BIND_SERVICE"] }),
      }),
      ...(!unprivilegedDataPlane && { allowPrivilegeEscalation: undefined }),
    }),
  ];
}
