import type { InstanceManagerProfile } from "./instance-manager-certificates-args";

const hoursPerDay = 24;

/** The parts of a subject that both documents have. */
export const documentedSubject = {
  country: "US",
  province: "California",
  locality: "San Francisco",
  organization: "NGINX, Inc.",
};

/** Sizes of RSA keys. */
export const rsaBits = { authority: 4096, server: 4096, agent: 2048 } as const;

/** Default lifetimes: the longer ones of the documents, so that the authorities outlive the certificates that they sign. */
export const validityHours = { root: 1826 * hoursPerDay, leaf: 365 * hoursPerDay } as const;

/** Certificates of one document's script. */
export interface CertificateProfile {
  /** Common names of the authorities. */
  root: string;
  intermediate: string;
  /** Names of the server besides those that clients connect to. */
  dnsNames: string[];
  ipAddresses: string[];
  /** `true`: an agent's certificate has its name among the subject alternative names, too. */
  agentHasName: boolean;
  /** Weaknesses of the script, which only `unsafeAsDocumented` keeps. */
  documented: {
    rootValidityHours: number;
    /** Names of the authorities, of no use to anyone. */
    authorityNames: (commonName: string) => { dnsNames?: string[]; ipAddresses?: string[] };
    /** Key usages of the server's and the agents' certificates. */
    allowedUses: (usage: "server_auth" | "client_auth") => string[];
  };
}

export const profiles: Record<InstanceManagerProfile, CertificateProfile> = {
  instanceManagerV2: {
    root: "nms-ca",
    intermediate: "nms-int-ca",
    dnsNames: [],
    ipAddresses: [],
    agentHasName: false,
    documented: {
      rootValidityHours: 1826 * hoursPerDay,
      authorityNames: () => ({}),
      allowedUses: (usage) => ["digital_signature", "content_commitment", "key_encipherment", "key_agreement", usage],
    },
  },
  instanceManagerV1: {
    root: "nginx-manager_ca",
    intermediate: "nginx-manager_ca_int",
    dnsNames: ["server", "nginx-manager", "localhost"],
    ipAddresses: ["127.0.0.1"],
    agentHasName: true,
    documented: {
      rootValidityHours: 365 * hoursPerDay,
      authorityNames: (commonName) => ({
        dnsNames: [`${commonName}.example.com`, "localhost"],
        ipAddresses: ["127.0.0.1"],
      }),
      allowedUses: () => [],
    },
  },
};
