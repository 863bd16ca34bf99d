/** Directives for folders that NGINX may write to in a pod with a read-only root. */
export const temporaryPaths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
  .map((name) => `${name}_temp_path /tmp/${name};`)
  .join(" ");

/** Returns the configuration of an NGINX that answers the probes of a port, below a path, for stand-ins of other programs. */
export const answeringNginx = (port: number, path = "/") => `
pid /tmp/nginx.pid;
events {}
http {
  access_log off;
  ${temporaryPaths}
  server { listen ${port}; location ${path} { return 200; } }
}
`;
