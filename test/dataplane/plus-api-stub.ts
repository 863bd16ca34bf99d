import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** NGINX Plus's API as its documentation describes it (version 9), for one that proxies MQTT. No NGINX Plus was there to record it from. */
const answers: Record<string, unknown> = {
  "": [1, 2, 3, 4, 5, 6, 7, 8, 9],
  "9": ["nginx", "processes", "connections", "slabs", "http", "stream", "resolvers", "ssl", "workers", "license"],
  "9/nginx": {
    version: "1.29.3",
    build: "nginx-plus-r36",
    address: "192.0.2.10",
    generation: 1,
    load_timestamp: "2026-11-21T07:00:00.000Z",
    timestamp: "2026-11-21T08:00:00.000Z",
    pid: 10,
    ppid: 1,
  },
  "9/processes": { respawned: 0 },
  "9/connections": { accepted: 120, dropped: 3, active: 40, idle: 5 },
  "9/slabs": {},
  "9/ssl": { handshakes: 110, handshakes_failed: 4, session_reuses: 0 },
  "9/license": { active_till: 1_900_000_000, eval: false, reporting: { healthy: true, fails: 1, grace: 15_551_961 } },
  "9/resolvers": {},
  "9/workers": [
    {
      id: 0,
      pid: 11,
      connections: { accepted: 120, dropped: 3, active: 40, idle: 5 },
      http: { requests: { total: 90, current: 1 } },
    },
  ],
  "9/http": ["requests", "server_zones", "location_zones", "caches", "limit_conns", "limit_reqs", "upstreams"],
  "9/http/requests": { total: 90, current: 1 },
  "9/http/caches": {},
  "9/http/limit_conns": {},
  "9/http/limit_reqs": {},
  "9/http/location_zones": {},
  "9/http/server_zones": {},
  "9/http/upstreams": {
    "mqtt-websocket-web": {
      zone: "mqtt-websocket-web",
      keepalive: 0,
      zombies: 0,
      peers: [
        {
          ...peer("192.0.2.1:8884", "up"),
          requests: 7,
          responses: { "1xx": 7, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0, total: 7 },
          header_time: 3,
          response_time: 4,
        },
      ],
    },
  },
  "9/stream": ["server_zones", "limit_conns", "upstreams", "zone_sync"],
  "9/stream/limit_conns": {},
  "9/stream/server_zones": {
    "mqtt-listener-devices": {
      processing: 33,
      connections: 110,
      sessions: { "2xx": 70, "4xx": 5, "5xx": 2, total: 77 },
      discarded: 0,
      received: 9000,
      sent: 8000,
      ssl: { handshakes: 110, handshakes_failed: 4, session_reuses: 0 },
    },
  },
  "9/stream/upstreams": {
    mqtt_brokers: {
      zone: "mqtt_brokers",
      zombies: 0,
      peers: [streamPeer("192.0.2.1:8883", "up"), streamPeer("192.0.2.2:8883", "unhealthy")],
    },
  },
};

function peer(server: string, state: string) {
  return {
    id: 0,
    server,
    name: server,
    backup: false,
    weight: 1,
    state,
    active: 16,
    max_conns: 0,
    sent: 100,
    received: 100,
    fails: 2,
    unavail: 1,
    health_checks: { checks: 20, fails: 3, unhealthy: 1, last_passed: state === "up" },
    downtime: 0,
    ssl: { handshakes: 40, handshakes_failed: 0, session_reuses: 0 },
  };
}

function streamPeer(server: string, state: string) {
  return { ...peer(server, state), connections: 40, connect_time: 1, first_byte_time: 2, response_time: 3 };
}

const notFound = {
  error: { status: 404, text: "path not found", code: "PathNotFound" },
  request_id: "0123456789abcdef0123456789abcdef",
  href: "https://nginx.org/en/docs/http/ngx_http_api_module.html",
};

/** Serves it on loopback, at `/api`, in any version that it is asked for. */
export async function startPlusApi(): Promise<{ port: number; stop(): Promise<void> }> {
  const server = createServer(({ url = "" }, response) => {
    const path = url.replace(/^\/api\/?|\/$|[?].*/g, "").replace(/^\d+/, "9");
    const found = Object.hasOwn(answers, path);
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(found ? answers[path] : notFound));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
