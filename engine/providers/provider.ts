import type { PropertyMap } from "../property-values";
import type { State } from "../state";

/** Request to a provider for one custom resource. */
export interface ResourceRequest {
  urn: string;
  type: string;
  name: string;
  /** Properties with their secret envelopes. */
  inputs: PropertyMap;
  /** Inputs of the explicit provider resource, if the program gave one. */
  settings: PropertyMap;
  preview: boolean;
  state: State;
}

export interface ResourceAnswer {
  /** "" where it is not known yet. */
  id: string;
  outputs: PropertyMap;
}

/** A package of resource types, such as `tls`. */
export interface Provider {
  /** The package's name: the first part of its type tokens. */
  name: string;
  create(request: ResourceRequest): ResourceAnswer | Promise<ResourceAnswer>;
  /**
   * Answers for a component of the package that its own process would make; refuses one that needs what this engine has not.
   *
   * @returns undefined where the program makes the component itself
   */
  answerComponent?(request: Pick<ResourceRequest, "type" | "inputs">): PropertyMap | undefined;
}

export function unsupportedType(type: string, supported: readonly string[]): Error {
  return new Error(
    `the embedded engine has no resource type "${type}" (of this package it has ${supported.join(", ")}); use \`pulumi up\``,
  );
}
