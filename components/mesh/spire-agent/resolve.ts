import { type Argument, type Format, refuseSecrets, resolveArguments } from "../../foundation";
import { checkPlugins } from "../hcl";
import { maximumSvidTtl } from "../lifetimes";
import { checkMonitoring } from "../monitoring";
import { deniesByDefault } from "../network-policy";
import { checkImages, checkPrivileged, checkPullSecrets } from "../pod-rules";
import { checkSecretVariables, secretInPlugin } from "../secret-variables";
import { SpireLogLevel } from "../spire-server";
import { checkKubelet } from "./kubelet";
import type { SpireAgentArgs } from "./spire-agent-args";

/** SPIRE agents with every default. */
export interface ResolvedSpireAgent extends SpireAgentArgs {
  rebootstrapDelaySeconds: number;
  logLevel: SpireLogLevel;
  maxUnavailable: string;
  /** Outputs that are known once the plugins are found to have no secret. */
  openPlugins: ReturnType<typeof refuseSecrets>;
  /** `true`: the Namespace needs a NetworkPolicy for the agents. */
  denied: boolean;
}

/** Resolves the arguments of a SpireAgent. */
export const resolveSpireAgent = (name: string, args: SpireAgentArgs): ResolvedSpireAgent =>
  resolveArguments("SpireAgent", name, "SpireAgentArgs", args, (argument) => {
    argument.check(
      () => checkPrivileged(argument.field("mesh").field("agentNamespace"), "the agents are"),
      () => checkMonitoring(argument.field("monitoring")),
      () => checkImages(argument.field("images")),
    );
    return resolveContainedAgent(argument);
  });

/** Applies the rules and defaults of SPIRE agents, also inside a ServiceMesh, whose own rules replace the others. */
export function resolveContainedAgent(argument: Argument<SpireAgentArgs>): ResolvedSpireAgent {
  const { mesh } = argument.value;
  const { rebootstrapDelaySeconds = 600, logLevel = SpireLogLevel.info, maxUnavailable = "25%" } = argument.value;
  argument.integers({ rebootstrapDelaySeconds: [1, day], availabilityTargetSeconds: [minimumTarget, 365 * day] });
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

const day = 24 * 3600;
const minimumTarget = day;
/** Time by which SPIRE requires certificates to live longer than the target. */
const graceSeconds = 12 * 3600;

function checkAvailability(argument: Argument<SpireAgentArgs>): void {
  const target = argument.field("availabilityTargetSeconds");
  const { value } = target;
  const maximum = maximumSvidTtl(argument.value.mesh?.caTtlSeconds);
  if (value !== undefined && value >= minimumTarget && value + graceSeconds > maximum)
    target.refuse(
      `is ${value}, and certificates must live ${graceSeconds} longer, but live at most ${maximum}`,
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
  reason: "which the mesh configures: agents attest by k8s_psat, and keep their keys in memory",
  checkName: (kind: string, label: Argument<string>) => {
    if (kind === "WorkloadAttestor" && ["k8s", "unix"].includes(label.value))
      label.refuse(`is ${label.value}, which every agent has`, "remove the plugin; kubelet configures k8s");
  },
};
