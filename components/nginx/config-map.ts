import * as pulumi from "@pulumi/pulumi";
import { type Argument, isPlainInput, publicValue } from "../foundation";
import { type NginxConfigNode, printTree, type ReportFault } from "./conf";
import { mainFile } from "./configuration";
import { Edition } from "./edition";
import { hasPassword, managementArgument, managementBlock, type NginxManagement } from "./management";
import { fileKey } from "./mounts";
import type { NginxPlusArgs } from "./nginx-plus-args";
import type { Origins, PlacedNode } from "./tree";

type Texts = Record<string, pulumi.Input<string>>;

/** Returns the contents of the ConfigMaps: the whole configuration, and the files that it refers to. */
export function configMapData(
  argument: Argument<NginxPlusArgs>,
  edition: Edition,
  whole: NginxConfigNode[],
  places: ReadonlyMap<NginxConfigNode, PlacedNode>,
  origins: Origins | undefined,
): Texts {
  const partOf = (node: NginxConfigNode, index?: number): Argument<unknown> => {
    const placed = places.get(node)?.argument();
    if (placed === undefined) return managementArgument(argument.field("management"), node.name);
    return index === undefined ? placed.field("name") : placed.field("args").entries()[index]!;
  };
  const report: ReportFault = ({ node, argument: index, wrong, remedy }) => partOf(node, index).refuse(wrong, remedy);
  return {
    [mainFile.name]: printTree(whole, edition, report, (node, index) => refuseSecret(partOf(node, index))),
    ...Object.fromEntries(
      argument
        .field("files")
        .entries()
        .filter(({ value }) => value.path !== undefined && value.content !== undefined)
        .map((file) => [fileKey(file.value), publicText(contentOf(file, origins))]),
    ),
  };
}

const contentOf = (file: Argument<NonNullable<NginxPlusArgs["files"]>[number]>, origins: Origins | undefined) => {
  const origin = origins?.get(file.value);
  // The user may have written the text alone, and the component the file around it.
  return origin === undefined ? file.field("content") : origin.with(origin.path, file.value.content);
};

/** Number of bytes that one ConfigMap holds: Kubernetes counts its values. */
const maximumBytes = 1024 * 1024;

/** Returns the data in as few ConfigMaps as hold it, in its order; the main configuration is in the first. */
export function splitData(argument: Argument<NginxPlusArgs>, data: Texts): Texts[] {
  const parts: Texts[] = [{}];
  let room = maximumBytes;
  for (const [index, [key, value]] of Object.entries(data).entries()) {
    const part: Argument<pulumi.Input<string>> = argument.with(
      [argument.path, key === mainFile.name ? "configuration" : `files[${index - 1}].content`]
        .filter(Boolean)
        .join("."),
      value,
    );
    // Unknown values count as 0 bytes.
    const bytes = isPlainInput(value) ? Buffer.byteLength(value) : 0;
    if (bytes > room) {
      parts.push({});
      room = maximumBytes;
    }
    parts[parts.length - 1]![key] = withSizeChecked(part);
    room -= bytes;
  }
  return parts;
}

function withSizeChecked(text: Argument<pulumi.Input<string>>): pulumi.Input<string> {
  const check = (known: string) => {
    const bytes = Buffer.byteLength(known);
    if (bytes > maximumBytes)
      text.refuse(
        `takes ${bytes} bytes, and a ConfigMap holds ${maximumBytes}`,
        "move parts of it into files that it includes, each below that size",
      );
    return known;
  };
  return isPlainInput(text.value) ? check(text.value) : pulumi.output(text.value).apply(check);
}

/** Returns the whole `mgmt` block as a secret, where it has a password. */
export function managementSecret(argument: Argument<NginxManagement | undefined>): pulumi.Output<string> | undefined {
  if (!hasPassword(argument.value)) return undefined;
  const report: ReportFault = ({ node, wrong, remedy }) =>
    managementArgument(argument, node.name).refuse(wrong, remedy);
  return pulumi.secret(printTree([managementBlock(argument.value)], Edition.plus, report));
}

/** Returns a text as it is, once it is seen not to be a secret. */
const publicText = (text: Argument<pulumi.Input<string>>): pulumi.Input<string> =>
  publicValue(text.value, () => refuseSecret(text));

const refuseSecret = (text: Argument<unknown>) =>
  text.refuse(
    "holds a secret, and would stand in a ConfigMap",
    "put it into a Secret, mount that with secretMounts and include its file (or, if it is public, use pulumi.unsecret)",
  );
