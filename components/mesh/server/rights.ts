import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedSpireServer } from "./resolve";
import { bindRules } from "./role";
import { bundleRules, certificateRequestRules, clusterRules, leaderRules } from "./rules";

/** Account that has the rights, and the objects that they are about. */
export interface RightsParts {
  labels: Record<string, pulumi.Input<string>>;
  accountName: pulumi.Input<string>;
  bundleConfigMapName: pulumi.Input<string>;
  /** Undefined without webhook. */
  webhookName?: pulumi.Input<string>;
  /** Undefined for one replica. */
  leaseName?: pulumi.Input<string>;
}

/** Gives server and controller manager, which share a ServiceAccount, the rights that they need. The pods come after what is returned. */
export function makeRights(
  name: string,
  { namespace, agentNamespace, upstream }: ResolvedSpireServer,
  parts: RightsParts,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { labels, leaseName } = parts;
  const subject = { kind: "ServiceAccount", name: parts.accountName, namespace };
  const bind = (what: string, where: pulumi.Input<string> | undefined, rules: Parameters<typeof bindRules>[3]) =>
    bindRules(`${name}-${what}`, labels, where, rules, subject, opts);
  const certManager = upstream?.certManager;
  return [
    bind("cluster", undefined, clusterRules(parts.webhookName)),
    bind("bundle", agentNamespace, bundleRules(parts.bundleConfigMapName)),
    ...(leaseName ? [bind("leader", namespace, leaderRules(leaseName))] : []),
    ...(certManager ? [bind("requests", certManager.namespace ?? namespace, certificateRequestRules)] : []),
  ];
}
