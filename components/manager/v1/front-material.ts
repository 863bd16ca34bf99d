import type { Edition } from "../../nginx";

/** What the front's home says beside its options: whether each thing is there, by the name of its argument. */
export interface FrontMaterial {
  edition: Edition;
  /** How the path of an option begins: `front.` or nothing. */
  prefix: string;
  certificate: boolean;
  agentCertificate: boolean;
  agentAuthorities: boolean;
  /** Name of the argument with the agents' authorities. */
  authoritiesProperty: string;
  users: boolean;
  /** Whether there is an API that takes changes. */
  writes: boolean;
  writers: boolean;
  /** Address that the status listens on; undefined for all. */
  statusAddress?: string;
}
