import type { InstanceManagerV1HostArgs } from "../../components/manager";
import { debian, hostCertificate, type Materials } from "./v1-stack";

type Variant = Omit<InstanceManagerV1HostArgs, "hostname" | "host">;

/** The seed's matrix, row by row: what is in front, and whether TLS goes on behind it. Each is for both editions but for what `plus` adds. */
export function variants(pems: Materials): Record<string, Variant> {
  const certificate = hostCertificate(pems.front);
  const manager = { certificate: hostCertificate(pems.manager) };
  const backendTls = { trustedCertificatesPem: pems.manager.roots, clientCertificate: hostCertificate(pems.client) };
  const agentAuthoritiesPem = pems.agent.roots;
  const api = {};
  return {
    "B8/B9: TLS for the interface and the API": { front: { api: { redirectPort: 88 } }, certificate },
    "B8/B9: TLS for them on both sides": { front: { api }, certificate, manager, backendTls },
    "B10: agents' certificates": { front: { api, agents: {} }, certificate, agentAuthoritiesPem },
    "B13: passthrough": { front: { agents: { publication: "passthrough" } }, manager },
    "B13: passthrough beside the interface": {
      front: { api, agents: { publication: "passthrough" } },
      certificate,
      manager,
      backendTls,
    },
    "B14: agents' certificates, to a depth, revoked by list and serial": {
      front: {
        api,
        agents: {
          verifyDepth: 3,
          revocation: { crl: true, deniedSerials: ["0A1B"] },
          corsOrigin: "https://example.com",
        },
      },
      certificate,
      agentCertificate: certificate,
      agentAuthoritiesPem,
      agentCrlPem: pems.agentCrl,
    },
    "B15: gRPC in the clear": { front: { agents: { publication: "clear", unsafePublishInTheClear: true } } },
    "B16: TLS in front": {
      front: { agents: { mtls: "off", unsafeAllowAgentsWithoutCertificate: true } },
      certificate,
    },
    "B17: TLS in front and behind": { front: { agents: {} }, certificate, agentAuthoritiesPem, manager, backendTls },
    "B17: with certificates that are optional, and sockets": {
      front: { api, agents: { mtls: "optional", unsafeAllowAgentsWithoutCertificate: true } },
      certificate,
      agentAuthoritiesPem,
      manager,
      backendTls: { trustedCertificatesPem: pems.manager.roots },
      upstreams: { grpc: "unix:/run/nginx-manager/grpc.sock", gateway: "unix:/run/nginx-manager/gateway.sock" },
    },
    "B5/B6: status": { front: { api, status: {} }, certificate },
    "B5/B6: status with users, networks and TLS": {
      front: { api, status: { address: "192.0.2.1", allow: ["10.0.0.0/8", "2001:db8::/32"], tls: true } },
      certificate,
      statusUsers: "ops:$6$abcdefgh$abcdefgh",
    },
  };
}

/** What only NGINX Plus has. */
export const plusVariants = (pems: Materials): Record<string, Variant> => ({
  ...variants(pems),
  "B5: an API that takes changes": {
    front: { api: {}, status: { write: true } },
    certificate: hostCertificate(pems.front),
    statusUsers: "ops:$6$abcdefgh$abcdefgh",
    statusWriters: "root:$6$abcdefgh$abcdefgh",
  },
  "B14: agents revoked through the API": {
    front: {
      agents: { revocation: { deniedSerials: ["0A1B"], keyval: { state: "/var/lib/nginx/state/denied.json" } } },
      status: { write: true, allow: ["127.0.0.1"] },
    },
    certificate: hostCertificate(pems.front),
    agentAuthoritiesPem: pems.agent.roots,
  },
});

export const openSource = debian;
