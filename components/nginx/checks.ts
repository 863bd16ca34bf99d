import { posix } from "node:path";
import { checked, checkInteger, checkPlain, checkPort, labelName, type Refuser } from "../foundation";
import type { NginxConfigNode } from "./conf";
import { defaultDrainSeconds } from "./configuration";
import { Edition } from "./edition";
import { checkListening } from "./listening";
import { checkManagement } from "./management";
import { checkMonitoring } from "./monitoring";
import { absolutePath, fileKey, fileVolumes, managementVolume, secretVolumes, writableVolumes } from "./mounts";
import { checkNetworkPolicy } from "./network-policy";
import type { NginxPlusArgs } from "./nginx-plus-args";
import { managementPort, metricsPort } from "./ports";
import { defaultRelease, type PlusRelease, readRelease, releaseNames } from "./releases";
import { checkScaling } from "./scaling";
import { checkService } from "./service";

/** Refuses, before anything is registered, what would not start, would not be reached, or would be ignored. */
export function checkNginxPlus(args: NginxPlusArgs, refuse: Refuser): void {
  const { edition = Edition.plus, drainSeconds = defaultDrainSeconds, service, networkPolicy, monitoring } = args;
  checkStructure(args, refuse);
  if (args.namespace === undefined) refuse("namespace", "is missing", "write the namespace that the pods run in");
  checked(args.namespace, labelName(refuse, "namespace"));
  if (!Object.values(Edition).includes(edition))
    refuse("edition", "is no edition", `write one of ${Object.values(Edition).join(", ")}`);
  if (edition === Edition.plus) checkPlus(args, refuse);
  else checkOpenSource(args, refuse);
  checkPorts(args, refuse);
  checkInteger(refuse, "drainSeconds", drainSeconds, 1, 24 * 60 * 60);
  checkScaling(args, refuse);
  if (service) checkService(service, refuse);
  if (networkPolicy) checkNetworkPolicy(networkPolicy, edition, refuse);
  if (monitoring) checkMonitoring(monitoring, refuse);
  checkFiles(args, refuse);
  checkVolumes(args, refuse);
  checkListening(args, refuse);
}

/** What decides which resources there are, and what they look like, is plain; only its leaves may be outputs. */
function checkStructure(args: NginxPlusArgs, refuse: Refuser): void {
  const { namespace, image, registry, priorityClassName, ...structure } = args;
  checkPlain(refuse, structure);
  for (const [part, nodes] of Object.entries(args.configuration)) {
    checkPlain(refuse, { [`configuration.${part}`]: nodes });
    if (nodes) checkNodes(nodes, `configuration.${part}`, refuse);
  }
}

function checkNodes(nodes: NginxConfigNode[], property: string, refuse: Refuser): void {
  for (const [index, node] of nodes.entries()) {
    const path = `${property}[${index}]`;
    checkPlain(refuse, {
      [path]: node,
      [`${path}.name`]: node.name,
      [`${path}.args`]: node.args,
      [`${path}.block`]: node.block,
    });
    if (node.block) checkNodes(node.block, `${path}.block`, refuse);
  }
}

function checkPlus(args: NginxPlusArgs, refuse: Refuser): void {
  const release = checkRelease(args, refuse);
  if (args.license === undefined)
    refuse("license", "is missing", 'give a LicenseSecret: NGINX Plus does not start without one (edition "oss" does)');
  if (args.management) checkManagement(args.management, release, refuse);
}

function checkRelease(args: NginxPlusArgs, refuse: Refuser): PlusRelease {
  const { release: text = defaultRelease, unsafeAllowVulnerableRelease, image } = args;
  const read = readRelease(text);
  if (read === undefined) return refuse("release", `is ${JSON.stringify(text)}`, `write ${releaseNames}`);
  const { release, patched } = read;
  if (!patched && !unsafeAllowVulnerableRelease)
    refuse(
      "release",
      `is ${text}, in whose MQTT filter anyone who can connect reads beyond a buffer and restarts workers (CVE-2026-60065)`,
      "use R36 P7, PLS.37.0.3.1 or later (or, knowing this, unsafeAllowVulnerableRelease: true)",
    );
  if (release.tag === undefined && image === undefined)
    refuse("image", `is missing: F5's registry has no image of ${release.name} any more`, "name the image of your own");
  return release;
}

function checkOpenSource(args: NginxPlusArgs, refuse: Refuser): void {
  for (const property of ["license", "management", "release", "unsafeAllowVulnerableRelease"] as const)
    if (args[property] !== undefined)
      refuse(property, "is about NGINX Plus", 'leave it out for edition "oss", or use edition "plus"');
}

function checkPorts({ ports, monitoring }: NginxPlusArgs, refuse: Refuser): void {
  if (ports.length === 0) refuse("ports", "is empty", "give at least one port on which the configuration listens");
  const taken = [{ ...managementPort, protocol: "TCP" }, ...(monitoring ? [{ ...metricsPort, protocol: "TCP" }] : [])];
  const open: string[] = [];
  for (const [index, { name, port, targetPort, protocol = "TCP" }] of ports.entries()) {
    const property = `ports[${index}]`;
    if (!/^(?=.*[a-z])[a-z0-9](?:-?[a-z0-9]){0,14}$/.test(name) || name.length > 15)
      refuse(`${property}.name`, "is no name of a port", "use at most 15 lower-case letters, digits and -");
    checkPort(refuse, `${property}.port`, port);
    checkPort(refuse, `${property}.targetPort`, targetPort);
    const listens = targetPort ?? port;
    if (listens < 1024)
      refuse(
        `${property}.${targetPort === undefined ? "port" : "targetPort"}`,
        `is ${listens}, which NGINX may not listen on without privileges`,
        `set targetPort to a port from 1024, for example ${listens + 8000}, and let the configuration listen there`,
      );
    const other = taken.find((one) => one.name === name || (one.port === listens && one.protocol === protocol));
    if (other)
      refuse(property, `is like the port "${other.name}" (${other.port})`, "choose another name and targetPort");
    taken.push({ name, port: listens, protocol });
    if (open.includes(`${port} ${protocol}`))
      refuse(`${property}.port`, `repeats ${port}`, "give each port of the Service once");
    open.push(`${port} ${protocol}`);
  }
}

function checkFiles({ files = [] }: NginxPlusArgs, refuse: Refuser): void {
  const keys = new Set<string>();
  for (const [index, file] of files.entries()) {
    const property = `files[${index}].path`;
    const folder = posix.dirname(absolutePath(file.path));
    if (!folder.startsWith("/etc/nginx/"))
      refuse(property, `is not in a folder below /etc/nginx`, "write it as /etc/nginx/<folder>/<file>");
    const key = fileKey(file);
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key))
      refuse(property, "has characters that no key of a ConfigMap has", "use letters, digits, -, _ and .");
    if (keys.has(key)) refuse(property, "repeats another file, or differs only in / and .", "rename one of the two");
    keys.add(key);
  }
}

function checkVolumes(args: NginxPlusArgs, refuse: Refuser): void {
  const { edition = Edition.plus, secretMounts = [], files } = args;
  const block = managementVolume(args, { secretName: "", revision: "" });
  const own = secretVolumes({ ...args, secretMounts: [] }, block);
  const volumes: { name: string; path: string }[] = [...fileVolumes(files), ...own, ...writableVolumes(edition)];
  for (const [index, mount] of secretMounts.entries()) {
    const property = `secretMounts[${index}]`;
    if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(mount.name))
      refuse(`${property}.name`, "is no name of a volume", "use at most 63 lower-case letters, digits and -");
    if (volumes.some(({ name }) => name === mount.name))
      refuse(`${property}.name`, `repeats the volume "${mount.name}"`, "give each mount a name of its own");
    if (mount.keys?.length === 0)
      refuse(`${property}.keys`, "is empty", "name the keys that are wanted, or leave it out for all");
    volumes.push({ name: mount.name, path: absolutePath(mount.path) });
  }
  checkNesting(volumes, refuse);
}

/** A read-only volume has no place inside it for another, and one over /etc/nginx/modules hides the image's. */
function checkNesting(volumes: { name: string; path: string }[], refuse: Refuser): void {
  const within = (inner: string, outer: string) => inner === outer || inner.startsWith(`${outer}/`);
  for (const [index, { name, path }] of volumes.entries()) {
    if (within(path, "/etc/nginx/modules"))
      refuse(
        "secretMounts",
        `put the volume "${name}" over ${path}, where the image has its own files`,
        "choose a folder of its own",
      );
    const other = volumes.find((one, position) => position !== index && within(path, one.path));
    if (other)
      refuse(
        "secretMounts",
        `and files put the volume "${name}" (${path}) into "${other.name}" (${other.path})`,
        "give each Secret, and the files, folders beside each other",
      );
  }
}
