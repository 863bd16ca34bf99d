import type { HostAction, HostFile } from "../components/foundation";
import { leakedPaths, secretTexts } from "./leaks";
import type { ManifestOptions, Rendered } from "./manifests";
import { hasSecret, type PropertyMap, type PropertyValue, reveal, Secret } from "./property-values";
import { redact, SecretMode } from "./redaction";

/** A file of a host, ready to be written: without content where another system provides it. */
export interface RenderedHostFile {
  path: string;
  mode: string;
  owner: string;
  group: string;
  action: HostAction;
  secret: boolean;
  content?: string;
}

/** A host and its files, by path. */
export interface RenderedHost {
  name: string;
  files: RenderedHostFile[];
}

/**
 * The files of hosts that the run's components have in their output `hostFiles`, with the same care for secrets as Kubernetes
 * objects. A file that two components give alike is there once; one that they give differently is refused.
 */
export function hosts(run: Rendered, options: ManifestOptions = {}): RenderedHost[] {
  const mode = options.secrets ?? SecretMode.Digest;
  const secrets = secretTexts(run);
  const byHost = new Map<string, Map<string, RenderedHostFile>>();
  for (const { urn, outputs, custom } of run.requests) {
    if (custom || !Array.isArray(outputs.hostFiles)) continue;
    for (const file of outputs.hostFiles as PropertyMap[]) {
      // Of a file that many hosts have, only the digest differs: the search for secrets costs time.
      const names = hostsOf(urn, file);
      const first = renderedFile(file, names[0]!, mode, run);
      if (!first.secret) refuseLeak(urn, first, secrets);
      checkPath(urn, first);
      for (const host of names) {
        const rendered = first.secret ? renderedFile(file, host, mode, run) : first;
        const files = byHost.get(host) ?? new Map<string, RenderedHostFile>();
        byHost.set(host, files);
        const former = files.get(rendered.path);
        if (former !== undefined && JSON.stringify(former) !== JSON.stringify(rendered))
          throw new Error(
            `two components give host ${host} different files ${rendered.path}; the second is ${urn}. Give one of them another path`,
          );
        files.set(rendered.path, rendered);
      }
    }
  }
  return [...byHost]
    .map(([name, files]) => ({ name, files: [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function renderedFile(file: PropertyMap, host: string, mode: SecretMode, { digest }: Rendered): RenderedHostFile {
  const { path, mode: permissions, owner, group, action } = reveal(file) as unknown as HostFile;
  const secret = file.secret === true || hasSecret(file.content ?? null);
  const described = { path, mode: permissions, owner, group, action, secret };
  if (secret && mode === SecretMode.Existing) return described;
  const content = secret ? new Secret(reveal(file.content ?? "")) : (file.content ?? "");
  return { ...described, content: String(redact(content, `${host}${path}`, mode, digest)) };
}

function refuseLeak(urn: string, { path, content }: RenderedHostFile, secrets: ReadonlySet<string>): void {
  if (leakedPaths(content ?? "", secrets).length > 0)
    throw new Error(
      `${urn} has the value of a secret in the open, in the file ${path} of a host; make that file a secret`,
    );
}

function hostsOf(urn: string, { hosts }: PropertyMap): string[] {
  if (!Array.isArray(hosts) || hosts.length === 0)
    throw new Error(`${urn} has a file for no host; write the names of its hosts in the list "hosts"`);
  const names = (hosts as PropertyValue[]).map((host) => String(reveal(host)));
  for (const host of names)
    if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host) || host.includes(".."))
      throw new Error(`${urn} has a file for "${host}", which is not the name of a host`);
  return names;
}

function checkPath(urn: string, { path, action }: RenderedHostFile): void {
  const parts = path.split("/");
  const root = parts.shift();
  const well = parts.every((part) => /^[A-Za-z0-9_.@+-]+$/.test(part) && part !== "." && part !== "..");
  if (action === "trust" ? !/^[A-Za-z0-9_-]+\.crt$/.test(path) : root !== "" || parts.length === 0 || !well)
    throw new Error(`${urn} has a file for the path "${path}" of a host, which is no path of a file there`);
}
