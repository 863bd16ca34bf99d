import * as pulumi from "@pulumi/pulumi";
import {
  type Argument,
  checkCertificateNames,
  checkCertificateRole,
  checkSameNamespace,
  type Facts,
  factsOf,
  formats,
  isPlainInput,
} from "../foundation";
import {
  type GatewayAllowedRoutes,
  type GatewayListener,
  GatewayProtocol,
  GatewayRouteKind,
  GatewayRouteNamespaces,
} from "./listeners";
import { firstVersionWith } from "./versions";

/** Data plane that serves listeners. */
interface ListenerContext {
  /** Namespace of the Gateway. */
  namespace: pulumi.Input<string>;
  /** Facts of the GatewayClass; undefined for one that this program does not make. */
  gatewayClass?: Facts;
  /** `true`: an NginxProxy of the Gateway's own decides about its pods. */
  ownSettings: boolean;
}

/** Refuses listeners that the API server would reject, that Gateway Fabric would not serve, and that would shut each other out. */
export function checkListeners(listeners: Argument<GatewayListener[]>, context: ListenerContext): void {
  const { value } = listeners;
  if (value === undefined) return;
  listeners.notEmpty("write at least one: a Gateway without listeners takes no connections");
  if (value.length > 64) listeners.refuse(`are ${value.length}`, "write at most 64, and make another Gateway");
  for (const [index, listener] of listeners.entries().entries())
    listener.check(
      checkIdentity,
      checkTls,
      (one) => checkCertificates(one, context),
      (one) => checkServed(one, context),
      checkRoutes,
      (one) => {
        for (const other of value.slice(0, index)) checkBeside(one, other);
      },
    );
}

function checkIdentity(listener: Argument<GatewayListener>): void {
  const { protocol, hostname } = listener.value;
  listener.field("name").matches(formats.dnsSubdomain);
  listener.field("port").port();
  if (hostname === undefined) return;
  if (isRaw(protocol))
    listener.field("hostname").refuse(`is given for ${protocol}`, "leave it out: such connections name no host");
  listener.field("hostname").matches(formats.hostNameOrWildcard);
}

function checkTls(listener: Argument<GatewayListener>): void {
  const { protocol, certificates: given, passthrough } = listener.value;
  if (protocol === undefined) return;
  const certificates = listener.field("certificates");
  if (passthrough && protocol !== GatewayProtocol.tls)
    listener.field("passthrough").refuse(`is given for ${protocol}`, "leave it out, or use protocol TLS");
  if (terminates(listener.value)) {
    if (!given?.length)
      certificates.refuse(
        given === undefined ? "is missing" : "is empty",
        `give a Certificate: ${protocol} ends at the Gateway${protocol === GatewayProtocol.tls ? ", unless passthrough is true" : ""}`,
      );
  } else if (given !== undefined) {
    if (passthrough)
      certificates.refuse("is given beside passthrough", "remove one of the two: TLS ends here or goes through");
    else certificates.refuse(`is given for ${protocol}`, "leave it out, or use protocol HTTPS or TLS");
  }
}

function checkCertificates(listener: Argument<GatewayListener>, { namespace }: ListenerContext): void {
  const algorithms = new Map<string, string>();
  const seen = new Set<unknown>();
  for (const certificate of listener.field("certificates").entries()) {
    const secretName = certificate.field("secretName");
    secretName.known((name, argument) => {
      if (name === "")
        argument.refuse("is empty", "give a Certificate that is signed: without a Secret there is no TLS");
      else if (!formats.dnsSubdomain.test(name))
        argument.refuse(formats.dnsSubdomain.wrong, formats.dnsSubdomain.remedy);
    });
    certificate.field("namespace").matches(formats.dnsLabel);
    if (certificate.value.grant === false && certificate.value.namespace === undefined)
      certificate
        .field("grant")
        .refuse("is given without namespace", "write the namespace of the Secret, or leave it out");
    checkSameNamespace(
      secretName,
      certificate.value.namespace ?? namespace,
      "make it in the Gateway's namespace, or write { secretName, namespace } with its own, for which the Gateway makes a ReferenceGrant",
    );
    checkCertificateRole(secretName, "server");
    checkCertificateNames(secretName, listener.value.hostname);
    if (seen.has(secretName.value)) secretName.refuse("repeats another", "name each certificate once");
    seen.add(secretName.value);
    const facts = factsOf(secretName.value);
    const algorithm = facts?.certificate?.keyAlgorithm;
    if (algorithm === undefined) continue;
    const other = algorithms.get(algorithm);
    if (other !== undefined)
      secretName.refuse(
        `is of ${facts!.component} with a key of ${algorithm}, as ${other} has`,
        "write a listener for each host name: of several certificates with such keys NGINX shows the last to every client",
      );
    algorithms.set(algorithm, facts!.component);
  }
}

/** Refuses a listener that the Gateway Fabric of its class does not serve. */
function checkServed(listener: Argument<GatewayListener>, { gatewayClass, ownSettings }: ListenerContext): void {
  const facts = gatewayClass?.gateway;
  const { protocol, port, passthrough, certificates = [] } = listener.value;
  if (facts === undefined || protocol === undefined) return;
  const fabric = gatewayClass!.component;
  const because = `${fabric} has version ${facts.version}`;
  const field = listener.field("protocol");
  const use = (version: string) =>
    `${facts.version.startsWith("1.") ? "use GatewayFabric with" : "use"} version ${version} or later`;
  if (isRaw(protocol) && !facts.layer4Routes)
    field.refuse(
      `is ${protocol}, to which no route can attach: ${because}${facts.experimentalFeatures ? "" : " without experimentalFeatures"}`,
      facts.layer4Supported
        ? `write experimentalFeatures: true in ${fabric}, or ${use(firstVersionWith("standardLayer4Routes"))}`
        : `${use(firstVersionWith("standardLayer4Routes"))}, or ${firstVersionWith("layer4Routes")} or later with experimentalFeatures: true`,
    );
  if (protocol === GatewayProtocol.tls && !passthrough && !facts.tlsTermination)
    field.refuse(
      `is TLS that ends at the Gateway, which is not served: ${because}`,
      `write passthrough: true, use protocol HTTPS, or ${use(firstVersionWith("tlsTermination"))}`,
    );
  if (protocol === GatewayProtocol.tls && passthrough && !facts.tlsRoutes)
    field.refuse(
      `is TLS, to which no route can attach: ${because} without experimentalFeatures`,
      `write experimentalFeatures: true in ${fabric}, or ${use(firstVersionWith("tlsRoutes"))}`,
    );
  if (certificates.length > 1 && !facts.severalCertificates)
    listener
      .field("certificates")
      .refuse(
        `are ${certificates.length}, of which a listener may have one: ${because}`,
        `write a listener for each host name, or ${use(firstVersionWith("severalCertificates"))}`,
      );
  if (ownSettings) return;
  for (const [purpose, reserved] of Object.entries(facts.reservedPorts))
    if (port === reserved && protocol !== GatewayProtocol.udp)
      listener
        .field("port")
        .refuse(`is ${port}, which serves ${purpose} in the pods of ${fabric}`, "choose another port");
}

/** Kinds of routes that can attach, by the protocol. */
const routeKinds: Record<GatewayProtocol, readonly GatewayRouteKind[]> = {
  HTTP: [GatewayRouteKind.http, GatewayRouteKind.grpc],
  HTTPS: [GatewayRouteKind.http, GatewayRouteKind.grpc],
  TLS: [GatewayRouteKind.tls],
  TCP: [GatewayRouteKind.tcp],
  UDP: [GatewayRouteKind.udp],
};

function checkRoutes(listener: Argument<GatewayListener>): void {
  const { protocol } = listener.value;
  const routes = listener.field("allowedRoutes") as Argument<GatewayAllowedRoutes | undefined>;
  if (routes.value === undefined) return;
  const { from, namespaceLabels } = routes.value;
  const selects = from === GatewayRouteNamespaces.selector;
  if (selects && Object.keys(namespaceLabels ?? {}).length === 0)
    routes.field("namespaceLabels").refuse("is missing", 'write the labels of the namespaces, or from: "All"');
  if (!selects && namespaceLabels !== undefined)
    routes.field("namespaceLabels").refuse('is given without from: "Selector"', "write that too, or leave it out");
  routes.field("kinds").notEmpty("name a kind of route, or leave it out");
  if (protocol === undefined) return;
  for (const kind of routes.field("kinds").entries())
    if (!routeKinds[protocol].includes(kind.value))
      kind.refuse(
        `is ${kind.value}, which cannot attach to ${protocol}`,
        `write ${routeKinds[protocol].join(" or ")}, or leave kinds out`,
      );
}

/** Checks one listener against one before it. */
function checkBeside(listener: Argument<GatewayListener>, other: GatewayListener): void {
  const { name, port, protocol } = listener.value;
  if (name !== undefined && name === other.name)
    listener.field("name").refuse(`repeats "${other.name}"`, "give each listener a name of its own");
  if (port === undefined || port !== other.port || protocol === undefined || other.protocol === undefined) return;
  if (groups[protocol] !== groups[other.protocol]) {
    listener
      .field("port")
      .refuse(
        `is ${port}, on which "${other.name}" speaks ${other.protocol}`,
        "choose another port: Gateway Fabric serves neither of the two",
      );
    return;
  }
  const check = (one: string | undefined, another: string | undefined) => {
    if (protocol === other.protocol) {
      if (one === another)
        listener.refuse(
          `has the port, protocol and host name of "${other.name}"`,
          "write another host name or port: of two that are alike, neither is served",
        );
    } else if (groups[protocol] === "TLS" && overlap(one, another))
      listener
        .field("port")
        .refuse(
          `is ${port}, on which "${other.name}" speaks ${other.protocol} for ${sharedName(one, another)}`,
          "choose another port, or host names that do not overlap: Gateway Fabric serves neither of the two",
        );
  };
  const names = [listener.value.hostname, other.hostname];
  if (names.every((one) => one === undefined || isPlainInput(one))) check(names[0] as string, names[1] as string);
  else pulumi.all(names.map((one) => pulumi.output(one))).apply(([one, another]) => check(one, another));
}

/** Protocols that can share a port. */
const groups: Record<GatewayProtocol, string> = { HTTP: "HTTP", HTTPS: "TLS", TLS: "TLS", TCP: "L4", UDP: "L4" };

/** Returns whether a connection's host name may be of both; an absent name is any. */
const overlap = (one: string | undefined, other: string | undefined) =>
  one === undefined || other === undefined || one === other || isBelow(one, other) || isBelow(other, one);

const isBelow = (name: string, wildcard: string) => wildcard.startsWith("*.") && name.endsWith(wildcard.slice(1));

const sharedName = (one: string | undefined, other: string | undefined) =>
  one === undefined ? (other ?? "any host name") : other === undefined || isBelow(one, other) ? one : other;

const isRaw = (protocol: GatewayProtocol | undefined) =>
  protocol === GatewayProtocol.tcp || protocol === GatewayProtocol.udp;

/** Returns whether TLS ends at the Gateway. */
const terminates = ({ protocol, passthrough }: GatewayListener) =>
  protocol === GatewayProtocol.https || (protocol === GatewayProtocol.tls && !passthrough);
