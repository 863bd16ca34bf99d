import { checkPort, type Refuser } from "../../foundation";
import { checkPeer } from "./peer-checks";
import { MeshMode, MeshProtocol, type SidecarArgs, type SidecarInbound } from "./sidecar-args";

const oneOf = (values: object) => Object.values(values).join(", ");

/** Refuses ports that nobody could use, that anybody could, or that lead back to NGINX. */
export function checkInbound(args: SidecarArgs, refuse: Refuser): void {
  const { inbound = [] } = args;
  const seen = new Set<number>();
  for (const [index, one] of inbound.entries()) {
    const property = `inbound[${index}]`;
    const { port, protocol, mode = MeshMode.strict } = one;
    if (port === undefined) refuse(`${property}.port`, "is missing", "write the port as clients see it");
    checkPort(refuse, `${property}.port`, port);
    if (seen.has(port)) refuse(`${property}.port`, `repeats ${port}`, "declare each port once");
    seen.add(port);
    if ((protocol as string) === "udp")
      refuse(
        `${property}.protocol`,
        "is udp, which has no mutual TLS here",
        "leave the port out; in strict mode pods have none of udp",
      );
    if (!Object.values(MeshProtocol).includes(protocol))
      refuse(`${property}.protocol`, "is no protocol", `write one of ${oneOf(MeshProtocol)}`);
    if (!Object.values(MeshMode).includes(mode))
      refuse(`${property}.mode`, "is no mode", `write one of ${oneOf(MeshMode)}`);
    if (mode === MeshMode.off) checkOff(one, property, refuse);
    else {
      checkAllow(one, property, refuse);
      checkPlainPaths(one, mode, property, refuse);
      checkStations(args, one, property, refuse);
    }
  }
}

function checkOff(one: SidecarInbound, property: string, refuse: Refuser): void {
  for (const field of ["allow", "allowTrustDomain", "plainPaths", "applicationPort"] as const)
    if (one[field] !== undefined)
      refuse(
        `${property}.${field}`,
        "is given for mode off, in which nobody heeds it",
        "leave it out, or write another mode",
      );
}

function checkAllow({ allow, allowTrustDomain = false }: SidecarInbound, property: string, refuse: Refuser): void {
  if (allow !== undefined && allowTrustDomain)
    refuse(`${property}.allow`, "is given beside allowTrustDomain", "leave one of the two out");
  if (allow === undefined && !allowTrustDomain)
    refuse(
      `${property}.allow`,
      "is missing, so nobody could connect",
      "name the workloads that may (or, for every one of the trust domain, allowTrustDomain: true)",
    );
  if (allow?.length === 0)
    refuse(`${property}.allow`, "is empty, so nobody could connect", "name at least one workload");
  for (const [index, peer] of (allow ?? []).entries()) checkPeer(`${property}.allow[${index}]`, peer, refuse);
}

function checkPlainPaths({ plainPaths, protocol }: SidecarInbound, mode: MeshMode, property: string, refuse: Refuser) {
  if (plainPaths === undefined) return;
  if (protocol === MeshProtocol.tcp)
    refuse(
      `${property}.plainPaths`,
      "is given for tcp, which has no paths",
      "leave it out: a tcpSocket probe needs none",
    );
  if (mode === MeshMode.permissive)
    refuse(`${property}.plainPaths`, "is given for mode permissive, where all plaintext passes", "leave it out");
  for (const [index, path] of plainPaths.entries()) {
    const at = `${property}.plainPaths[${index}]`;
    if (typeof path !== "string" || !/^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*$/.test(path))
      refuse(
        at,
        "is no path of a request",
        "write it as the probe asks: it begins with /, and has no fragment or space",
      );
    if (path.length > 1024) refuse(at, `has ${path.length} characters`, "write at most 1024");
    if (plainPaths.indexOf(path) !== index) refuse(at, `repeats ${path}`, "write each path once");
    if (protocol === MeshProtocol.grpc && !/^\/[A-Za-z0-9_.]+\/[A-Za-z0-9_]+$/.test(path))
      refuse(at, "is no method of gRPC", "write /<package.Service>/<Method>");
  }
}

/** NGINX and the application listen on two ports, unless connections are redirected. */
function checkStations(args: SidecarArgs, one: SidecarInbound, property: string, refuse: Refuser): void {
  const { port, applicationPort } = one;
  const at = `${property}.applicationPort`;
  if (args.redirect) {
    if (applicationPort !== undefined)
      refuse(
        at,
        "is given with redirect",
        "leave it out: the application listens on port, and connections to it are redirected",
      );
    return;
  }
  if (applicationPort === undefined)
    refuse(at, "is missing", "write the port on 127.0.0.1 on which the application listens, or set redirect");
  checkPort(refuse, at, applicationPort);
  if (port < 1024)
    refuse(
      `${property}.port`,
      `is ${port}, on which NGINX may not listen without privileges`,
      "use a port from 1024; the Service may have another",
    );
  const other = (args.inbound ?? []).find((each) => each.port === applicationPort);
  if (other)
    refuse(
      at,
      `is ${applicationPort}, ${other === one ? "the port on which NGINX listens" : "another port of the pod"}`,
      "let the application listen on one of its own",
    );
}
