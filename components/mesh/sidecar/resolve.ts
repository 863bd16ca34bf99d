import type { Input } from "@pulumi/pulumi";
import {
  type Argument,
  checkSameNamespace,
  type Format,
  factsOf,
  formats,
  mapInput,
  PodSecurityLevel,
  refuseSecrets,
  resolveArguments,
} from "../../foundation";
import {
  checkImageVersion,
  checkKnownFaults,
  checkManagementBlock,
  defaultOpenSourceVersion,
  defaultRelease,
  Edition,
  type FaultyPart,
  hasPassword,
  readRelease,
  releaseNames,
  resolvesAgain,
} from "../../nginx";
import { meshFormats } from "../formats";
import { checkImages, checkPullSecrets, checkSecretName } from "../pod-rules";
import { checkTrustDomain } from "../trust-domain";
import { checkSnippets, renderFiles } from "./files";
import { reservedPorts } from "./ports";
import {
  MeshEgress,
  MeshIpFamily,
  MeshMode,
  type SidecarArgs,
  type SidecarInbound,
  type SidecarOutbound,
} from "./sidecar-args";
import { checkFamily, checkInbound, checkLists, checkOutbound } from "./traffic-checks";

/** Arguments that a Sidecar and a SidecarInjector share. */
export type SidecarSoftware = Pick<
  SidecarArgs,
  | "edition"
  | "release"
  | "unsafeAllowVulnerableVersion"
  | "image"
  | "openSourceVersion"
  | "registry"
  | "images"
  | "license"
  | "management"
>;

/** A Sidecar with every default, from which its files are printed. */
export interface SidecarModel extends SidecarArgs {
  inbound: (SidecarInbound & { mode: MeshMode })[];
  outbound: SidecarOutbound[];
  redirect?: { image: Input<string>; egress: MeshEgress; excludedCidrs: string[] };
  ipFamilies: MeshIpFamily[];
  edition: Edition;
  /** Version of NGINX; for NGINX Plus, of the open-source NGINX that it is built on. */
  version: string;
  firstPort: number;
  drainSeconds: number;
  idleSeconds: number;
  connections: number;
  headerKilobytes: number;
  clusterDomain: Input<string>;
  /** `true`: NGINX itself resolves the hosts in `outbound`, while it runs. */
  asksNameServers: boolean;
}

/** A Sidecar with its files. */
export interface ResolvedSidecar extends SidecarModel {
  /** Contents of the ConfigMap, by key. */
  files: Record<string, Input<string>>;
  /** Messages for the log. */
  warnings: string[];
}

/** Returns the parts of NGINX that a Sidecar uses. */
function usedParts({ inbound, outbound, asksNameServers }: SidecarModel): Set<FaultyPart> {
  const grpc = [...inbound, ...outbound].some(({ protocol }) => protocol === "grpc");
  const strictTcp = inbound.some(({ protocol, mode }) => protocol === "tcp" && mode === MeshMode.strict);
  return new Set<FaultyPart>([
    ...(grpc ? (["HTTP/2"] as const) : []),
    ...(inbound.length > 0 ? (["ssl_preread"] as const) : []),
    ...(strictTcp ? (["stream client certificates"] as const) : []),
    ...(asksNameServers ? (["resolver"] as const) : []),
  ]);
}

export const defaultFirstPort = 15000;

/** Resolves the arguments of a Sidecar, and prints its files. */
export const resolveSidecar = (name: string, args: SidecarArgs): ResolvedSidecar =>
  resolveArguments("Sidecar", name, "SidecarArgs", args, (argument) => {
    const model = applyDefaults(argument.value);
    const isValid = argument.passes((checked) => checkSidecar(checked, model, name));
    // Files are rendered only from arguments without a fault.
    const files = isValid ? argument.read(() => renderFiles(model, argument, openTexts(argument))) : undefined;
    return { ...model, files: files ?? {}, warnings: checkKnownFaults(argument, usedParts(model)) };
  });

/** Returns outputs that are known once the texts of the files are found not to be secrets. */
function openTexts(argument: Argument<SidecarArgs>) {
  const remedy = "take it out of there";
  return (["namespace", "inbound", "outbound", "resolver", "clusterDomain", "management", "snippets"] as const).flatMap(
    (key) => refuseSecrets(argument.field(key) as Argument<unknown>, remedy),
  );
}

function applyDefaults(args: SidecarArgs): SidecarModel {
  const { inbound = [], outbound = [], redirect, images, release = defaultRelease, openSourceVersion } = args;
  const { ipFamilies = [MeshIpFamily.ipv4], edition = Edition.plus, firstPort = defaultFirstPort } = args;
  const { drainSeconds = 600, idleSeconds = 3600, connections = 16_384, headerKilobytes = 60 } = args;
  const { clusterDomain = "cluster.local" } = args;
  const version =
    edition === Edition.plus ? readRelease(release)?.engine : (openSourceVersion ?? defaultOpenSourceVersion);
  const hasResolve = edition === Edition.plus || resolvesAgain(version ?? defaultOpenSourceVersion);
  return {
    ...args,
    inbound: inbound.map((one) => ({ ...one, mode: one.mode ?? MeshMode.strict })),
    outbound,
    redirect: redirect && {
      image: redirect.image ?? redirectImage(images?.registry),
      egress: redirect.egress ?? MeshEgress.any,
      excludedCidrs: redirect.excludedCidrs ?? [],
    },
    ipFamilies,
    edition,
    version: version ?? defaultOpenSourceVersion,
    firstPort,
    drainSeconds,
    idleSeconds,
    connections,
    headerKilobytes,
    clusterDomain,
    asksNameServers: args.resolver !== undefined || (hasResolve && outbound.length > 0),
  };
}

/** Returns the default image with iptables, which Kubernetes maintains for kube-proxy. */
export const redirectImage = (registry: Input<string> = "registry.k8s.io") =>
  mapInput(registry, (host) => `${host.replace(/\/$/, "")}/build-image/distroless-iptables:v0.8.8`);

/** Checks the arguments: NGINX starts, workloads reach each other, and no declared port is open by mistake. */
function checkSidecar(argument: Argument<SidecarArgs>, model: SidecarModel, name: string): void {
  const context = { ...model, redirect: model.redirect !== undefined };
  argument.field("namespace").matches(formats.dnsLabel);
  argument.field("clusterDomain").matches(meshFormats.clusterDomain);
  argument.integers({
    drainSeconds: [1, day],
    idleSeconds: [1, day],
    connections: [512, 1_000_000],
    headerKilobytes: [4, 1024],
  });
  argument.check(
    () => checkName(argument.field("name"), name),
    () => checkTrustDomain(argument.field("mesh").field("trustDomain"), true),
    () => argument.field("mesh").integers({ verifyDepth: [1, 10] }),
    checkLists,
    checkFamilies,
    () => checkFirstPort(argument.field("firstPort")),
    () => checkSoftware(argument),
    () => checkImages(argument.field("images")),
    () => checkSecrets(argument),
    checkResolver,
    () => checkRedirect(argument, model),
    () => checkInbound(argument.field("inbound"), context),
    () => checkOutbound(argument.field("outbound"), context),
    () => checkSnippets(argument, model),
  );
}

const day = 24 * 60 * 60;
const maximumLabel = 63;
const maximumName = maximumLabel - "-config-01234567".length;

/** Checks the length of the ConfigMap's name, which is the value of a label. */
function checkName(fixed: Argument<Input<string> | undefined>, name: string): void {
  fixed.matches(formats.dnsSubdomain);
  fixed.known((text, argument) => {
    if (text.length > maximumLabel)
      argument.refuse(`has ${text.length} characters`, `write at most ${maximumLabel}: it is the value of a label`);
  });
  if (fixed.value === undefined && name.length > maximumName)
    fixed.refuse(
      `would be made from the component's name of ${name.length} characters`,
      `name the component in at most ${maximumName}, or write a name here: it is the value of a label`,
    );
}

function checkFamilies(argument: Argument<SidecarArgs>): void {
  const families = argument.field("ipFamilies");
  families.notEmpty(`write one or both of ${Object.values(MeshIpFamily).join(", ")}`);
  const seen = new Set<unknown>();
  for (const family of families.entries()) family.unique(seen, "write each family once");
}

/** Checks the first of the ports reserved for NGINX. */
export const checkFirstPort = (firstPort: Argument<number | undefined>): void =>
  firstPort.integer(1024, 65536 - reservedPorts);

/** Checks the images and the licence of NGINX. */
export function checkSoftware<T extends SidecarSoftware>(of: Argument<T>): void {
  const argument = of as unknown as Argument<SidecarSoftware>;
  const { edition = Edition.plus, release = defaultRelease, image, license, management } = argument.value;
  argument.field("registry").matches(formats.registry);
  argument.field("image").matches(formats.image);
  // `js_preread` and the verification of clients in the stream block.
  checkImageVersion(argument, "lacks what the sidecar needs in its stream block");
  if (edition === Edition.oss) {
    for (const key of ["license", "management", "release"] as const)
      argument.field(key).notGiven("is for NGINX Plus", 'leave it out for edition "oss", or use edition "plus"');
    return;
  }
  if (image === undefined)
    argument
      .field("image")
      .refuse(
        "is missing: F5's images of NGINX Plus for unprivileged users have no njs, which reads SPIFFE IDs",
        'name an image of your own with nginx-plus-module-njs, or use edition "oss"',
      );
  if (license === undefined)
    argument
      .field("license")
      .refuse("is missing", 'give a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)');
  argument.field("license").field("key").matches(formats.secretKey);
  if (hasPassword(management))
    argument
      .field("management")
      .field("proxy")
      .refuse(
        "has a name and password, which would be readable in a ConfigMap",
        "write the block into a Secret, and name that in management.existing",
      );
  const known = readRelease(release);
  if (known === undefined) argument.field("release").refuse(`is ${JSON.stringify(release)}`, `write ${releaseNames}`);
  argument.field("management").given((block) => checkManagementBlock(block, known));
}

/** Checks the Secrets of the workload's namespace. */
function checkSecrets(argument: Argument<SidecarArgs>): void {
  const { namespace } = argument.value;
  const management = argument.field("management");
  checkPullSecrets(argument.field("imagePullSecrets"), namespace);
  checkSecretName(argument.field("license").field("secretName"), namespace);
  for (const key of ["trustedCertificates", "clientCertificate"] as const)
    checkSameNamespace(management.field(key).field("secretName"), namespace);
  checkSameNamespace(management.field("existing").field("name"), namespace);
}

const nameServer: Format = {
  ...formats.hostAndOptionalPort,
  wrong: "is not the address of a name server",
  remedy: "write its address, IPv6 in brackets, with a port if it is not 53",
};

function checkResolver(argument: Argument<SidecarArgs>): void {
  const resolver = argument.field("resolver");
  const { openSourceVersion } = argument.value;
  resolver.notEmpty("give the address of a name server, or leave it out");
  if (openSourceVersion !== undefined && !resolvesAgain(openSourceVersion))
    resolver.notGiven(`needs NGINX 1.27.3, and this is ${openSourceVersion}`, "leave it out, or use a later image");
  for (const address of resolver.entries()) address.matches(nameServer);
}

/** Checks that the Namespace admits the init container, and the excluded networks. */
function checkRedirect(argument: Argument<SidecarArgs>, { namespace, ipFamilies }: SidecarModel): void {
  argument.field("redirect").given((redirect) => {
    const facts = factsOf(namespace);
    if (facts?.podSecurity !== undefined && facts.podSecurity !== PodSecurityLevel.privileged)
      redirect.refuse(
        `needs an init container with NET_ADMIN, and ${facts.component} enforces ${facts.podSecurity} Pod Security`,
        'leave it out, and write applicationPort and localPort; or give that Namespace podSecurity "privileged"',
      );
    redirect.field("image").matches(formats.image);
    for (const cidr of redirect.field("excludedCidrs").entries()) {
      cidr.matches(formats.cidr);
      if (formats.cidr.test(cidr.value)) checkFamily(cidr, ipFamilies);
    }
  });
}
