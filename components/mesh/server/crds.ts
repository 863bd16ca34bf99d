import { type Argument, type CrdFile, type ResolvedCrds, resolveCrds } from "../../foundation";
import { meshVersions } from "../versions";
import type { SpireServerArgs } from "./spire-server-args";

const version = meshVersions.controllerManager;
const kinds = ["clusterspiffeids", "clusterstaticentries", "clusterfederatedtrustdomains"];

/** The CRDs of the controller manager: it does not start when one is missing. */
const crdFile: CrdFile = {
  name: `spire-controller-manager-${version}.yaml`,
  urls: kinds.map(
    (kind) =>
      `https://raw.githubusercontent.com/spiffe/spire-controller-manager/v${version}/config/crd/bases/spire.spiffe.io_${kind}.yaml`,
  ),
};

/** Returns the CRDs of the controller manager as they are installed. */
export const resolveServerCrds = (argument: Argument<SpireServerArgs>): ResolvedCrds =>
  resolveCrds(argument, [crdFile]);
