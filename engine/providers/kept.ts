import { type PropertyMap, UNKNOWN } from "../property-values";
import type { ResourceAnswer, ResourceRequest } from "./provider";

/** A value that is made once and kept in the state, until an input changes. */
export interface Kept {
  /** Outputs that the program may leave out of the inputs. */
  defaults?: PropertyMap;
  /** Names of the outputs that only exist once the value is made. */
  computed: readonly string[];
  make(): Promise<Made> | Made;
  /** Inputs that change without the value being made anew. @default none */
  ignoredInputs?: readonly string[];
  /** Returns whether a kept value may still be used. @default always */
  isCurrent?(outputs: PropertyMap): boolean;
}

export interface Made {
  id: string;
  outputs: PropertyMap;
}

export async function keep(request: ResourceRequest, kept: Kept): Promise<ResourceAnswer> {
  const { urn, inputs, state, preview } = request;
  const ignored = new Set(kept.ignoredInputs);
  const identity = Object.fromEntries(Object.entries(inputs).filter(([input]) => !ignored.has(input)));
  const mirrored = { ...kept.defaults, ...inputs };
  const recalled = state.recall(urn, identity) as { id: string; outputs: PropertyMap } | undefined;
  if (recalled && (kept.isCurrent?.(recalled.outputs) ?? true)) {
    return { id: recalled.id, outputs: { ...mirrored, ...recalled.outputs } };
  }
  if (preview) {
    return {
      id: "",
      outputs: { ...mirrored, ...Object.fromEntries(kept.computed.map((output) => [output, UNKNOWN])) },
    };
  }
  const { id, outputs } = await kept.make();
  state.keep(urn, identity, { id, outputs });
  return { id, outputs: { ...mirrored, ...outputs } };
}
