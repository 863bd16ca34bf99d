import { differences, eachUpstream, upstreamObjects } from "./upstream";

const object = (kind: string, name: string, rest: object = {}) => ({
  apiVersion: "v1",
  kind,
  metadata: { name },
  ...rest,
});

test("equal objects have no differences, in whatever order", () => {
  const [service, map] = [object("Service", "web"), object("ConfigMap", "settings", { data: { a: "1" } })];
  expect(differences([service, map], [map, service])).toEqual([]);
});

test("a difference is a path with both values", () => {
  const spec = (replicas: number, image: string, extra = {}) => ({
    spec: { replicas, template: { containers: [{ name: "nginx", image, ...extra }] } },
  });
  expect(
    differences(
      [object("Deployment", "web", spec(2, "nginx:1", { tty: true }))],
      [object("Deployment", "web", spec(1, "nginx:2", { "a.b": [1, 2] }))],
    ),
  ).toEqual([
    { path: "Deployment/web.spec.replicas", ours: 2, upstream: 1 },
    { path: "Deployment/web.spec.template.containers[nginx].image", ours: "nginx:1", upstream: "nginx:2" },
    { path: 'Deployment/web.spec.template.containers[nginx]["a.b"]', ours: undefined, upstream: [1, 2] },
    { path: "Deployment/web.spec.template.containers[nginx].tty", ours: true, upstream: undefined },
  ]);
});

test("items that are missing, added or in another order are differences", () => {
  const volumes = (...names: string[]) => ({ spec: { volumes: names.map((name) => ({ name })) } });
  expect(
    differences([object("Pod", "p", volumes("b", "a", "c"))], [object("Pod", "p", volumes("a", "b", "d"))]),
  ).toEqual([
    { path: "Pod/p.spec.volumes (order)", ours: ["b", "a", "c"], upstream: ["a", "b", "d"] },
    { path: "Pod/p.spec.volumes[d]", ours: undefined, upstream: { name: "d" } },
    { path: "Pod/p.spec.volumes[c]", ours: { name: "c" }, upstream: undefined },
  ]);
  const args = (...list: string[]) => ({ spec: { args: list } });
  expect(differences([object("Pod", "p", args("x"))], [object("Pod", "p", args("x", "y"))])).toEqual([
    { path: "Pod/p.spec.args[1]", ours: undefined, upstream: "y" },
  ]);
});

test("an object that was renamed is matched by its kind; its random end is named", () => {
  expect(differences([object("ConfigMap", "gateway-bootstrap-0123abcd")], [object("ConfigMap", "fixed")])).toEqual([
    { path: "ConfigMap/fixed.metadata.name", ours: "gateway-bootstrap-<8 hex digits>", upstream: "fixed" },
  ]);
});

test("whole objects that only one side has are differences", () => {
  const [a, b, c] = [object("Job", "a"), object("Secret", "b"), object("Secret", "c")];
  expect(differences([b, c], [a])).toEqual([
    { path: "Job/a", ours: undefined, upstream: a },
    { path: "Secret/b", ours: b, upstream: undefined },
    { path: "Secret/c", ours: c, upstream: undefined },
  ]);
});

eachUpstream(["1.6.1", "1.6.2", "2.6.7"])(
  "upstream's two editions of %s differ, and its own files do not from themselves",
  (version) => {
    const plus = upstreamObjects(`gateway-fabric-${version}-nginx-plus.yaml`);
    expect(differences(plus, plus)).toEqual([]);
    expect(differences(plus, upstreamObjects(`gateway-fabric-${version}-default.yaml`))).not.toEqual([]);
  },
);
