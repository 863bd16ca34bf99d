import * as pulumi from "@pulumi/pulumi";
import { MqttProxy, Namespace } from "nginx-stacks";

const config = new pulumi.Config();
const namespace = new Namespace("scaling", {}).name;
const proxy = new MqttProxy("edge", {
  namespace,
  edition: "oss",
  upstreams: [{ name: "broker", servers: [{ host: "broker.example.com" }] }],
  defaultRoute: { upstream: "broker" },
  timeouts: { longestKeepAliveSeconds: config.getNumber("longestKeepAliveSeconds") },
  pods: config.getBoolean("autoscaling")
    ? { autoscaling: { minReplicas: 3, maxReplicas: 9, connectionsPerPod: 3000 }, monitoring: {} }
    : { replicas: 4 },
});

export const namespaceName = namespace;
export const serviceName = proxy.serviceName;
