import type { Input } from "@pulumi/pulumi";

/** The client ids, or user names, that a route takes: exactly one of the three. */
export interface MqttClientIdMatch {
  /** The text itself, in this case of letters. */
  exact?: string;
  /** The beginning of the text, in this case of letters. */
  prefix?: string;
  /** A regular expression (PCRE) that the whole text matches; without capture groups: `(?:…)` in place of `(…)`. */
  regex?: string;
}

/** A text, whole or in part: exactly one of the two. */
export interface MqttSubjectMatch {
  /** The text itself, in this case of letters. */
  exact?: string;
  /** The beginning of the text, in this case of letters. */
  prefix?: string;
}

/**
 * A field of the subject of the client's certificate, or one of its alternative names (SAN): exactly one of them. A subject that has the field twice matches
 * nothing, and neither does a certificate with several alternative names of that kind, nor one whose name is longer than 1,024 bytes or has anything but printable ASCII in it.
 *
 * NGINX has no variable for alternative names in `stream`, so njs reads them, on NGINX Plus too: `image` has to be given there, with `nginx-plus-module-njs` in it.
 */
export interface MqttCertificateMatch {
  /** CN, the common name. */
  commonName?: MqttSubjectMatch;
  /** OU, the organizational unit. */
  organizationalUnit?: MqttSubjectMatch;
  /** O, the organization. */
  organization?: MqttSubjectMatch;
  /** The DNS name among the alternative names; `*` stands for itself. */
  dnsName?: MqttSubjectMatch;
  /** The URI among the alternative names, a SPIFFE ID for example. A prefix that names an owner ends where its part ends: `spiffe://north.example/`. */
  uri?: MqttSubjectMatch;
  /** The mail address among the alternative names. */
  emailAddress?: MqttSubjectMatch;
}

/**
 * Sends some clients to an upstream, by exactly one of `clientId`, `username` and `certificate`. Routes by certificate go before those by user name, and these
 * before those by client id; among those by certificate, the subject goes before the DNS name, that before the URI, that before the mail address. Among each, an exact match goes before the longest prefix, that before regular expressions in their order.
 */
export interface MqttRoute {
  /** The client ids that take this route. */
  clientId?: MqttClientIdMatch;
  /** The user names that take this route, as clients send them; only the broker checks them. */
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
  /** Host names that are allowed, whole and in lower case. A first label `*` stands for any one label: `*.brokers.example.com`. Addresses are never allowed. */
  hosts: string[];
  /** TCP port of those brokers. @default 8883 with `brokerTls`, 1883 without */
  port?: number;
  /** Addresses of name servers, with or without a port. NGINX's resolver has no search list, so `hosts` are whole names. Directive `resolver`. */
  resolvers: Input<string>[];
}

/** Route of the clients that no other route takes: exactly one of the three. */
export interface MqttDefaultRoute {
  /** `true`: the proxy rejects such a client before any byte of it reaches a broker. */
  refuse?: boolean;
  /** Name of an entry of `upstreams`. */
  upstream?: string;
  /** The host that the client id names, if it is among those allowed here; the proxy rejects all others. Not for tenants. */
  clientIdAsHost?: MqttClientIdAsHost;
}
