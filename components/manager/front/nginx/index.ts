export { streamLimits } from "./agent-server";
export { type FrontNodes, frontNodes } from "./front";
export { header } from "./grpc-errors";
export { grpcLog, managerLog } from "./logs";
export { statusServer } from "./status-server";
