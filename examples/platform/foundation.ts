import type * as pulumi from "@pulumi/pulumi";
import {
  CertificateAuthority,
  Edition,
  issuerOutputs,
  LicenseSecret,
  Namespace,
  type NamespaceArgs,
  PodSecurityLevel,
  RegistrySecret,
} from "nginx-stacks";
import { enrolled } from "./enrolled";
import { config, edition, secretNames } from "./settings";

/** Where things are. */
const places = {
  gateway: {},
  web: {},
  mqtt: { defaultDeny: true },
  manager: { defaultDeny: true },
  shop: { labels: { "nginx-stacks/mesh": "strict" } },
  "mesh-server": {},
  "mesh-system": { podSecurity: PodSecurityLevel.privileged },
  // Keys of devices and agents, until somebody takes them there.
  enrolled: { defaultDeny: true },
} satisfies Record<string, NamespaceArgs>;
export type Place = keyof typeof places;

const placesOfNginx: Place[] = ["gateway", "mqtt", "manager", "shop"];

/**
 * Whom others trust: a root each, because NGINX takes every certificate below a root that it trusts. So no device is an agent, and no agent a broker.
 */
const areas = ["servers", "devices", "brokers", "manager", "agents", "mesh"] as const;
export type Area = (typeof areas)[number];

/** Those whose keys services get, to issue with. The others stay here: what answers to devices and agents can make none. */
const issuers = ["servers", "brokers", "manager", "mesh"] as const;
export type Issuer = (typeof issuers)[number];

/** What changes rarely and must not get lost: namespaces, authorities, and the Secrets of NGINX Plus. */
export function foundation() {
  const opts = { protect: config.getBoolean("protect") };
  const namespaces = each(Object.keys(places) as Place[], (place) => new Namespace(place, places[place], opts).name);

  // NGINX Plus needs the subscription's JWT twice: to pull the image, and to run.
  const jwt = edition === Edition.plus ? config.requireSecret("jwt") : undefined;
  const licenses = (jwt ? placesOfNginx : []).map((place) => {
    const namespace = namespaces[place];
    new RegistrySecret(`${place}-registry`, { namespace, name: secretNames.registry, jwt });
    return new LicenseSecret(`${place}-license`, { namespace, name: secretNames.license, jwt });
  });

  const authorities = each(areas, (area) => authority(area, opts));

  return {
    namespaces,
    /** The roots of each area, for all clients and servers of it. */
    trusted: each(areas, (area) => authorities[area].bundle),
    /** Names of the Secrets with the certificates of devices and agents. */
    enrolled: enrolled(namespaces.enrolled, authorities.devices, authorities.agents),
    ...Object.assign({}, ...issuers.map((area) => issuerOutputs(area, authorities[area]))),
    /** Changes with the token, so that pods roll. */
    ...(licenses[0] && { licenseRevision: licenses[0].revision }),
  };
}

/** A root whose key never leaves this stack, and below it what issues. */
const authority = (area: Area, opts: pulumi.ComponentResourceOptions) =>
  new CertificateAuthority(
    area,
    {
      subject: { commonName: `Platform ${area} root`, organization: "Example" },
      intermediate: { subject: { commonName: `Platform ${area} issuer`, organization: "Example" } },
      // SPIRE's authority is below the mesh's.
      subordinateAuthorities: area === "mesh" ? 1 : undefined,
    },
    opts,
  );

/** A record with a value for each key. */
const each = <K extends string, V>(keys: readonly K[], value: (key: K) => V) =>
  Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;
