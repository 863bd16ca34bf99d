import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Content of an image. */
export interface ImageContent {
  /** Root file systems, each above those before it. */
  roots: string[];
  /** Further files by path: text, or the target of a link, or a file to copy. Those below a `bin` can be executed. */
  files?: Record<string, string | { link: string } | { copy: string }>;
  /** Numbers of the user and its group; root otherwise. */
  user?: string;
  entrypoint?: string[];
  command?: string[];
  /** Signal that ends it. @default SIGTERM */
  stopSignal?: string;
}

/** Writes an image as the archive that `docker save` would write, which containerd imports. */
export function writeImage(archive: string, reference: string, content: ImageContent): void {
  const folder = mkdtempSync(`${archive}.`);
  try {
    const added = join(folder, "added");
    for (const [path, source] of Object.entries(content.files ?? {})) {
      const file = join(added, path);
      mkdirSync(dirname(file), { recursive: true });
      if (typeof source === "string") writeFileSync(file, source);
      else if ("copy" in source) copyFileSync(source.copy, file);
      else symlinkSync(source.link, file);
      if (typeof source === "string" || "copy" in source) chmodSync(file, /bin\//.test(path) ? 0o755 : 0o644);
    }
    const layers = [...content.roots, ...(content.files === undefined ? [] : [added])].map((root) => {
      const draft = join(folder, "layer.tar");
      run("tar", ["-C", root, "--sort=name", "--exclude=./dev/*", "-cf", draft, "."]);
      const digest = sha256(readFileSync(draft));
      renameSync(draft, join(folder, `${digest}.tar`));
      return digest;
    });
    const configuration = JSON.stringify({
      architecture: process.arch === "arm64" ? "arm64" : "amd64",
      os: "linux",
      config: {
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        User: content.user ?? "",
        Entrypoint: content.entrypoint,
        Cmd: content.command,
        StopSignal: content.stopSignal,
      },
      rootfs: { type: "layers", diff_ids: layers.map((digest) => `sha256:${digest}`) },
    });
    const files = { Config: "config.json", RepoTags: [reference], Layers: layers.map((digest) => `${digest}.tar`) };
    writeFileSync(join(folder, "config.json"), configuration);
    writeFileSync(join(folder, "manifest.json"), JSON.stringify([files]));
    run("tar", ["-C", folder, "-cf", archive, "manifest.json", "config.json", ...new Set(files.Layers)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

function run(program: string, args: string[]): void {
  const { status, error, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr}`);
}
