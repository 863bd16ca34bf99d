import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  LicenseSecret,
  Namespace,
  RegistrySecret,
  TrustedCertificates,
} from "../../../components";
import { Argument, checkSameNamespace, Faults, formats } from "../../../components/foundation";
import { nearestName } from "../../../components/foundation/arguments/nearest";
import { record } from "../../../engine";
import { thrownBy, withoutPlace } from "../refusals";
import { goodToken } from "./token";

type ComponentClass = new (name: string, args: never) => pulumi.ComponentResource;

/** The sentences of a refusal, without the component's name. */
function faultsOf(component: ComponentClass, args: unknown): string[] {
  const thrown = thrownBy(() => new component("x", args as never)) as pulumi.InputPropertiesError;
  expect(thrown).toBeInstanceOf(pulumi.InputPropertiesError);
  return thrown.errors.map(({ reason }) => reason.replace(`${component.name} "x": `, ""));
}

const namespace = "edge";
const issuing = { certificatePem: "PEM", privateKeyPem: "PEM", chain: "", bundle: "PEM", renewalWindowHours: 9000 };
const server = { namespace, usage: "server", subject: { commonName: "x" }, dnsNames: ["a.example.com"] };

describe("values that are not of their type", () => {
  test.each<[string, ComponentClass, unknown, string[]]>([
    ["no arguments", LicenseSecret, undefined, [expect.stringMatching(/^namespace is missing; write a string: /)]],
    ["a text for all arguments", Namespace, "edge", ["is a string; write an object"]],
    [
      "a misspelt key",
      LicenseSecret,
      { namespace, jwtt: "x", existing: { name: "a" } },
      ["jwtt is not an argument; write jwt"],
    ],
    [
      "a misspelt key deep inside",
      Certificate,
      { ...server, issuer: { ...issuing, chainlength: 1 } },
      ["issuer.chainlength is not an argument; write issuer.chainLength"],
    ],
    [
      "a key that is like no other",
      Namespace,
      { zzzzzz: 1 },
      [
        "zzzzzz is not an argument; remove it; Namespace has name, labels, annotations, podSecurity, podSecurityVersion, defaultDeny, existing",
      ],
    ],
    [
      "a name that every JavaScript object has",
      Namespace,
      { podSecurity: "toString" },
      ['podSecurity is "toString"; write one of "privileged", "baseline", "restricted"'],
    ],
    [
      "a key of an object's prototype",
      Namespace,
      JSON.parse('{ "__proto__": { "defaultDeny": true } }'),
      [expect.stringMatching(/^__proto__ is not an argument; remove it/)],
    ],
    [
      "a text for a list",
      RegistrySecret,
      { namespace, existing: { name: "a" }, registries: "a" },
      ["registries is a string; write a list, each entry a string"],
    ],
    ["a list for a record", Namespace, { labels: ["a"] }, ["labels is a list; write an object, each value a string"]],
    ["a number for a text", Namespace, { labels: { a: 1 } }, ["labels.a is a number; write a string"]],
    ["a text for a boolean", Namespace, { defaultDeny: "yes" }, ['defaultDeny is "yes"; write true or false']],
    [
      "a text for a number",
      Certificate,
      { ...server, issuer: issuing, validityHours: "24" },
      ['validityHours is "24"; write a number'],
    ],
    [
      "no number",
      Certificate,
      { ...server, issuer: issuing, validityHours: Number.NaN },
      ["validityHours is NaN; write a number"],
    ],
    [
      "an object without what it needs",
      LicenseSecret,
      { namespace, existing: {} },
      [expect.stringMatching(/^existing.name is missing; write a string: /)],
    ],
    [
      "an entry that is nothing",
      RegistrySecret,
      { namespace, existing: { name: "a" }, registries: [null] },
      ["registries[0] is missing; write a string"],
    ],
    [
      "a list that is an Output",
      RegistrySecret,
      { namespace, existing: { name: "a" }, registries: pulumi.output(["a"]) },
      [
        "registries is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
      ],
    ],
    [
      "the URN that a component of another language becomes",
      LicenseSecret,
      { namespace: "urn:pulumi:dev::edge::nginx-stacks:index:Namespace::edge", existing: { name: "a" } },
      ["namespace is a resource as a whole; write one of its outputs"],
    ],
  ])("%s", (_what, component, args, faults) => {
    const found = faultsOf(component, args);
    for (const fault of faults) expect(found).toContainEqual(fault);
    expect(found.filter((fault) => /undefined|\[object/.test(fault))).toEqual([]);
  });

  test("a Buffer in place of a secret text is named without its contents", () => {
    const found = faultsOf(LicenseSecret, { namespace, jwt: Buffer.from("hunter2-hunter2") });
    expect(found).toEqual([expect.stringMatching(/^jwt is a Buffer; write a string/)]);
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  test("values without a value count as left out, whatever the language calls them", async () => {
    await record(() => void new Namespace("x", { name: undefined, labels: null } as never));
  });

  test("a value that holds itself is refused", () => {
    const existing: Record<string, unknown> = {};
    existing.name = existing;
    expect(faultsOf(LicenseSecret, { namespace, existing })).toEqual([
      "existing.name is an object; write a string: Name of the Secret, a DNS-1123 subdomain",
    ]);
  });
});

test("a component in place of its output is refused with the output to write", async () => {
  const { outputs } = await record(() => {
    const edge = new Namespace("edge");
    const thrown = thrownBy(() => new LicenseSecret("x", { namespace: edge, jwt: goodToken() } as never)) as Error;
    return { message: withoutPlace(thrown.message) };
  });
  expect(outputs.message).toBe('LicenseSecret "x": namespace is a Namespace as a whole; write its output name');
});

test("a value that is known late is held against its type too", async () => {
  const late = record(() => void new LicenseSecret("x", { namespace: pulumi.output(5) as never, jwt: goodToken() }));
  await expect(late).rejects.toThrow(
    'LicenseSecret "x": namespace is a number; write a string: Namespace of the Secret, that of the pods that use it',
  );
});

test("five wrong arguments are five sentences in one error, which names the line of the program", () => {
  const thrown = thrownBy(
    () =>
      new Certificate("x", {
        namespace: "Edge",
        usage: "sever",
        subject: { commonName: "", country: "de" },
        dnsNames: ["192.0.2.1"],
        validityHour: 3,
      } as never),
  ) as pulumi.InputPropertiesError;
  expect(thrown.errors.map(({ propertyPath }) => propertyPath)).toEqual([
    "validityHour",
    "usage",
    "namespace",
    "subject.commonName",
    "subject.country",
    "dnsNames[0]",
  ]);
  expect(thrown.message.split("\n").at(-1)).toMatch(
    /^ {4}at test\/components\/foundation\/arguments\.test\.ts:\d+:\d+$/,
  );
  expect(thrown.stack).toBe(thrown.message);
});

describe("rules", () => {
  const rules = (check: (argument: Argument<Record<string, unknown>>) => void): string[] => {
    const faults = new Faults('X "x"');
    faults.attempt(() => check(new Argument(faults, "", {})));
    const thrown = thrownBy(() => faults.close()) as pulumi.InputPropertiesError | undefined;
    return thrown?.errors.map(({ reason }) => reason) ?? [];
  };

  test("each runs, also after one that ended early", () => {
    const ends = (argument: Argument<unknown>) => argument.attempt((refuse) => refuse("a", "is wrong", "write b"));
    const goesOn = (argument: Argument<unknown>) => argument.with("c", 1).refuse("is wrong too", "write d");
    expect(rules((argument) => argument.check(ends, goesOn))).toEqual([
      'X "x": a is wrong; write b',
      'X "x": c is wrong too; write d',
    ]);
  });

  test("of a contained component speak of what the user wrote", () => {
    const found = rules((argument) =>
      argument
        .inner({ files: [{ content: "" }] }, (path) => path.replace("files[0].content", "trustedCertificatesPem"))
        .field("files")
        .entries()[0]!
        .field("content")
        .refuse("is empty", "write a certificate"),
    );
    expect(found).toEqual(['X "x": trustedCertificatesPem is empty; write a certificate']);
  });

  test("an error that no rule meant is not swallowed", () => {
    expect(() => rules(() => JSON.parse("{"))).toThrow(SyntaxError);
  });

  test("a fault that is found after the component was made is thrown at once", () => {
    const faults = new Faults('X "x"');
    const argument = new Argument(faults, "port", 0);
    faults.close();
    expect(() => argument.refuse("is 0", "write 1")).toThrow('X "x": port is 0; write 1');
  });
});

describe("a Secret's name knows its namespace", () => {
  const check = (program: () => [secret: pulumi.Input<string>, namespace: pulumi.Input<string>]) =>
    record(() => {
      const [secret, other] = program();
      const faults = new Faults('X "x"');
      checkSameNamespace(new Argument(faults, "secret", secret), other);
      faults.close();
    });
  const registry = (inNamespace: pulumi.Input<string>) =>
    new RegistrySecret("registry", { namespace: inNamespace, existing: { name: "regcred" } }).secretName;
  const refusal = 'X "x": secret is of RegistrySecret "registry", which is in another namespace';

  test.each<[string, () => [pulumi.Input<string>, pulumi.Input<string>]]>([
    ["the same text", () => [registry("edge"), "edge"]],
    [
      "the same Namespace",
      () => {
        const { name } = new Namespace("edge");
        return [registry(name), name];
      },
    ],
    ["the text that the Namespace was given", () => [registry(new Namespace("edge", { name: "edge" }).name), "edge"]],
    [
      "two components of one existing Namespace",
      () => {
        const existing = { name: "edge" };
        return [registry(new Namespace("a", { existing }).name), new Namespace("b", { existing }).name];
      },
    ],
    ["an Output of the same text", () => [registry(pulumi.output("edge")), "edge"]],
    ["a plain text, of which nothing is known", () => ["regcred", "edge"]],
  ])("%s is accepted", async (_what, program) => {
    await check(program);
  });

  test.each<[string, () => [pulumi.Input<string>, pulumi.Input<string>]]>([
    ["another text", () => [registry("shared"), "edge"]],
    ["another Namespace", () => [registry(new Namespace("shared").name), new Namespace("edge").name]],
    ["a text beside a generated name", () => [registry("shared"), new Namespace("edge").name]],
    ["an Output of another text", () => [registry(pulumi.output("shared")), "edge"]],
  ])("%s is refused", async (_what, program) => {
    await expect(check(program)).rejects.toThrow(refusal);
  });

  test("every component that makes a Secret says so", async () => {
    for (const make of [
      (at: string) => new RegistrySecret("a", { namespace: at, jwt: goodToken() }),
      (at: string) => new LicenseSecret("a", { namespace: at, jwt: goodToken() }),
      (at: string) => new TrustedCertificates("a", { namespace: at, existing: { name: "ca" } }),
      (at: string) =>
        new Certificate("a", {
          namespace: at,
          usage: "client",
          subject: { commonName: "x" },
          issuer: new CertificateAuthority("ca", { subject: { commonName: "root" } }),
        }),
    ])
      await expect(check(() => [make("shared").secretName, "edge"])).rejects.toThrow("which is in another namespace");
  });
});

test.each([
  ["hostName", ["a.example.com", "a", "a-1.b"], ["a..b", "-", ".", ".a", "a.", "-a.b", "a_b", "192.0.2.1", "a b", ""]],
  ["host", ["a.b", "192.0.2.1", "2001:db8::1"], ["a..b", "[2001:db8::1]", "a:1", "300.1.2.3"]],
  [
    "hostAndOptionalPort",
    ["a", "a:1", "[::1]:443", "192.0.2.1:80", "[::1]"],
    ["a:", "a:0", "a:65536", "::1", "a:b", "https://a", "[a]:1"],
  ],
  [
    "cidr",
    ["10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0"],
    ["10.0.0.0", "10.0.0.0/33", "banana", "10.0.0/8", "a/8", "::/129"],
  ],
  ["secretKey", ["tls.crt", "_a", "A-1"], ["", "..", "a/b", "a b"]],
  ["dnsLabel", ["edge", "a1"], ["Edge", "a.b", "", "-a", "a".repeat(64)]],
] as const)("the format %s", (name, good, bad) => {
  expect(good.filter((text) => !formats[name].test(text))).toEqual([]);
  expect(bad.filter((text) => formats[name].test(text))).toEqual([]);
});

test.each([
  ["clientCertificate", ["certificate", "clientCertificates", "verifyDepth"], "clientCertificates"],
  ["egres", ["egress", "ingress"], "egress"],
  ["NAMESPACE", ["namespace"], "namespace"],
  ["nmaespace", ["namespace", "name"], "namespace"],
  ["banana", ["port", "host"], undefined],
])("the name nearest to %s", (name, names, nearest) => {
  expect(nearestName(name, names)).toBe(nearest);
});
