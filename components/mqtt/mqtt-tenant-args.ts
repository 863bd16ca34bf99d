import type { MqttCredentials } from "./mqtt-credentials-args";
import type { MqttCertificateMatch, MqttDefaultRoute, MqttRoute, MqttSubjectMatch } from "./mqtt-route-args";

/**
 * Clients that are kept apart from those of other tenants: who belongs to one is decided before any route is, and its routes know its own upstreams only.
 * An upstream that a tenant uses belongs to it, and nobody else may use it.
 *
 * A tenant is told from others by a listener that it has to itself, or by `certificate` or `username` on one that it shares; all that share one are told by the same field. A client id never does: any
 * client can say any.
 */
export interface MqttTenant {
  /** Name, at most 40 lower-case letters, digits and `-`. */
  name: string;
  /** Names of the listeners on which its clients come, at least one. */
  listeners: string[];
  /** The client certificates that are this tenant's, on listeners where they are required. @default all on its listeners */
  certificate?: MqttCertificateMatch;
  /** The user names that are this tenant's. Whoever says such a name is taken for this tenant, so it is refused beside `credentials`: then the broker would check nothing more. @default all on its listeners */
  username?: MqttSubjectMatch;
  /** Which of its clients goes where. @default none: all of them take its default route */
  routes?: MqttRoute[];
  /** What happens to its clients that no route takes. */
  defaultRoute: MqttDefaultRoute;
  /** Credentials put into the CONNECT of its clients; those of the proxy are not for tenants. @default the clients' own go through */
  credentials?: MqttCredentials;
}
