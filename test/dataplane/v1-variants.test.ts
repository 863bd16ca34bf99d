import { plusOnlyDirectives } from "../../components/nginx/conf/plus-only";
import { hosts, type RunResult } from "../../engine";
import { missingPrograms } from "../../loopback/missing";
import { acceptFaults } from "../components/known-faults";
import { crossplaneMissing, parseStrict } from "../crossplane";
import { runHostNginx } from "./host-nginx";
import { type Materials, machine, materials, renderHost } from "./v1-stack";
import { openSource, plusVariants, variants } from "./v1-variants";

const noCrossplane = crossplaneMissing();
const noNginx = missingPrograms("nginx", "openssl");
let pems: Materials;

beforeAll(async () => {
  pems = await materials();
});

const releases = { R33: "R33 P1", R34: "R34 P1", R35: "R35 P1", R36: "R36 P8", R37: "PLS.37.0.8.1" } as const;

/** The names are known before the certificates are. */
const nobody = { certificate: "", key: "", roots: "" };
const empty = Object.fromEntries(
  ["front", "manager", "impostor", "agent", "denied", "revoked", "stranger", "client", "deep"].map((name) => [
    name,
    nobody,
  ]),
) as unknown as Materials;

/** The files of NGINX on the host, by path. */
async function files(variant: object, host: object) {
  const [rendered] = hosts(await renderHost({ ...variant, host: { name: machine, ...host } }), { secrets: "show" });
  return Object.fromEntries(rendered!.files.map(({ path, content }) => [path, content!]));
}

const strict = noCrossplane ? describe.skip : describe;
strict(`NGINX's own tables${noCrossplane ? `: ${noCrossplane}` : ""}`, () => {
  test.each(Object.keys(plusVariants(empty)))("%s: every release knows its directives", async (name) => {
    const cases = [];
    for (const [release, text] of Object.entries(releases)) {
      const given = await files(plusVariants(pems)[name]!, { ...acceptFaults, release: text });
      cases.push({
        release: release as keyof typeof releases,
        files: { ...given, "/etc/nginx/mime.types": "types {}" },
      });
    }
    for (const { errors } of parseStrict(cases)) expect(errors).toEqual([]);
  });

  test("a directive of NGINX Plus alone is no open-source NGINX's: so the tables do look", async () => {
    const given = await files(plusVariants(pems)["B5: an API that takes changes"]!, {});
    const main = given["/etc/nginx/nginx.conf"]!.replace(/^mgmt \{[^}]*\}\n/m, "");
    const [result] = parseStrict([
      { release: "oss", files: { ...given, "/etc/nginx/nginx.conf": main, "/etc/nginx/mime.types": "types {}" } },
    ]);
    const unknown = result!.errors.map(({ message }) => /unknown directive "(\w+)"/.exec(message)?.[1]);
    expect(new Set(unknown)).toEqual(new Set(["status_zone", "health_check", "api"]));
  });
});

const wire = noNginx ? describe.skip : describe;
wire(`open-source NGINX${noNginx ? ` (${noNginx})` : ""}`, () => {
  test.each(Object.keys(variants(empty)))("%s: it starts", async (name) => {
    const variant = variants(pems)[name]!;
    const nginx = await runHostNginx(await renderHost(variant), machine);
    expect(nginx.read("/var/log/nginx/error.log")).not.toMatch(/\[(?:emerg|alert|crit|warn)\]/);
    await nginx.stop();
  });

  const plusAlone = Object.keys(plusVariants(empty)).filter((name) => !(name in variants(empty)));
  test.each(plusAlone)("%s: it starts without what only NGINX Plus has", async (name) => {
    const { user, modules } = openSource;
    const run = await renderHost({ ...plusVariants(pems)[name]!, host: { name: machine, user, modules } });
    const nginx = await runHostNginx(withoutPlus(run), machine);
    expect(nginx.read("/var/log/nginx/error.log")).not.toMatch(/\[(?:emerg|alert|crit|warn)\]/);
    await nginx.stop();
  });
});

/** A host's files for Debian's NGINX: without NGINX Plus's directives, and without `http2`, which is younger. */
function withoutPlus(run: RunResult): RunResult {
  const line = new RegExp(`^ *(?:${[...plusOnlyDirectives, "http2"].join("|")}) [^{\\n]*;\\n`, "gm");
  const stripped = (text: string) =>
    text
      .replace(/^mgmt \{[^}]*\}\n/m, "")
      // What `keyval` would fill is there, and empty.
      .replace(/^ *keyval \S+ (\S+) .*;\n/gm, 'map "" $1 { default ""; }\n')
      .replace(line, "");
  const requests = run.requests.map((request) => {
    const { hostFiles } = request.outputs;
    if (!Array.isArray(hostFiles)) return request;
    const files = (hostFiles as { path: string; content: unknown }[]).map((file) =>
      file.path.endsWith(".conf") ? { ...file, content: stripped(String(file.content)) } : file,
    );
    return { ...request, outputs: { ...request.outputs, hostFiles: files as typeof hostFiles } };
  });
  return { ...run, requests };
}
