import type { Input } from "@pulumi/pulumi";

/** Ways to spread clients over the servers of an upstream. */
export const MqttBalancing = {
  /**
   * By a hash of the client id. Several servers, and the brokers of SRV records (`service`): a client returns to its broker by way of every pod, for as long as that broker is there.
   * One name without `service`: by way of the same pod, while the addresses of the name stay as they are. Directive `hash`, with `consistent` where there are several names.
   */
  clientId: "clientId",
  /** The server with the fewest connections. Directive `least_conn`. */
  leastConnections: "leastConnections",
  /** Each server in turn. */
  roundRobin: "roundRobin",
} as const;
export type MqttBalancing = (typeof MqttBalancing)[keyof typeof MqttBalancing];

/** One broker, or one member of a cluster of brokers. */
export interface MqttServer {
  /** Host name or address of the broker, an IPv6 address without brackets. NGINX asks the resolver for a name again and again. The resolver has no search list: write the whole name, `broker.mqtt.svc.cluster.local`. */
  host: Input<string>;
  /** TCP port. @default 8883 with `brokerTls`, 1883 without */
  port?: number;
  /**
   * Name of a service whose SRV records of `host` give hosts, ports and weights: `_mqtt._tcp`, or `mqtt` for that; of a headless Service the name of its port. Not beside `port`. Where clients are spread by client id,
   * the weights in the records are ignored, because Kubernetes changes them with the number of pods. Parameter `service`. @default none
   */
  service?: string;
  /** Share of the clients, relative to the weights of the other servers. Parameter `weight`. @default 1; with `service` that of the records, or 10 where clients are spread by client id */
  weight?: number;
  /** Highest number of connections at once from each pod. Parameter `max_conns`. @default no limit */
  maximumConnections?: number;
  /** `true`: the server receives clients only while all others are unavailable. Not with balancing by client id. Parameter `backup`. @default false */
  backup?: boolean;
  /** `true`: the server receives no new clients. Parameter `down`. @default false */
  down?: boolean;
}

/** DNS servers that NGINX asks repeatedly for the addresses of an upstream's hosts. */
export interface MqttResolver {
  /** Addresses or names of DNS servers, at least one: `kube-dns.kube-system.svc.cluster.local`. NGINX looks such a name up once, when it starts, and does not start without it. Directive `resolver`. */
  addresses: string[];
  /** Time for which an answer is cached, in seconds. Parameter `valid`. @default the answer's own */
  validSeconds?: number;
  /** `false`: NGINX asks for IPv4 addresses only. Parameter `ipv6`. @default true */
  ipv6?: boolean;
}

/**
 * Sends each broker a CONNECT of MQTT 3.1.1 without client id and credentials in each interval. A broker is alive that answers with a CONNACK, also one that refuses the client, except with code 3 (server unavailable). It begins with the header of the PROXY protocol
 * if clients' connections to these brokers do. Only NGINX Plus.
 */
export interface MqttHealthCheck {
  /** Time between two checks, in seconds. Parameter `interval`. @default 5 */
  intervalSeconds?: number;
  /** Longest random delay of each check, in seconds. Parameter `jitter`. @default 0 */
  jitterSeconds?: number;
  /** Number of failed checks in a row after which the broker receives no new clients. Parameter `fails`. @default 1 */
  fails?: number;
  /** Number of passed checks in a row after which it receives clients again. Parameter `passes`. @default 1 */
  passes?: number;
  /** Time for one check, in seconds. Directive `health_check_timeout`. @default 5 */
  timeoutSeconds?: number;
  /** `true`: a broker receives no clients before its first check has passed. Parameter `mandatory`. @default false */
  mandatory?: boolean;
}

/** One broker, or a cluster of brokers with clients spread over them. */
export interface MqttUpstream {
  /** Name that routes refer to, also shown in the access log: at most 63 lower-case letters, digits, `-` and `_`. */
  name: string;
  /** The brokers; at least one. With several, a client id has the same one as long as the list does not change. */
  servers: MqttServer[];
  /** Whole host name, which the brokers' certificates must have as a DNS name; also sent as SNI. @default the host of the first server */
  serverName?: Input<string>;
  /** Way to spread clients over several servers. Clients without a client id are spread in any case. @default "clientId" */
  balancing?: MqttBalancing;
  /** Number of failed attempts to connect within `failTimeoutSeconds` after which a server receives no clients for that long; 0 for no limit. NGINX ignores it if there is one server. Parameter `max_fails`. @default 1 */
  maximumFailures?: number;
  /** Time in which failures are counted, and for which a failed server receives no clients, in seconds. Parameter `fail_timeout`. @default 10 */
  failTimeoutSeconds?: number;
  /** Time after which a recovered server receives its whole share of clients, in seconds. Not with balancing by client id. Only NGINX Plus. Parameter `slow_start`. @default all at once */
  slowStartSeconds?: number;
  /** Name servers of this upstream alone. Parameter `resolve`. @default the proxy's `resolver` */
  resolver?: MqttResolver;
  /**
   * `true`: host names are resolved once, when NGINX starts, by the pod's own resolver with its search list. One name that does not resolve then stops NGINX, and a broker that gets another address is lost.
   * NGINX before 1.27.3 can do no other; the version is read from the tag of `pods.image`, and this is for images without it. @default false
   */
  resolveOnce?: boolean;
  /** Health checks of the brokers. Only NGINX Plus. @default none: `maximumFailures` alone */
  healthCheck?: MqttHealthCheck;
}
