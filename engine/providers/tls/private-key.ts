import { createHash, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { PropertyMap } from "../../property-values";
import { keep } from "../kept";
import type { ResourceRequest } from "../provider";
import { CURVES } from "./keys";
import { authorizedKey, fingerprints, openSshPrivateKey } from "./openssh";

const generate = promisify(generateKeyPair) as (
  type: string,
  options: object,
) => Promise<{ privateKey: KeyObject; publicKey: KeyObject }>;

const COMPUTED = [
  "privateKeyOpenssh",
  "privateKeyPem",
  "privateKeyPemPkcs8",
  "publicKeyFingerprintMd5",
  "publicKeyFingerprintSha256",
  "publicKeyOpenssh",
  "publicKeyPem",
];

/** The form of `privateKeyPem`; `privateKeyPemPkcs8` is PKCS #8 for all. */
const PEM_FORM = { RSA: "pkcs1", ECDSA: "sec1", ED25519: "pkcs8" } as const;

export function createPrivateKey(request: ResourceRequest, inputs: PropertyMap) {
  const defaults: PropertyMap = { ecdsaCurve: "P224", rsaBits: 2048 };
  const { algorithm, ecdsaCurve, rsaBits } = { ...defaults, ...inputs };
  return keep(request, {
    defaults,
    computed: COMPUTED,
    async make() {
      const { privateKey, publicKey } = await generateKey(String(algorithm), String(ecdsaCurve), Number(rsaBits));
      const der = publicKey.export({ type: "spki", format: "der" });
      return {
        id: createHash("sha1").update(der).digest("hex"),
        outputs: {
          privateKeyPem: exportPrivate(privateKey, PEM_FORM[algorithm as keyof typeof PEM_FORM]),
          privateKeyPemPkcs8: exportPrivate(privateKey, "pkcs8"),
          privateKeyOpenssh: openSshPrivateKey(privateKey),
          publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
          publicKeyOpenssh: authorizedKey(publicKey),
          ...fingerprints(publicKey),
        },
      };
    },
  });
}

function generateKey(algorithm: string, curve: string, bits: number) {
  switch (algorithm) {
    case "RSA":
      return generate("rsa", { modulusLength: bits });
    case "ECDSA": {
      const namedCurve = CURVES[curve];
      if (!namedCurve) throw new Error(`ecdsaCurve is "${curve}"; write one of ${Object.keys(CURVES).join(", ")}`);
      return generate("ec", { namedCurve });
    }
    case "ED25519":
      return generate("ed25519", {});
    default:
      throw new Error(`algorithm is "${algorithm}"; write one of ${Object.keys(PEM_FORM).join(", ")}`);
  }
}

function exportPrivate(key: KeyObject, type: "pkcs1" | "sec1" | "pkcs8"): string {
  return key.export({ type: type as "pkcs8", format: "pem" }).toString();
}
