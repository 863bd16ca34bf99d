import type { MqttCredentials } from "./credentials";
import type { MqttCertificateMatch, MqttDefaultRoute, MqttRoute, MqttSubjectMatch } from "./routes";

/**
 * Clients that are kept apart from those of other tenants: the tenant is decided before the route, and its routes have its own upstreams only.
 * An upstream that a tenant uses belongs to it, and no other tenant or route may use it.
 *
 * The proxy tells a tenant's clients by a listener that the tenant has to itself, or by `certificate` or `username` on a listener that it shares; all tenants of a listener use the same field.
 * Anyone who can reach the port of a listener without client certificates counts as its tenant: restrict it with a NetworkPolicy. A client id is no proof: a client can send any.
 */
export interface MqttTenant {
  /** Name, at most 40 lower-case letters, digits and `-`. */
  name: string;
  /** Names of the listeners on which its clients connect, at least one. */
  listeners: string[];
  /** The client certificates that are this tenant's, on listeners where they are required. @default all on its listeners */
  certificate?: MqttCertificateMatch;
  /** The user names that are this tenant's. Anyone can send such a name, so it is refused beside `credentials`: the broker would have nothing left to check. @default all on its listeners */
  username?: MqttSubjectMatch;
  /** Routes for its clients. @default none: all of them take its default route */
  routes?: MqttRoute[];
  /** Route of its clients that no other route takes. */
  defaultRoute: MqttDefaultRoute;
  /** Credentials put into the CONNECT of its clients; those of the proxy are not for tenants. @default the clients' own are passed on */
  credentials?: MqttCredentials;
}
