import type { MqttCredentials } from "./credentials";
import type { MqttCertificateMatch, MqttDefaultRoute, MqttRoute, MqttSubjectMatch } from "./routes";

/**
 * Clients that are isolated from those of other tenants. The proxy chooses the tenant first, then a route of that tenant.
 * No other tenant or route may use an upstream of a tenant.
 *
 * All clients of a listener belong to its tenant, if it has only one. On a shared listener `certificate` or `username` chooses the tenant; all tenants of a listener use the same field.
 * On a listener without client certificates, every client that can reach the port belongs to the tenant: restrict it with a NetworkPolicy. A client id proves nothing: a client can send any.
 */
export interface MqttTenant {
  /** Name, at most 40 lower-case letters, digits and `-`. */
  name: string;
  /** Names of the listeners on which its clients connect, at least one. */
  listeners: string[];
  /** Client certificates of this tenant, on listeners that require them. @default all on its listeners */
  certificate?: MqttCertificateMatch;
  /** User names of this tenant. Any client can send such a name, so it is refused beside `credentials`: the broker could not verify the client. @default all on its listeners */
  username?: MqttSubjectMatch;
  /** Routes of its clients. @default none: all of them take its default route */
  routes?: MqttRoute[];
  /** Route of its clients that match no other route. */
  defaultRoute: MqttDefaultRoute;
  /** Credentials that the proxy writes into the CONNECT of its clients. Those of the proxy are not for tenants. @default the clients' own are passed on */
  credentials?: MqttCredentials;
}
