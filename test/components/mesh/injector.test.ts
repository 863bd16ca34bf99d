import * as k8s from "@pulumi/kubernetes";
import fc from "fast-check";
import { Sidecar, type SidecarArgs, SidecarInjector, type SidecarInjectorArgs } from "../../../components/mesh";
import { cel, printCel } from "../../../components/mesh/sidecar-injector/cel";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { least } from "./sidecar-fixture";

const args: SidecarInjectorArgs = { kubernetesVersion: "1.36", edition: "oss" };
const objectsOf = async (program: () => void) => manifests(await record(program), { secrets: "show" });
// biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind
const the = (kind: string, objects: KubernetesObject[]): any => objects.filter((object) => object.kind === kind);

describe("expressions", () => {
  test("any text is one literal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const literal = printCel(text);
        expect(JSON.parse(literal)).toBe(text);
        expect(literal.slice(1, -1)).not.toMatch(/(^|[^\\])(\\\\)*"/);
        expect(literal).not.toMatch(/[\n\r]/);
        expect(cel`a == ${text}`.text).toBe(`a == ${literal}`);
      }),
    );
  });

  test("values in a template become literals", () => {
    expect(cel`object.metadata`.text).toBe("object.metadata");
    expect(cel`${cel`a`} in ${["b", 1, true, { c: "d", e: undefined }]}`.text).toBe(
      'a in ["b", 1, true, {"c": dyn("d")}]',
    );
  });

  test.each([
    ["half of a pair", "\ud83d"],
    ["a fraction", 0.5],
    ["a number too great", 2 ** 53],
  ])("what CEL does not have is an error: %s", (_, value) => expect(() => printCel(value)).toThrow(RangeError));
});

test("9: the policies of an injector", async () => {
  const objects = await objectsOf(() => {
    new SidecarInjector("injector", { ...args, strictNamespaces: ["shop"], imagePullSecrets: ["registry"] });
  });
  const specs = objects.map(({ kind, spec }) => ({ kind, spec }));
  expect(specs).toMatchSnapshot();
  const [policy] = the("MutatingAdmissionPolicy", objects);
  expect(policy.spec.failurePolicy).toBe("Fail");
  expect(
    the("ValidatingAdmissionPolicy", objects).map(
      ({ spec }: { spec: { failurePolicy: string } }) => spec.failurePolicy,
    ),
  ).toEqual(["Fail", "Fail"]);
});

test("9: validating policies are created before the mutating one", async () => {
  const { requests } = await record(
    () => void new SidecarInjector("injector", { ...args, strictNamespaces: ["shop"] }),
  );
  const { dependencies } = requests.find(({ name }) => name === "injector-policy")!;
  const bindings = requests.filter(({ type }) => type.endsWith(":ValidatingAdmissionPolicyBinding"));
  expect(bindings).toHaveLength(3);
  expect(dependencies).toEqual(expect.arrayContaining(bindings.map(({ urn }) => urn)));
});

describe("an injector recognizes the Sidecars that it can inject", () => {
  /** Returns whether the injector adds containers for the labels of the Sidecar. */
  async function knows(injector: Partial<SidecarInjectorArgs>, sidecar: Partial<SidecarArgs>): Promise<boolean> {
    const objects = await objectsOf(() => {
      new SidecarInjector("injector", { ...args, ...injector });
      const { labels } = new Sidecar("shop", { ...least, ...sidecar });
      new k8s.core.v1.Pod("pod", { metadata: { labels }, spec: { containers: [] } });
    });
    const kind = the("Pod", objects)[0].metadata.labels["nginx-stacks/sidecar-kind"];
    expect(kind).toMatch(/^[0-9a-f]{32}$/);
    const conditions: { name: string; expression: string }[] = the("MutatingAdmissionPolicy", objects)[0].spec
      .matchConditions;
    return conditions.find(({ name }) => name === "known-kind")!.expression.includes(`"${kind}"`);
  }
  const explicit = { redirect: undefined, inbound: [{ ...least.inbound![0]!, applicationPort: 28_080 }] };
  const requests = { requests: { cpu: "1" } };

  test.each<[string, Partial<SidecarInjectorArgs>, Partial<SidecarArgs>]>([
    ["with redirect", {}, {}],
    ["without", {}, explicit],
    ["of both families of addresses", {}, { ipFamilies: ["IPv4", "IPv6"] }],
    ["of IPv6", {}, { ipFamilies: ["IPv6"] }],
    ["with the same image", { image: "registry.example.com/nginx:1" }, { image: "registry.example.com/nginx:1" }],
    ["with the same resources", { resources: { proxy: requests } }, { resources: { proxy: requests } }],
    ["with the same image of iptables", { redirectImage: "iptables:1" }, { redirect: { image: "iptables:1" } }],
    ["without redirect, whose image is another", { redirectImage: "iptables:1" }, explicit],
  ])("%s", async (_, injector, sidecar) => expect(await knows(injector, sidecar)).toBe(true));

  test.each<[string, Partial<SidecarInjectorArgs>, Partial<SidecarArgs>]>([
    ["with another image", {}, { image: "registry.example.com/nginx:1" }],
    ["with other resources", { resources: { proxy: requests } }, {}],
    ["with other ports", { firstPort: 16_000 }, {}],
    ["with another image of iptables", { redirectImage: "iptables:1" }, {}],
    ["with other Secrets", { imagePullSecrets: ["registry"] }, {}],
    ["of NGINX Plus", {}, { edition: "plus", image: "plus:1", license: { secretName: "license" } }],
  ])("and no others: %s", async (_, injector, sidecar) => expect(await knows(injector, sidecar)).toBe(false));
});
