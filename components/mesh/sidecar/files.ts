import type * as pulumi from "@pulumi/pulumi";
import { type Argument, publicText } from "../../foundation";
import {
  checkRepeated,
  checkTree,
  everyNode,
  managementArgument,
  type PlacedNode,
  placeNodes,
  printTree,
  type ReportFault,
  readCertificateProgram,
} from "../../nginx";
import { printHcl } from "../hcl";
import { printRedirect } from "./iptables";
import { fileNames } from "./layout";
import { listDirectives, renderNginx } from "./nginx";
import type { SidecarModel } from "./resolve";
import { type SidecarSettings, withSettings } from "./settings";
import { MeshIpFamily, type SidecarArgs } from "./sidecar-args";
import { daemonHelper, initHelper } from "./spiffe-helper";
import { startScript } from "./start-script";

/**
 * Returns the contents of the ConfigMap.
 *
 * @param open outputs that are known once no text of the files has turned out to be a secret
 */
export function renderFiles(
  sidecar: SidecarModel,
  argument: Argument<SidecarArgs>,
  open: readonly pulumi.Output<unknown>[],
): Record<string, pulumi.Input<string>> {
  const { inbound, redirect, ipFamilies } = sidecar;
  const rules = (version: 4 | 6) =>
    publicText(withSettings(sidecar, (settings) => printRedirect(settings, version)) as pulumi.Input<string>, open);
  return {
    [fileNames.nginx]: publicText(renderNginxFile(sidecar, argument), open),
    ...(inbound.some(({ mode }) => mode !== "off") && {
      [fileNames.identityProgram]: readCertificateProgram(__dirname, fileNames.identityProgram),
    }),
    [fileNames.start]: startScript(ipFamilies),
    [fileNames.helperFirst]: printHcl(initHelper),
    [fileNames.helper]: printHcl(daemonHelper),
    ...(redirect && ipFamilies.includes(MeshIpFamily.ipv4) && { [fileNames.redirect]: rules(4) }),
    ...(redirect && ipFamilies.includes(MeshIpFamily.ipv6) && { [fileNames.redirectIpv6]: rules(6) }),
  };
}

function renderNginxFile(sidecar: SidecarModel, argument: Argument<SidecarArgs>): pulumi.Input<string> {
  const { management, snippets, edition } = sidecar;
  const report = reportFault(
    argument,
    contexts.flatMap((context) => placedSnippet(argument, context)),
  );
  const print = (settings: SidecarSettings) =>
    printTree(renderNginx(settings, { management, snippets }), edition, report);
  return withSettings<pulumi.Input<string>>(sidecar, print) as pulumi.Input<string>;
}

const contexts = ["http", "stream"] as const;
type Context = (typeof contexts)[number];

const placedSnippet = (argument: Argument<SidecarArgs>, context: Context): PlacedNode[] =>
  placeNodes(argument.field("snippets").field(context), [context], undefined);

/** Returns the function that reports a fault of the printer at the user's node, or at the argument behind a directive. */
const reportFault = (argument: Argument<SidecarArgs>, placed: PlacedNode[]): ReportFault => {
  const places = new Map(everyNode(placed).map((one) => [one.node, one]));
  return ({ node, argument: index, wrong, remedy }) => {
    const own = places.get(node)?.argument();
    const part: Argument<unknown> =
      own === undefined
        ? managementArgument(argument.field("management"), node.name)
        : index === undefined
          ? own.field("name")
          : own.field("args").entries()[index]!;
    part.refuse(wrong, remedy);
  };
};

/** Arguments that set directives of the sidecar, by directive. */
const instead = {
  resolver: "resolver",
  large_client_header_buffers: "headerKilobytes",
  proxy_buffer_size: "headerKilobytes",
  proxy_buffers: "headerKilobytes",
  grpc_buffer_size: "headerKilobytes",
};

/** Checks the user's nodes: their directives exist, can be printed, and do not repeat those of the sidecar. */
export function checkSnippets(argument: Argument<SidecarArgs>, { edition, asksNameServers }: SidecarModel): void {
  for (const context of contexts) {
    const snippet = argument.field("snippets").field(context);
    if (snippet.value === undefined) continue;
    const placed = placedSnippet(argument, context);
    checkTree(placed, edition);
    checkRepeated(snippet, listDirectives(context, asksNameServers), instead);
    printTree([{ name: context, block: snippet.value }], edition, reportFault(argument, placed));
  }
}
