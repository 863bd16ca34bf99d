import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { Argument } from "../foundation";
import { EllipticCurve, KeyAlgorithm } from "./profiles";

/** Algorithm and size of a private key. */
export interface KeyOptions {
  /** Algorithm of the private key. @default "ECDSA", where a key is made */
  keyAlgorithm?: KeyAlgorithm;
  /** Curve of an ECDSA key. @default "P256", for an ECDSA key */
  ecdsaCurve?: EllipticCurve;
  /** Size of an RSA key in bits, at least 2048. @default 3072, for an RSA key */
  rsaBits?: number;
}

/** The algorithm that is taken when none is given. */
export function keyAlgorithm(options: KeyOptions): KeyAlgorithm {
  return options.keyAlgorithm ?? KeyAlgorithm.ECDSA;
}

/** Checks that the options fit together. */
export function checkKey(options: Argument<KeyOptions | undefined>): void {
  const { value = {} } = options;
  const algorithm = keyAlgorithm(value);
  const other = (option: "ecdsaCurve" | "rsaBits", needed: KeyAlgorithm) => {
    if (value[option] === undefined || algorithm === needed) return false;
    options
      .field(option)
      .refuse(`does not go with an ${algorithm} key`, `remove it, or write ${needed} as keyAlgorithm`);
    return true;
  };
  other("ecdsaCurve", KeyAlgorithm.ECDSA);
  const { rsaBits } = value;
  if (other("rsaBits", KeyAlgorithm.RSA) || rsaBits === undefined) return;
  if (!Number.isInteger(rsaBits) || rsaBits < 2048)
    options.field("rsaBits").refuse("is not a whole number of at least 2048", "write 2048, 3072 or 4096");
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
