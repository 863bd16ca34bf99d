import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hosts, type RenderedHost, type RunResult, reveal, runProgram, type Secret } from "../../engine";
import { missingPrograms } from "../../loopback/missing";

const missing = missingPrograms("openssl");
const example = join(__dirname, "../../examples/instance-manager-fleet");
const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-fleet-"));
afterAll(() => rmSync(folder, { recursive: true }));

const certificateFile = "/etc/nms/certs/agent.crt";

(missing ? describe.skip : describe)(`300 agents over three stacks${missing ? ` (${missing})` : ""}`, () => {
  let authority: RunResult;
  const agents: RunResult[] = [];
  let all: RenderedHost[];

  beforeAll(async () => {
    const stateFolder = join(folder, "authority");
    authority = await runProgram({ folder: example, stack: "authority", stateFolder });
    for (const stack of ["agents-east", "agents-west"])
      agents.push(
        await runProgram({
          folder: example,
          stack,
          stateFolder: join(folder, stack),
          stackReferences: { authority: stateFolder },
        }),
      );
    all = agents.flatMap((run) => hosts(run, { secrets: "show" }));
  });

  const contentOf = (host: RenderedHost, file: string) => host.files.find(({ path }) => path === file)!.content!;

  test("each agent has its own name, and a certificate that the one root of the first stack stands behind", () => {
    expect(all).toHaveLength(300);
    const root = join(folder, "root.pem");
    writeFileSync(root, String((authority.outputs.agentsIssuer as { bundle: string }).bundle));
    const chains = all.map((host, index) => {
      const file = join(folder, `${index}.pem`);
      writeFileSync(file, contentOf(host, certificateFile));
      return file;
    });
    // What follows the agent's own certificate in its file is all that a server gets to find the root with.
    const script =
      'for file; do openssl verify -purpose sslclient -CAfile "$0" -untrusted "$file" "$file" || exit 1; done';
    const said = execFileSync("sh", ["-c", script, root, ...chains], { encoding: "utf8" });
    expect(said.trim().split("\n")).toEqual(chains.map((file) => `${file}: OK`));
    const names = all.map((host) => new X509Certificate(contentOf(host, certificateFile)).subject);
    expect(new Set(names).size).toBe(300);
  });

  test("no agent can pass for the manager", () => {
    const [host] = all;
    const [root, chain] = [join(folder, "root.pem"), join(folder, "0.pem")];
    expect(() =>
      execFileSync("openssl", ["verify", "-purpose", "sslserver", "-CAfile", root, "-untrusted", chain, chain], {
        stdio: "pipe",
      }),
    ).toThrow("unsuitable certificate purpose");
    expect(new X509Certificate(contentOf(host!, certificateFile)).checkHost("agents.nim.example.com")).toBeUndefined();
  });

  test("the authority's key is a secret of every stack, and in no file of any host", () => {
    const key = authority.outputs.agentsIssuerKey as Secret;
    const text = String(reveal(key)).trim();
    expect(text).toMatch(/^-----BEGIN (EC )?PRIVATE KEY-----/);
    const files = JSON.stringify(all);
    expect(files).toContain("PRIVATE KEY");
    expect(files).not.toContain(JSON.stringify(text).slice(1, -1));
    for (const { outputs } of agents) expect(JSON.stringify(reveal(outputs))).not.toContain("PRIVATE KEY");
  });

  test("an agent costs its stack three resources: a key, a request and a certificate", () => {
    const [{ requests }] = agents as [RunResult];
    const kinds = requests.map(({ type }) => type.split(":").pop());
    const counts = Object.fromEntries(
      [...new Set(kinds)].map((kind) => [kind, kinds.filter((one) => one === kind).length]),
    );
    expect(counts).toEqual({
      ...{ Stack: 1, StackReference: 1, NginxAgentFleet: 1 },
      ...{ PrivateKey: 150, CertRequest: 150, LocallySignedCert: 150 },
    });
  });
});
