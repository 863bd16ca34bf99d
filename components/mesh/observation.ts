import { block, flag, type HclNode, number, text } from "./hcl";

/** Where a SPIRE server or agent can be looked at. */
export interface ObservedPlace {
  bindAddress: string;
  metricsPort: number;
  healthPort: number;
}

/** Blocks of a server's or an agent's configuration: health for the kubelet, and metrics where somebody reads them. */
export const observationNodes = (place: ObservedPlace, monitored: boolean): HclNode[] => [
  ...(monitored
    ? [block("telemetry", [block("Prometheus", [text("host", place.bindAddress), number("port", place.metricsPort)])])]
    : []),
  block("health_checks", [
    flag("listener_enabled", true),
    text("bind_address", place.bindAddress),
    text("bind_port", `${place.healthPort}`),
    text("live_path", "/live"),
    text("ready_path", "/ready"),
  ]),
];
