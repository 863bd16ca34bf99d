import { isIP } from "node:net";
import { checked, checkInteger, checkPlain, checkPort, type Refuser } from "../foundation";
import { checkClientRevocation } from "../nginx";
import {
  MqttClientCertificateMode,
  type MqttClientCertificates,
  type MqttLimits,
  type MqttListener,
} from "./mqtt-listener-args";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import { planOf } from "./plan";
import { checkRoutes, checkUpstreamName, type RoutingNames } from "./routing";

/** Refuses listeners that cannot be, or would let in whom they should not. */
export function checkListeners(args: MqttProxyArgs, names: RoutingNames, refuse: Refuser): void {
  checkLimits(args.limits, "limits", refuse);
  const { listeners } = args;
  if (!listeners) return;
  if (args.port !== undefined) refuse("port", "is given beside listeners", "write it as one of the listeners");
  if (listeners.length === 0) refuse("listeners", "is empty", "give at least one, or leave it out for port");
  checkPorts(listeners, args, refuse);
  for (const [index, listener] of listeners.entries()) {
    const property = `listeners[${index}]`;
    const { tls, proxyProtocol, routes, defaultRoute, webSocket } = listener;
    checkPlain(refuse, { [property]: listener, [`${property}.tls`]: tls, [`${property}.routes`]: routes });
    checkLimits(listener.limits, `${property}.limits`, refuse);
    if (tls?.clientCertificates)
      checkClientCertificates(tls.clientCertificates, `${property}.tls.clientCertificates`, refuse);
    if (proxyProtocol) checkSources(proxyProtocol.trustedSources, `${property}.proxyProtocol.trustedSources`, refuse);
    if (listener.passCredentials && !args.credentials)
      refuse(
        `${property}.passCredentials`,
        "is given, and the proxy has no credentials",
        "leave it out: the clients' own go through",
      );
    if (webSocket) checkWebSocket(args, listener, property, names, refuse);
    else if (routes && !defaultRoute)
      refuse(
        `${property}.defaultRoute`,
        "is missing beside routes",
        "say what happens to the other clients of this listener: { refuse: true }",
      );
    else if (defaultRoute) checkRoutes(`${property}.`, { routes, defaultRoute }, names, refuse);
  }
}

function checkPorts(listeners: MqttListener[], args: MqttProxyArgs, refuse: Refuser): void {
  const names = new Set<string>();
  const ports = new Set<number>();
  const targets = new Map<number, string>([
    [8080, "probes"],
    ...(args.monitoring ? [[9113, "metrics"] as [number, string]] : []),
  ]);
  const { listeners: planned, webSockets } = planOf(args);
  for (const [index, { name, port, targetPort }] of listeners.entries()) {
    const property = `listeners[${index}]`;
    if (!/^(?=.*[a-z])[a-z0-9](?:-?[a-z0-9]){0,14}$/.test(name) || name.length > 15)
      refuse(
        `${property}.name`,
        `is ${JSON.stringify(name)}`,
        "use at most 15 lower-case letters, digits and -, with a letter among them",
      );
    if (names.has(name)) refuse(`${property}.name`, `repeats "${name}"`, "give each listener a name of its own");
    names.add(name);
    checkPort(refuse, `${property}.port`, port);
    if (ports.has(port)) refuse(`${property}.port`, `repeats ${port}`, "give each listener a port of its own");
    ports.add(port);
    checkInteger(refuse, `${property}.targetPort`, targetPort, 1024, 65535);
    const target = [...planned, ...webSockets].find((one) => one.property === property)!.targetPort;
    const other = targets.get(target);
    if (other)
      refuse(
        `${property}.targetPort`,
        `would be ${target}, which ${other} ${other.startsWith("listeners") ? "has" : "have"}`,
        "write another port from 1024",
      );
    targets.set(target, property);
  }
}

function checkLimits(limits: MqttLimits | undefined, property: string, refuse: Refuser): void {
  if (!limits) return;
  checkInteger(refuse, `${property}.connectionsPerAddress`, limits.connectionsPerAddress, 1, 65535);
  for (const rate of ["uploadBytesPerSecond", "downloadBytesPerSecond"] as const)
    checkInteger(refuse, `${property}.${rate}`, limits[rate], 1, 2 ** 31 - 1);
}

function checkClientCertificates(certificates: MqttClientCertificates, property: string, refuse: Refuser): void {
  const { mode, trustedCertificates, crlPem, existing, verifyDepth, revocation } = certificates;
  checkPlain(refuse, { [property]: certificates, [`${property}.existing`]: existing });
  const modes = Object.values(MqttClientCertificateMode);
  if (mode !== undefined && !modes.includes(mode))
    refuse(
      `${property}.mode`,
      `is ${JSON.stringify(mode)}`,
      `write one of ${modes.join(", ")}, or leave clientCertificates out`,
    );
  if ((trustedCertificates === undefined) === (existing === undefined))
    refuse(
      property,
      "must have exactly one of trustedCertificates and existing",
      "say which authorities the clients' certificates come from",
    );
  checked(trustedCertificates ?? pem("CERTIFICATE"), (text) => {
    if (!text.includes(pem("CERTIFICATE")))
      refuse(
        `${property}.trustedCertificates`,
        "holds no PEM certificate",
        "give the contents of the file, not its path",
      );
  });
  checkInteger(refuse, `${property}.verifyDepth`, verifyDepth, 1, 10);
  if (revocation) {
    checkPlain(refuse, { [`${property}.revocation`]: revocation });
    checkClientRevocation(refuse, `${property}.revocation`, revocation);
  }
  if (crlPem !== undefined && (existing || !revocation?.crl))
    refuse(
      `${property}.crlPem`,
      existing ? "comes with existing, whose lists are its key ca.crl" : "is given without revocation.crl",
      existing ? "leave it out" : "set revocation: { crl: true }, or NGINX reads no list",
    );
  if (revocation?.crl && !existing && crlPem === undefined)
    refuse(
      `${property}.crlPem`,
      "is missing beside revocation.crl",
      "give the revocation lists of the authorities as PEM",
    );
  checked(crlPem ?? pem("X509 CRL"), (text) => {
    if (!text.includes(pem("X509 CRL")))
      refuse(`${property}.crlPem`, "holds no PEM revocation list", "give the contents of the file, not its path");
  });
}

const pem = (label: string) => `-----BEGIN ${label}-----`;

function checkSources(sources: MqttProxyArgs["imagePullSecrets"], property: string, refuse: Refuser): void {
  checkPlain(refuse, { [property]: sources });
  if (!sources || sources.length === 0)
    refuse(property, "is empty", "name the load balancers, or every client's address is theirs");
  for (const [index, source] of sources!.entries())
    checked(source, (text) => {
      const [address = "", length, ...more] = text.split("/");
      const family = isIP(address);
      const bits = length === undefined ? (family === 4 ? 32 : 128) : /^\d{1,3}$/.test(length) ? Number(length) : -1;
      if (family === 0 || more.length > 0 || bits < 0 || bits > (family === 4 ? 32 : 128))
        refuse(`${property}[${index}]`, "is no network and no address", "write it as 192.0.2.0/24 or 192.0.2.1");
      if (bits === 0)
        refuse(
          `${property}[${index}]`,
          "is every address there is",
          "name the load balancers alone: anyone else could say to be anyone",
        );
    });
}

function checkWebSocket(
  args: MqttProxyArgs,
  listener: MqttListener,
  property: string,
  names: RoutingNames,
  refuse: Refuser,
): void {
  const { upstream, brokerPort, path } = listener.webSocket!;
  const unread =
    "and what is inside a WebSocket is never read: NGINX's MQTT modules, and njs for it, work in stream alone";
  for (const rules of ["routes", "defaultRoute"] as const)
    if (listener[rules])
      refuse(
        `${property}.${rules}`,
        `is given for webSocket, ${unread}`,
        "leave it out: all clients go to webSocket.upstream",
      );
  if (args.credentials && !listener.passCredentials)
    refuse(
      "credentials",
      `cannot be written for ${property}, ${unread}`,
      `set ${property}.passCredentials: true where the brokers take the clients' own, or do without webSocket`,
    );
  if (listener.proxyProtocolToBrokers)
    refuse(
      `${property}.proxyProtocolToBrokers`,
      "is given for webSocket, and NGINX's http sends no PROXY protocol",
      "leave it out: the address is in X-Forwarded-For",
    );
  for (const rate of ["uploadBytesPerSecond", "downloadBytesPerSecond"] as const)
    if (listener.limits?.[rate] !== undefined)
      refuse(`${property}.limits.${rate}`, "is given for webSocket, which NGINX limits by no rate", "leave it out");
  checkUpstreamName(refuse, `${property}.webSocket.upstream`, upstream, names.upstreams);
  checkPort(refuse, `${property}.webSocket.brokerPort`, brokerPort);
  if (path !== undefined && !/^(?:\/[A-Za-z0-9._~-]+)+$|^\/$/.test(path))
    refuse(
      `${property}.webSocket.path`,
      `is ${JSON.stringify(path)}`,
      "write a path of letters, digits, -, ., _ and ~: /mqtt",
    );
}
