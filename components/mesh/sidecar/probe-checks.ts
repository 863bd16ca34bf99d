import type { types } from "@pulumi/kubernetes";
import type { Refuser } from "../../foundation";
import { plain } from "./plain";
import type { Ports } from "./port-checks";
import { MeshMode, MeshProtocol, type SidecarInbound } from "./sidecar-args";

type Container = types.input.core.v1.Container;
type Handler = { httpGet?: unknown; tcpSocket?: unknown; grpc?: unknown };

/** The method that a kubelet asks of gRPC. */
const healthCheck = "/grpc.health.v1.Health/Check";

/** Refuses probes and hooks of the kubelet, which has no certificate, that strict mode would turn away. */
export function checkProbes(container: Container, property: string, ports: Ports, refuse: Refuser): void {
  const lifecycle = (plain(container.lifecycle) ?? {}) as Record<string, unknown>;
  const handlers: Record<string, unknown> = {
    startupProbe: container.startupProbe,
    readinessProbe: container.readinessProbe,
    livenessProbe: container.livenessProbe,
    "lifecycle.postStart": lifecycle.postStart,
    "lifecycle.preStop": lifecycle.preStop,
  };
  for (const [name, input] of Object.entries(handlers)) {
    const handler = plain(input) as Handler | undefined;
    if (handler !== undefined) checkHandler(handler, container, `${property}.${name}`, ports, refuse);
  }
}

function checkHandler(handler: Handler, container: Container, property: string, ports: Ports, refuse: Refuser): void {
  for (const kind of ["httpGet", "tcpSocket", "grpc"] as const) {
    const action = plain(handler[kind]) as
      | { port?: unknown; path?: unknown; host?: unknown; scheme?: unknown }
      | undefined;
    // Another host than the pod is none of the sidecar's.
    if (action === undefined || action.host !== undefined) continue;
    const port = numberOf(plain(action.port), container);
    if (port === undefined) continue;
    const at = `${property}.${kind}`;
    const hidden = ports.redirect ? undefined : ports.inbound.find(({ applicationPort }) => applicationPort === port);
    if (hidden && hidden.mode !== MeshMode.off)
      refuse(`${at}.port`, `is ${port}, on which the application listens on 127.0.0.1 only`, `ask port ${hidden.port}`);
    const inbound = ports.inbound.find((one) => one.port === port);
    if (inbound && (inbound.mode ?? MeshMode.strict) === MeshMode.strict)
      checkAsked({ kind, path: plain(action.path), scheme: plain(action.scheme) }, inbound, at, refuse);
  }
}

/** What a probe asks of a strict port. */
interface Question {
  kind: "httpGet" | "tcpSocket" | "grpc";
  path: unknown;
  scheme: unknown;
}

function checkAsked(
  { kind, path = "/", scheme }: Question,
  inbound: SidecarInbound,
  at: string,
  refuse: Refuser,
): void {
  // NGINX takes the connection itself.
  if (kind === "tcpSocket") return;
  const { port, protocol, plainPaths = [] } = inbound;
  const wanted = kind === "grpc" ? MeshProtocol.grpc : MeshProtocol.http;
  if (protocol !== wanted)
    refuse(
      at,
      `asks port ${port}, which speaks ${protocol}`,
      `use ${protocol === "grpc" ? "grpc" : protocol === "tcp" ? "tcpSocket" : "httpGet"}`,
    );
  if (scheme === "HTTPS")
    refuse(
      `${at}.scheme`,
      `is HTTPS, and the kubelet has no certificate for port ${port}`,
      "leave it out, and declare the path in plainPaths",
    );
  const asked = kind === "grpc" ? healthCheck : (path as string);
  if (!plainPaths.includes(asked))
    refuse(
      at,
      `asks port ${port} for ${asked}, which strict mode turns away`,
      `write ${JSON.stringify(asked)} into plainPaths of that port`,
    );
}

/** A port by its number, or by its name in the same container. */
function numberOf(port: unknown, container: Container): number | undefined {
  if (typeof port === "number") return port;
  const named = ((plain(container.ports) ?? []) as types.input.core.v1.ContainerPort[]).find(
    (one) => plain(plain(one)?.name) === port,
  );
  const at = plain(named?.containerPort);
  return typeof at === "number" ? at : undefined;
}

/** Refuses annotations by which Prometheus would ask a strict port in vain. */
export function checkScrape(annotations: Record<string, unknown>, ports: Ports, refuse: Refuser): void {
  const known = (name: string) => plain(annotations[`prometheus.io/${name}`]);
  if (known("scrape") !== "true") return;
  const port = Number(known("port"));
  const path = (known("path") ?? "/metrics") as string;
  const inbound = ports.inbound.find((one) => one.port === port);
  if (inbound && (inbound.mode ?? MeshMode.strict) === MeshMode.strict && !inbound.plainPaths?.includes(path))
    refuse(
      'template.metadata.annotations["prometheus.io/path"]',
      `is ${path} on port ${port}, which strict mode turns away`,
      `write ${JSON.stringify(path)} into plainPaths of that port`,
    );
}
