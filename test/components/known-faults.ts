import { knownFaults } from "../../components/nginx/known-faults";

/** Accepts every known fault, for tests of releases that have some. */
export const acceptFaults = { unsafeAllowVulnerableVersion: knownFaults.map(({ id }) => id) };

/** Returns whether a message warns of a known fault; tests of other messages leave such out. */
export const namesKnownFault = (message: string) => / has (?:CVE-\d+-\d+|nginx\/[^#]+#\d+)/.test(message);
