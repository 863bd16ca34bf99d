import type { Input } from "@pulumi/pulumi";

/** Action on a host after a file has changed. */
export const HostAction = {
  /** `nginx -t`, then a reload. */
  reloadNginx: "reload-nginx",
  /** A restart of NGINX Agent, which reads its file and certificates at start only. */
  restartAgent: "restart-agent",
  /** A restart of NGINX Instance Manager 1, which reads its file and certificates at start only. */
  restartManager: "restart-manager",
  /** The file is a root that the operating system comes to trust. Debian and Red Hat keep those in folders of their own, so its path is only its name. */
  trust: "trust",
} as const;
export type HostAction = (typeof HostAction)[keyof typeof HostAction];

/** A file of virtual or real machines. `nginx-stacks render` writes those of each host as a tree with a script that puts them in place. */
export interface HostFile {
  /** Names of the hosts that have the file: one that many share is there once, in the state as well. */
  hosts: string[];
  /** Absolute path on the hosts; of a root to trust, its name with the ending `.crt`. */
  path: string;
  /** Permissions in octal: `0644`. */
  mode: string;
  /** User that owns the file. */
  owner: string;
  /** Group of the file. */
  group: string;
  /** Contents of the file. */
  content: string;
  /** `true`: the contents are a secret. */
  secret: boolean;
  /** Action after the file has changed. */
  action: HostAction;
}

/** A file of hosts before its leaves are known. */
export type HostFileInput = { [K in keyof HostFile]: K extends "path" | "content" ? Input<string> : HostFile[K] };

/** Modes of the files of a host. A group that may write a certificate could put another root in its place. */
export const hostFileMode = { open: "0644", secret: "0640" } as const;
