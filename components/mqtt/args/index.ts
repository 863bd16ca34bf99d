export * from "./credentials";
export * from "./listeners";
export * from "./proxy";
export * from "./routes";
export * from "./tenants";
export * from "./upstreams";
