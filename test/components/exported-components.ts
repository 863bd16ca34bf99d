import * as pulumi from "@pulumi/pulumi";
import * as library from "../../components";

/** Class of a component, whatever its arguments. */
export type ComponentClass = new (
  name: string,
  args: never,
  opts?: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

/** Names and classes of all components that a program can import. */
export const exportedComponents = Object.entries(library).flatMap(([name, value]) =>
  typeof value === "function" && value.prototype instanceof pulumi.ComponentResource
    ? [[name, value as unknown as ComponentClass] as const]
    : [],
);
