import { authorityExtensions, type Identity, OpenSsl } from "./openssl";

/** The files of a workload's identity, as spiffe-helper writes them. */
export interface Svid {
  certificate: string;
  key: string;
  bundle: string;
}

/** Authorities of a SPIRE with an upstream, and the certificates that it issues. */
export class TrustDomain {
  readonly openssl = new OpenSsl();
  readonly root: Identity;
  private readonly intermediate: Identity;
  private readonly spire: Identity;

  constructor(readonly name: string) {
    this.root = this.openssl.root("root");
    this.intermediate = this.openssl.intermediate("intermediate", this.root);
    this.spire = this.issue(this.intermediate, "/C=US/O=SPIFFE", [
      ...authorityExtensions,
      `subjectAltName=URI:spiffe://${name}`,
    ]);
  }

  /** Returns the certificate of a service account, as by WorkloadIdentity. */
  svid(namespace: string, serviceAccount: string): Svid {
    const dns = `${serviceAccount}.${namespace}.svc`;
    return this.leaf(`URI:spiffe://${this.name}/ns/${namespace}/sa/${serviceAccount},DNS:${dns}`, dns);
  }

  /** Returns a certificate of SPIRE's authority with other alternative names, none for "". */
  leaf(alternativeNames: string, commonName = "leaf"): Svid {
    const { certificate, key } = this.issue(this.spire, `/C=US/O=SPIRE/CN=${commonName}`, [
      "basicConstraints=critical,CA:FALSE",
      "keyUsage=critical,digitalSignature",
      "extendedKeyUsage=serverAuth,clientAuth",
      ...(alternativeNames === "" ? [] : [`subjectAltName=${alternativeNames}`]),
    ]);
    return {
      certificate: certificate + this.spire.certificate + this.intermediate.certificate,
      key,
      bundle: this.root.certificate,
    };
  }

  private issue(issuer: Identity, subject: string, extensions: string[]): Identity {
    const key = this.openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    const request = this.openssl.run(["req", "-new", "-key", this.openssl.file(key), "-subj", subject]);
    return { key, certificate: this.openssl.sign(request, issuer, extensions) };
  }
}
