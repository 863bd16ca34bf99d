import { type Argument, resolveArguments } from "../../foundation";
import type { ChartValues } from "../../helm";
import { checkInstanceManager } from "./checks";
import type { InstanceManagerArgs } from "./instance-manager-args";
import { chartValues } from "./values";
import { type InstanceManagerVersion, resolveVersion } from "./versions";

type Defaults = "admin" | "clickHouse" | "persistence" | "clients" | "internalCertificates";

/** The arguments with their defaults. */
export interface ResolvedArguments
  extends Omit<InstanceManagerArgs, Defaults | "name" | "version" | "customVersion" | "helmValues">,
    Required<Pick<InstanceManagerArgs, Defaults>> {
  releaseName: string;
  version: InstanceManagerVersion;
}

/** An InstanceManager as it will be made. */
export interface ResolvedInstanceManager extends ResolvedArguments {
  /** Values of the release, but for those that name what is made before it. */
  values: ChartValues;
  /** Sentences for the log about options that work and have a price. */
  warnings: string[];
}

/** Applies the rules of an InstanceManager, its defaults, and makes the values of its chart. */
export const resolveInstanceManager = (name: string, args: InstanceManagerArgs): ResolvedInstanceManager =>
  resolveArguments("InstanceManager", name, "InstanceManagerArgs", args, (argument) => {
    argument.check(checkInstanceManager);
    const resolved = withDefaults(argument);
    let values: ChartValues = {};
    argument.attempt((refuse) => {
      values = chartValues(refuse, resolved, argument.value.helmValues ?? {});
    });
    return { ...resolved, values, warnings: warnings(resolved) };
  });

/** Returns the arguments with their defaults. */
export function withDefaults(argument: Argument<InstanceManagerArgs>): ResolvedArguments {
  const { name = "nim", helmValues: _, customVersion: __, ...args } = argument.value;
  return {
    ...args,
    releaseName: name,
    version: resolveVersion(argument),
    admin: args.admin ?? {},
    clickHouse: args.clickHouse ?? {},
    persistence: args.persistence ?? {},
    clients: args.clients ?? [],
    internalCertificates: args.internalCertificates ?? {},
  };
}

const warnings = ({ registry, imagePullSecrets = [], persistence, clickHouse }: ResolvedArguments): string[] => [
  ...(registry === undefined && imagePullSecrets.length === 0
    ? ["imagePullSecrets: F5's registry gives nothing without credentials; name a RegistrySecret's secretName"]
    : []),
  ...(persistence.unsafeEphemeral ? ["persistence.unsafeEphemeral: users and inventory are lost with their pods"] : []),
  ...(clickHouse.disabled
    ? ["clickHouse.disabled: there are no metrics and events, and agents have to be 2.41.1 or later"]
    : []),
];
