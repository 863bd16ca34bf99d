export type {
  InstanceManagerClickHouse,
  InstanceManagerExistingPassword,
  InstanceManagerExternalClickHouse,
  InstanceManagerInternalClickHouse,
} from "./clickhouse";
export * from "./instance-manager";
export * from "./instance-manager-args";
export type { InstanceManagerClaim, InstanceManagerClaims, InstanceManagerPersistence } from "./persistence";
export type { InstanceManagerCustomVersion } from "./versions";
