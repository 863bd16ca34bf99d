import { baseline, lostOrReplaced, recordedStacks, typeOf } from "./recorded";
import { knownTypes, replacingFields } from "./replacing-fields";

const stack = "urn:pulumi:dev::project::pulumi:pulumi:Stack::project-dev";
const urnOf = (type: string, name = "one") => `urn:pulumi:dev::project::${type}::${name}`;

interface Tree {
  [key: string]: unknown;
}

/** A request with these fields, given by path. */
function requestOf(urn: string, fields: Record<string, unknown>) {
  const inputs: Tree = {};
  for (const [path, value] of Object.entries(fields)) {
    const keys = path.split(".");
    const last = keys.pop()!;
    let inner = inputs;
    for (const key of keys) {
      inner[key] ??= {};
      inner = inner[key] as Tree;
    }
    inner[last] = value;
  }
  return {
    urn,
    type: typeOf(urn),
    name: urn.split("::").at(-1)!,
    parent: stack,
    aliases: [],
    ignoreChanges: [],
    inputs,
  };
}

/** One recorded resource of each kind, with a fixed name and without one. */
function resourceOfEachKind() {
  const resources = recordedStacks().flatMap((name) =>
    Object.entries(baseline(name)).map(([urn, fields]) => {
      const kind = "metadata.name" in fields ? `${typeOf(urn)} with a fixed name` : typeOf(urn);
      return { kind, urn, fields };
    }),
  );
  return [...new Map(resources.map((resource) => [resource.kind, resource])).values()];
}

test("the table knows every recorded kind", () => {
  const types = new Set(recordedStacks().flatMap((name) => Object.keys(baseline(name)).map(typeOf)));
  const unknown = [...types].filter((type) => !type.startsWith("nginx-stacks:") && !knownTypes.includes(type));
  expect(unknown).toEqual([]);
});

test("a kind that the table lacks is refused", () => {
  expect(() => replacingFields("kubernetes:core/v1:Pod", false)).toThrow("does not know kubernetes:core/v1:Pod");
});

test("an unchanged stack loses and replaces nothing", () => {
  for (const name of recordedStacks()) {
    const recorded = baseline(name);
    const requests = Object.entries(recorded).map(([urn, fields]) => requestOf(urn, fields));
    expect(lostOrReplaced(recorded, requests)).toEqual([]);
  }
});

describe.each(resourceOfEachKind())("$kind", ({ urn, fields }) => {
  test("is lost without a resource of its URN", () => {
    expect(lostOrReplaced({ [urn]: fields }, [requestOf(`${urn}-renamed`, fields)])).toEqual([
      `${urn} is lost: give the resource that took its place an alias`,
    ]);
  });

  test("is replaced by a change of each field of the table, and by no other", () => {
    const found = (path: string) => lostOrReplaced({ [urn]: fields }, [requestOf(urn, { ...fields, [path]: "other" })]);
    const paths = replacingFields(typeOf(urn), "metadata.name" in fields);
    expect(paths.map(found)).toEqual(paths.map((path) => [`${urn} is replaced: ${path} changed`]));
    expect(found("spec.unlisted")).toEqual([]);
    expect(found("metadata.labels")).toEqual([]);
  });
});

test.each([
  ["kubernetes:apps/v1:StatefulSet", "spec.volumeClaimTemplates", [{ metadata: { name: "data" } }]],
  ["kubernetes:apps/v1:StatefulSet", "spec.serviceName", "server"],
  ["kubernetes:apps/v1:DaemonSet", "spec.selector", { matchLabels: { app: "agent" } }],
  ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "roleRef", { kind: "ClusterRole", name: "agent" }],
  ["kubernetes:core/v1:PersistentVolumeClaim", "spec.storageClassName", "standard"],
  ["kubernetes:core/v1:Service", "spec.clusterIP", "None"],
])("%s is replaced when %s is taken away", (type, path, value) => {
  const urn = urnOf(type);
  expect(lostOrReplaced({ [urn]: { [path]: value } }, [requestOf(urn, {})])).toEqual([
    `${urn} is replaced: ${path} changed`,
  ]);
});

test.each(["kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret"])(
  "data of a %s replaces it under a fixed name; an autonamed one is made before the old one is deleted",
  (type) => {
    const urn = urnOf(type);
    const named = { "metadata.name": "fixed", data: { key: "old" } };
    expect(lostOrReplaced({ [urn]: named }, [requestOf(urn, { ...named, data: { key: "new" } })])).toEqual([
      `${urn} is replaced: data changed`,
    ]);
    expect(lostOrReplaced({ [urn]: {} }, [requestOf(urn, { data: { key: "new" } })])).toEqual([]);
  },
);

test("ignored changes replace nothing", () => {
  const urn = urnOf("kubernetes:apps/v1:StatefulSet");
  const changed = requestOf(urn, { "spec.serviceName": "new" });
  const before = { [urn]: { "spec.serviceName": "old" } };
  expect(lostOrReplaced(before, [changed])).toHaveLength(1);
  expect(lostOrReplaced(before, [{ ...changed, ignoreChanges: ["spec.serviceName"] }])).toEqual([]);
  expect(lostOrReplaced(before, [{ ...changed, ignoreChanges: ["spec"] }])).toEqual([]);
  expect(lostOrReplaced(before, [{ ...changed, ignoreChanges: ["spec.service"] }])).toHaveLength(1);
});

test("an alias keeps a renamed resource, and the children named after it", () => {
  const [parentType, type] = ["nginx-stacks:index:NginxPlus", "kubernetes:core/v1:Service"];
  const child = (parent: string) => `urn:pulumi:dev::project::${parentType}$${type}::${parent}-service`;
  const renamed = { ...requestOf(urnOf(parentType, "new"), {}), aliases: [{ name: "old" }] as never[] };
  const service = { ...requestOf(child("new"), {}), parent: renamed.urn };
  const before = { [urnOf(parentType, "old")]: {}, [child("old")]: {} };
  expect(lostOrReplaced(before, [renamed, service])).toEqual([]);
  expect(lostOrReplaced(before, [{ ...renamed, aliases: [] }, service])).toHaveLength(2);
});
