import type { Input } from "@pulumi/pulumi";
import { checked, type Refuser, subdomainName } from "../../foundation";
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
  /** Database of `core`: users, roles, licence. @default of 500Mi */
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
  /** `true`: everything, the licence and the users too, is gone with its pod. @default false */
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

/** Refuses volumes that cannot be. */
export function checkPersistence({ persistence }: { persistence?: InstanceManagerPersistence }, refuse: Refuser): void {
  const { unsafeEphemeral, storageClass, claims: given = {} } = persistence ?? {};
  if (unsafeEphemeral && (storageClass !== undefined || Object.keys(given).length > 0))
    refuse("persistence.unsafeEphemeral", "is true, so there are no volumes to describe", "leave one of the two out");
  if (storageClass !== undefined)
    checked(storageClass, (text) => text === "-" || subdomainName(refuse, "persistence.storageClass")(text));
  for (const name of Object.keys(given))
    if (!claimNames.includes(name as keyof InstanceManagerClaims))
      refuse(`persistence.claims.${name}`, "is no volume of the chart", `write one of ${claimNames.join(", ")}`);
  for (const [name, { size, existingClaim }] of Object.entries(given as Record<string, InstanceManagerClaim>)) {
    const property = `persistence.claims.${name}`;
    if (size !== undefined && existingClaim !== undefined)
      refuse(`${property}.size`, "is given beside existingClaim", "remove one of the two: that claim has its size");
    if (size !== undefined) checkQuantity(refuse, `${property}.size`, size);
    if (existingClaim !== undefined) checked(existingClaim, subdomainName(refuse, `${property}.existingClaim`));
  }
}

/** Refuses what is no size of a volume. */
export function checkQuantity(refuse: Refuser, property: string, size: Input<string>): void {
  checked(size, (text) => {
    if (!/^[1-9]\d*(?:\.\d+)?(?:[kMGTP]|[KMGTP]i)?$/.test(text))
      refuse(property, "is no size of a volume", "write it as Kubernetes does: 500Mi, 10Gi");
  });
}

/** What the chart is told of volumes. */
export function persistenceSettings({
  persistence = {},
}: {
  persistence?: InstanceManagerPersistence;
}): ChartSetting[] {
  const { unsafeEphemeral, storageClass, claims: given = {} } = persistence;
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
