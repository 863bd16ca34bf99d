import { BlockList, isIP } from "node:net";
import type { KubernetesObject } from "../../engine";

// biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind, which the API server checks in the cluster tests
type Manifest = any;
type Labels = Record<string, string>;

/** A pod, as far as NetworkPolicies know it. */
export interface Pod {
  namespace: string;
  namespaceLabels: Labels;
  labels: Labels;
  /** Numbers of its named ports. */
  ports: Record<string, number>;
  /** A pod in the node's network is the node: no policy selects it. */
  hostNetwork?: boolean;
}

/** The other end of a connection: a pod, an address, or `any` for one that some rule may name. */
export type Peer = Pod | { address: string } | "any";

/** Port of a connection, with its protocol. */
export interface Port {
  port: number;
  protocol: string;
}

/** NetworkPolicies of one cluster, as Kubernetes defines what they allow (https://kubernetes.io/docs/concepts/services-networking/network-policies/). */
export class NetworkPolicies {
  private readonly policies: Manifest[];

  constructor(objects: KubernetesObject[]) {
    this.policies = objects.filter(({ kind }) => kind === "NetworkPolicy");
  }

  /** Returns the names of the policies that stop a connection; an empty list where it passes. */
  stopping(from: Peer, to: Peer, port: Port): string[] {
    return [
      ...(isPod(from) ? this.stoppingWay("egress", from, to, isPod(to) ? to : undefined, port) : []),
      ...(isPod(to) ? this.stoppingWay("ingress", to, from, to, port) : []),
    ];
  }

  /** Returns whether a policy selects the pod for one of the two ways. */
  restricts(pod: Pod, way: "ingress" | "egress"): boolean {
    return this.selecting(pod, way).length > 0;
  }

  private stoppingWay(way: "ingress" | "egress", pod: Pod, peer: Peer, destination: Pod | undefined, port: Port) {
    const selecting = this.selecting(pod, way);
    const passes = selecting.some(({ metadata, spec }) =>
      (spec[way] ?? []).some(
        (rule: Manifest) =>
          matchesPorts(rule.ports, port, destination) &&
          matchesPeers(way === "ingress" ? rule.from : rule.to, peer, metadata.namespace),
      ),
    );
    if (passes) return [];
    return selecting.map(({ metadata }) => `${way} of NetworkPolicy/${metadata.namespace}/${metadata.name}`).sort();
  }

  private selecting(pod: Pod, way: "ingress" | "egress"): Manifest[] {
    if (pod.hostNetwork) return [];
    return this.policies.filter(
      ({ metadata, spec }) =>
        metadata.namespace === pod.namespace &&
        typesOf(spec).includes(way === "ingress" ? "Ingress" : "Egress") &&
        selects(spec.podSelector, pod.labels),
    );
  }
}

export const isPod = (peer: Peer): peer is Pod => typeof peer === "object" && "labels" in peer;

const typesOf = (spec: Manifest): string[] => spec.policyTypes ?? ["Ingress", ...(spec.egress ? ["Egress"] : [])];

/** Returns whether a label selector selects the labels; an empty one selects all. */
export function selects(selector: Manifest, labels: Labels = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }: Manifest) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      return operator === "In" ? value !== undefined && values.includes(value) : !values.includes(value);
    })
  );
}

/** A rule without ports is about all of them; a port without a number is every port of its protocol. */
function matchesPorts(ports: Manifest[] | undefined, { port, protocol }: Port, destination: Pod | undefined): boolean {
  if (!ports || ports.length === 0) return true;
  return ports.some((one) => {
    if ((one.protocol ?? "TCP") !== protocol) return false;
    if (one.port === undefined) return true;
    const first = typeof one.port === "number" ? one.port : destination?.ports[one.port];
    return first !== undefined && port >= first && port <= (one.endPort ?? first);
  });
}

/** A rule without peers is about all of them. */
function matchesPeers(peers: Manifest[] | undefined, peer: Peer, namespace: string): boolean {
  if (!peers || peers.length === 0 || peer === "any") return true;
  return peers.some(({ ipBlock, podSelector, namespaceSelector }) => {
    if (ipBlock) return inBlock(ipBlock, peer);
    if (!isPod(peer) || peer.hostNetwork) return false;
    const inNamespace = namespaceSelector
      ? selects(namespaceSelector, peer.namespaceLabels)
      : peer.namespace === namespace;
    return inNamespace && (podSelector === undefined || selects(podSelector, peer.labels));
  });
}

/** The address of a pod is not known: a block has it where the block has every address. */
function inBlock({ cidr, except = [] }: Manifest, peer: Pod | { address: string }): boolean {
  if (isPod(peer)) return /\/0$/.test(cidr) && except.length === 0;
  return blockOf(cidr)(peer.address) && !except.some((one: string) => blockOf(one)(peer.address));
}

function blockOf(cidr: string): (address: string) => boolean {
  const [network = "", bits] = cidr.split("/");
  const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family(network));
  return (address) => list.check(address, family(address));
}
