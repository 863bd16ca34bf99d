import type { Input } from "@pulumi/pulumi";
import { gatewayClassName as defaultClassName, releaseName } from "../defaults";
import type { GatewayFabricVersion } from "../versions";

/** The names that upstream derives from that of the release. */
export interface Names {
  /** Of the Deployment, Service, ServiceAccount, roles and bindings. */
  release: string;
  /** Of the NginxGateway. */
  config: string;
  /** Of the NginxProxy. */
  proxyConfig: string;
  leaderElection: string;
  /** Of the SecurityContextConstraints, that of the data plane ending in `-nginx`. */
  constraints: string;
}

/** Returns the names of one release. */
export const namesOf = (release = releaseName): Names => ({
  release,
  config: `${release}-config`,
  proxyConfig: `${release}-proxy-config`,
  leaderElection: `${release}-leader-election`,
  constraints: `${release}-scc`,
});

/** Returns the labels by which the pods of the control plane are found. */
export const selector = ({ release }: Names) => ({
  "app.kubernetes.io/instance": release,
  "app.kubernetes.io/name": release,
});

/** Label that the control plane puts on the pods of every Gateway of its class. */
export const managedBy = "app.kubernetes.io/managed-by";

/** Returns the value of that label. */
export const dataPlaneLabel = ({ release }: Names, className = defaultClassName) => `${release}-${className}`;

/** Returns the labels of every object of the release. */
export const labels = (names: Names, { version }: GatewayFabricVersion) => ({
  ...selector(names),
  "app.kubernetes.io/version": version,
});

/** Returns the metadata of an object of the release. */
export const metadata = (names: Names, version: GatewayFabricVersion, name: string, namespace?: Input<string>) => ({
  labels: labels(names, version),
  name,
  ...(namespace !== undefined && { namespace }),
});
