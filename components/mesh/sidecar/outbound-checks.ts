import { isIP } from "node:net";
import { checked, checkInteger, checkPlain, checkPort, type Refuser } from "../../foundation";
import { checkPeer } from "./peer-checks";
import { MeshProtocol, type SidecarArgs, type SidecarOutbound } from "./sidecar-args";

const hostName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Refuses workloads that cannot be told apart, or reached. */
export function checkOutbound(args: SidecarArgs, refuse: Refuser): void {
  const { outbound = [] } = args;
  const names = new Set<string>();
  for (const [index, one] of outbound.entries()) {
    const property = `outbound[${index}]`;
    const { name, host, port, protocol } = one;
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
      refuse(`${property}.name`, "is no name of a workload", "use at most 63 lower-case letters, digits and -");
    if (names.has(name)) refuse(`${property}.name`, `repeats "${name}"`, "give each workload a name of its own");
    names.add(name);
    if (!Object.values(MeshProtocol).includes(protocol))
      refuse(`${property}.protocol`, "is no protocol", `write one of ${Object.values(MeshProtocol).join(", ")}`);
    if (host === undefined) refuse(`${property}.host`, "is missing", "write the host name of its Service");
    checked(host, isHostName(refuse, `${property}.host`));
    if (port === undefined) refuse(`${property}.port`, "is missing", "write the port of its Service");
    checkPort(refuse, `${property}.port`, port);
    checkPeer(`${property}.peer`, one.peer, refuse);
    checkInteger(refuse, `${property}.keepalive`, one.keepalive, 0, 1000);
    if (one.keepalive !== undefined && protocol === MeshProtocol.tcp)
      refuse(`${property}.keepalive`, "is given for tcp, where each connection is the application's", "leave it out");
    if (args.redirect) checkRedirected(args, one, index, refuse);
    else checkLocal(args, one, index, refuse);
  }
}

const isHostName = (refuse: Refuser, property: string) => (text: string) => {
  if (!hostName.test(text) || isIP(text) !== 0)
    refuse(property, "is no host name", "write a name in lower-case letters, without scheme, port, path or final dot");
};

/** With redirect, the port is all that tcp is known by; http and grpc are known by the host too. */
function checkRedirected({ outbound = [] }: SidecarArgs, one: SidecarOutbound, index: number, refuse: Refuser): void {
  const property = `outbound[${index}]`;
  const { port, protocol, localPort, aliases } = one;
  if (localPort !== undefined)
    refuse(`${property}.localPort`, "is given with redirect", "leave it out: the application connects as it did");
  const sharing = outbound.slice(0, index).find((other) => other.port === port);
  if (sharing && (protocol === MeshProtocol.tcp || sharing.protocol !== protocol))
    refuse(
      `${property}.port`,
      `is ${port}, like that of "${sharing.name}", and with redirect ${protocol} and ${sharing.protocol} cannot share one`,
      "let one of the two Services have another port, or leave redirect out",
    );
  if (aliases === undefined) return;
  if (protocol === MeshProtocol.tcp)
    refuse(`${property}.aliases`, "is given for tcp, which has no header Host", "leave it out");
  checkPlain(refuse, { [`${property}.aliases`]: aliases });
  for (const [position, alias] of aliases.entries()) isHostName(refuse, `${property}.aliases[${position}]`)(alias);
}

function checkLocal(
  { inbound = [], outbound = [] }: SidecarArgs,
  one: SidecarOutbound,
  index: number,
  refuse: Refuser,
) {
  const property = `outbound[${index}].localPort`;
  const { localPort, aliases } = one;
  if (aliases !== undefined)
    refuse(
      `outbound[${index}].aliases`,
      "is given without redirect",
      "leave it out: the port on 127.0.0.1 says who is called",
    );
  if (localPort === undefined)
    refuse(property, "is missing", "write the port on 127.0.0.1 to which the application connects, or set redirect");
  checkPort(refuse, property, localPort);
  if (localPort < 1024)
    refuse(property, `is ${localPort}, on which NGINX may not listen without privileges`, "use a port from 1024");
  if (outbound.slice(0, index).some((other) => other.localPort === localPort))
    refuse(property, `repeats ${localPort}`, "give each workload a port of its own on 127.0.0.1");
  if (inbound.some(({ port, applicationPort }) => port === localPort || applicationPort === localPort))
    refuse(property, `is ${localPort}, a port in inbound`, "give it a port of its own on 127.0.0.1");
}
