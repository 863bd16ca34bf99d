import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { Argument } from "../../foundation";
import { Edition, NginxConfigError, type NginxConfigNode, printConfig } from "../../nginx";
import { whenKnown } from "../../nginx/conf";
import { printHcl } from "../hcl";
import { publicText } from "../public-text";
import { sidecarConfiguration, writtenDirectives } from "./configuration";
import { firstHelper, lastingHelper } from "./helper";
import { printIptables } from "./iptables";
import { fileNames } from "./places";
import { redirectTables } from "./redirect";
import type { SidecarModel } from "./resolve";
import { type SidecarSettings, withSettings } from "./settings";
import { MeshIpFamily, type SidecarArgs } from "./sidecar-args";

/**
 * Returns the contents of the ConfigMap.
 *
 * @param open outputs that are known once no text of the files has turned out to be a secret
 */
export function sidecarFiles(
  sidecar: SidecarModel,
  argument: Argument<SidecarArgs>,
  open: readonly pulumi.Output<unknown>[],
): Record<string, pulumi.Input<string>> {
  const { inbound, redirect, ipFamilies } = sidecar;
  const rules = (version: 4 | 6) =>
    publicText(
      withSettings(sidecar, (settings) => printIptables(redirectTables(settings, version))) as pulumi.Input<string>,
      open,
    );
  return {
    [fileNames.nginx]: publicText(nginxFile(sidecar, argument), open),
    ...(inbound.some(({ mode }) => mode !== "off") && {
      [fileNames.identityProgram]: readFileSync(join(__dirname, fileNames.identityProgram), "utf8"),
    }),
    [fileNames.helperFirst]: printHcl(firstHelper),
    [fileNames.helper]: printHcl(lastingHelper),
    ...(redirect && ipFamilies.includes(MeshIpFamily.ipv4) && { [fileNames.redirect]: rules(4) }),
    ...(redirect && ipFamilies.includes(MeshIpFamily.ipv6) && { [fileNames.redirectIpv6]: rules(6) }),
  };
}

function nginxFile(sidecar: SidecarModel, argument: Argument<SidecarArgs>): pulumi.Input<string> {
  const { management, snippets, edition } = sidecar;
  const text = (settings: SidecarSettings) =>
    whenKnown(sidecarConfiguration(settings, { management, snippets }), (known) => print(known, edition, argument));
  return withSettings(sidecar, text) as pulumi.Input<string>;
}

/** Checks the user's own nodes: they can be printed, and repeat nothing that the sidecar writes. */
export function checkSnippets(argument: Argument<SidecarArgs>): void {
  const { edition = Edition.plus, resolver } = argument.value;
  argument.field("snippets").given((snippets) => {
    for (const context of ["http", "stream"] as const) {
      const nodes = snippets.field(context);
      if (nodes.value === undefined) continue;
      for (const node of nodes.entries())
        if (writtenDirectives(context, resolver !== undefined).includes(node.value.name))
          node.refuse(
            `repeats the directive ${node.value.name}, which the sidecar writes in that block`,
            node.value.name === "resolver" ? "add the address to the argument resolver" : "remove it",
          );
      whenKnown([{ name: context, args: [], block: nodes.value }], (known) => print(known, edition, argument));
    }
  });
}

function print(nodes: NginxConfigNode[], edition: Edition, argument: Argument<SidecarArgs>): string {
  try {
    return printConfig(nodes, edition);
  } catch (error) {
    if (!(error instanceof NginxConfigError)) throw error;
    argument.field("snippets").refuse(`> ${error.where} ${error.wrong}`, error.remedy);
    return "";
  }
}
