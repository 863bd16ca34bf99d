import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import type { Refuser } from "../../components/foundation";
import type { CertificateUsage } from "../../components/pki";
import { checkChain } from "../../components/pki/chain";
import { missingPrograms } from "../../loopback/missing";
import { type GeneratedChain, generateChain, makeKeyPool, numbersOf, spoilerNames } from "./certificate-chains";
import { OpenSsl } from "./openssl";

const missing = missingPrograms("openssl");
const suite = missing ? describe.skip : describe;
const count = 300;
const seed = 20261201;

const refuse: Refuser = (path, wrong, remedy) => {
  throw new Error(`${path} ${wrong}; ${remedy}`);
};

/** What we say of a chain: "OK", or the reason. */
function judge(chain: string[], root: string, usage?: CertificateUsage): string {
  const [certificates, roots] = [chain, [root]].map((pems) => pems.map((pem) => new X509Certificate(pem)));
  try {
    checkChain(refuse, "chain", certificates!, "roots", roots!, { usage, now: Date.now() });
    return "OK";
  } catch (error) {
    return (error as Error).message;
  }
}

suite(`chains from elsewhere, against openssl${missing ? ` (${missing})` : ""}`, () => {
  const openssl = new OpenSsl();
  afterAll(() => openssl.remove());
  let generated: GeneratedChain[];
  beforeAll(async () => {
    const [numbers, keys] = [numbersOf(seed), await makeKeyPool()];
    generated = [];
    while (generated.length < count) generated.push(await generateChain(numbers, keys));
  });

  /** What openssl says of a chain, at the security level of Debian's NGINX. */
  function verify(chain: string[], root: string, purpose: string): string {
    const [leaf = "", ...intermediates] = chain;
    const files = intermediates.length === 0 ? [] : ["-untrusted", openssl.file(intermediates.join(""), "untrusted")];
    const options = ["-auth_level", "2", "-no-CApath", "-purpose", purpose];
    const trusted = ["-CAfile", openssl.file(root, "root")];
    const { status, stderr } = openssl.attempt([
      "verify",
      ...options,
      ...trusted,
      ...files,
      openssl.file(leaf, "leaf"),
    ]);
    return status === 0 ? "OK" : stderr;
  }

  const purposes: Record<CertificateUsage, string[]> = {
    server: ["sslserver"],
    client: ["sslclient"],
    serverAndClient: ["sslserver", "sslclient"],
  };

  /** OpenSSL takes an authority without basicConstraints for one if it has keyUsage; RFC 5280 and Go do not. */
  const isStricter = ({ faults }: GeneratedChain) => faults.includes("noBasicConstraints");

  test(`${count} chains of leaves are accepted exactly where openssl accepts them for their usage`, () => {
    const seen: Record<string, Set<boolean>> = Object.fromEntries(spoilerNames.map((name) => [name, new Set()]));
    let [good, bad] = [0, 0];
    for (const [index, one] of generated.entries()) {
      const answers = purposes[one.usage].map((purpose) => verify(one.chain, one.root, purpose));
      const theirs = answers.find((answer) => answer !== "OK") ?? "OK";
      const ours = judge(one.chain, one.root, one.usage);
      const context = `${index}, ${one.faults}: ours ${ours}, openssl's ${theirs}\n${one.chain.join("")}${one.root}`;
      if ((ours === "OK") !== (theirs === "OK") && (ours === "OK" || !isStricter(one))) throw new Error(context);
      if (theirs === "OK") good++;
      else bad++;
      if (one.faults.length === 1) seen[one.faults[0]!]!.add(theirs === "OK");
    }
    expect(Math.min(good, bad)).toBeGreaterThan(80);
    // Each way to spoil a chain, alone, decides at least once.
    const harmless = new Set(["noKeyUsage", "noExtendedKeyUsage", "rsaKey", "knownCritical", "noBasicConstraints"]);
    expect(spoilerNames.filter((name) => !harmless.has(name) && !seen[name]?.has(false))).toEqual([]);
  });

  test("an authority is accepted exactly where openssl accepts a leaf without names that it issues, for a server or a client", () => {
    let [good, bad] = [0, 0];
    for (const [index, one] of generated.entries()) {
      const authorities = one.chain.slice(1);
      const answers = ["sslserver", "sslclient"].map((purpose) =>
        verify([one.plainLeaf, ...authorities], one.root, purpose),
      );
      const theirs = answers.includes("OK") ? "OK" : answers[0]!;
      const ours = judge(authorities, one.root);
      const context = `${index}, ${one.faults}: ours ${ours}, openssl's ${theirs}\n${one.chain.join("")}${one.root}`;
      if ((ours === "OK") !== (theirs === "OK") && (ours === "OK" || !isStricter(one))) throw new Error(context);
      if (theirs === "OK") good++;
      else bad++;
    }
    expect(Math.min(good, bad)).toBeGreaterThan(60);
  });
});
