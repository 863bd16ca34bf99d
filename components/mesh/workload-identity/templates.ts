import type { Argument } from "../../foundation";
import { serverName, spiffeId } from "../trust-domain";

const serviceAccount = "{{ .PodSpec.ServiceAccountName }}";
const namespace = "{{ .PodMeta.Namespace }}";

/** Template of the SPIFFE ID, by namespace and service account, which labels of a pod cannot change. */
export const spiffeIdTemplate = spiffeId("{{ .TrustDomain }}", namespace, serviceAccount);

/** Template of the first DNS name, which is also the common name. */
export const dnsNameTemplate = serverName(namespace, serviceAccount);

/** Fields that templates may use. Labels and annotations are not among them: the creator of a pod chooses them. */
const allowedFields = [
  ".TrustDomain",
  ".ClusterName",
  ".ClusterDomain",
  ".PodMeta.Namespace",
  ".PodMeta.Name",
  ".PodSpec.ServiceAccountName",
];

/** Checks a template of a DNS name: its fields, and that each workload gets its own name. */
export function checkDnsNameTemplate(argument: Argument<string>): void {
  const fault = findTemplateFault(argument.value);
  if (fault) argument.refuse(...fault);
}

function findTemplateFault(template: string): [wrong: string, remedy: string] | undefined {
  const expressions = [...template.matchAll(/\{\{-?\s*(.*?)\s*-?\}\}/g)].map(([, expression]) => expression ?? "");
  const rest = template.replace(/\{\{.*?\}\}/g, "x");
  if (/[{}]/.test(rest)) return ["has an unmatched brace", "write `{{ .Field }}`"];
  const unknown = expressions.find((expression) => !allowedFields.includes(expression));
  if (unknown !== undefined)
    return [`has {{ ${unknown} }}`, `use only ${allowedFields.join(", ")}: the creator of a pod chooses its labels`];
  if (!/^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(rest) || rest.includes(".."))
    return ["does not make a DNS name", "write letters, digits, `-`, dots and `{{ .Field }}`"];
  const missing = [".PodMeta.Namespace", ".PodSpec.ServiceAccountName"].find((field) => !expressions.includes(field));
  if (missing !== undefined)
    return [
      `has no {{ ${missing} }}`,
      "add it: otherwise different workloads get the same name, and can impersonate each other",
    ];
  return template.replace(/\s/g, "") === dnsNameTemplate.replace(/\s/g, "")
    ? ["is the name that every workload has", "leave it out"]
    : undefined;
}
