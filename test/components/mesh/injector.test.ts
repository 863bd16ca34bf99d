import * as k8s from "@pulumi/kubernetes";
import fc from "fast-check";
import { Sidecar, type SidecarArgs, SidecarInjector, type SidecarInjectorArgs } from "../../../components/mesh";
import { cel, printCel } from "../../../components/mesh/sidecar-injector/cel";
import { assignHashes, type SidecarTemplate } from "../../../components/mesh/sidecar-injector/template";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { earlierTemplate, least } from "./sidecar-fixture";

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

test("K10: an injector's own template is no earlier one, and pods with an earlier one get what they had", async () => {
  const { hashes } = JSON.parse(earlierTemplate);
  const policies = async (earlierSidecars: { template: string; until: string }[], more: object = {}) =>
    the(
      "MutatingAdmissionPolicy",
      await objectsOf(() => {
        new SidecarInjector("injector", { ...args, ...more, earlierSidecars });
      }),
    ).map(({ spec }: { spec: { matchConditions: { expression: string }[]; mutations: object[] } }) => spec);
  const earlier = { template: earlierTemplate, until: "2027-01-31T00:00:00Z" };
  const [before, current] = await policies([earlier]);
  expect(before.matchConditions[0].expression).toContain(JSON.stringify(Object.values(hashes)).replaceAll(",", ", "));
  for (const hash of Object.values(hashes)) expect(current.matchConditions[0].expression).not.toContain(hash);
  expect(JSON.stringify(before.mutations)).toContain("2027-01-31T00:00:00Z");
  expect(JSON.stringify(current.mutations)).not.toContain("2027-01-31T00:00:00Z");

  // The text of the injector itself, as if it were an earlier one's.
  let own = "";
  await record(() => {
    const injector = new SidecarInjector("injector", { ...args, redirectImage: "iptables:1" });
    injector.sidecarTemplate.apply((text) => {
      own = text;
    });
  });
  const [same] = await policies([{ ...earlier, template: own }], { redirectImage: "iptables:1" });
  expect(same.matchConditions[0].expression).toMatch(/ in \[\]$/);
  // Without redirect it has the same containers.
  const [other] = await policies([{ ...earlier, template: own }]);
  expect(other.matchConditions[0].expression.match(/[0-9a-f]{32}/g)).toEqual(
    Object.values(JSON.parse(own).hashes).slice(1),
  );
});

test("K10: of two earlier sidecars with the same hash the one that is accepted longer is used", () => {
  const hashes = (ipv4: string) => ({ none: "same", ipv4, ipv6: "other", both: "both" });
  const template = (ipv4: string) => ({ ...JSON.parse(earlierTemplate), hashes: hashes(ipv4) }) as SidecarTemplate;
  const assigned = assignHashes({ ...JSON.parse(earlierTemplate), hashes: { ...hashes("now"), none: "none" } }, [
    { template: template("one"), until: "2027-01-31T00:00:00Z" },
    { template: template("two"), until: "2027-02-28T00:00:00Z" },
  ]);
  expect(assigned.map(({ hashes }) => hashes)).toEqual([["one"], ["same", "two"]]);
});
