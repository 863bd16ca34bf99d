import type { Refuser } from "./refuse";

const label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
const dns1123Label = new RegExp(`^${label}$`);
const dns1123Subdomain = new RegExp(`^${label}(\\.${label})*$`);

/** Checks an object name that Kubernetes wants as a DNS-1123 subdomain, for example that of a Secret. */
export function subdomainName(refuse: Refuser, property: string): (name: string) => void {
  return (name) => {
    if (name.length > 253 || !dns1123Subdomain.test(name))
      refuse(
        property,
        "is not a DNS-1123 subdomain",
        "write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
      );
  };
}

/** Checks an object name that Kubernetes wants as a DNS-1123 label, for example that of a Namespace. */
export function labelName(refuse: Refuser, property: string): (name: string) => void {
  return (name) => {
    if (!dns1123Label.test(name))
      refuse(
        property,
        "is not a DNS-1123 label",
        "write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
      );
  };
}
