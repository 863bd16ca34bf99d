import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { Refuser } from "../foundation";
import { EllipticCurve, KeyAlgorithm } from "./profiles";

/** What private key is made. */
export interface KeyOptions {
  /** Algorithm of the private key. @default "ECDSA" */
  keyAlgorithm?: KeyAlgorithm;
  /** Curve of an ECDSA key. @default "P256" */
  ecdsaCurve?: EllipticCurve;
  /** Size of an RSA key in bits, at least 2048. @default 3072 */
  rsaBits?: number;
}

/** The algorithm that is taken when none is given. */
export function keyAlgorithm(options: KeyOptions): KeyAlgorithm {
  return options.keyAlgorithm ?? KeyAlgorithm.ECDSA;
}

/** Checks that the options fit together; `path` is where they stand in the arguments, "" or ending in a dot. */
export function checkKey(refuse: Refuser, path: string, options: KeyOptions): void {
  const algorithm = keyAlgorithm(options);
  if (!(algorithm in KeyAlgorithm))
    refuse(`${path}keyAlgorithm`, "is not a known algorithm", `write one of ${Object.keys(KeyAlgorithm).join(", ")}`);
  if (options.ecdsaCurve !== undefined) {
    if (algorithm !== KeyAlgorithm.ECDSA)
      refuse(`${path}ecdsaCurve`, `does not go with an ${algorithm} key`, "remove it, or write ECDSA as keyAlgorithm");
    if (!(options.ecdsaCurve in EllipticCurve))
      refuse(`${path}ecdsaCurve`, "is not a known curve", `write one of ${Object.keys(EllipticCurve).join(", ")}`);
  }
  if (options.rsaBits !== undefined) {
    if (algorithm !== KeyAlgorithm.RSA)
      refuse(`${path}rsaBits`, `does not go with an ${algorithm} key`, "remove it, or write RSA as keyAlgorithm");
    if (!Number.isInteger(options.rsaBits) || options.rsaBits < 2048)
      refuse(`${path}rsaBits`, "is not a whole number of at least 2048", "write 2048, 3072 or 4096");
  }
}

/** Makes the private key. */
export function makeKey(name: string, options: KeyOptions, opts: pulumi.CustomResourceOptions): tls.PrivateKey {
  const algorithm = keyAlgorithm(options);
  return new tls.PrivateKey(
    name,
    {
      algorithm,
      ecdsaCurve: algorithm === KeyAlgorithm.ECDSA ? (options.ecdsaCurve ?? EllipticCurve.P256) : undefined,
      rsaBits: algorithm === KeyAlgorithm.RSA ? (options.rsaBits ?? 3072) : undefined,
    },
    opts,
  );
}
