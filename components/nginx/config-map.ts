import * as pulumi from "@pulumi/pulumi";
import type { Refuser } from "../foundation";
import { NginxConfigError, type NginxConfigNode, printConfig, whenKnown } from "./conf";
import { mainFile, wholeConfiguration } from "./configuration";
import { Edition } from "./edition";
import { isPlainInput } from "./inputs";
import { fileKey } from "./mounts";
import type { NginxPlusArgs } from "./nginx-plus-args";

/** What the ConfigMap holds: the whole configuration, and the files that it refers to. Plain faults are refused at once. */
export function configMapData(args: NginxPlusArgs, refuse: Refuser): Record<string, pulumi.Input<string>> {
  const { edition = Edition.plus, files = [] } = args;
  const print = (nodes: NginxConfigNode[]) => {
    try {
      return printConfig(nodes, edition);
    } catch (error) {
      if (error instanceof NginxConfigError) refuse("configuration", `> ${error.where} ${error.wrong}`, error.remedy);
      throw error;
    }
  };
  return {
    [mainFile.name]: open(whenKnown(wholeConfiguration(args), print), "configuration", refuse),
    ...Object.fromEntries(
      files.map((file, index) => [fileKey(file), open(file.content, `files[${index}].content`, refuse)]),
    ),
  };
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
