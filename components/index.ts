export * from "./foundation";
export * from "./mqtt";
export * from "./nginx";
export * from "./pki";
