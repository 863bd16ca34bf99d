/** A configuration tree that cannot be written so that NGINX reads what was meant. Never quotes a value: it may be a secret. */
export class NginxConfigError extends Error {
  constructor(
    /** Place, from the outside in: `stream > server > proxy_pass`. */
    readonly where: string,
    readonly wrong: string,
    readonly remedy: string,
  ) {
    super(`NGINX configuration: ${where} ${wrong}; ${remedy}`);
  }
}
