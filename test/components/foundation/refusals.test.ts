import * as pulumi from "@pulumi/pulumi";
import { LicenseSecret, Namespace, RegistrySecret } from "../../../components/foundation";
import { type Refusal, testRefusals } from "../refusals";
import { goodToken, inDays, jsonWebToken } from "./token";

const namespace = "edge";
const token = goodToken();
const [header, payload, signature] = token.split(".") as [string, string, string];
const part = (text: string) => Buffer.from(text).toString("base64url");
const expired = jsonWebToken({ exp: 1577836800 });

const license = (rule: string, jwt: string, error: string, secrets = [jwt]): Refusal => ({
  rule,
  component: LicenseSecret,
  args: { namespace, jwt },
  error,
  secrets: secrets.filter((secret) => secret !== ""),
});

const registry = (rule: string, host: string): Refusal => ({
  rule,
  component: RegistrySecret,
  args: { namespace, jwt: token, registries: [host] },
  error:
    "registries[0] is not the host of a registry; write it as in the image's name, without scheme, path or whitespace: `registry.example.com` or `registry.example.com:5000`",
});

testRefusals([
  license("an empty token", " \n", "jwt is empty; write the contents of the license.jwt file from MyF5", []),
  license(
    "a path",
    "/etc/nginx/license",
    'jwt is a path; write the contents of the file, for example `readFileSync("license.jwt", "utf8")`',
  ),
  license(
    "a token that was wrapped",
    `${header}.${payload}.\n${signature}`,
    "jwt has whitespace inside; write the token as one line, as it was downloaded",
    [header, payload, signature],
  ),
  license(
    "a truncated token",
    `${header}.${payload}`,
    "jwt has 2 parts between dots; write the whole token: a header, a payload and a signature",
    [header, payload],
  ),
  license(
    "some other secret",
    "hunter2-hunter2",
    "jwt has 1 part between dots; write the whole token: a header, a payload and a signature",
  ),
  license(
    "a token in quotes",
    `"${token}"`,
    "jwt has a header that is not base64url; write the whole token, without quotes or padding",
    [header, payload],
  ),
  license(
    "a token without a signature",
    `${header}.${payload}.`,
    "jwt has a signature that is not base64url; write the whole token, without quotes or padding",
    [header, payload],
  ),
  license(
    "a payload whose length no base64url has",
    `${header}.${"A".repeat(33)}.${signature}`,
    "jwt has a payload that is not base64url; write the whole token, without quotes or padding",
    [signature],
  ),
  license(
    "a header that is not JSON",
    `${part("hunter2: yes")}.${payload}.${signature}`,
    "jwt has a header that is not a JSON object; write the JSON Web Token from MyF5, not another token",
    ["hunter2", payload],
  ),
  license(
    "a payload that is an array",
    `${header}.${part('["hunter2"]')}.${signature}`,
    "jwt has a payload that is not a JSON object; write the JSON Web Token from MyF5, not another token",
    ["hunter2", signature],
  ),
  license(
    "an end that is not a time",
    jsonWebToken({ exp: "soon" }),
    "jwt has an exp claim that is not a number of seconds since 1970; write the token as it was downloaded from MyF5",
  ),
  license(
    "a token expired beyond the grace",
    expired,
    "jwt expired at 2020-01-01T00:00:00Z, more than 90 days ago: NGINX Plus does not start; download a renewed token from MyF5",
  ),
  {
    rule: "the registry's token is read as strictly",
    component: RegistrySecret,
    args: { namespace, jwt: jsonWebToken({ exp: inDays(365) }).replace(".", " .") },
    error: "jwt has whitespace inside; write the token as one line, as it was downloaded",
  },
  {
    rule: "neither a token nor an existing licence",
    component: LicenseSecret,
    args: { namespace },
    error: "jwt is missing; write the contents of the token from MyF5, or name an existing Secret",
  },
  {
    rule: "neither a token nor an existing pull secret",
    component: RegistrySecret,
    args: { namespace },
    error: "jwt is missing; write the contents of the token from MyF5, or name an existing Secret",
  },
  {
    rule: "a token beside an existing Secret",
    component: LicenseSecret,
    args: { namespace, existing: { name: "nplus-license" }, jwt: token },
    error: "jwt is given beside existing; remove one of the two: an existing Secret is used as it is",
    secrets: [token],
    plain: true,
  },
  {
    rule: "a name that no Secret can have",
    component: LicenseSecret,
    args: { namespace, jwt: token, name: "NPLUS_license" },
    error:
      "name is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
  },
  {
    rule: "an existing name that no Secret can have",
    component: RegistrySecret,
    args: { namespace, existing: { name: "-pull" } },
    error:
      "existing.name is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
  },
  {
    rule: "a Secret without a namespace",
    component: RegistrySecret,
    args: { jwt: token },
    error: "namespace is missing; write a string: Namespace of the Secret, that of the pods that use it",
  },
  {
    rule: "a namespace that no Namespace can have as its name",
    component: LicenseSecret,
    args: { namespace: "edge.example.com", jwt: token },
    error:
      "namespace is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  },
  registry("a registry with a scheme", "https://registry.example.com"),
  registry("a registry with a path", "registry.example.com/nginx"),
  registry("a registry with whitespace", "registry.example.com "),
  registry("a registry without a dot, which is a user of Docker Hub", "registry"),
  {
    rule: "no registry",
    component: RegistrySecret,
    args: { namespace, jwt: token, registries: [] },
    error: "registries is empty; name at least one registry, or leave the argument out",
  },
  {
    rule: "registries that are an Output as a whole",
    component: RegistrySecret,
    args: { namespace, jwt: token, registries: pulumi.output(["registry.example.com"]) },
    error:
      "registries is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
  },
  {
    rule: "a registry twice",
    component: RegistrySecret,
    args: { namespace, jwt: token, registries: ["registry.example.com", "registry.example.com"] },
    error: 'registries[1] repeats "registry.example.com"; name each registry once',
  },
  {
    rule: "a Namespace's name in capital letters",
    component: Namespace,
    args: { name: "Edge" },
    error:
      "name is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  },
  {
    rule: "an existing Namespace with a level of its own",
    component: Namespace,
    args: { existing: { name: "edge" }, podSecurity: "baseline" },
    error: "podSecurity is given beside existing; remove one of the two: an existing Namespace is left as it is",
    plain: true,
  },
  {
    rule: "a level that Pod Security does not have",
    component: Namespace,
    args: { podSecurity: "strict" },
    error: 'podSecurity is "strict"; write one of "privileged", "baseline", "restricted"',
    plain: true,
  },
  {
    rule: "a version that Kubernetes does not have",
    component: Namespace,
    args: { podSecurityVersion: "1.34" },
    error: "podSecurityVersion is not a version of Kubernetes; write `latest`, or for example `v1.34`",
  },
  {
    rule: "a level given twice",
    component: Namespace,
    args: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
    error:
      'labels["pod-security.kubernetes.io/enforce"] is a label of Pod Security; write podSecurity and podSecurityVersion instead',
  },
]);
