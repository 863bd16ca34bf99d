import type { Input } from "@pulumi/pulumi";

/** How clients are spread over the servers of an upstream. */
export const MqttBalancing = {
  /** By a consistent hash of the client id: a client comes back to the same server. Directive `hash … consistent`. */
  clientId: "clientId",
  /** To the server with the fewest connections. Directive `least_conn`. */
  leastConnections: "leastConnections",
  /** In turn. */
  roundRobin: "roundRobin",
} as const;
export type MqttBalancing = (typeof MqttBalancing)[keyof typeof MqttBalancing];

/** One broker, or one member of a cluster of brokers. */
export interface MqttServer {
  /** Host name or address of the broker, an IPv6 address without brackets. NGINX resolves a name once, when it starts; with the upstream's `resolver`, again and again. */
  host: Input<string>;
  /** TCP port. @default 8883 with `brokerTls`, 1883 without */
  port?: number;
  /** Name of a service whose SRV records of `host` give hosts, ports and weights: `_mqtt._tcp`, or `mqtt` for that. Needs the upstream's `resolver`; without `port`. Parameter `service`. @default none */
  service?: string;
  /** How many clients it gets, beside the weights of the others. Parameter `weight`. @default 1 */
  weight?: number;
  /** How many connections each pod may have to it at once. Parameter `max_conns`. @default any number */
  maximumConnections?: number;
  /** `true`: it gets clients only while none of the others can take them; not where they are spread by client id. Parameter `backup`. @default false */
  backup?: boolean;
  /** `true`: it gets no new clients. Parameter `down`. @default false */
  down?: boolean;
}

/** Who says, again and again, which addresses a host name has. */
export interface MqttResolver {
  /** Addresses or names of DNS servers, at least one: `kube-dns.kube-system.svc.cluster.local`. Directive `resolver`. */
  addresses: string[];
  /** How long an answer is believed, in seconds. Parameter `valid`. @default as long as the answer says */
  validSeconds?: number;
  /** Whether IPv6 addresses are asked for. Parameter `ipv6`. @default true */
  ipv6?: boolean;
}

/** Asks each broker again and again whether it is alive, with a CONNECT that has no client id and no credentials: an MQTT 3.1.1 broker admits it, or says that it is not authorised. Only NGINX Plus. */
export interface MqttHealthCheck {
  /** How often, in seconds. Parameter `interval`. @default 5 */
  intervalSeconds?: number;
  /** By how much each check is put off at random, in seconds at most. Parameter `jitter`. @default 0 */
  jitterSeconds?: number;
  /** How many checks in a row have to fail until the broker gets no new clients. Parameter `fails`. @default 1 */
  fails?: number;
  /** How many have to succeed until it gets some again. Parameter `passes`. @default 1 */
  passes?: number;
  /** How long one check may take, in seconds. Directive `health_check_timeout`. @default 5 */
  timeoutSeconds?: number;
  /** `true`: a broker gets no clients before its first check has succeeded. Parameter `mandatory`. @default false */
  mandatory?: boolean;
}

/** A broker, or a cluster of brokers that clients are spread over. */
export interface MqttUpstream {
  /** Name that routes refer to: lower-case letters, digits, `-` and `_`; it is also what the access log shows. */
  name: string;
  /** The brokers; at least one. With several, a client id always goes to the same one while the set is unchanged. */
  servers: MqttServer[];
  /** Host name that the brokers' certificates must carry as a DNS name, also sent as SNI. @default the host of the first server */
  serverName?: Input<string>;
  /** How clients are spread over several servers. Clients without a client id are always spread. @default "clientId" */
  balancing?: MqttBalancing;
  /** How many attempts to connect have to fail within `failTimeoutSeconds` until a server gets no clients for that long; 0: it always gets them. NGINX ignores it where there is one server. Parameter `max_fails`. @default 1 */
  maximumFailures?: number;
  /** See `maximumFailures`, in seconds. Parameter `fail_timeout`. @default 10 */
  failTimeoutSeconds?: number;
  /** How long a server that is well again takes to get its whole share of clients, in seconds; not where they are spread by client id. Only NGINX Plus. Parameter `slow_start`. @default 0 */
  slowStartSeconds?: number;
  /** Follows the addresses of host names as they change, from NGINX 1.27.3 on. Parameter `resolve`. @default names are resolved once, when NGINX starts */
  resolver?: MqttResolver;
  /** Asks the brokers whether they are alive. Only NGINX Plus. @default none: `maximumFailures` alone */
  healthCheck?: MqttHealthCheck;
}
