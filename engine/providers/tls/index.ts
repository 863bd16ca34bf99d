import { type PropertyMap, reveal } from "../../property-values";
import { type Provider, type ResourceRequest, unsupportedType } from "../provider";
import { createCertRequest } from "./cert-request";
import { createLocallySignedCert, createSelfSignedCert } from "./certificate";
import { createPrivateKey } from "./private-key";

const RESOURCES = {
  "tls:index/privateKey:PrivateKey": createPrivateKey,
  "tls:index/selfSignedCert:SelfSignedCert": createSelfSignedCert,
  "tls:index/certRequest:CertRequest": createCertRequest,
  "tls:index/locallySignedCert:LocallySignedCert": createLocallySignedCert,
};

/** Behaves as hashicorp/tls, which @pulumi/tls wraps: same outputs, extensions, criticality and renewal. */
export const tls: Provider = {
  name: "tls",
  create(request: ResourceRequest) {
    const create = RESOURCES[request.type as keyof typeof RESOURCES];
    if (!create) throw unsupportedType(request.type, Object.keys(RESOURCES));
    return create(request, reveal(request.inputs) as PropertyMap);
  },
};
