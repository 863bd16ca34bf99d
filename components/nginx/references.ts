import { posix } from "node:path";
import { type Argument, factsOf, isPlainInput } from "../foundation";
import type { FileVolume, SecretVolume } from "./mounts";
import type { PlacedNode } from "./tree";

/** Files and folders that the pods have. */
export interface PodFiles {
  files: readonly FileVolume[];
  secrets: readonly SecretVolume[];
  /** The image is the user's, and may have files of its own. */
  ownImage: boolean;
}

const fileDirective =
  /^(?:(?:(?:proxy|grpc|uwsgi|zone_sync)_)?ssl_(?:certificate|certificate_key|client_certificate|trusted_certificate|crl|dhparam|password_file|session_ticket_key|stapling_file)|auth_basic_user_file|auth_jwt_key_file|include)$/;

/** Files below /etc/nginx that NGINX's images have. */
const imageFile = /^\/etc\/nginx\/(?:mime\.types|\w+_params|koi-utf|koi-win|win-utf|conf\.d\/[^/]*|modules\/.*)$/;

/** Checks that the files that the user's nodes name are in the pods, and that certificates there are for the end that shows them. */
export function checkReferences(all: readonly PlacedNode[], pod: PodFiles): void {
  for (const { node, written, argument } of all)
    if (written && fileDirective.test(node.name) && node.block === undefined && !node.variables)
      argument()
        .field("args")
        .entries()[0]
        ?.known((path, word) => checkFile(path, word, node.name, pod));
}

function checkFile(path: string, word: Argument<string>, directive: string, pod: PodFiles): void {
  // PEM text, keys of OpenSSL's engines, patterns that may match nothing, and the empty text, which names no file.
  if (path === "" || /^(?:data|engine|store):|[*?[]/.test(path)) return;
  const file = posix.normalize(path);
  const [folder, name] = [posix.dirname(file), posix.basename(file)];
  const secret = pod.secrets.find((volume) => volume.path === folder);
  const files = pod.files.find((volume) => volume.path === folder);
  const ofImage = !file.startsWith("/etc/nginx/") || imageFile.test(file) || (pod.ownImage && !files);
  if (!path.startsWith("/"))
    word.refuse(
      `is the relative path ${JSON.stringify(path)}, which begins at /etc/nginx/main, where no other file is`,
      `write an absolute path: /etc/nginx/${path}`,
    );
  else if (secret?.items && !secret.items.some((item) => item.path === name))
    word.refuse(
      `is ${file}, and the Secret that is mounted there has no such key among those that are wanted`,
      `write one of ${secret.items.map((item) => posix.join(folder, item.path)).join(", ")}, or add the key to the mount`,
    );
  else if (secret) checkUsage(secret, word, directive);
  else if (!files?.items.some((item) => item.path === name) && !ofImage)
    word.refuse(`is ${file}, which no volume of the pods has`, "add it to files, or its Secret to secretMounts");
}

function checkUsage(secret: SecretVolume, word: Argument<string>, directive: string): void {
  const facts = factsOf(secret.secretName);
  const usage = facts?.certificate?.usage;
  if (directive === "ssl_certificate" && usage === "client")
    word.refuse(`is of ${facts!.component}, which is for clients`, 'use one with usage: "server" or "serverAndClient"');
  if (/^(?:proxy|grpc|uwsgi)_ssl_certificate$/.test(directive) && usage === "server")
    word.refuse(`is of ${facts!.component}, which is for servers`, 'use one with usage: "client" or "serverAndClient"');
}

/** Checks that a server that listens with `ssl` has a certificate. In `http`, the first server of an address has the one that counts. */
export function checkCertificates(all: readonly PlacedNode[]): void {
  const seen = new Set<string>();
  const servers = all.filter(({ node, block, path }) => node.name === "server" && block && path.length === 1);
  const listens = servers.flatMap((server) =>
    server.block!.filter(({ node }) => node.name === "listen").map((listen) => ({ server, listen })),
  );
  // The default server of an address comes first.
  const isDefault = ({ listen }: { listen: PlacedNode }) => (listen.node.args ?? []).includes("default_server");
  const ordered = [...listens.filter(isDefault), ...listens.filter((one) => !isDefault(one))];
  for (const { server, listen } of ordered) {
    const words = (listen.node.args ?? []).filter((word) => isPlainInput(word));
    if (!words.includes("ssl") && !words.includes("quic")) continue;
    const address = `${server.path[0]} ${words[0]}`;
    const known = server.path[0] === "http" && seen.has(address);
    seen.add(address);
    const around = all.filter(({ path }) => path[0] === server.path[0] && path.length === 1);
    if (known || !listen.written || [...server.block!, ...around].some(bringsCertificate)) continue;
    listen
      .argument()
      .refuse(
        "has ssl, and the server has no certificate",
        "write ssl_certificate and ssl_certificate_key beside it, or remove ssl",
      );
  }
}

const bringsCertificate = ({ node }: PlacedNode) =>
  ["ssl_certificate", "include", "ssl_reject_handshake"].includes(node.name);

/** Nodes of `main` that NGINX accepts once, and that are written from other arguments. */
const elsewhere: Record<string, string> = {
  events: "configuration.events",
  http: "configuration.http",
  stream: "configuration.stream",
  mgmt: "management",
  daemon: "nothing: the pods' command has it",
};

/** Checks the user's nodes of `main` for blocks and directives that are written from other arguments, and for the modules that others need. */
export function checkMain(all: readonly PlacedNode[], ownImage: boolean): void {
  const main = all.filter(({ path }) => path.length === 0);
  for (const { node, written, argument } of main)
    if (written && Object.keys(elsewhere).includes(node.name))
      argument()
        .field("name")
        .refuse(`is ${JSON.stringify(node.name)}, which the component writes itself`, `write ${elsewhere[node.name]}`);
  if (ownImage || main.some(({ node }) => node.name === "include")) return;
  const loaded = main.filter(({ node }) => node.name === "load_module").map(({ node }) => String(node.args?.[0]));
  for (const { node, path, written, argument } of all) {
    const module = `ngx_${path[0]}_js_module.so`;
    if (!written || !/^js_\w/.test(node.name) || path.length === 0 || node.thirdParty) continue;
    if (loaded.some((one) => one.endsWith(module))) continue;
    argument()
      .field("name")
      .refuse(
        `is ${JSON.stringify(node.name)}, a directive of a module that is not loaded`,
        `write { name: "load_module", args: ["modules/${module}"] } in configuration.main`,
      );
    return;
  }
}
