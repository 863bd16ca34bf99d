import type { Input } from "@pulumi/pulumi";
import { mapInput } from "../../foundation";

import { printYaml, type YamlValue } from "../agent";
import { type CertificateFiles, managerPorts } from "../front";
import type { InstanceManagerV1Manager } from "./instance-manager-v1-host-args";

/** Path at which the package looks for it. */
export const managerFilePath = "/etc/nginx-manager/nginx-manager.conf";

export const defaultBindAddress = "127.0.0.1";

/** The text of nginx-manager.conf, which is YAML. */
export function managerFile(
  manager: InstanceManagerV1Manager,
  hostname: Input<string>,
  { certificate, key }: CertificateFiles,
): Input<string> {
  const { bindAddress = defaultBindAddress, grpcPort, gatewayPort, logLevel, logPath, metricsPath } = manager;
  const log = { ...(logLevel && { level: logLevel }), ...(logPath && { path: logPath }) };
  const print = (server_name: string) =>
    printYaml({
      bind_address: bindAddress,
      grpc_port: grpcPort ?? managerPorts.grpc,
      gateway_port: gatewayPort ?? managerPorts.gateway,
      ...(manager.certificate && { server_name, cert: certificate, key }),
      ...(Object.keys(log).length > 0 && { log }),
      ...(metricsPath && { metrics: { storage_path: metricsPath } }),
    } as Record<string, YamlValue>);
  return mapInput(hostname, print);
}
