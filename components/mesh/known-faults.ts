import { type AffectedVersions, affectedVersions } from "../versions";
import { type MeshImages, meshImage } from "./versions";

/** A program of the mesh with known faults, and the argument with its image. */
type FaultyProgram = "spireServer" | "controllerManager";

/** A fault of SPIRE's programs that its makers have published. */
interface KnownFault {
  /** Its CVE, or several that go together. */
  id: string;
  /** Effect, as a clause behind its number. */
  effect: string;
  affected: Record<FaultyProgram, readonly AffectedVersions[]>;
  /** Way round it. */
  remedy: string;
}

/** Known faults, newest first; from CVE records. */
export const knownFaults: readonly KnownFault[] = [
  {
    id: "CVE-2026-84304 and CVE-2026-84445",
    effect: "faults of grpc-go that callers of its port reach",
    affected: { spireServer: [{ since: "0" }], controllerManager: [{ since: "0", fixed: "0.7.0" }] },
    remedy: "let a NetworkPolicy admit the mesh's agents alone to its port",
  },
];

/** Returns warnings about the faults of the images of a SPIRE server. An image whose tag is no version has none that is known. */
export const knownFaultWarnings = (images: MeshImages | undefined): string[] =>
  (["spireServer", "controllerManager"] as const).flatMap((program) => {
    const image = meshImage(images, program);
    const version = typeof image === "string" ? /:(\d+\.\d+\.\d+)(?:@|$)/.exec(image)?.[1] : undefined;
    if (version === undefined) return [];
    return knownFaults.flatMap(({ id, effect, affected, remedy }) => {
      const found = affectedVersions(version, affected[program]);
      if (found === undefined) return [];
      const fixed = found.fixed === undefined ? "no fixed version is known" : `fixed in ${found.fixed}`;
      return [`images.${program}: ${version} has ${id}, ${effect}; ${fixed}; ${remedy}`];
    });
  });
