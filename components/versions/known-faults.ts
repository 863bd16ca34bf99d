import { isAtLeast } from "./compare";

/** Day on which the tables of known faults were compared with release notes, advisories and CVE records. */
export const knownFaultsDate = "2026-11-30";

/** Days after which the tables are called old. */
const oldAfterDays = 60;

/** Clock by which the tables are old; tests set it. */
export const faultsClock = { now: (): number => Date.now() };

/** Versions with a fault: from `since` on, and before `fixed`. Without `fixed`, no version without the fault was known. */
export interface AffectedVersions {
  since: string;
  fixed?: string;
}

/** Returns the entry that a version belongs to; undefined for a version without the fault. */
export const affectedVersions = (
  version: string,
  affected: readonly AffectedVersions[],
): AffectedVersions | undefined =>
  affected.find(({ since, fixed }) => isAtLeast(version, since) && (fixed === undefined || !isAtLeast(version, fixed)));

/** Returns a warning where the tables are old. */
export function oldTablesWarning(): string[] {
  const days = Math.floor((faultsClock.now() - Date.parse(knownFaultsDate)) / 86_400_000);
  return days > oldAfterDays
    ? [
        `known faults of NGINX and Gateway Fabric are those of ${knownFaultsDate}, ${days} days ago; ` +
          "use a newer release of nginx-stacks, or read their security advisories",
      ]
    : [];
}
