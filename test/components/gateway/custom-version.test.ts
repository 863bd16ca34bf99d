import { resolveGatewayFabric } from "../../../components/gateway/v2/resolve";
import { certificates, flags, plus, recorded, rendered, the } from "./v2-fixture";

const described = {
  version: "2.8.0",
  chartVersion: "2.8.0",
  imageTag: "2.8.0",
  gatewayApiVersion: "1.7.0",
  plusRelease: "R37.0",
  kubernetes: "1.33",
  secretNameLimit: 52,
  behavesLike: "2.7.2",
};
const rules = [{ apiGroups: ["gateway.nginx.org"], resources: ["payloadprocessors"], verbs: ["list", "watch"] }];
const fabric = (more: object, args: object = {}) =>
  rendered({ ...plus, ...certificates, ...args, customVersion: { ...described, ...more } });
const clusterRules = (objects: Awaited<ReturnType<typeof rendered>>): object[] => the("ClusterRole", objects).rules;

test("a version that is not known is described by its differences from a known one", async () => {
  const like = await fabric({});
  const other = await fabric({
    ...{ flags: ["--payload-processor"], rules },
    ...{ addedFeatures: [], removedFeatures: ["metricsService", "disruptionBudgets"] },
  });
  expect(flags(other)).toEqual([...flags(like), "--payload-processor"]);
  const budgets = expect.objectContaining({ resources: ["poddisruptionbudgets"] });
  const without = clusterRules(like).filter((rule) => !budgets.asymmetricMatch(rule));
  expect(without).toHaveLength(clusterRules(like).length - 1);
  expect(clusterRules(other)).toEqual(expect.arrayContaining([...without, ...rules]));
  expect(clusterRules(other)).toHaveLength(without.length + 1);
  expect([like, other].map((objects) => the("Service", objects).spec.ports.length)).toEqual([2, 1]);
  expect(flags(await fabric({ removedFeatures: ["domainFlags"] }))).not.toContain("--cluster-domain=cluster.local");
});

test("a feature that a version gets has its argument", async () => {
  const custom = { ...described, behavesLike: "2.3.0" };
  const snippets = { ...plus, ...certificates, snippets: true };
  expect(() => resolveGatewayFabric("x", { namespace: "n", ...snippets, customVersion: custom })).toThrow(
    "snippets is not in 2.8.0",
  );
  expect(flags(await rendered({ ...snippets, customVersion: { ...custom, addedFeatures: ["snippets"] } }))).toContain(
    "--snippets",
  );
});

test("its CRDs are installed, and keys of its chart are taken", async () => {
  const custom = {
    ...described,
    inferenceExtensionVersion: "1.7.0",
    crds: ["https://example.com/crds/own.yaml"],
    chartKeys: ["nginxGateway.payloads"],
  };
  const run = await recorded({
    ...{ edition: "oss", customVersion: custom, crds: "install", inferenceExtension: true },
    crdSource: "https://mirror.example.com/crds",
  });
  const group = run.requests.find(({ type }) => type === "kubernetes:yaml/v2:ConfigGroup");
  expect(group?.inputs.files).toEqual(
    ["gateway-api-1.7.0-standard", "nginx-gateway-fabric-2.8.0", "inference-pools-1.7.0", "own"].map(
      (name) => `https://mirror.example.com/crds/${name}.yaml`,
    ),
  );
  const helmValues = { nginxGateway: { payloads: { enable: true } } };
  const helm = { namespace: "n", edition: "oss", delivery: "helm", helmValues } as const;
  expect(resolveGatewayFabric("x", { ...helm, customVersion: custom }).values).toMatchObject(helmValues);
  expect(() => resolveGatewayFabric("x", { ...helm, customVersion: described })).toThrow("is no key of the chart");
});
