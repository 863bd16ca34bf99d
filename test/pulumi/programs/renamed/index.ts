import * as pulumi from "@pulumi/pulumi";
import { Namespace, NginxPlus } from "nginx-stacks";

const config = new pulumi.Config();
const namespace = new Namespace("renamed");

new NginxPlus(
  config.require("name"),
  {
    namespace: namespace.name,
    edition: "oss",
    configuration: {
      stream: [
        {
          name: "server",
          block: [
            { name: "listen", args: ["8081"] },
            { name: "return", args: ["ok"] },
          ],
        },
      ],
    },
    ports: [{ name: "tcp", port: 8081 }],
    networkPolicy: {},
    podDisruptionBudget: {},
  },
  { aliases: [{ name: "front" }] },
);

export const namespaceName = namespace.name;
