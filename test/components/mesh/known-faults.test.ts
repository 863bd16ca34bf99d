import { knownFaultWarnings } from "../../../components/mesh/known-faults";

test.each<[title: string, images: Parameters<typeof knownFaultWarnings>[0], programs: string[]]>([
  ["the default images", undefined, ["images.spireServer"]],
  [
    "a controller manager before its fix",
    { controllerManager: "ghcr.io/spiffe/spire-controller-manager:0.6.6" },
    ["images.spireServer", "images.controllerManager"],
  ],
  ["a mirror", { registry: "registry.example.com" }, ["images.spireServer"]],
  ["an image whose tag says nothing", { spireServer: "registry.example.com/spire-server:own" }, []],
])("%s", (_title, images, programs) => {
  expect(knownFaultWarnings(images).map((warning) => warning.split(":")[0])).toEqual(programs);
});

test("a warning says what the fault is, and the way round it", () => {
  expect(knownFaultWarnings(undefined)).toEqual([
    "images.spireServer: 1.15.3 has CVE-2026-84304 and CVE-2026-84445, faults of grpc-go that callers of its port reach; no fixed version is known; let a NetworkPolicy admit the mesh's agents alone to its port",
  ]);
});
