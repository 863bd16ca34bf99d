import type { Input } from "@pulumi/pulumi";

/** Which client ids, or user names, a route takes: exactly one of the three. */
export interface MqttClientIdMatch {
  /** The text itself, in this case of letters. */
  exact?: string;
  /** How the text begins, in this case of letters. */
  prefix?: string;
  /** A regular expression (PCRE) that the whole text matches; without capture groups: `(?:…)` in place of `(…)`. */
  regex?: string;
}

/** A text, whole or in part: exactly one of the two. */
export interface MqttSubjectMatch {
  /** The text itself, in this case of letters. */
  exact?: string;
  /** How the text begins, in this case of letters. */
  prefix?: string;
}

/**
 * A field of the subject of the client's certificate: exactly one of them. A subject that has the field twice matches nothing. NGINX has no variable with a
 * certificate's alternative names in `stream`.
 */
export interface MqttCertificateMatch {
  /** CN, the common name. */
  commonName?: MqttSubjectMatch;
  /** OU, the organizational unit. */
  organizationalUnit?: MqttSubjectMatch;
  /** O, the organization. */
  organization?: MqttSubjectMatch;
}

/**
 * Sends some clients to an upstream, by exactly one of `clientId`, `username` and `certificate`. Routes by certificate go before those by user name, and these
 * before those by client id; among each, an exact match goes before the longest prefix, that before regular expressions in their order.
 */
export interface MqttRoute {
  /** The client ids that take this route. */
  clientId?: MqttClientIdMatch;
  /** The user names that take this route: what clients say, which only the broker checks. */
  username?: MqttClientIdMatch;
  /** The client certificates that take this route; only where listeners ask for them. */
  certificate?: MqttCertificateMatch;
  /** Name of an entry of `upstreams`. */
  upstream: string;
  /** Name of an entry of `namedCredentials`, for the clients of this route. @default those of the tenant, or of the proxy */
  credentials?: string;
}

/** Brokers whose host name is the client id. */
export interface MqttClientIdAsHost {
  /** Host names that are allowed, in lower case. A first label `*` stands for any one label: `*.brokers.example.com`. Addresses are never allowed. */
  hosts: string[];
  /** TCP port of those brokers. @default 8883 with `brokerTls`, 1883 without */
  port?: number;
  /** Name servers, addresses with or without a port. Directive `resolver`. */
  resolvers: Input<string>[];
}

/** Where clients go that no route takes: exactly one of the three. */
export interface MqttDefaultRoute {
  /** `true`: such a client is turned away before any byte of it reaches a broker. */
  refuse?: boolean;
  /** Name of an entry of `upstreams`. */
  upstream?: string;
  /** To the host that the client id names, if it is among those allowed here; all others are turned away. Not for tenants. */
  clientIdAsHost?: MqttClientIdAsHost;
}
