import type { Input } from "@pulumi/pulumi";
import { type Argument, type Format, formats } from "../../foundation";
import { type ChartSetting, setting } from "../../helm";

/** One volume. */
export interface InstanceManagerClaim {
  /** Its size, as Kubernetes writes quantities: `2Gi`. @default the chart's */
  size?: Input<string>;
  /** Name of a PersistentVolumeClaim that is there already. @default made by the chart */
  existingClaim?: Input<string>;
}

/** The volumes of the parts, but for ClickHouse's. */
export interface InstanceManagerClaims {
  /** Database of `core`: users and roles. @default of 500Mi */
  coreDatabase?: InstanceManagerClaim;
  /** Secrets that `core` keeps, with the key that encrypts them. @default of 128Mi */
  coreSecrets?: InstanceManagerClaim;
  /** Database of `dpm`: instances and their configurations. @default of 1Gi */
  dpmDatabase?: InstanceManagerClaim;
  /** Messages between the parts. @default of 1Gi */
  dpmStreaming?: InstanceManagerClaim;
  /** Database of `integrations`. @default of 1Gi */
  integrationsDatabase?: InstanceManagerClaim;
  /** Certificates of the outbound proxy that an administrator uploads. @default of 128Mi */
  integrationsProxyCertificates?: InstanceManagerClaim;
}

/** Volumes of the parts. */
export interface InstanceManagerPersistence {
  /** `true`: no volumes; users, roles and inventory are lost with their pods. @default false */
  unsafeEphemeral?: boolean;
  /** StorageClass of every volume that the chart claims, ClickHouse's too; "-" for none, where volumes are made by hand. @default the cluster's default class */
  storageClass?: Input<string>;
  /** The volumes one by one. @default the chart's */
  claims?: InstanceManagerClaims;
}

/** The chart's claims: a list per part, which a value replaces as a whole. */
const claims: Record<keyof InstanceManagerClaims, readonly [part: string, name: string, size: string]> = {
  coreDatabase: ["core", "dqlite", "500Mi"],
  coreSecrets: ["core", "secrets", "128Mi"],
  dpmDatabase: ["dpm", "dqlite", "1Gi"],
  dpmStreaming: ["dpm", "nats-streaming", "1Gi"],
  integrationsDatabase: ["integrations", "dqlite", "1Gi"],
  integrationsProxyCertificates: ["integrations", "proxy-certs", "128Mi"],
};
const claimNames = Object.keys(claims) as (keyof InstanceManagerClaims)[];
const parts = ["core", "dpm", "integrations"];

/** Size of a volume, as Kubernetes writes quantities. */
export const quantity: Format = {
  test: (text) => /^[1-9]\d*(?:\.\d+)?(?:[kMGTP]|[KMGTP]i)?$/.test(text),
  wrong: "is not the size of a volume",
  remedy: "write it as Kubernetes does: 500Mi, 10Gi",
};

const storageClasses: Format = {
  ...formats.dnsSubdomain,
  test: (text) => text === "-" || formats.dnsSubdomain.test(text),
};

/** Checks the volumes. */
export function checkPersistence(persistence: Argument<InstanceManagerPersistence | undefined>): void {
  const { unsafeEphemeral, storageClass, claims: given = {} } = persistence.value ?? {};
  if (unsafeEphemeral && (storageClass !== undefined || Object.keys(given).length > 0))
    persistence
      .field("unsafeEphemeral")
      .refuse("is true, so there are no volumes to describe", "leave one of the two out");
  persistence.field("storageClass").matches(storageClasses);
  for (const name of claimNames) {
    const claim = persistence.field("claims").field(name);
    if (claim.value?.size !== undefined && claim.value.existingClaim !== undefined)
      claim.field("size").refuse("is given beside existingClaim", "remove one of the two: that claim has its size");
    claim.field("size").matches(quantity);
    claim.field("existingClaim").matches(formats.dnsSubdomain);
  }
}

/** Returns the chart's values about volumes. */
export function persistenceSettings({
  unsafeEphemeral,
  storageClass,
  claims: given = {},
}: InstanceManagerPersistence): ChartSetting[] {
  const listOf = (part: string) => {
    const names = claimNames.filter((name) => claims[name][0] === part);
    if (!names.some((name) => given[name])) return undefined;
    return names.map((name) => ({
      name: claims[name][1],
      size: given[name]?.size ?? claims[name][2],
      accessMode: "ReadWriteOnce",
      ...(given[name]?.existingClaim !== undefined && { existingClaim: given[name]?.existingClaim }),
    }));
  };
  return [
    ...[...parts, "nmsClickhouse"].flatMap((part) => [
      setting(`${part}.persistence.enabled`, "persistence.unsafeEphemeral", unsafeEphemeral ? false : undefined),
      setting(`${part}.persistence.storageClass`, "persistence.storageClass", storageClass),
    ]),
    ...parts.map((part) => setting(`${part}.persistence.claims`, "persistence.claims", listOf(part))),
  ];
}
