export {
  containerNames,
  redirectLabel,
  sidecarLabel,
  sidecarUser,
  templateHashLabel,
  untilAnnotation,
  volumeNames,
} from "./layout";
export { hashParts, renderSidecarPod, resolvePodSettings, type SidecarPod, type SidecarPodSettings } from "./pod";
export { checkFirstPort, checkSoftware, defaultFirstPort, redirectImage } from "./resolve";
export { Sidecar } from "./sidecar";
export {
  MeshEgress,
  MeshIpFamily,
  MeshMode,
  type MeshPeer,
  MeshProtocol,
  type SidecarArgs,
  type SidecarInbound,
  type SidecarOutbound,
  type SidecarRedirect,
  type SidecarResources,
  type SidecarSnippets,
} from "./sidecar-args";
export { withSidecar } from "./template";
