import { type Argument, formats } from "../../foundation";
import { checkRevocation } from "../../nginx";
import type {
  MqttClientCertificates,
  MqttLimits,
  MqttListener,
  MqttListenerTls,
  MqttProxyArgs,
  MqttProxyProtocol,
  MqttWebSocket,
} from "../args";
import { targetPortOf } from "../resolve-model";
import { checkRoutes, checkUpstreamName, type RouteNames } from "./routes";
import { checkPem, checkUsage } from "./secrets";

/** Checks the listeners: names, ports, TLS, limits and routes. */
export function checkListeners(argument: Argument<MqttProxyArgs>, names: RouteNames): void {
  const { port, pods, credentials } = argument.value;
  argument.field("listeners").given((listeners) => {
    if (port !== undefined)
      argument.field("port").refuse("is given beside listeners", "write it as one of the listeners");
    listeners.notEmpty("give at least one, or remove it for port");
    listeners.check(checkNames, (all) => checkPorts(all, pods?.monitoring !== undefined));
    for (const listener of listeners.entries())
      listener.check(
        () => listener.field("limits").given(checkLimits),
        () => listener.field("tls").given(checkTls),
        () => listener.field("proxyProtocol").given(checkSources),
        () => {
          if (listener.value.passCredentials && !credentials)
            listener
              .field("passCredentials")
              .refuse("is given, and the proxy has no credentials", "remove it: the clients' own are passed on");
        },
        () =>
          listener.value.webSocket
            ? checkWebSocket(argument, listener, names)
            : listener.check((one) => checkOwnRoutes(one, names)),
      );
  });
}

function checkOwnRoutes(listener: Argument<MqttListener>, names: RouteNames): void {
  if (listener.value.routes && !listener.value.defaultRoute)
    listener
      .field("defaultRoute")
      .refuse("is missing beside routes", "write the route of the other clients of this listener: { refuse: true }");
  else checkRoutes(listener, names);
}

function checkNames(listeners: Argument<MqttListener[]>): void {
  const names = new Set<unknown>();
  for (const listener of listeners.entries()) {
    const name = listener.field("name");
    if (name.value === undefined) continue;
    if (!/^(?=.*[a-z])[a-z0-9](?:-?[a-z0-9]){0,14}$/.test(name.value) || name.value.length > 15)
      name.refuse(
        `is ${JSON.stringify(name.value)}`,
        "write at most 15 lower-case letters, digits and -, with a letter among them",
      );
    name.unique(names, "give each listener a name of its own");
  }
}

function checkPorts(listeners: Argument<MqttListener[]>, monitored: boolean): void {
  const ports = new Set<unknown>();
  const targets = new Map<number, string>([
    [8080, "probes have"],
    ...(monitored ? [[9113, "metrics have"] as const] : []),
  ]);
  for (const listener of listeners.entries()) {
    if (listener.value.port === undefined) continue;
    listener.field("port").port();
    listener.field("port").unique(ports, "give each listener a port of its own");
    const targetPort = listener.field("targetPort");
    targetPort.integer(1024, 65535);
    const target = targetPortOf(listener.value);
    const other = targets.get(target);
    // Two listeners with one port have one fault.
    if (other && !(targetPort.value === undefined && other.startsWith(`${listener.value.port} `)))
      targetPort.refuse(`would be ${target}, which ${other.replace(/^\d+ /, "")}`, "write another port from 1024");
    targets.set(target, `${listener.value.port} ${listener.path} has`);
  }
}

/** Checks the limits on each client. */
export function checkLimits(limits: Argument<MqttLimits>): void {
  const rate = [1, 2 ** 31 - 1] as const;
  limits.integers({ connectionsPerAddress: [1, 65535], uploadBytesPerSecond: rate, downloadBytesPerSecond: rate });
}

function checkTls(tls: Argument<MqttListenerTls>): void {
  tls.field("certificate").given((certificate) => checkUsage(certificate, "server"));
  tls.field("clientCertificates").given((certificates) => certificates.check(checkClientCertificates));
}

function checkClientCertificates(certificates: Argument<MqttClientCertificates>): void {
  const { trustedCertificates, crlPem, revocation } = certificates.value;
  certificates.exactlyOne(
    ["trustedCertificatesPem", "trustedCertificates"],
    "give one of the two: the authorities that issue the clients' certificates",
  );
  checkPem(certificates.field("trustedCertificatesPem"), "CERTIFICATE");
  checkPem(certificates.field("crlPem"), "X509 CRL");
  certificates.field("verifyDepth").integer(1, 10);
  certificates.field("revocation").given((revocation) => checkRevocation(revocation));
  const list = certificates.field("crlPem");
  if (crlPem !== undefined && trustedCertificates)
    list.refuse("is given beside trustedCertificates, a Secret with the lists under ca.crl", "remove it");
  else if (crlPem !== undefined && !revocation?.crl)
    list.refuse("is given without revocation.crl", "set revocation: { crl: true }, or NGINX reads no list");
  else if (crlPem === undefined && revocation?.crl && !trustedCertificates)
    list.refuse("is missing beside revocation.crl", "give the revocation lists of the authorities as PEM");
}

function checkSources(proxyProtocol: Argument<MqttProxyProtocol>): void {
  const sources = proxyProtocol.field("trustedSources");
  sources.notEmpty("name the load balancers: otherwise every client's address is theirs");
  for (const source of sources.entries()) {
    source.matches(formats.cidrOrAddress);
    source.known((text, argument) => {
      if (/\/0+$/.test(text) && formats.cidr.test(text))
        argument.refuse("matches every address", "name the load balancers alone: others could claim any address");
    });
  }
}

function checkWebSocket(argument: Argument<MqttProxyArgs>, listener: Argument<MqttListener>, names: RouteNames): void {
  const { routes, defaultRoute, passCredentials, proxyProtocolToBrokers, limits } = listener.value;
  const unread = "and NGINX never reads MQTT inside a WebSocket: its MQTT modules, and njs, work in stream alone";
  if (routes || defaultRoute)
    listener
      .field(routes ? "routes" : "defaultRoute")
      .refuse(`is given for webSocket, ${unread}`, "remove it: all clients get webSocket.upstream");
  if (argument.value.credentials && !passCredentials)
    argument
      .field("credentials")
      .refuse(
        `cannot be written for ${listener.path}, ${unread}`,
        `set ${listener.path}.passCredentials: true where the brokers take the clients' own, or remove webSocket`,
      );
  if (proxyProtocolToBrokers)
    listener
      .field("proxyProtocolToBrokers")
      .refuse(
        "is given for webSocket, and NGINX's http sends no PROXY protocol",
        "remove it: the address is in X-Forwarded-For",
      );
  for (const rate of ["uploadBytesPerSecond", "downloadBytesPerSecond"] as const)
    if (limits?.[rate] !== undefined)
      listener.field("limits").field(rate).refuse("is given for webSocket, which NGINX limits by no rate", "remove it");
  listener.field("webSocket").given((webSocket) => checkWebSocketBrokers(webSocket, names));
}

function checkWebSocketBrokers(webSocket: Argument<MqttWebSocket>, names: RouteNames): void {
  checkUpstreamName(webSocket.field("upstream"), names);
  webSocket.field("brokerPort").port();
  const path = webSocket.field("path");
  if (path.value !== undefined && !/^(?:\/[A-Za-z0-9._~-]+)+$|^\/$/.test(path.value))
    path.refuse(`is ${JSON.stringify(path.value)}`, "write a path of letters, digits, -, ., _ and ~: /mqtt");
}
