export type { WorkloadSelection } from "./selectors";
export { WorkloadIdentity, type WorkloadIdentityArgs } from "./workload-identity";
