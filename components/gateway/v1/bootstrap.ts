import { type Input, output } from "@pulumi/pulumi";
import { block, directive, Edition, type NginxConfigNode, printConfig, when } from "../../nginx";
import type { ResolvedUsage } from "../usage";

/** Folder with the certificates of usage reports, until the control plane has written its configuration. */
export const certificatesFolder = "/etc/nginx/certs-bootstrap/";

/** Returns the files that NGINX starts with, by their names: where it logs, and for NGINX Plus how it reports. The control plane replaces them. */
export function bootstrapFiles(errorLevel: string, usage: ResolvedUsage | undefined): Record<string, Input<string>> {
  return {
    "main.conf": printConfig([directive("error_log", "stderr", errorLevel)], Edition.oss),
    ...(usage && { "mgmt.conf": managementFile(usage) }),
  };
}

function managementFile(usage: ResolvedUsage): Input<string> {
  const { usageEndpoint, unsafeSkipVerification, trustedCertificates, clientCertificate } = usage;
  const print = (host?: string) =>
    aligned(
      printConfig(
        [
          managementBlock(
            host,
            unsafeSkipVerification,
            trustedCertificates !== undefined,
            clientCertificate !== undefined,
          ),
        ],
        Edition.plus,
      ),
    );
  return usageEndpoint === undefined || typeof usageEndpoint === "string"
    ? print(usageEndpoint)
    : output(usageEndpoint).apply(print);
}

/** No `license_token` and no `resolver`: NGINX finds the licence where the pod mounts it, and the pod's name servers the endpoint. */
function managementBlock(
  endpoint: string | undefined,
  skipVerify: boolean,
  trusts: boolean,
  shows: boolean,
): NginxConfigNode {
  const directive = (name: string, value: string) => ({ name, args: [value] });
  return block("mgmt", [
    when(endpoint, (endpoint) => directive("usage_report", `endpoint=${endpoint}`)),
    when(skipVerify, directive("ssl_verify", "off")),
    when(trusts, directive("ssl_trusted_certificate", `${certificatesFolder}ca.crt`)),
    when(
      shows,
      directive("ssl_certificate", `${certificatesFolder}tls.crt`),
      directive("ssl_certificate_key", `${certificatesFolder}tls.key`),
    ),
    directive("enforce_initial_report", "off"),
    directive("deployment_context", "/etc/nginx/main-includes/deployment_ctx.json"),
  ]);
}

/** The chart aligns the two values of the client certificate: the bytes are the same as its. */
const aligned = (text: string) =>
  text.replace(/^( +)(ssl_certificate(?:_key)?) /gm, (_, indent, name) => indent + name.padEnd(23));
