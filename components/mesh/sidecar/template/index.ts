export { withSidecar } from "./with-sidecar";
