import type { Input } from "@pulumi/pulumi";
import { argumentOf, checked, checkHostName, checkPlain, labelName, type Refuser } from "../../foundation";
import { checkAlternativeNames } from "../../pki/alternative-names";
import { checkHours } from "../../pki/lifetime";
import { checkKey } from "../../pki/private-key";
import { checkSubject } from "../../pki/subject";
import { checkHostname, dnsName } from "../hostname";
import { checkApart } from "./apart";
import { type InstanceManagerCertificatesArgs, InstanceManagerProfile } from "./instance-manager-certificates-args";
import { validityHours as defaultValidityHours, profiles } from "./profiles";

/** Refuses, before anything is registered, what no client could verify, and what would let one holder pass for another. */
export function checkCertificates(refuse: Refuser, args: InstanceManagerCertificatesArgs): void {
  const { hostname, dnsNames, ipAddresses, agents, subject, additionalRoots } = args;
  checkPlain(refuse, { hostname, dnsNames, ipAddresses, agents, subject, additionalRoots });
  if (!(args.profile in InstanceManagerProfile))
    refuse("profile", "is not a known one", `write one of ${Object.keys(InstanceManagerProfile).join(", ")}`);
  checkPlace(refuse, args);
  const names = checkServerNames(refuse, args);
  checkAlternativeNames(argumentOf(refuse, { dnsNames, ipAddresses }));
  checkSubject(argumentOf(refuse, { ...subject, commonName: profiles[args.profile].root }, "subject"));
  checkKey(argumentOf(refuse, { keyAlgorithm: args.keyAlgorithm ?? "RSA", ecdsaCurve: args.ecdsaCurve }));
  checkLifetimes(refuse, args);
  checkAgents(refuse, args, names);
}

function checkPlace(refuse: Refuser, { namespace, forHosts }: InstanceManagerCertificatesArgs): void {
  if (namespace === undefined && !forHosts)
    refuse("namespace", "is missing", "write the namespace of the manager's pods, or forHosts: true");
  if (namespace !== undefined && forHosts)
    refuse("namespace", "is given beside forHosts", "remove one of the two: certificates for hosts are in no Secret");
  if (namespace !== undefined) checked(namespace, labelName(refuse, "namespace"));
}

/** The names that clients connect to, by the property that has them. */
function checkServerNames(refuse: Refuser, args: InstanceManagerCertificatesArgs): Record<string, Input<string>> {
  const { profile, hostname, serverName } = args;
  const other = profile === "instanceManagerV2" ? "serverName" : "hostname";
  if (args[other] !== undefined)
    refuse(
      other,
      `is not for ${profile}`,
      other === "hostname" ? "write the one name in serverName" : "write the two names in hostname",
    );
  if (profile === "instanceManagerV2") {
    checkHostname(hostname!, refuse);
    checkCommonName(refuse, "hostname.manager", hostname!.manager);
    return { "hostname.manager": hostname!.manager, "hostname.agents": hostname!.agents };
  }
  if (serverName === undefined) return refuse("serverName", "is missing", "write the DNS name that agents connect to");
  checked(serverName, dnsName(refuse, "serverName"));
  checkCommonName(refuse, "serverName", serverName);
  return { serverName };
}

function checkCommonName(refuse: Refuser, property: string, name: Input<string>): void {
  checked(name, (text) => {
    if (text.length > 64) refuse(property, "is longer than the 64 characters of a common name", "write a shorter name");
  });
}

/** The lifetimes that are kept as the document has them. */
const lifetimes = [
  "rootValidityHours",
  "intermediateValidityHours",
  "validityHours",
  "earlyRenewalHours",
] as const satisfies (keyof InstanceManagerCertificatesArgs)[];

function checkLifetimes(refuse: Refuser, args: InstanceManagerCertificatesArgs): void {
  for (const property of lifetimes) {
    if (args[property] === undefined) continue;
    if (args.unsafeAsDocumented)
      refuse(property, "is given beside unsafeAsDocumented", "remove one of the two: the document has its lifetimes");
    checkHours(argumentOf(refuse, args[property], property));
  }
  const { root, intermediate, leaf } = validityHours(args);
  if (intermediate >= root)
    refuse(
      "intermediateValidityHours",
      `is ${intermediate}, not less than the root's ${root}`,
      "shorten it: an intermediate that outlives its root is of no use",
    );
  const given = args.intermediateValidityHours === undefined ? "rootValidityHours" : "intermediateValidityHours";
  if (intermediate <= leaf)
    refuse(
      args.validityHours === undefined ? given : "validityHours",
      `leaves the intermediate ${intermediate} hours and its certificates ${leaf}`,
      "let the intermediate be valid for longer: no certificate may outlive its issuer",
    );
  if (args.earlyRenewalHours !== undefined && args.earlyRenewalHours >= leaf)
    refuse(
      "earlyRenewalHours",
      `is ${args.earlyRenewalHours}, not less than the ${leaf} hours that certificates are valid for`,
      "shorten it: every `pulumi up` would renew them",
    );
}

/** How long the authorities and their certificates are valid. */
export function validityHours(args: InstanceManagerCertificatesArgs): {
  root: number;
  intermediate: number;
  leaf: number;
} {
  const root = args.rootValidityHours ?? defaultValidityHours.root;
  return {
    root,
    intermediate: args.intermediateValidityHours ?? Math.floor(root / 2),
    leaf: args.validityHours ?? defaultValidityHours.leaf,
  };
}

function checkAgents(
  refuse: Refuser,
  { profile, agents = [], dnsNames = profiles[profile].dnsNames, unsafeAsDocumented }: InstanceManagerCertificatesArgs,
  serverNames: Record<string, Input<string>>,
): void {
  const commonNames: Record<string, Input<string>> = {};
  for (const [index, { name, commonName, namespace }] of agents.entries()) {
    const at = `agents[${index}]`;
    checkHostName(refuse, `${at}.name`, name);
    const first = agents.findIndex((agent) => agent.name === name);
    if (first !== index) refuse(`${at}.name`, `is that of agents[${first}]`, "give each agent a name of its own");
    checkSubject(argumentOf(refuse, { commonName: commonName ?? name }, at));
    if (profiles[profile].agentHasName)
      checked(commonName ?? name, (text) => {
        dnsName(refuse, `${at}.commonName`)(text);
        if (unsafeAsDocumented && text.split(".").length < 3)
          refuse(
            `${at}.commonName`,
            "has no domain for the document's wildcard",
            "write for example agent.example.com, or leave unsafeAsDocumented out",
          );
      });
    if (namespace !== undefined) checked(namespace, labelName(refuse, `${at}.namespace`));
    commonNames[`${at}.${commonName === undefined ? "name" : "commonName"}`] = commonName ?? name;
  }
  const names = { ...serverNames, ...Object.fromEntries(dnsNames.map((name, index) => [`dnsNames[${index}]`, name])) };
  checkApart(refuse, commonNames, names, unsafeAsDocumented ?? false);
}
