import type * as pulumi from "@pulumi/pulumi";
import { NginxPlus } from "nginx-stacks";

/** A website that says its name, as a route names it. */
export function backend(name: string, namespace: pulumi.Input<string>) {
  const port = 8081;
  const site = new NginxPlus(name, {
    namespace,
    edition: "oss",
    replicas: 1,
    ports: [{ name: "http", port }],
    configuration: {
      http: [
        {
          name: "server",
          block: [
            { name: "listen", args: [`${port}`] },
            // As large as the pictures of the shop, which the Gateway lets through.
            { name: "client_max_body_size", args: ["10m"] },
            { name: "location", args: ["/"], block: [{ name: "return", args: ["200", `${name}\n`] }] },
          ],
        },
      ],
    },
  });
  return { name: site.serviceName, port };
}
