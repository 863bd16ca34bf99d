import "reflect-metadata";
import { createHash } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { PropertyMap } from "../../property-values";
import { keep } from "../kept";
import type { ResourceRequest } from "../provider";
import { importSigningKey } from "./keys";
import { alternativeNames, subjectAlternativeNames, subjectName } from "./names";

export function createCertRequest(request: ResourceRequest, inputs: PropertyMap) {
  return keep(request, {
    computed: ["certRequestPem", "keyAlgorithm"],
    async make() {
      const { keys, hash, algorithm } = await importSigningKey(privateKeyOf(inputs), "privateKeyPem");
      const name = subjectName((inputs.subject ?? {}) as PropertyMap);
      const certRequest = await x509.Pkcs10CertificateRequestGenerator.create({
        name,
        keys,
        signingAlgorithm: { name: keys.privateKey.algorithm.name, hash },
        extensions: subjectAlternativeNames(alternativeNames(inputs), name),
      });
      return {
        id: createHash("sha1").update(Buffer.from(certRequest.rawData)).digest("hex"),
        outputs: { certRequestPem: pemText(certRequest), keyAlgorithm: algorithm },
      };
    },
  });
}

/** The key itself, or the write-only form of the same input. */
export function privateKeyOf(inputs: PropertyMap): string {
  return String(inputs.privateKeyPem ?? inputs.privateKeyPemWo ?? "");
}

/** PEM as everything else writes it: with a newline at its end. */
export function pemText(data: x509.X509Certificate | x509.Pkcs10CertificateRequest): string {
  return `${data.toString("pem").trimEnd()}\n`;
}
