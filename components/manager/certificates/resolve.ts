import type { Input } from "@pulumi/pulumi";
import { type Argument, formats, resolveArguments } from "../../foundation";
import {
  type CertificateSubject,
  checkAlternativeNames,
  checkCrl,
  checkHours,
  checkKey,
  checkSubject,
  type KeyOptions,
  readRoots,
} from "../../pki";
import { checkHostnames, checkServerName } from "../hostname";
import { checkUniqueNames, commonName, shortName } from "./common-names";
import type { InstanceManagerAgent, InstanceManagerCertificatesArgs } from "./instance-manager-certificates-args";
import { type CertificateProfile, documentedSubject, profiles, validityHours } from "./profiles";

type Args = Argument<InstanceManagerCertificatesArgs>;

/** The certificates of an Instance Manager as they will be made. */
export interface ResolvedCertificates {
  profile: CertificateProfile;
  /** Namespace of the manager's Secrets; undefined for hosts. */
  namespace: Input<string> | undefined;
  server: { commonName: Input<string>; dnsNames: Input<string>[]; ipAddresses: Input<string>[] };
  agents: (InstanceManagerAgent & { commonName: Input<string> })[];
  hours: Hours;
  earlyRenewalHours: number | undefined;
  additionalRoots: Input<string>[] | undefined;
  crl: Input<string> | undefined;
  unsafeAsDocumented: boolean;
  /** Returns the whole subject of a certificate. */
  subject: (commonName: Input<string>) => CertificateSubject;
  /** Returns the key of a certificate; the bits are those of an RSA key. */
  key: (rsaBits: number) => KeyOptions;
  /** Arguments that state records. */
  recorded: object;
}

/** Lifetimes in hours. */
interface Hours {
  root: number;
  intermediate: number;
  leaf: number;
}

/** Applies the rules of InstanceManagerCertificates, and the defaults of its profile. */
export const resolveCertificates = (name: string, args: InstanceManagerCertificatesArgs): ResolvedCertificates =>
  resolveArguments("InstanceManagerCertificates", name, "InstanceManagerCertificatesArgs", args, (argument) => {
    argument.check(checkPlace, checkServerNames, checkSubjectAndKey, checkLifetimes, checkAuthorities, checkAgents);
    const { additionalRoots, crl, agents = [], ...recorded } = argument.value;
    const { hostname, serverName, dnsNames, ipAddresses, keyAlgorithm = "RSA", ecdsaCurve } = recorded;
    const profile = profiles[recorded.profile];
    return {
      profile,
      namespace: recorded.namespace,
      server: {
        commonName: hostname?.manager ?? serverName!,
        dnsNames: [
          ...(hostname ? [hostname.manager, hostname.agents] : [serverName!]),
          ...(dnsNames ?? profile.dnsNames),
        ],
        ipAddresses: ipAddresses ?? profile.ipAddresses,
      },
      agents: agents.map((agent) => ({ ...agent, commonName: agent.commonName ?? agent.name })),
      hours: hoursOf(recorded),
      earlyRenewalHours: recorded.earlyRenewalHours,
      additionalRoots,
      crl,
      unsafeAsDocumented: recorded.unsafeAsDocumented ?? false,
      subject: (commonName) => ({ ...documentedSubject, ...recorded.subject, commonName }),
      key: (rsaBits) => (keyAlgorithm === "RSA" ? { keyAlgorithm, rsaBits } : { keyAlgorithm, ecdsaCurve }),
      recorded: { ...recorded, agents: agents.map((agent) => agent.name) },
    };
  });

function checkPlace(argument: Args): void {
  const { namespace, forHosts } = argument.value;
  const given = argument.field("namespace");
  given.matches(formats.dnsLabel);
  if (namespace === undefined && !forHosts)
    given.refuse("is missing", "write the namespace of the manager's pods, or forHosts: true");
  if (namespace !== undefined && forHosts)
    given.refuse("is given beside forHosts", "remove one of the two: certificates for hosts are in no Secret");
}

/** Checks the names that clients connect to: two for Instance Manager 2, one for Instance Manager 1. */
function checkServerNames(argument: Args): void {
  const { profile, hostname, serverName } = argument.value;
  const [both, one] = [argument.field("hostname"), argument.field("serverName")];
  if (profile === undefined) return;
  if (profile === "instanceManagerV2") {
    if (serverName !== undefined) one.refuse(`is not for ${profile}`, "write the two names in hostname");
    if (hostname === undefined) both.refuse("is missing", "give the two DNS names: { manager, agents }");
    checkHostnames(both);
    both.field("manager").matches(shortName);
  } else {
    if (hostname !== undefined) both.refuse(`is not for ${profile}`, "write the one name in serverName");
    if (serverName === undefined) one.refuse("is missing", "write the DNS name that agents connect to");
    checkServerName(one);
    one.matches(shortName);
  }
  checkAlternativeNames(argument);
}

function checkSubjectAndKey(argument: Args): void {
  const { profile, subject, keyAlgorithm = "RSA", ecdsaCurve } = argument.value;
  checkSubject(argument.with("subject", { ...subject, commonName: profiles[profile].root }));
  checkKey(argument.with("", { keyAlgorithm, ecdsaCurve }));
}

/** Lifetimes that unsafeAsDocumented has its own for. */
const lifetimes = [
  "rootValidityHours",
  "intermediateValidityHours",
  "validityHours",
  "earlyRenewalHours",
] as const satisfies (keyof InstanceManagerCertificatesArgs)[];

function checkLifetimes(argument: Args): void {
  const { unsafeAsDocumented, validityHours, intermediateValidityHours, earlyRenewalHours } = argument.value;
  for (const property of lifetimes) {
    const lifetime = argument.field(property);
    checkHours(lifetime);
    if (unsafeAsDocumented && lifetime.value !== undefined)
      lifetime.refuse("is given beside unsafeAsDocumented", "remove one of the two: the document has its lifetimes");
  }
  const { root, intermediate, leaf } = hoursOf(argument.value);
  if (intermediate >= root)
    argument
      .field("intermediateValidityHours")
      .refuse(
        `is ${intermediate}, not less than the root's ${root}`,
        "shorten it: an intermediate that outlives its root is of no use",
      );
  const given = intermediateValidityHours === undefined ? "rootValidityHours" : "intermediateValidityHours";
  if (intermediate <= leaf)
    argument
      .field(validityHours === undefined ? given : "validityHours")
      .refuse(
        `leaves the intermediate ${intermediate} hours and its certificates ${leaf}`,
        "let the intermediate be valid for longer: no certificate may outlive its issuer",
      );
  if (earlyRenewalHours !== undefined && earlyRenewalHours >= leaf)
    argument
      .field("earlyRenewalHours")
      .refuse(
        `is ${earlyRenewalHours}, not less than the ${leaf} hours that certificates are valid for`,
        "shorten it: every `pulumi up` would renew them",
      );
}

function hoursOf(args: InstanceManagerCertificatesArgs): Hours {
  const root = args.rootValidityHours ?? validityHours.root;
  return {
    root,
    intermediate: args.intermediateValidityHours ?? Math.floor(root / 2),
    leaf: args.validityHours ?? validityHours.leaf,
  };
}

/** Checks the texts for the authority here, where the arguments have the names that the user wrote. */
function checkAuthorities(argument: Args): void {
  for (const root of argument.field("additionalRoots").entries())
    root.known((pem, { path }) => root.attempt((refuse) => void readRoots(refuse, path, pem)));
  const crl = argument.field("crl");
  crl.known((pem, { path }) => crl.attempt((refuse) => checkCrl(refuse, path, pem)));
}

function checkAgents(argument: Args): void {
  const { profile, unsafeAsDocumented, dnsNames = profiles[profile].dnsNames } = argument.value;
  const taken = new Set<unknown>();
  const agents = argument.field("agents").entries();
  const commonNames = agents.flatMap((agent) => {
    const [name, given] = [agent.field("name"), agent.field("commonName")];
    const repeated = taken.has(name.value);
    name.matches(formats.machine);
    name.unique(taken, "give each agent a name of its own");
    agent.field("namespace").matches(formats.dnsLabel);
    given.matches(commonName);
    if (given.value === undefined) {
      name.matches(shortName);
      if (repeated || !formats.machine.test(name.value ?? "")) return [];
    }
    const shown: Argument<Input<string> | undefined> = given.value === undefined ? name : given;
    if (profiles[profile].agentHasName) checkNameInCertificate(shown, unsafeAsDocumented ?? false);
    return [shown];
  });
  const { hostname, serverName } = argument.value;
  const servers = [
    argument.with("hostname.manager", hostname?.manager),
    argument.with("hostname.agents", hostname?.agents),
    argument.with("serverName", serverName),
    ...dnsNames.map((name, index) => argument.with(`dnsNames[${index}]`, name)),
  ];
  if (!unsafeAsDocumented) checkUniqueNames(commonNames, servers);
  // The document's script gives all agents one name.
  else for (const name of commonNames) checkUniqueNames([name], servers);
}

/** Checks a common name that is a DNS name of the certificate too. */
function checkNameInCertificate(name: Argument<Input<string> | undefined>, asDocumented: boolean): void {
  checkServerName(name);
  if (asDocumented)
    name.known((text, argument) => {
      if (text.split(".").length < 3)
        argument.refuse(
          "has no domain for the document's wildcard",
          "write for example agent.example.com, or leave unsafeAsDocumented out",
        );
    });
}
