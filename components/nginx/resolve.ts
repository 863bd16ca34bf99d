import type { Input, Output } from "@pulumi/pulumi";
import type { Argument } from "../foundation";
import { checkNginxPlus } from "./checks";
import { configMapData, managementSecret, split } from "./config-map";
import type { NginxPlusArgs, NginxSecretMount } from "./nginx-plus-args";

/** An NginxPlus as it will be made: nothing of it is looked up, checked or printed again. */
export interface ResolvedNginx {
  args: NginxPlusArgs;
  /** Contents of all ConfigMaps, by key. */
  data: Record<string, Input<string>>;
  /** The same, one ConfigMap each. */
  configMaps: Record<string, Input<string>>[];
  /** The `mgmt` block, where it has a password. */
  management: Output<string> | undefined;
}

/** Applies the rules of an NginxPlus, and prints its configuration. */
export function resolveNginx(argument: Argument<NginxPlusArgs>): ResolvedNginx {
  const args = argument.value;
  argument.attempt((refuse) => checkNginxPlus(args, refuse));
  let data: ResolvedNginx["data"] = {};
  let configMaps: ResolvedNginx["configMaps"] = [];
  let management: ResolvedNginx["management"];
  argument.attempt((refuse) => {
    data = configMapData(args, refuse);
    configMaps = split(data, refuse);
  });
  argument.attempt((refuse) => {
    management = managementSecret(args, refuse);
  });
  return { args, data, configMaps, management };
}

const resolvedBefore = new WeakMap<NginxPlusArgs, ResolvedNginx>();

/**
 * Returns the arguments for an NginxPlus that another component contains and has resolved with its own name and paths.
 *
 * @param secretMounts Secrets that the component has made since
 */
export function containedNginx(resolved: ResolvedNginx, secretMounts: NginxSecretMount[] = []): NginxPlusArgs {
  const args = { ...resolved.args, secretMounts: [...(resolved.args.secretMounts ?? []), ...secretMounts] };
  resolvedBefore.set(args, { ...resolved, args });
  return args;
}

/** Returns what a containing component has resolved, or undefined for the arguments of a user. */
export const containedResolution = (args: NginxPlusArgs): ResolvedNginx | undefined =>
  typeof args === "object" && args !== null ? resolvedBefore.get(args) : undefined;
