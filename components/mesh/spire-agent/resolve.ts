import { type Argument, type Format, resolveArguments } from "../../foundation";
import { checkPlugins } from "../hcl";
import { longestSvid } from "../lifetimes";
import { checkMonitoring } from "../monitoring";
import { deniesByDefault } from "../network-policy";
import { checkImages, checkPrivileged, checkPullSecrets } from "../pod-rules";
import { refuseSecrets } from "../public-text";
import { checkSecretVariables, secretInPlugin } from "../secret-variables";
import { SpireLogLevel } from "../spire-server";
import { checkKubelet } from "./kubelet";
import type { SpireAgentArgs } from "./spire-agent-args";

/** SPIRE agents as they will be made, with every default. */
export interface ResolvedSpireAgent extends SpireAgentArgs {
  rebootstrapDelaySeconds: number;
  logLevel: SpireLogLevel;
  maxUnavailable: string;
  /** Outputs that are known once no plugin has turned out to hold a secret. */
  openPlugins: ReturnType<typeof refuseSecrets>;
  /** Whether the Namespace needs a NetworkPolicy for the agents. */
  denied: boolean;
}

/** Returns the agents of a user's arguments. */
export const resolveAgent = (name: string, args: SpireAgentArgs): ResolvedSpireAgent =>
  resolveArguments("SpireAgent", name, "SpireAgentArgs", args, (argument) => {
    argument.check(
      () => checkPrivileged(argument.field("mesh").field("agentNamespace"), "the agents are"),
      () => checkMonitoring(argument.field("monitoring")),
      () => checkImages(argument.field("images")),
    );
    return resolveSpireAgent(argument);
  });

/** Applies the rules of SPIRE agents beside those that a whole mesh has for them: what would not start, or would be ignored, is refused. */
export function resolveSpireAgent(argument: Argument<SpireAgentArgs>): ResolvedSpireAgent {
  const { mesh } = argument.value;
  const { rebootstrapDelaySeconds = 600, logLevel = SpireLogLevel.info, maxUnavailable = "25%" } = argument.value;
  argument.field("rebootstrapDelaySeconds").integer(1, 24 * 3600);
  argument.field("maxUnavailable").matches(numberOrPercentage);
  for (const selector of argument.field("logSelectors").entries()) selector.matches(selectorPrefix);
  argument.check(
    checkAvailability,
    () => argument.field("kubelet").given((kubelet) => checkKubelet(kubelet, mesh?.agentNamespace)),
    () => checkPullSecrets(argument.field("imagePullSecrets"), mesh?.agentNamespace),
    () => checkPlugins(argument.field("plugins"), pluginRules),
    () => checkSecretVariables(argument.field("secretVariables"), mesh?.agentNamespace),
  );
  return {
    ...argument.value,
    rebootstrapDelaySeconds,
    logLevel,
    maxUnavailable,
    openPlugins: refuseSecrets(argument.field("plugins"), secretInPlugin),
    denied: deniesByDefault(mesh?.agentNamespace),
  };
}

const minimumTarget = 24 * 3600;
/** SPIRE wants this much more of a certificate's life. */
const graceSeconds = 12 * 3600;

function checkAvailability(argument: Argument<SpireAgentArgs>): void {
  const target = argument.field("availabilityTargetSeconds");
  const { value } = target;
  target.integer(minimumTarget, 365 * 24 * 3600);
  const longest = longestSvid(argument.value.mesh?.caTtlSeconds);
  if (value !== undefined && value >= minimumTarget && value + graceSeconds > longest)
    target.refuse(
      `is ${value}, and certificates have to live ${graceSeconds} longer, but at most ${longest}`,
      "shorten it, or lengthen the life of the mesh's CA and of its certificates",
    );
}

const numberOrPercentage: Format = {
  test: (text) => /^([1-9]\d*|[1-9]\d?%|100%)$/.test(text),
  wrong: "is neither a number nor a percentage",
  remedy: "write for example `1` or `25%`",
};

const selectorPrefix: Format = {
  test: (text) => /^(k8s|unix)(:[a-z-]+)?$/.test(text),
  wrong: "is not the beginning of a selector",
  remedy: "write for example `k8s:ns`",
};

const pluginRules = {
  kinds: ["SVIDStore", "WorkloadAttestor"],
  reason: "about which the mesh decides: agents attest by k8s_psat, and keep their keys in memory",
  checkName: (kind: string, label: Argument<string>) => {
    if (kind === "WorkloadAttestor" && ["k8s", "unix"].includes(label.value))
      label.refuse(`is ${label.value}, which every agent has`, "remove the plugin; kubelet says how k8s verifies");
  },
};
