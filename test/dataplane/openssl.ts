import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own for the files of an openssl run. */
export class OpenSsl {
  readonly folder = mkdtempSync(join(tmpdir(), "nginx-stacks-openssl-"));
  private files = 0;

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Writes a text to a file and returns its path. */
  file(text: string, name = `file-${++this.files}.pem`): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** What openssl prints; throws what it complains about. */
  run(args: string[], input = ""): string {
    const { status, stdout, stderr } = this.attempt(args, input);
    if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  attempt(args: string[], input = "") {
    return spawnSync("openssl", args, { cwd: this.folder, encoding: "utf8", input });
  }

  /** Verifies as a TLS peer does that trusts `bundle` and is shown `chain`, leaf first. Says "OK", or why not. */
  verify(chain: string, bundle: string, purpose: string, options: string[] = []): string {
    const [leaf = "", ...intermediates] = pemBlocks(chain);
    const untrusted = intermediates.length === 0 ? [] : ["-untrusted", this.file(intermediates.join(""))];
    const args = [
      "verify",
      "-purpose",
      purpose,
      "-x509_strict",
      "-CAfile",
      this.file(bundle),
      ...untrusted,
      ...options,
    ];
    const { status, stderr } = this.attempt([...args, this.file(leaf)]);
    return status === 0 ? "OK" : (/error \d+ at \d+ depth lookup: (.*)/.exec(stderr)?.[1] ?? stderr);
  }

  /** Signs a request as an authority elsewhere does. */
  sign(request: string, issuer: Identity, extensions: string[], options: string[] = []): string {
    const files = ["-CA", this.file(issuer.certificate), "-CAkey", this.file(issuer.key)];
    const extensionFile = this.file(extensions.join("\n"));
    return this.run(["x509", "-req", ...files, "-days", "3000", "-extfile", extensionFile, ...options], request);
  }

  /** Makes a root. */
  root(commonName: string): Identity {
    const key = this.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    const extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
    const certificate = this.run([
      ...["req", "-x509", "-key", this.file(key), "-subj", `/CN=${commonName}`, "-days", "3650"],
      ...extensions.flatMap((extension) => ["-addext", extension]),
    ]);
    return { key, certificate };
  }

  /** Makes an authority below another. */
  intermediate(commonName: string, issuer: Identity): Identity {
    const key = this.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    const request = this.run(["req", "-new", "-key", this.file(key), "-subj", `/CN=${commonName}`]);
    return { key, certificate: this.sign(request, issuer, authorityExtensions) };
  }

  /** The certificate revocation list of an authority, good for a week unless the options say otherwise. */
  revocationList(issuer: Identity, revoked: string[], options: string[] = []): string {
    const settings = { database: this.file(""), default_md: "sha256", default_crl_days: 7 };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const config = this.file(["[ca]", "default_ca=ca", ...lines].join("\n"));
    const files = ["-config", config, "-cert", this.file(issuer.certificate), "-keyfile", this.file(issuer.key)];
    for (const certificate of revoked) this.run(["ca", ...files, "-revoke", this.file(certificate)]);
    return this.run(["ca", ...files, "-gencrl", ...options]);
  }

  /** The extensions of a certificate as openssl prints them, key identifiers left out. */
  extensions(certificate: string): string {
    return this.run(["x509", "-noout", "-ext", shownExtensions], certificate).replace(
      /([0-9A-F]{2}:){19}[0-9A-F]{2}/g,
      "…",
    );
  }
}

/** A certificate and its key, PEM. */
export interface Identity {
  key: string;
  certificate: string;
}

/** The extensions that an authority signs an intermediate with. */
export const authorityExtensions = [
  "basicConstraints=critical,CA:TRUE",
  "keyUsage=critical,keyCertSign,cRLSign",
  "subjectKeyIdentifier=hash",
  "authorityKeyIdentifier=keyid",
];

const shownExtensions =
  "basicConstraints,keyUsage,extendedKeyUsage,subjectAltName,subjectKeyIdentifier,authorityKeyIdentifier";

/** The blocks of a PEM text. */
export function pemBlocks(text: string): string[] {
  return text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/g) ?? [];
}
