import type { Input } from "@pulumi/pulumi";
import type { NginxConfigNode } from "./conf";
import type { NginxDeploymentArgs } from "./nginx-deployment-args";
import type { NginxPort } from "./ports";

/**
 * The configuration, block by block. What is left out gets a default: `worker_processes`, `worker_connections`, `pid`, logs, folders for
 * temporary files, and in `http` a server on port 8080 for probes and metrics.
 *
 * Relative paths start at `/etc/nginx/main`, so write absolute ones; those of `load_module` start at `/etc/nginx`.
 */
export interface NginxConfiguration {
  /** Nodes outside all blocks, first `load_module`. @default none */
  main?: NginxConfigNode[];
  /** Nodes of the `events` block. @default none */
  events?: NginxConfigNode[];
  /** Nodes of the `http` block. @default none */
  http?: NginxConfigNode[];
  /** Nodes of the `stream` block. @default no such block */
  stream?: NginxConfigNode[];
}

/** A file that the configuration refers to, kept in the ConfigMap: never a secret. */
export interface NginxFile {
  /** Path in the pods, in a folder below `/etc/nginx`: `/etc/nginx/njs/routes.js`. */
  path: string;
  /** Its contents. */
  content: Input<string>;
}

/** A Secret whose keys the pods see as files. */
export interface NginxSecretMount {
  /** Name of the volume: lower-case letters, digits and `-`. */
  name: string;
  /** Name of the Secret. */
  secretName: Input<string>;
  /** The folder in which its keys are files: `/etc/nginx/tls`. */
  path: string;
  /** Anything that changes when the contents change; a secret. @default pods do not roll when the contents change @secret */
  revision?: Input<string>;
  /** The keys that are wanted. @default all */
  keys?: string[];
}

/** Arguments of an NginxPlus; those about its pods come from NginxDeploymentArgs. */
export interface NginxPlusArgs extends NginxDeploymentArgs {
  /** The NGINX configuration. */
  configuration: NginxConfiguration;
  /** The ports of the Service, at least one. Port 8080 of the pods is taken by probes, 9113 by metrics. */
  ports: NginxPort[];
  /** Files that the configuration refers to. Those that share a folder are one volume. @default none */
  files?: NginxFile[];
  /** Secrets that the configuration refers to. @default none */
  secretMounts?: NginxSecretMount[];
}
