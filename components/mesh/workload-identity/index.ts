export type { WorkloadSelection } from "./selection";
export { WorkloadIdentity, type WorkloadIdentityArgs } from "./workload-identity";
