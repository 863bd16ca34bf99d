import { checked, checkInteger, checkPlain, checkPort, labelName, type Refuser, subdomainName } from "../../foundation";
import { Edition } from "../../nginx";
import { checkManagement, hasPassword } from "../../nginx/management";
import { checkVersionOfImage, isFromVersion } from "../../nginx/open-source-version";
import { defaultRelease, readRelease, releaseNames } from "../../nginx/releases";
import { checkTrustDomain } from "../trust-domain";
import { checkInbound } from "./inbound-checks";
import { checkOutbound } from "./outbound-checks";
import { portsOfAKind, reservedPorts } from "./ports";
import { checkRedirect } from "./redirect-checks";
import { defaultFirstPort } from "./settings";
import { MeshIpFamily, type SidecarArgs } from "./sidecar-args";

/** Refuses, before anything is registered, what would not start, would not be reached, or would be open. */
export function checkSidecar(args: SidecarArgs, refuse: Refuser, name: string): void {
  const { namespace, mesh, inbound = [], outbound = [], redirect } = args;
  checkStructure(args, refuse);
  if (namespace === undefined) refuse("namespace", "is missing", "write the namespace of the workload");
  checked(namespace, labelName(refuse, "namespace"));
  checkName(args, refuse, name);
  if (mesh === undefined) refuse("mesh", "is missing", "give the SpireServer of the mesh");
  checked(mesh.trustDomain, (trustDomain) => checkTrustDomain(refuse, "mesh.trustDomain", trustDomain, true));
  checkInteger(refuse, "mesh.verifyDepth", mesh.verifyDepth, 1, 10);
  if (inbound.length + outbound.length === 0)
    refuse("inbound", "and outbound are empty", "declare at least one port, or one workload that this one connects to");
  for (const [property, list] of Object.entries({ inbound, outbound }))
    if (list.length > portsOfAKind) refuse(property, `has ${list.length} entries`, `declare at most ${portsOfAKind}`);
  checkInteger(refuse, "drainSeconds", args.drainSeconds, 1, 24 * 60 * 60);
  checkInteger(refuse, "idleSeconds", args.idleSeconds, 1, 24 * 60 * 60);
  checkInteger(refuse, "firstPort", args.firstPort, 1024, 65536 - reservedPorts);
  checkFamilies(args, refuse);
  checkEdition(args, refuse);
  checkResolver(args, refuse);
  if (redirect) checkRedirect(args, redirect, refuse);
  checkInbound(args, refuse);
  checkOutbound(args, refuse);
  checkTaken(args, refuse);
}

/** What decides what there is is plain; only its leaves may be outputs. */
function checkStructure(args: SidecarArgs, refuse: Refuser): void {
  const { namespace, name, image, registry, ...structure } = args;
  checkPlain(refuse, structure);
  for (const [property, list] of Object.entries({ inbound: args.inbound, outbound: args.outbound }))
    for (const [index, one] of (list ?? []).entries())
      checkPlain(refuse, {
        [`${property}[${index}]`]: one,
        ...Object.fromEntries(
          Object.entries(one)
            .filter(([field]) => field !== "host")
            .map(([field, value]) => [`${property}[${index}].${field}`, value]),
        ),
      });
}

const mostOfLabel = 63;
const autonamed = "-config-01234567".length;

/** The ConfigMap's name is the value of a label, which is shorter than names are. */
function checkName({ name: fixed }: SidecarArgs, refuse: Refuser, name: string): void {
  if (fixed !== undefined) {
    checked(fixed, subdomainName(refuse, "name"));
    checked(fixed, (text) => {
      if (text.length > mostOfLabel)
        refuse("name", `has ${text.length} characters`, `write at most ${mostOfLabel}: it is the value of a label`);
    });
  } else if (name.length > mostOfLabel - autonamed)
    refuse(
      "name",
      `would be made from the component's, of ${name.length} characters`,
      `name the component in at most ${mostOfLabel - autonamed}, or write a name here: it is the value of a label`,
    );
}

function checkFamilies({ ipFamilies }: SidecarArgs, refuse: Refuser): void {
  if (ipFamilies === undefined) return;
  const families: string[] = Object.values(MeshIpFamily);
  if (ipFamilies.length === 0) refuse("ipFamilies", "is empty", `write one or both of ${families.join(", ")}`);
  for (const [index, family] of ipFamilies.entries())
    if (!families.includes(family) || ipFamilies.indexOf(family) !== index)
      refuse(
        `ipFamilies[${index}]`,
        `is ${JSON.stringify(family)}`,
        `write each of ${families.join(", ")} at most once`,
      );
}

export function checkEdition(args: SidecarArgs, refuse: Refuser): void {
  const { edition = Edition.plus, release = defaultRelease, image, license, management } = args;
  if (!Object.values(Edition).includes(edition))
    refuse("edition", "is no edition", `write one of ${Object.values(Edition).join(", ")}`);
  if (edition === Edition.oss) {
    for (const property of ["license", "management", "release"] as const)
      if (args[property] !== undefined)
        refuse(property, "is about NGINX Plus", 'leave it out for edition "oss", or use edition "plus"');
  }
  // js_preread, `set` in stream, and verification of clients there.
  checkVersionOfImage(refuse, args, "lacks what the sidecar needs in its stream block");
  if (edition === Edition.oss) return;
  if (image === undefined)
    refuse(
      "image",
      "is missing: F5's images of NGINX Plus for unprivileged users have no njs, which reads SPIFFE IDs",
      'name an image of your own with nginx-plus-module-njs, or use edition "oss"',
    );
  if (license === undefined)
    refuse("license", "is missing", 'give a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)');
  if (hasPassword(management))
    refuse(
      "management.proxy",
      "has a name and password, which would stand in a ConfigMap",
      "write the block into a Secret, and name that in management.existing",
    );
  const known =
    readRelease(release)?.release ?? refuse("release", `is ${JSON.stringify(release)}`, `write ${releaseNames}`);
  if (management) checkManagement(management, known, refuse);
}

function checkResolver({ resolver, openSourceVersion }: SidecarArgs, refuse: Refuser): void {
  if (resolver === undefined) return;
  if (resolver.length === 0) refuse("resolver", "is empty", "give the address of a name server, or leave it out");
  if (openSourceVersion !== undefined && !isFromVersion(openSourceVersion, [1, 27, 3]))
    refuse("resolver", `takes NGINX 1.27.3, and this is ${openSourceVersion}`, "leave it out, or use a later image");
  for (const [index, address] of resolver.entries())
    checked(address, (text) => {
      if (!/^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.test(text))
        refuse(`resolver[${index}]`, "is no address", "write the address of a name server, IPv6 in brackets");
    });
}

/** Ports that the user wrote lie outside those that NGINX has for itself. */
function checkTaken({ inbound = [], outbound = [], firstPort = defaultFirstPort }: SidecarArgs, refuse: Refuser): void {
  const clash = (property: string, port: number | undefined) => {
    checkPort(refuse, property, port);
    if (port !== undefined && port >= firstPort && port < firstPort + reservedPorts)
      refuse(
        property,
        `is ${port}, one of those that the sidecar has for itself`,
        `set firstPort, so that ${reservedPorts} ports from it on are free`,
      );
  };
  for (const [index, { port, applicationPort }] of inbound.entries()) {
    clash(`inbound[${index}].port`, port);
    clash(`inbound[${index}].applicationPort`, applicationPort);
  }
  for (const [index, { localPort }] of outbound.entries()) clash(`outbound[${index}].localPort`, localPort);
}
