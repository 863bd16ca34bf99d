import { MeshMode, MeshProtocol, type SidecarInbound } from "../sidecar-args";
import { getField, known, knownField, type Part, readObject } from "./parts";
import type { Ports } from "./ports";

/** Method of gRPC that a kubelet calls. */
const healthCheck = "/grpc.health.v1.Health/Check";

/** Refuses probes and hooks that strict mode would reject, because the kubelet has no certificate. */
export function checkProbes(container: Part, declared: readonly Part[], ports: Ports): void {
  const lifecycle = getField(container, "lifecycle");
  const handlers = [
    ...["startupProbe", "readinessProbe", "livenessProbe"].map((name) => getField(container, name)),
    ...["postStart", "preStop"].map((name) => getField(lifecycle, name)),
  ];
  for (const handler of handlers) {
    readObject(handler);
    for (const kind of ["httpGet", "tcpSocket", "grpc"] as const) checkAction(handler, kind, declared, ports);
  }
}

function checkAction(
  handler: Part,
  kind: "httpGet" | "tcpSocket" | "grpc",
  declared: readonly Part[],
  ports: Ports,
): void {
  const action = getField(handler, kind);
  readObject(action);
  // A probe of another host than the pod does not reach the sidecar.
  if (known(action) === undefined || (getField(action, "host").value ?? undefined) !== undefined) return;
  const port = resolvePort(knownField(action, "port"), declared);
  if (port === undefined) return;
  const hidden = ports.redirect ? undefined : ports.inbound.find(({ applicationPort }) => applicationPort === port);
  if (hidden && hidden.mode !== MeshMode.off)
    getField(action, "port").refuse(
      `is ${port}, on which the application listens on 127.0.0.1 only`,
      `use port ${hidden.port}`,
    );
  const inbound = ports.inbound.find((one) => one.port === port);
  // NGINX itself accepts the connection of a tcpSocket probe.
  if (inbound?.mode === MeshMode.strict && kind !== "tcpSocket") checkRequest(action, kind, inbound);
}

/** Checks the request of a probe to a strict port. */
function checkRequest(action: Part, kind: "httpGet" | "grpc", inbound: SidecarInbound): void {
  const { port, protocol, plainPaths = [] } = inbound;
  const path = getField(action, "path");
  const isLater = path.value !== undefined && known(path) === undefined;
  const requested = kind === "grpc" ? healthCheck : `${known(path) ?? "/"}`;
  if (protocol !== (kind === "grpc" ? MeshProtocol.grpc : MeshProtocol.http))
    action.refuse(
      `asks port ${port}, which speaks ${protocol}`,
      `use ${protocol === "grpc" ? "grpc" : protocol === "tcp" ? "tcpSocket" : "httpGet"}`,
    );
  else if (knownField(action, "scheme") === "HTTPS")
    getField(action, "scheme").refuse(
      `is HTTPS, and the kubelet has no certificate for port ${port}`,
      "leave it out, and add the path to plainPaths",
    );
  else if (!isLater && !plainPaths.includes(requested))
    action.refuse(
      `asks port ${port} for ${requested}, which strict mode rejects`,
      `add ${JSON.stringify(requested)} to plainPaths of that port`,
    );
}

/** Returns the number of a port that is given by number, or by its name in the same container. */
function resolvePort(port: unknown, declared: readonly Part[]): number | undefined {
  if (typeof port === "number") return port;
  if (port === undefined) return undefined;
  const named = declared.find((one) => knownField(one, "name") === port);
  const number = named && knownField(named, "containerPort");
  return typeof number === "number" ? number : undefined;
}

/** Refuses annotations by which Prometheus would request metrics that strict mode rejects. */
export function checkScrape(annotations: Part, ports: Ports): void {
  readObject(annotations);
  const read = (name: string) => knownField(annotations, `prometheus.io/${name}`);
  if (read("scrape") !== "true") return;
  const port = Number(read("port"));
  const path = `${read("path") ?? "/metrics"}`;
  const inbound = ports.inbound.find((one) => one.port === port);
  if (inbound?.mode === MeshMode.strict && !inbound.plainPaths?.includes(path))
    getField(annotations, "prometheus.io/path").refuse(
      `is ${path} on port ${port}, which strict mode rejects`,
      `add ${JSON.stringify(path)} to plainPaths of that port`,
    );
}
