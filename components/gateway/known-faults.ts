import { type AffectedVersions, affectedVersions, oldTablesWarning } from "../versions";
import type { GatewayFabricCommonArgs } from "./gateway-fabric-args";
import type { GatewayFabricVersion } from "./versions";

/** Arguments that decide whether a fault is reached. */
interface FaultyArgs extends GatewayFabricCommonArgs {
  /** Settings of the data plane, in 2.x. */
  dataPlane?: { config?: { disableHTTP2?: unknown } };
  /** Settings of the data plane, in 1.6. */
  dataPlaneConfig?: { disableHTTP2?: unknown };
}

/** A fault of Gateway Fabric that its makers have published. */
interface KnownFault {
  /** Its CVE, or several that go together; for a defect, its issue. */
  id: string;
  /** Effect, as a clause behind its number. */
  effect: string;
  affected: readonly AffectedVersions[];
  /** Returns whether the arguments reach it. */
  reached: (args: FaultyArgs) => boolean;
  /** Way round it, where no fixed version is known or another line is needed. */
  remedy?: string;
}

const always = () => true;

/** HTTP/2 of the data plane; an image of the user's own may have another NGINX. */
const usesHttp2 = ({ dataPlane, dataPlaneConfig, dataPlaneImage }: FaultyArgs) =>
  (dataPlane?.config ?? dataPlaneConfig)?.disableHTTP2 !== true && dataPlaneImage === undefined;

/** Known faults, newest first; from security advisories, CVE records and upstream's issues. None lets in a client without credentials where a fixed version is known. */
export const knownFaults: readonly KnownFault[] = [
  {
    id: "CVE-2026-123007 and CVE-2026-123633",
    effect: "critical faults of its NGINX in HTTP/2, with published exploits",
    affected: [{ since: "0" }],
    reached: usesHttp2,
    remedy: "set disableHTTP2: true in the settings of the data plane, or name a dataPlaneImage with a fixed NGINX",
  },
  {
    id: "nginx/nginx-gateway-fabric#5887",
    effect:
      "usage.trustedCertificates and usage.clientCertificate, with which pods of the data plane do not become ready",
    affected: [{ since: "2.3.0", fixed: "2.7.1" }],
    reached: ({ usage }) => usage?.trustedCertificates !== undefined || usage?.clientCertificate !== undefined,
    remedy: "without it, report to an endpoint whose certificate the image's own authorities know",
  },
  {
    id: "CVE-2026-91184",
    effect: "AuthenticationFilters, with which their authors put configuration into NGINX",
    affected: [{ since: "2.4.0", fixed: "2.8.0" }],
    reached: always,
    remedy: "let only administrators write them",
  },
  {
    id: "CVE-2026-66362",
    effect: "AuthenticationFilters, with which their authors put configuration into NGINX Plus",
    affected: [{ since: "2.5.0", fixed: "2.6.8" }],
    reached: ({ edition }) => edition !== "oss",
  },
  {
    id: "CVE-2026-11311",
    effect: "resources with which their authors put configuration into NGINX",
    affected: [{ since: "2.5.0", fixed: "2.6.4" }],
    reached: always,
  },
  {
    id: "CVE-2026-32682",
    effect: "GRPCRoutes with which their authors stop the control plane",
    affected: [{ since: "1.3.0", fixed: "2.6.4" }],
    reached: always,
  },
];

/** Returns warnings about the faults of a version that the arguments reach. A custom version has what its number says. */
export const knownFaultWarnings = (args: FaultyArgs, { version }: GatewayFabricVersion): string[] => [
  ...knownFaults.flatMap(({ id, effect, affected, reached, remedy }) => {
    const found = reached(args) ? affectedVersions(version, affected) : undefined;
    if (found === undefined) return [];
    const fixed = found.fixed === undefined ? "no fixed version is known" : `fixed in ${found.fixed}`;
    return [`version: ${version} has ${id}, ${effect}; ${fixed}${remedy === undefined ? "" : `; ${remedy}`}`];
  }),
  ...oldTablesWarning(),
];
