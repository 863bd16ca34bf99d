import { directive, type NginxConfigNode } from "./conf";

/** Returns the folders of the `http` block in which NGINX's modules keep bodies, below one that it can write. */
export const temporaryPaths = (folder: string): NginxConfigNode[] =>
  ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((module) =>
    directive(`${module}_temp_path`, `${folder}/${module}_temp`),
  );
