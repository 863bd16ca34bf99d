import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { fromStruct, type PropertyMap } from "./property-values";

/** One resource as the program registered it, and what it became. */
export interface RecordedRequest {
  urn: string;
  type: string;
  name: string;
  /** URN of the parent; only the stack itself has none. */
  parent: string;
  custom: boolean;
  /** Reference (`URN::id`) of an explicit provider, "" for the default one. */
  provider: string;
  /** References of the providers that a component hands down, by package. */
  providers: Record<string, string>;
  version: string;
  /** Properties as registered, secret envelopes kept as `Secret`. */
  inputs: PropertyMap;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  aliases: RecordedAlias[];
  /** Left out where the program did not say. */
  protect?: boolean;
  retainOnDelete?: boolean;
  deletedWith: string;
  deleteBeforeReplace: boolean;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  additionalSecretOutputs: string[];
  customTimeouts: { create: string; update: string; delete: string };
  /** Answer of the provider, or a component's own outputs; secret envelopes are kept as `Secret`. */
  outputs: PropertyMap;
  /** Of a custom resource; "" in a preview. */
  id: string;
}

/** Either a whole `urn`, or what differed in the former one. */
export interface RecordedAlias {
  urn?: string;
  name?: string;
  type?: string;
  project?: string;
  stack?: string;
  parent?: string;
  noParent?: boolean;
}

export function recordRequest(request: RegisterResourceRequest, urn: string, parent: string): RecordedRequest {
  const timeouts = request.getCustomtimeouts();
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    parent,
    custom: request.getCustom(),
    provider: request.getProvider(),
    providers: Object.fromEntries([...request.getProvidersMap().entries()]),
    version: request.getVersion(),
    inputs: fromStruct(request.getObject()),
    dependencies: [...request.getDependenciesList()].sort(),
    propertyDependencies: Object.fromEntries(
      [...request.getPropertydependenciesMap().entries()].map(([property, dependencies]) => [
        property,
        [...dependencies.getUrnsList()].sort(),
      ]),
    ),
    aliases: request.getAliasesList().map(recordAlias),
    ...(request.hasProtect() ? { protect: request.getProtect() } : {}),
    ...(request.hasRetainondelete() ? { retainOnDelete: request.getRetainondelete() } : {}),
    deletedWith: request.getDeletedwith(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    customTimeouts: {
      create: timeouts?.getCreate() ?? "",
      update: timeouts?.getUpdate() ?? "",
      delete: timeouts?.getDelete() ?? "",
    },
    outputs: {},
    id: "",
  };
}

/** Resource that a program reads and does not create. */
export function recordRead(request: ReadResourceRequest, urn: string, parent: string): RecordedRequest {
  return {
    ...{ urn, parent, type: request.getType(), name: request.getName(), id: request.getId() },
    ...{ custom: true, provider: request.getProvider(), providers: {}, version: request.getVersion() },
    inputs: fromStruct(request.getProperties()),
    dependencies: [...request.getDependenciesList()].sort(),
    propertyDependencies: {},
    ...{ aliases: [], deletedWith: "", deleteBeforeReplace: false, ignoreChanges: [], replaceOnChanges: [] },
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    customTimeouts: { create: "", update: "", delete: "" },
    outputs: {},
  };
}

function recordAlias(alias: Alias): RecordedAlias {
  const spec = alias.getSpec();
  if (!spec) return { urn: alias.getUrn() };
  const parts = {
    name: spec.getName(),
    type: spec.getType(),
    project: spec.getProject(),
    stack: spec.getStack(),
    parent: spec.getParenturn(),
    noParent: spec.getNoparent(),
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value));
}
