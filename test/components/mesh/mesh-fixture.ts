import type { MeshReference } from "../../../components/mesh";

/** A mesh in plain values. */
export const mesh: MeshReference = {
  trustDomain: "mesh.test",
  clusterName: "test",
  className: "class",
  serverHost: "spire.spire-server.svc",
  serverPort: 8081,
  agentNamespace: "spire-system",
  agentServiceAccountName: "spire-agent",
  bundleConfigMapName: "bundle",
  bundleKey: "bundle.crt",
  verifyDepth: 2,
  caTtlSeconds: 86_400,
};
