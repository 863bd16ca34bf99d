import { checkInteger, checkPlain, type Refuser } from "../../foundation";
import { checkHcl } from "../hcl";
import { longestSvid } from "../lifetimes";
import { SpireLogLevel } from "../server/spire-server-args";
import { checkKubelet } from "./kubelet";
import type { SpireAgentArgs } from "./spire-agent-args";

/** Refuses, before anything is registered, what would not start, or would be ignored. */
export function checkSpireAgent(refuse: Refuser, args: SpireAgentArgs): void {
  const { priorityClassName, ...structure } = args;
  checkPlain(refuse, structure);
  const { mesh, kubelet, logLevel, monitoring, maxUnavailable, logSelectors = [] } = args;
  if (mesh === undefined) refuse("mesh", "is missing", "give the SpireServer of the trust domain");
  checkKubelet(refuse, kubelet);
  checkInteger(refuse, "rebootstrapDelaySeconds", args.rebootstrapDelaySeconds, 1, 24 * 3600);
  checkInteger(refuse, "availabilityTargetSeconds", args.availabilityTargetSeconds, 24 * 3600, 365 * 24 * 3600);
  const { availabilityTargetSeconds: target } = args;
  if (target !== undefined && target + graceSeconds > longestSvid(mesh.caTtlSeconds))
    refuse(
      "availabilityTargetSeconds",
      `is ${target}, and certificates have to live ${graceSeconds} longer, but at most ${longestSvid(mesh.caTtlSeconds)}`,
      "shorten it, or lengthen the life of the mesh's CA and of its certificates",
    );
  if (logLevel !== undefined && !Object.values(SpireLogLevel).includes(logLevel))
    refuse("logLevel", `is "${logLevel}"`, `write one of ${Object.values(SpireLogLevel).join(", ")}`);
  for (const [index, selector] of logSelectors.entries())
    if (!/^(k8s|unix)(:[a-z-]+)?$/.test(selector))
      refuse(`logSelectors[${index}]`, "is not the beginning of a selector", "write for example `k8s:ns`");
  if (maxUnavailable !== undefined && !/^([1-9]\d*|[1-9]\d?%|100%)$/.test(maxUnavailable))
    refuse("maxUnavailable", "is neither a number nor a percentage", "write for example `1` or `25%`");
  if (monitoring?.labels && !monitoring.prometheusOperator)
    refuse(
      "monitoring.labels",
      "is given without prometheusOperator",
      "set prometheusOperator: true, or leave the labels out",
    );
  checkPlugins(refuse, args);
}

/** What SPIRE wants of a certificate's life besides. */
const graceSeconds = 12 * 3600;
const openKinds = ["SVIDStore", "WorkloadAttestor"];

function checkPlugins(refuse: Refuser, { plugins = [] }: SpireAgentArgs): void {
  checkHcl(refuse, "plugins", plugins);
  for (const [index, { name, labels = [], block }] of plugins.entries()) {
    const path = `plugins[${index}]`;
    if (!openKinds.includes(name))
      refuse(
        `${path}.name`,
        `is ${name}, about which the mesh decides: agents attest by k8s_psat, and keep their keys in memory`,
        `write one of ${openKinds.join(", ")}`,
      );
    if (block === undefined || labels.length !== 1)
      refuse(path, "is not a plugin", `give a block with one label, the name of the plugin: ${name} "name" { … }`);
    if (name === "WorkloadAttestor" && ["k8s", "unix"].includes(labels[0]!))
      refuse(
        `${path}.labels[0]`,
        `is ${labels[0]}, which every agent has`,
        "remove the plugin; kubelet says how k8s verifies",
      );
  }
}
