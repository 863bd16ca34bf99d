/** Folder of the socket, which the two containers share. */
export const socketFolder = "/tmp/spire-server/private";
export const configFolder = "/run/spire/config";

/** Ports and paths of the server in its pod. */
export const serverLayout = {
  serverPort: 8081,
  healthPort: 8080,
  metricsPort: 9988,
  /** Folder of the data store and the keys. */
  dataFolder: "/run/spire/data",
  /** Socket of the server's own API, for the controller manager. */
  socketPath: `${socketFolder}/api.sock`,
  /** Folder with a folder for each Secret of the upstream authority. */
  upstreamFolder: "/run/spire/upstream",
} as const;

/** Ports of the controller manager, in the same pod. */
export const managerPorts = { metrics: 8082, health: 8083, webhook: 9443 } as const;

/** Files in the ConfigMap. */
export const serverFile = "server.conf";
export const managerFile = "controller-manager.yaml";
