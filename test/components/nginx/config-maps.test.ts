import { NginxPlus, type NginxPlusArgs } from "../../../components/nginx";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { testRefusals } from "../refusals";

const limit = 1024 * 1024;
const args = (sizes: number[], folder = "texts"): NginxPlusArgs => ({
  namespace: "edge",
  edition: "oss",
  ports: [{ name: "mqtt", port: 1883 }],
  configuration: {
    stream: [
      {
        name: "server",
        block: [
          { name: "listen", args: ["1883"] },
          { name: "return", args: ["ok"] },
        ],
      },
    ],
  },
  files: sizes.map((size, index) => ({ path: `/etc/nginx/${folder}/${index}`, content: "é".repeat(size / 2) })),
});

async function render(given: NginxPlusArgs): Promise<KubernetesObject[]> {
  return manifests(await record(() => void new NginxPlus("edge", given)), { secrets: "show" });
}
const maps = (objects: KubernetesObject[]) => objects.filter(({ kind }) => kind === "ConfigMap");
const volumes = (objects: KubernetesObject[]) =>
  (
    objects.find(({ kind }) => kind === "Deployment")!.spec as unknown as {
      template: { spec: { volumes: { name: string; configMap?: object; projected?: object }[] } };
    }
  ).template.spec.volumes;

test("files that one ConfigMap cannot hold are in several, and one folder of the pods", async () => {
  const objects = await render(args([600_000, 600_000, 1000]));
  const [first, second, ...more] = maps(objects);
  expect(more).toEqual([]);
  expect(Object.keys(first!.data as object).sort()).toEqual(["nginx.conf", "texts.0"]);
  expect(Object.keys(second!.data as object).sort()).toEqual(["texts.1", "texts.2"]);
  expect(volumes(objects).filter(({ name }) => /^(?:configuration|files)/.test(name))).toEqual([
    {
      name: "configuration",
      configMap: { name: first!.metadata.name, items: [{ key: "nginx.conf", path: "nginx.conf" }] },
    },
    {
      name: "files-1",
      projected: {
        sources: [
          { configMap: { name: first!.metadata.name, items: [{ key: "texts.0", path: "0" }] } },
          {
            configMap: {
              name: second!.metadata.name,
              items: [
                { key: "texts.1", path: "1" },
                { key: "texts.2", path: "2" },
              ],
            },
          },
        ],
      },
    },
  ]);
});

test("a file that takes a whole ConfigMap has one", async () => {
  const objects = await render(args([limit]));
  expect(maps(objects).map(({ data }) => Object.keys(data as object))).toEqual([["nginx.conf"], ["texts.0"]]);
});

testRefusals([
  {
    rule: "a file that no ConfigMap can hold",
    component: NginxPlus,
    args: args([100, limit + 2]),
    error: `files[1].content takes ${limit + 2} bytes, and a ConfigMap holds ${limit}; move parts of it into files that it includes, each below that size`,
  },
]);

test("a configuration that no ConfigMap can hold is refused with its size", () => {
  const stream = [
    ...args([]).configuration.stream!,
    ...Array.from({ length: 1100 }, () => ({ name: "log_format", args: ["x", "y".repeat(1000)] })),
  ];
  expect(() => new NginxPlus("edge", { ...args([]), configuration: { stream } })).toThrow(
    /^NginxPlus "edge": configuration takes 11[12]\d{4} bytes, and a ConfigMap holds 1048576; move parts of it into files that it includes, each below that size\n {4}at \S+$/,
  );
});
