import type * as pulumi from "@pulumi/pulumi";
import { bindRules } from "./role";
import { bundleRules, certificateRequestRules, clusterRules, leaderRules } from "./rules";
import type { SpireServerArgs } from "./spire-server-args";

/** To whom the rights are given, and about which objects. */
export interface RightsParts {
  labels: Record<string, string>;
  agentNamespace: pulumi.Input<string>;
  accountName: pulumi.Input<string>;
  bundleConfigMapName: pulumi.Input<string>;
  /** Undefined without webhook. */
  webhookName?: pulumi.Input<string>;
  /** Undefined for one replica. */
  leaseName?: string;
}

/** Gives server and controller manager, which share a ServiceAccount, the rights that they need. The pods come after what is returned. */
export function makeRights(
  name: string,
  { namespace, upstreamAuthority }: SpireServerArgs,
  parts: RightsParts,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { labels, agentNamespace, leaseName } = parts;
  const subject = { kind: "ServiceAccount", name: parts.accountName, namespace };
  const bind = (what: string, where: pulumi.Input<string> | undefined, rules: Parameters<typeof bindRules>[3]) =>
    bindRules(`${name}-${what}`, labels, where, rules, subject, opts);
  const certManager = upstreamAuthority?.certManager;
  return [
    bind("cluster", undefined, clusterRules(parts.webhookName)),
    bind("bundle", agentNamespace, bundleRules(parts.bundleConfigMapName)),
    ...(leaseName ? [bind("leader", namespace, leaderRules(leaseName))] : []),
    ...(certManager ? [bind("requests", certManager.namespace ?? namespace, certificateRequestRules)] : []),
  ];
}
