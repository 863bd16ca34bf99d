import { knownFaults } from "../../components/nginx/known-faults";

/** Accepts every known fault, for tests of releases that have some. */
export const acceptFaults = { unsafeAllowVulnerableVersion: knownFaults.map(({ id }) => id) };
