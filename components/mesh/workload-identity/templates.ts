import type { Argument } from "../../foundation";

const serviceAccount = "{{ .PodSpec.ServiceAccountName }}";
const namespace = "{{ .PodMeta.Namespace }}";

/** The identity of a workload, as Kubernetes knows it: no two of them have the same, whatever their labels. */
export const spiffeIdTemplate = `spiffe://{{ .TrustDomain }}/ns/${namespace}/sa/${serviceAccount}`;

/** The name by which clients verify a server; the first of a certificate's names, and so its common name. */
export const dnsNameTemplate = `${serviceAccount}.${namespace}.svc`;

/** What templates may say about a pod. Labels and annotations are not among it: whoever makes the pod chooses them. */
const known = [
  ".TrustDomain",
  ".ClusterName",
  ".ClusterDomain",
  ".PodMeta.Namespace",
  ".PodMeta.Name",
  ".PodSpec.ServiceAccountName",
];

/** Checks a template of a DNS name: its fields, and that no other workload gets the same name. */
export function checkDnsNameTemplate(argument: Argument<string>): void {
  const fault = templateFault(argument.value);
  if (fault) argument.refuse(...fault);
}

function templateFault(template: string): [wrong: string, remedy: string] | undefined {
  const expressions = [...template.matchAll(/\{\{-?\s*(.*?)\s*-?\}\}/g)].map(([, expression]) => expression ?? "");
  const rest = template.replace(/\{\{.*?\}\}/g, "x");
  if (/[{}]/.test(rest)) return ["has a brace too many, or one that is not closed", "write `{{ .Field }}`"];
  const unknown = expressions.find((expression) => !known.includes(expression));
  if (unknown !== undefined)
    return [
      `has {{ ${unknown} }}`,
      `use only ${known.join(", ")}: labels and the like are chosen by whoever makes the pod`,
    ];
  if (!/^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(rest) || rest.includes(".."))
    return ["does not make a DNS name", "write letters, digits, `-`, dots and `{{ .Field }}`"];
  const missing = [".PodMeta.Namespace", ".PodSpec.ServiceAccountName"].find((field) => !expressions.includes(field));
  if (missing !== undefined)
    return [
      `has no {{ ${missing} }}`,
      "write it in: without it workloads of others get the same name, and pass for each other",
    ];
  return template.replace(/\s/g, "") === dnsNameTemplate.replace(/\s/g, "")
    ? ["is the name that every workload has", "leave it out"]
    : undefined;
}
