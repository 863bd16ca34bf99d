/** Where a server finds what its configuration names: in its pod, or, in a test, on one machine. */
export interface ServerPlace {
  bindAddress: string;
  serverPort: number;
  healthPort: number;
  metricsPort: number;
  /** Folder of the data store and the keys. */
  dataFolder: string;
  /** The server's own API, for the controller manager. */
  socketPath: string;
  /** Folder with a folder for each Secret of the upstream authority. */
  upstreamFolder: string;
  /** A kubeconfig; in a pod, the ServiceAccount's token and the API server's address are where Kubernetes puts them. */
  kubeConfigFile?: string;
}

/** Folder of the socket, which the two containers share. */
export const socketFolder = "/tmp/spire-server/private";
export const configFolder = "/run/spire/config";

/** In the pod. */
export const inServerPod: ServerPlace = {
  bindAddress: "0.0.0.0",
  serverPort: 8081,
  healthPort: 8080,
  metricsPort: 9988,
  dataFolder: "/run/spire/data",
  socketPath: `${socketFolder}/api.sock`,
  upstreamFolder: "/run/spire/upstream",
};

/** Ports of the controller manager, all in the same pod. */
export const managerPorts = { metrics: 8082, health: 8083, webhook: 9443 } as const;

/** Files in the ConfigMap. */
export const serverFile = "server.conf";
export const managerFile = "controller-manager.yaml";
