import type { KubernetesObject } from "../engine";

/** What an object of the Gateway API, or the control plane of Gateway Fabric by its flags, refers to. */
export interface GatewayReference {
  kind: string;
  name: string;
  key?: string;
  /** @default the object's own */
  namespace?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind, which the API server checks in the cluster tests
type Manifest = any;

/** Keys of the Secrets that flags name. */
const secretFlags: Record<string, string> = {
  "--usage-report-secret": "license.jwt",
  "--usage-report-ca-secret": "ca.crt",
  "--usage-report-client-ssl-secret": "tls.crt",
  "--nginx-docker-secret": ".dockerconfigjson",
  "--agent-tls-secret": "tls.crt",
};
const objectFlags: Record<string, string> = {
  "--config": "NginxGateway",
  "--service": "Service",
  "--gatewayclass": "GatewayClass",
};

/** The references of an object that a pod's own fields do not show. */
export function gatewayReferences({ kind, spec }: KubernetesObject & { spec?: Manifest }): GatewayReference[] {
  switch (kind) {
    case "Deployment":
      return spec.template.spec.containers.flatMap(({ args = [] }: Manifest) => args.flatMap(flagReference));
    case "GatewayClass":
      return spec.parametersRef ? [spec.parametersRef] : [];
    case "Gateway":
      return [
        { kind: "GatewayClass", name: spec.gatewayClassName, namespace: "default" },
        ...spec.listeners.flatMap(({ tls }: Manifest) =>
          (tls?.certificateRefs ?? []).map(({ name }: Manifest) => ({ kind: "Secret", name, key: "tls.crt" })),
        ),
      ];
    case "HTTPRoute":
    case "GRPCRoute":
      return [
        ...spec.parentRefs.map(({ name }: Manifest) => ({ kind: "Gateway", name })),
        ...spec.rules.flatMap(({ backendRefs = [] }: Manifest) =>
          backendRefs.map(({ name }: Manifest) => ({ kind: "Service", name })),
        ),
      ];
    default:
      return kind.endsWith("Policy") ? [spec.targetRef, ...(spec.targetRefs ?? [])].filter(Boolean) : [];
  }
}

function flagReference(flag: string): GatewayReference[] {
  const [option = "", name = ""] = flag.split("=");
  if (option in secretFlags) return [{ kind: "Secret", name, key: secretFlags[option] }];
  const kind = objectFlags[option];
  return kind === undefined ? [] : [{ kind, name, ...(kind === "GatewayClass" && { namespace: "default" }) }];
}
