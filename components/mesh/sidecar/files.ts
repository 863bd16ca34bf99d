import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isPlainInput, type Refuser } from "../../foundation";
import { Edition, NginxConfigError, type NginxConfigNode, printConfig } from "../../nginx";
import { whenKnown } from "../../nginx/conf";
import { printHcl } from "../hcl";
import { sidecarConfiguration } from "./configuration";
import { firstHelper, lastingHelper } from "./helper";
import { printIptables } from "./iptables";
import { fileNames } from "./places";
import { redirectTables } from "./redirect";
import { type SidecarSettings, withSettings } from "./settings";
import { MeshIpFamily, type SidecarArgs } from "./sidecar-args";

/** What the ConfigMap holds. Plain faults are refused at once. */
export function sidecarFiles(args: SidecarArgs, refuse: Refuser): Record<string, pulumi.Input<string>> {
  const { inbound = [], redirect, ipFamilies = [MeshIpFamily.ipv4] } = args;
  const rules = (version: 4 | 6) =>
    open(
      withSettings(args, (settings) => printIptables(redirectTables(settings, version))),
      refuse,
    );
  return {
    [fileNames.nginx]: open(nginxFile(args, refuse), refuse),
    ...(inbound.some(({ mode }) => mode !== "off") && {
      [fileNames.identityProgram]: readFileSync(join(__dirname, fileNames.identityProgram), "utf8"),
    }),
    [fileNames.helperFirst]: printHcl(firstHelper),
    [fileNames.helper]: printHcl(lastingHelper),
    ...(redirect && ipFamilies.includes(MeshIpFamily.ipv4) && { [fileNames.redirect]: rules(4) }),
    ...(redirect && ipFamilies.includes(MeshIpFamily.ipv6) && { [fileNames.redirectIpv6]: rules(6) }),
  };
}

function nginxFile(args: SidecarArgs, refuse: Refuser): pulumi.Input<string> {
  const { management, snippets } = args;
  const text = (settings: SidecarSettings) =>
    whenKnown(sidecarConfiguration(settings, { management, snippets }), (known) => printed(known, args, refuse));
  return withSettings(args, text) as pulumi.Input<string>;
}

function printed(nodes: NginxConfigNode[], { edition = Edition.plus }: SidecarArgs, refuse: Refuser): string {
  try {
    return printConfig(nodes, edition);
  } catch (error) {
    if (error instanceof NginxConfigError) refuse("snippets", `> ${error.where} ${error.wrong}`, error.remedy);
    throw error;
  }
}

/** The text, unless it is a secret: those have no place in a ConfigMap. */
function open(text: pulumi.Input<string>, refuse: Refuser): pulumi.Input<string> {
  if (isPlainInput(text)) return text;
  const output = pulumi.output(text);
  return pulumi.all([output, pulumi.isSecret(output)]).apply(([known, secret]) => {
    if (secret)
      refuse("snippets", "or another argument holds a secret, and would stand in a ConfigMap", "take it out of there");
    return known;
  });
}
