// Prints every version that the project pins, and the known faults, and writes docs/versions.md: `npm run versions`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataPlaneImage } from "../components/gateway/defaults";
import { knownFaults as gatewayFaults } from "../components/gateway/known-faults";
import {
  defaultVersion as fabricVersions,
  type GatewayFabricVersion,
  knownVersions,
} from "../components/gateway/versions";
import { agentReleases } from "../components/manager/agent/keys";
import { chartVersions, defaultVersion as managerVersion } from "../components/manager/instance-manager/versions";
import { knownFaults as meshFaults } from "../components/mesh/known-faults";
import { meshImage, meshVersions } from "../components/mesh/versions";
import { Edition } from "../components/nginx";
import { exporterImage, nginxImage } from "../components/nginx/image";
import { knownFaults as nginxFaults } from "../components/nginx/known-faults";
import { defaultOpenSourceVersion } from "../components/nginx/open-source-version";
import { defaultRelease, plusReleases } from "../components/nginx/releases";
import { type AffectedVersions, knownFaultsDate } from "../components/versions";
import { newestSuite } from "../test/newest-nginx";

const root = join(__dirname, "..");
export const versionsFile = "docs/versions.md";

/** Returns the page with all versions. */
export function versionsPage(): string {
  return `# Versions

\`npm run versions\` writes this page from the tables of the library. How to take another version is said in the page of each area.

## Products

${table(["product", "default", "others that are known"], products())}

## Images

${table(["image", "of"], images())}

An argument beside each takes another image, with a tag or a digest (\`…@sha256:…\`).

## CRDs

${table(["file", "of"], crds())}

## Known faults

As of ${knownFaultsDate}, from release notes, security advisories, CVE records and issues. None of the affected versions was run. *Refused* means that a program with such a version stops, where its arguments reach the fault, unless \`unsafeAllowVulnerableVersion\` names it. Other faults are logged.

${table(["fault", "effect", "affected versions", "fixed in", ""], faults())}

## Tools of the tests

${table(["Go module", "version"], goModules())}

Debian packages come from the suite of the machine, and NGINX and mosquitto of the newest versions from \`${newestSuite}\`.
`;
}

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const code = (text: unknown) => `\`${text}\``;

function products(): string[][] {
  const fabrics = (line: 1 | 2) =>
    knownVersions
      .filter((one) => one.line === line && one.version !== fabricVersions[line])
      .map(({ version }) => version);
  return [
    ["NGINX, open source", defaultOpenSourceVersion, "any that an image's tag names"],
    ["NGINX Plus", defaultRelease, `${plusReleases.map(({ name }) => name).join(", ")}, each with its patches`],
    ["NGINX Gateway Fabric 2", fabricVersions[2], fabrics(2).join(", ")],
    ["NGINX Gateway Fabric 1", fabricVersions[1], fabrics(1).join(", ")],
    [
      "NGINX Instance Manager 2, with its chart",
      `${managerVersion} (${chartVersions[managerVersion]})`,
      Object.entries(chartVersions)
        .filter(([version]) => version !== managerVersion)
        .map(([version, chart]) => `${version} (${chart})`)
        .join(", "),
    ],
    ["NGINX Agent 3", agentReleases.v3, "others with the same keys"],
    ["NGINX Agent 2", agentReleases.v2, "others with the same keys"],
    ["SPIRE", meshVersions.spire, ""],
  ];
}

function images(): string[][] {
  const version = (line: 1 | 2) =>
    knownVersions.find((one) => one.version === fabricVersions[line]) as GatewayFabricVersion;
  const ofFabric = (line: 1 | 2, edition: Edition) => {
    const { repository, tag } = dataPlaneImage({ namespace: "", edition }, version(line));
    return `${repository}:${tag}`;
  };
  return [
    [nginxImage(Edition.oss), "NGINX, open source"],
    [nginxImage(Edition.plus), "NGINX Plus"],
    [exporterImage(), "metrics of NGINX"],
    ...([2, 1] as const).flatMap((line) => [
      [ofFabric(line, Edition.plus), `NGINX Gateway Fabric ${line}, data plane, NGINX Plus`],
      [ofFabric(line, Edition.oss), `NGINX Gateway Fabric ${line}, data plane, open source`],
    ]),
    ...(
      [
        ["spireServer", "SPIRE server"],
        ["spireAgent", "SPIRE agent"],
        ["controllerManager", "SPIRE controller manager"],
        ["csiDriver", "SPIFFE CSI driver"],
        ["nodeDriverRegistrar", "registrar of the CSI driver"],
        ["selinux", "SELinux labels on OpenShift"],
        ["spiffeHelper", "spiffe-helper"],
      ] as const
    ).map(([image, of]) => [meshImage(undefined, image), of]),
  ].map(([image, of]) => [code(image), `${of}`]);
}

function crds(): string[][] {
  const { gatewayApiVersion, inferenceExtensionVersion, version } = knownVersions.find(
    (one) => one.version === fabricVersions[2],
  )!;
  return [
    [`gateway-api-${gatewayApiVersion}-standard.yaml`, "Gateway API"],
    [`nginx-gateway-fabric-${version}.yaml`, "NGINX Gateway Fabric"],
    [`inference-pools-${inferenceExtensionVersion}.yaml`, "InferencePool"],
    [`spire-controller-manager-${meshVersions.controllerManagerCrds}.yaml`, "SPIRE controller manager"],
  ].map(([file, of]) => [code(file), `${of}, of the default version`]);
}

const affectedText = ({ since, fixed }: AffectedVersions) =>
  [...(since === "0" ? [] : [`from ${since}`]), fixed === undefined ? "up to the newest" : `before ${fixed}`].join(" ");

function faults(): string[][] {
  const row = (
    product: string,
    fault: { id: string; effect: string },
    affected: readonly AffectedVersions[],
    more: string,
  ) => [
    fault.id,
    fault.effect,
    `${product} ${affected.map(affectedText).join(", ")}`,
    affected.map(({ fixed }) => fixed ?? "not known").join(", "),
    more,
  ];
  return [
    ...nginxFaults.flatMap((fault) =>
      (
        [
          ["NGINX", fault.openSource],
          ["NGINX Plus", fault.plus],
        ] as const
      )
        .filter(([, affected]) => affected.length > 0)
        .map(([product, affected]) => row(product, fault, affected, fault.refused ? "refused" : "")),
    ),
    ...gatewayFaults.map((fault) => row("Gateway Fabric", fault, fault.affected, fault.remedy ?? "")),
    ...meshFaults.flatMap((fault) => [
      row("SPIRE", fault, fault.affected.spireServer, fault.remedy),
      row("SPIRE controller manager", fault, fault.affected.controllerManager, fault.remedy),
    ]),
  ];
}

/** Modules of the programs that the tests build: those of the packages that `tool` names, and those that programs of the tests import. */
function goModules(): string[][] {
  const found = readdirSync(join(root, "tools")).flatMap((folder) => {
    const file = join(root, "tools", folder, "go.mod");
    if (!existsSync(file)) return [];
    const text = readFileSync(file, "utf8");
    const tools = /^tool \(([^)]*)\)/m.exec(text)?.[1]?.split(/\s+/) ?? [];
    return [...text.matchAll(/^(?:require)?\s*([\w.-]+\.\S+) (v\S+)(.*)$/gm)]
      .filter(([, name, , more]) => more === "" || tools.some((tool) => tool.startsWith(`${name}/`) || tool === name))
      .map(([, name, version]) => [code(name), version!]);
  });
  const rows = new Map(found.map((row) => [row.join(), row]));
  return [...rows.values()].sort(([one], [other]) => (one! < other! ? -1 : 1));
}

if (require.main === module) {
  const page = versionsPage();
  writeFileSync(join(root, versionsFile), page);
  process.stdout.write(page);
}
