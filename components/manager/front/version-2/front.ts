import { directive } from "../../../nginx";
import { agentServices } from "../../snippets";
import type { ResolvedFront } from "../model";
import { type FrontNodes, header, managerLog, streamLimits } from "../nginx";
import type { ResolvedOptions } from "./checks";
import type { BackendPart, ProxyLayout } from "./layout";

/** Returns the front of Instance Manager 2: the interface and agents on one port, told apart by the name in the TLS handshake. */
export function resolveVersion2(options: ResolvedOptions, layout: ProxyLayout): ResolvedFront {
  const { hostname, strictTransportSeconds, snippets, pauseSeconds, silenceSeconds } = options;
  const { port, backends, http2Directive } = layout;
  const log = { file: layout.accessLog, format: "manager" };
  const accessLog = layout.ownLog ? log : undefined;
  const headers = [
    ...(strictTransportSeconds > 0 ? [header("Strict-Transport-Security", `max-age=${strictTransportSeconds}`)] : []),
    header("X-Content-Type-Options", "nosniff"),
  ];
  const service = (name: string, part: BackendPart) => ({
    path: `/${agentServices}sdk.${name}/`,
    backend: backends[part],
    settings: streamLimits(pauseSeconds),
    healthCheck: [],
  });
  return {
    http2Directive,
    logFormats: managerLog,
    accessLog: layout.ownLog ? undefined : log,
    manager: {
      ...{ hostname: hostname.manager, port, statusZone: "manager", accessLog },
      certificate: layout.certificate,
      backend: backends.apigw,
      settings: [
        directive("client_max_body_size", "50m"),
        // Instance Manager misspells this header, so that browsers ignore it.
        directive("proxy_hide_header", "Strict-Transport-Security"),
        ...headers,
      ],
      ...{ headers, locationSettings: [], realIpHeader: true, healthCheck: [] },
      rejectedServices: `/${agentServices}`,
    },
    agents: {
      ...{ hostname: hostname.agents, port, statusZone: "manager_agents", accessLog },
      tls: {
        ...{ certificate: layout.agentCertificate, authorities: layout.agentAuthorities, crl: layout.agentCrl },
        ...{ mtls: options.mtls, verifyDepth: options.verifyDepth, revocation: options.revocation },
      },
      ...{ settings: [], errorHeaders: [], silenceSeconds },
      services: [service("Commander", "dpm"), service("MetricsService", "ingestion")],
    },
    snippets: {
      http: snippets.field("http"),
      manager: snippets.field("manager"),
      agents: snippets.field("agents"),
      origins: options.origins,
    },
  };
}

/** Returns the files of a host's `conf.d`, in their order. */
export const filesOfVersion2 = ({ common, upstreams, manager, agents, snippets }: FrontNodes) => ({
  "manager-common": common,
  "manager-upstreams": upstreams,
  "manager-servers": [...manager, ...agents],
  ...(snippets.length > 0 && { "manager-snippets": snippets }),
});
