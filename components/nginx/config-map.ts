import * as pulumi from "@pulumi/pulumi";
import type { Refuser } from "../foundation";
import { checked, isPlainInput } from "../foundation";
import { NginxConfigError, type NginxConfigNode, printConfig, whenKnown } from "./conf";
import { mainFile, wholeConfiguration } from "./configuration";
import { Edition } from "./edition";
import { hasPassword, managementBlock } from "./management";
import { fileKey } from "./mounts";
import type { NginxPlusArgs } from "./nginx-plus-args";

/** What the ConfigMap holds: the whole configuration, and the files that it refers to. Plain faults are refused at once. */
export function configMapData(args: NginxPlusArgs, refuse: Refuser): Record<string, pulumi.Input<string>> {
  const { edition = Edition.plus, files = [] } = args;
  return {
    [mainFile.name]: open(printed(wholeConfiguration(args), edition, "configuration", refuse), "configuration", refuse),
    ...Object.fromEntries(
      files.map((file, index) => [fileKey(file), open(file.content, `files[${index}].content`, refuse)]),
    ),
  };
}

/** What one ConfigMap may hold: Kubernetes counts the bytes of its values. */
const mostBytes = 1024 * 1024;

/** The data in as few ConfigMaps as hold it, in its order; the main configuration is in the first. */
export function split(
  data: Record<string, pulumi.Input<string>>,
  refuse: Refuser,
): Record<string, pulumi.Input<string>>[] {
  const parts: Record<string, pulumi.Input<string>>[] = [{}];
  let room = mostBytes;
  const property = (key: string, index: number) =>
    key === mainFile.name ? "configuration" : `files[${index - 1}].content`;
  for (const [index, [key, value]] of Object.entries(data).entries()) {
    const text = checked(value, (known) => {
      if (Buffer.byteLength(known) > mostBytes)
        refuse(
          property(key, index),
          `takes ${Buffer.byteLength(known)} bytes, and a ConfigMap holds ${mostBytes}`,
          "move parts of it into files that it includes, each below that size",
        );
    });
    // What is known later only is taken for small.
    const bytes = isPlainInput(value) ? Buffer.byteLength(value) : 0;
    if (bytes > room) {
      parts.push({});
      room = mostBytes;
    }
    parts[parts.length - 1]![key] = text;
    room -= bytes;
  }
  return parts;
}

/** The whole `mgmt` block as a secret, where it has a password. */
export function managementSecret({ management }: NginxPlusArgs, refuse: Refuser): pulumi.Output<string> | undefined {
  if (!hasPassword(management)) return undefined;
  return pulumi.secret(printed([managementBlock(management)], Edition.plus, "management", refuse));
}

/** The text of the nodes; a fault in them is one of the argument. */
function printed(nodes: NginxConfigNode[], edition: Edition, property: string, refuse: Refuser): pulumi.Input<string> {
  return whenKnown(nodes, (known) => {
    try {
      return printConfig(known, edition);
    } catch (error) {
      if (error instanceof NginxConfigError) refuse(property, `> ${error.where} ${error.wrong}`, error.remedy);
      throw error;
    }
  });
}

/** The text, unless it is a secret: those have no place in a ConfigMap. */
function open(text: pulumi.Input<string>, property: string, refuse: Refuser): pulumi.Input<string> {
  if (isPlainInput(text)) return text;
  const output = pulumi.output(text);
  return pulumi.all([output, pulumi.isSecret(output)]).apply(([known, secret]) => {
    if (secret)
      refuse(
        property,
        "holds a secret, and would stand in a ConfigMap",
        "put it into a Secret, mount that with secretMounts and include its file (or, if it is public, use pulumi.unsecret)",
      );
    return known;
  });
}
