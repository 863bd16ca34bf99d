import { everyOption } from "../mqtt/every-option";
import type { ValidArguments } from "./index";

const plus = { namespace: "mqtt", edition: "plus", license: { secretName: "license", revision: "1" } };
const pods = {
  image: "registry.example.com/nginx-plus:own",
  imagePullSecrets: ["registry"],
  replicas: 3,
  service: { type: "LoadBalancer", loadBalancerSourceRanges: ["192.0.2.0/24"] },
  networkPolicy: {
    clients: [{ cidr: "192.0.2.0/24" }],
    upstreams: [{ podLabels: { app: "broker" }, ports: [8883] }],
  },
  drainSeconds: 30,
  nodeSelector: { "kubernetes.io/os": "linux" },
};

/** Arguments of this area's components that are accepted, JSON-like and as full as they can be at once. */
export const mqttArguments: ValidArguments = {
  MqttProxy: [
    ...Object.values(everyOption).map((options) => ({ ...plus, ...options, pods })),
    {
      namespace: "mqtt",
      edition: "oss",
      upstreams: [{ name: "brokers", servers: [{ host: "broker.example.com" }] }],
      routes: [{ clientId: { prefix: "sensor-" }, upstream: "brokers" }],
      defaultRoute: { refuse: true },
    },
  ],
};
