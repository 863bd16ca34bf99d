import { goodToken } from "../foundation/token";
import type { ValidArguments } from "./index";

const metadata = {
  name: "a-name",
  namespace: "edge",
  labels: { "app.example.com/part": "a" },
  annotations: { note: "b" },
};

/** Arguments of this area's components that are accepted, JSON-like and as full as they can be at once. */
export const foundationArguments: ValidArguments = {
  Namespace: [
    {
      name: "edge",
      labels: { team: "edge" },
      annotations: { note: "b" },
      podSecurity: "baseline",
      podSecurityVersion: "v1.34",
      defaultDeny: true,
    },
    { existing: { name: "edge" }, defaultDeny: true },
  ],
  RegistrySecret: [
    { ...metadata, jwt: goodToken(), registries: ["registry.example.com", "registry.example.com:5000"] },
    { namespace: "edge", existing: { name: "regcred", revision: "1" } },
  ],
  LicenseSecret: [
    { ...metadata, jwt: goodToken() },
    { namespace: "edge", existing: { name: "license", key: "license.jwt", revision: "1" } },
  ],
};
