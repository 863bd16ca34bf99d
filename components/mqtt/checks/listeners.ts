import { type Argument, formats } from "../../foundation";
import type { MqttLimits, MqttListener, MqttProxyArgs, MqttProxyProtocol } from "../args";
import { targetPortOf } from "../resolve-model";
import { checkListenerName, checkUpstreamReference, type KnownNames } from "./names";
import { checkRoutes } from "./routes";
import { checkListenerTls } from "./tls";

/** Checks the listeners: names, ports, TLS, limits and routes. */
export function checkListeners(argument: Argument<MqttProxyArgs>, names: KnownNames): void {
  const listeners = argument.field("listeners");
  if (!listeners.value) return;
  argument.field("port").notGiven("is given beside listeners", "write it as one of the listeners");
  listeners.notEmpty("give at least one, or remove it and use port");
  const taken = new Set<unknown>();
  for (const listener of listeners.entries()) checkListenerName(listener.field("name"), taken);
  checkPorts(listeners, argument.value.pods?.monitoring !== undefined);
  for (const listener of listeners.entries())
    listener.check(
      () => listener.field("limits").given(checkLimits),
      () => listener.field("tls").given(checkListenerTls),
      () => listener.field("proxyProtocol").given(checkSources),
      () => (listener.value.webSocket ? checkWebSocket(argument, listener, names) : checkOwnRoutes(listener, names)),
      () => {
        if (!argument.value.credentials)
          listener
            .field("passCredentials")
            .notGiven("is given, and the proxy has no credentials", "remove it: the clients' own are passed on");
      },
    );
}

/** Checks the limits on each client. */
export function checkLimits(limits: Argument<MqttLimits>): void {
  const rate = [1, 2 ** 31 - 1] as const;
  limits.integers({ connectionsPerAddress: [1, 65535], uploadBytesPerSecond: rate, downloadBytesPerSecond: rate });
}

function checkPorts(listeners: Argument<MqttListener[] | undefined>, monitored: boolean): void {
  const ports = new Set<unknown>();
  const users = new Map(monitored ? [[9113, "metrics use"]] : []).set(8080, "probes use");
  for (const listener of listeners.entries())
    listener.field("port").given((port) => {
      const repeated = ports.has(port.value);
      listener.integers({ port: [1, 65535], targetPort: [1024, 65535] });
      port.unique(ports, "give each listener a port of its own");
      const target = targetPortOf(listener.value);
      // Two listeners with one port have one fault.
      if (users.has(target) && (listener.value.targetPort !== undefined || !repeated))
        listener
          .field("targetPort")
          .refuse(`would be ${target}, which ${users.get(target)}`, "write another port from 1024");
      users.set(target, `${listener.path} uses`);
    });
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

function checkOwnRoutes(listener: Argument<MqttListener>, names: KnownNames): void {
  if (listener.value.routes && !listener.value.defaultRoute)
    listener
      .field("defaultRoute")
      .refuse("is missing beside routes", "write the route of the other clients of this listener: { refuse: true }");
  else checkRoutes(listener, names);
}

function checkWebSocket(argument: Argument<MqttProxyArgs>, listener: Argument<MqttListener>, names: KnownNames): void {
  const unread = "and NGINX never reads MQTT inside a WebSocket: its MQTT modules, and njs, work in stream alone";
  listener
    .field(listener.value.routes ? "routes" : "defaultRoute")
    .notGiven(`is given for webSocket, ${unread}`, "remove it: all clients use webSocket.upstream");
  if (!listener.value.passCredentials)
    argument
      .field("credentials")
      .notGiven(
        `cannot be written for ${listener.path}, ${unread}`,
        `set ${listener.path}.passCredentials: true if the brokers accept the clients' own credentials, or remove webSocket`,
      );
  listener
    .field("proxyProtocolToBrokers")
    .notGiven(
      "is given for webSocket, and NGINX's http sends no PROXY protocol",
      "remove it: the address is in X-Forwarded-For",
    );
  const limits = listener.field("limits");
  for (const rate of ["uploadBytesPerSecond", "downloadBytesPerSecond"] as const)
    limits.field(rate).notGiven("is given for webSocket, which NGINX limits by no rate", "remove it");
  const webSocket = listener.field("webSocket");
  checkUpstreamReference(webSocket.field("upstream"), names);
  webSocket.field("brokerPort").port();
  webSocket.field("path").given((path) => {
    if (!/^(?:\/[A-Za-z0-9._~-]+)+$|^\/$/.test(path.value))
      path.refuse(`is ${JSON.stringify(path.value)}`, "write a path of letters, digits, -, ., _ and ~: /mqtt");
  });
}
