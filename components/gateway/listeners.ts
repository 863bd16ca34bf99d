import { isIPv4 } from "node:net";
import type { Input } from "@pulumi/pulumi";
import { checked, checkPlain, checkPort, type Refuser, subdomainName } from "../foundation";
import type { CertificateReference } from "../pki";

/** What a listener of a Gateway speaks. */
export const GatewayProtocol = { http: "HTTP", https: "HTTPS", tls: "TLS", tcp: "TCP", udp: "UDP" } as const;
export type GatewayProtocol = (typeof GatewayProtocol)[keyof typeof GatewayProtocol];

/** From which namespaces routes may attach to a listener. */
export const GatewayRouteNamespaces = { same: "Same", all: "All", selector: "Selector" } as const;
export type GatewayRouteNamespaces = (typeof GatewayRouteNamespaces)[keyof typeof GatewayRouteNamespaces];

/** Which routes may attach to a listener. */
export interface GatewayAllowedRoutes {
  /** Namespaces that they may be in. @default "Same", that of the Gateway */
  from?: GatewayRouteNamespaces;
  /** Labels that such a namespace must have, for "Selector". */
  namespaceLabels?: Record<string, Input<string>>;
  /** Kinds that they may be of: `["HTTPRoute"]`. @default all that fit the protocol */
  kinds?: string[];
}

/** A port on which a Gateway takes connections, for one host name or any. */
export interface GatewayListener {
  /** Name of the listener, a DNS-1123 subdomain; routes name it as `sectionName`. */
  name: string;
  /** Port that clients connect to. */
  port: number;
  /** What is spoken there. */
  protocol: GatewayProtocol;
  /** Host name of the requests that it takes, `*.` at the beginning standing for any labels. Not for TCP and UDP. @default any */
  hostname?: Input<string>;
  /** Certificates of the server, each a Certificate: of several, the one is shown that fits the client's request. Gateway Fabric 1.6 takes one. Needed for HTTPS, and for TLS that ends here. */
  certificates?: CertificateReference[];
  /** `true`: TLS goes through to the backends as it is, by the host name that the client asks for. Only for TLS. @default false */
  passthrough?: boolean;
  /** Which routes may attach. @default those of the Gateway's namespace */
  allowedRoutes?: GatewayAllowedRoutes;
}

/** The listener as the Gateway has it. */
export function listenerSpec(listener: GatewayListener) {
  const { name, port, protocol, hostname, certificates, passthrough, allowedRoutes } = listener;
  const tls = passthrough
    ? { mode: "Passthrough" }
    : certificates && {
        mode: "Terminate",
        certificateRefs: certificates.map(({ secretName }) => ({ kind: "Secret", name: secretName })),
      };
  return {
    name,
    port,
    protocol,
    ...(hostname !== undefined && { hostname }),
    ...(tls && { tls }),
    ...(allowedRoutes && { allowedRoutes: allowedRoutesSpec(allowedRoutes) }),
  };
}

const allowedRoutesSpec = ({ from, namespaceLabels, kinds }: GatewayAllowedRoutes) => ({
  namespaces: {
    from: from ?? GatewayRouteNamespaces.same,
    ...(namespaceLabels && { selector: { matchLabels: namespaceLabels } }),
  },
  ...(kinds && { kinds: kinds.map((kind) => ({ group: "gateway.networking.k8s.io", kind })) }),
});

/** Refuses listeners that the API server would, that Gateway Fabric would not serve, and that would shut each other out. */
export function checkListeners(refuse: Refuser, listeners: GatewayListener[]): void {
  checkPlain(refuse, { listeners });
  if (!Array.isArray(listeners) || listeners.length === 0)
    refuse("listeners", "is empty", "write at least one: a Gateway without listeners takes no connections");
  if (listeners.length > 64)
    refuse("listeners", `are ${listeners.length}`, "write at most 64, and make another Gateway");
  listeners.forEach((listener, index) => {
    const property = `listeners[${index}]`;
    checkListener(refuse, property, listener);
    for (const other of listeners.slice(0, index)) checkBeside(refuse, property, listener, other);
  });
}

function checkListener(refuse: Refuser, property: string, listener: GatewayListener): void {
  const { name, port, protocol, hostname, certificates, passthrough, allowedRoutes } = listener;
  checkPlain(refuse, {
    [property]: listener,
    [`${property}.certificates`]: certificates,
    [`${property}.allowedRoutes`]: allowedRoutes,
  });
  if (name === undefined) refuse(`${property}.name`, "is missing", "write a name: routes attach by it");
  subdomainName(refuse, `${property}.name`)(name);
  if (port === undefined) refuse(`${property}.port`, "is missing", "write the port that clients connect to");
  checkPort(refuse, `${property}.port`, port);
  const protocols = Object.values(GatewayProtocol);
  if (!protocols.includes(protocol))
    refuse(`${property}.protocol`, `is "${protocol}"`, `write one of ${protocols.join(", ")}`);
  if (hostname !== undefined) {
    if (protocol === GatewayProtocol.tcp || protocol === GatewayProtocol.udp)
      refuse(`${property}.hostname`, `is given for ${protocol}`, "leave it out: such connections name no host");
    checked(hostname, hostnameOf(refuse, `${property}.hostname`));
  }
  checkTls(refuse, property, { protocol, certificates, passthrough });
  if (allowedRoutes) checkAllowedRoutes(refuse, `${property}.allowedRoutes`, allowedRoutes);
}

function checkTls(
  refuse: Refuser,
  property: string,
  { protocol, certificates, passthrough }: Pick<GatewayListener, "protocol" | "certificates" | "passthrough">,
): void {
  if (passthrough && protocol !== GatewayProtocol.tls)
    refuse(`${property}.passthrough`, `is given for ${protocol}`, "leave it out, or use protocol TLS");
  const ends = protocol === GatewayProtocol.https || (protocol === GatewayProtocol.tls && !passthrough);
  if (ends && !certificates?.length)
    refuse(
      `${property}.certificates`,
      certificates === undefined ? "is missing" : "is empty",
      `give a Certificate: ${protocol} ends at the Gateway${protocol === GatewayProtocol.tls ? ", unless passthrough is true" : ""}`,
    );
  if (!ends && certificates !== undefined)
    refuse(
      `${property}.certificates`,
      passthrough ? "is given beside passthrough" : `is given for ${protocol}`,
      passthrough
        ? "remove one of the two: TLS ends here or goes through"
        : "leave it out, or use protocol HTTPS or TLS",
    );
  certificates?.forEach(({ secretName }, index) => {
    checked(secretName, (text) => {
      const path = `${property}.certificates[${index}].secretName`;
      if (text === "") refuse(path, "is empty", "give a Certificate that is signed: without a Secret there is no TLS");
      subdomainName(refuse, path)(text);
    });
  });
}

function checkAllowedRoutes(refuse: Refuser, property: string, routes: GatewayAllowedRoutes): void {
  const { from, namespaceLabels, kinds } = routes;
  const known = Object.values(GatewayRouteNamespaces);
  if (from !== undefined && !known.includes(from))
    refuse(`${property}.from`, `is "${from}"`, `write one of ${known.join(", ")}`);
  const selects = from === GatewayRouteNamespaces.selector;
  if (selects && Object.keys(namespaceLabels ?? {}).length === 0)
    refuse(`${property}.namespaceLabels`, "is missing", 'write the labels of the namespaces, or from: "All"');
  if (!selects && namespaceLabels !== undefined)
    refuse(`${property}.namespaceLabels`, 'is given without from: "Selector"', "write that too, or leave it out");
  if (kinds?.length === 0) refuse(`${property}.kinds`, "is empty", "name a kind of route, or leave it out");
}

/** Checks one listener against one before it. */
function checkBeside(refuse: Refuser, property: string, listener: GatewayListener, other: GatewayListener): void {
  if (listener.name === other.name)
    refuse(`${property}.name`, `repeats "${other.name}"`, "give each listener a name of its own");
  if (listener.port !== other.port || layer(listener) !== layer(other)) return;
  if (isEncrypted(listener) !== isEncrypted(other) || isRaw(listener) !== isRaw(other))
    refuse(
      `${property}.port`,
      `is ${listener.port}, on which "${other.name}" speaks ${other.protocol}`,
      "choose another port: Gateway Fabric serves neither of the two",
    );
  if (listener.protocol === other.protocol && listener.hostname === other.hostname)
    refuse(
      property,
      `has the port, protocol and host name of "${other.name}"`,
      "write another host name or port: of two that are alike, neither is served",
    );
}

const layer = ({ protocol }: GatewayListener) => (protocol === GatewayProtocol.udp ? "UDP" : "TCP");
const isEncrypted = ({ protocol }: GatewayListener) =>
  protocol === GatewayProtocol.https || protocol === GatewayProtocol.tls;
const isRaw = ({ protocol }: GatewayListener) => protocol === GatewayProtocol.tcp || protocol === GatewayProtocol.udp;

function hostnameOf(refuse: Refuser, property: string): (text: string) => void {
  return (text) => {
    const name = text.replace(/^\*\./, "");
    const labels = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
    if (isIPv4(name) || text.length > 253 || !labels.test(name))
      refuse(
        property,
        "is no host name",
        "write it in lower case, without port: `shop.example.com`, or `*.example.com` for all below that",
      );
  };
}
