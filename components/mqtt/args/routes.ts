import type { Input } from "@pulumi/pulumi";

/** Match of client ids or user names: exactly one of the three. */
export interface MqttClientIdMatch {
  /** The whole text, case-sensitive. */
  exact?: string;
  /** The beginning of the text, case-sensitive. */
  prefix?: string;
  /** A regular expression (PCRE) for the whole text, without capture groups: `(?:…)` in place of `(…)`. */
  regex?: string;
}

/** Match of one field of a certificate, or of a user name: exactly one of the two. */
export interface MqttSubjectMatch {
  /** The whole text, case-sensitive. */
  exact?: string;
  /** The beginning of the text, case-sensitive. */
  prefix?: string;
}

/**
 * Match of a field of the subject of the client's certificate, or of one of its alternative names (SAN): exactly one of them. A subject with the field twice matches
 * nothing. A certificate with several alternative names of that kind matches nothing, nor does a name of more than 1,024 bytes or with characters other than printable ASCII.
 *
 * NGINX has no variable for alternative names in `stream`, so njs reads them, on NGINX Plus too: that needs an `image` with `nginx-plus-module-njs`.
 */
export interface MqttCertificateMatch {
  /** CN, the common name. */
  commonName?: MqttSubjectMatch;
  /** OU, the organizational unit. */
  organizationalUnit?: MqttSubjectMatch;
  /** O, the organization. */
  organization?: MqttSubjectMatch;
  /** The DNS name among the alternative names; `*` is not a wildcard. */
  dnsName?: MqttSubjectMatch;
  /** The URI among the alternative names, a SPIFFE ID for example. End the prefix of an owner with `/`, as in `spiffe://north.example/`: without it the prefix matches `spiffe://north.example.net` too. */
  uri?: MqttSubjectMatch;
  /** The mail address among the alternative names. */
  emailAddress?: MqttSubjectMatch;
}

/**
 * Sends some clients to an upstream, by exactly one of `clientId`, `username` and `certificate`. Routes by certificate have precedence, then those by user name, then those by client id.
 * Among routes by certificate the order is: subject, DNS name, URI, mail address. In each of these an exact match comes first, then the longest prefix, then regular expressions in their order.
 */
export interface MqttRoute {
  /** Client ids of this route. */
  clientId?: MqttClientIdMatch;
  /** User names of this route, as clients send them. Only the broker verifies them. */
  username?: MqttClientIdMatch;
  /** Client certificates of this route. Needs `tls.clientCertificates` on the listeners. */
  certificate?: MqttCertificateMatch;
  /** Name of an entry of `upstreams`. */
  upstream: string;
  /** Name of an entry of `namedCredentials`, for the clients of this route. @default those of the tenant, or of the proxy */
  credentials?: string;
}

/** Brokers whose host name is the client id. */
export interface MqttClientIdAsHost {
  /** Allowed host names, whole and in lower case. `*` as the first label matches any one label: `*.brokers.example.com`. Addresses are never allowed. */
  hosts: string[];
  /** TCP port of those brokers. @default 8883 with `brokerTls`, 1883 without */
  port?: number;
  /** Addresses of name servers, with or without a port. NGINX's resolver has no search list, so `hosts` are whole names. Directive `resolver`. */
  resolvers: Input<string>[];
}

/** Route of the clients that match no other route: exactly one of the three. */
export interface MqttDefaultRoute {
  /** `true`: the proxy rejects such a client before it sends any byte to a broker. */
  refuse?: boolean;
  /** Name of an entry of `upstreams`. */
  upstream?: string;
  /** Brokers whose host name is the client id. The proxy rejects clients with an id that is not an allowed host. Not for tenants. */
  clientIdAsHost?: MqttClientIdAsHost;
}
