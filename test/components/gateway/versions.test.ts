import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argumentOf, refuser } from "../../../components/foundation";
import { resolveVersion } from "../../../components/gateway/resolve-version";
import { defaultVersion, knownVersions } from "../../../components/gateway/versions";

test("the documentation's table of versions is the library's", () => {
  const text = readFileSync(join(__dirname, "../../../docs/gateway-fabric.md"), "utf8");
  const [, table = ""] =
    /\| version \| Gateway API \| NGINX Plus \| Kubernetes from \|\n\|[ |-]+\n((?:\|.*\n)+)/.exec(text) ?? [];
  const documented = table.split("\n").flatMap((row) => {
    const [, versions = "", ...facts] = row.split("|").map((cell) => cell.trim());
    return versions.split(", ").flatMap((range) => {
      const [first, last = first] = range.split(" – ");
      const [from, to] = [first, last].map((version) => knownVersions.findIndex((one) => one.version === version));
      return knownVersions.slice(from, to! + 1).map(({ version }) => [version, ...facts.slice(0, 3)]);
    });
  });
  expect(documented).toEqual(
    knownVersions.map(({ version, gatewayApiVersion, plusRelease, kubernetes }) => [
      version,
      gatewayApiVersion,
      plusRelease,
      kubernetes,
    ]),
  );
});

test("a feature is there from its first version on", () => {
  const withFeature = (feature: "enforceInitialReport" | "certificateGeneratorSwitch" | "watchNamespaces") =>
    knownVersions.find(({ features }) => features[feature])!.version;
  expect(withFeature("enforceInitialReport")).toBe("2.2.0");
  expect(withFeature("certificateGeneratorSwitch")).toBe("2.2.1");
  expect(withFeature("watchNamespaces")).toBe("2.4.0");
  const limits = Object.fromEntries(knownVersions.map(({ version, secretNameLimit }) => [version, secretNameLimit]));
  expect([limits["1.6.2"], limits["2.2.2"], limits["2.3.0"], limits["2.6.7"]]).toEqual([253, 253, 52, 52]);
});

test("without a version, it is the newest whose manifests are those of a tag", () => {
  expect(defaultVersion).toEqual({ 1: "1.6.2", 2: "2.6.8" });
  for (const line of [1, 2] as const)
    expect(resolveVersion(argumentOf(refuser("GatewayFabric", "gateway"), {}), line).version).toBe(
      defaultVersion[line],
    );
});
