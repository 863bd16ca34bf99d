import { checkInteger, checkPlain, checkPort, type Refuser } from "../../foundation";
import { Edition } from "../../nginx";
import { AgentMtls } from "../instance-manager-proxy-options";
import { checkSnippets } from "../proxy/snippets";
import { checkRevocation } from "../revocation";
import type { FrontMaterial } from "./front-material";
import { AgentPublication, type InstanceManagerV1Agents, type InstanceManagerV1Front } from "./front-options";
import { checkHeaders } from "./header-checks";
import { checkStatus } from "./status-checks";

/** Refuses a front that opens what it should not, or asks for what nothing gives it. */
export function checkFront(front: InstanceManagerV1Front, material: FrontMaterial, refuse: Refuser): void {
  const { api, agents, status, headers, snippets } = front;
  const within: Refuser = (path, wrong, remedy) => refuse(`${material.prefix}${path}`, wrong, remedy);
  checkPlain(within, { api, agents, status, headers, snippets });
  if (!api && !agents)
    within("api", "is missing, and so is agents: nothing is published", "give one of the two, or both");
  for (const [property, port] of [
    ["api.port", api?.port],
    ["api.redirectPort", api?.redirectPort],
    ["agents.port", agents?.port],
    ["status.port", status?.port],
  ] as const)
    checkPort(within, property, port);
  checkPlusOnly(front, material, within);
  if (agents) checkAgents(agents, material, refuse, within);
  else if (material.agentCertificate)
    refuse("agentCertificate", `is given without ${material.prefix}agents`, "leave it out, or publish agents");
  const needsCertificate =
    api !== undefined ||
    status?.tls === true ||
    (publicationOf(agents) === AgentPublication.tls && !material.agentCertificate);
  if (needsCertificate && !material.certificate)
    refuse("certificate", "is missing", 'give a Certificate with usage "server" and hostname as a DNS name');
  if (!needsCertificate && material.certificate)
    refuse("certificate", "is given, but nothing here speaks TLS with it", "leave it out");
  checkHeaders(headers, within);
  checkStatus(status, material, refuse, within);
  if (snippets) checkSnippets(snippets as Parameters<typeof checkSnippets>[0], within);
}

const publicationOf = (agents?: InstanceManagerV1Agents) => agents && (agents.publication ?? AgentPublication.tls);

function checkPlusOnly({ api, agents, status }: InstanceManagerV1Front, { edition }: FrontMaterial, within: Refuser) {
  if (edition === Edition.plus) return;
  for (const [property, value] of [
    ["api.healthCheck", api?.healthCheck],
    ["agents.healthCheck", agents?.healthCheck],
    ["agents.revocation.keyval", agents?.revocation?.keyval],
    ["status.write", status?.write],
  ] as const)
    if (value) within(property, "is for NGINX Plus only", 'leave it out, or use edition "plus"');
}

function checkAgents(agents: InstanceManagerV1Agents, material: FrontMaterial, refuse: Refuser, within: Refuser) {
  const publication = publicationOf(agents)!;
  if (!Object.values(AgentPublication).includes(publication))
    within("agents.publication", "is no such way", `write one of ${Object.values(AgentPublication).join(", ")}`);
  const clear = publication === AgentPublication.clear;
  if (clear && !agents.unsafePublishInTheClear)
    within(
      "agents.publication",
      'is "clear", so that whoever is on the way reads and changes what agents are told',
      'write "tls" (or, where that is meant, unsafePublishInTheClear: true)',
    );
  if (!clear && agents.unsafePublishInTheClear)
    within(
      "agents.unsafePublishInTheClear",
      `is true, but publication is "${publication}"`,
      "leave it out, or choose the other way",
    );
  checkInteger(within, "agents.pauseSeconds", agents.pauseSeconds, 1, 2_592_000);
  checkInteger(within, "agents.silenceSeconds", agents.silenceSeconds, 1, 2_592_000);
  if (agents.corsOrigin !== undefined && !/^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?$/.test(agents.corsOrigin))
    within(
      "agents.corsOrigin",
      "is not one origin",
      "write the scheme and the host of the page, without a path: https://nginx-manager.example.com",
    );
  if (publication !== AgentPublication.tls) refuseClientTls(agents, publication, material, refuse, within);
  else checkMtls(agents, material, refuse, within);
  if (publication === AgentPublication.passthrough)
    for (const property of ["pauseSeconds", "silenceSeconds", "corsOrigin", "healthCheck"] as const)
      if (agents[property] !== undefined)
        within(
          `agents.${property}`,
          'is about gRPC, of which publication "passthrough" sees nothing',
          "leave one of the two out",
        );
}

/** Where NGINX does not end TLS, it asks nobody for a certificate. */
function refuseClientTls(
  agents: InstanceManagerV1Agents,
  publication: AgentPublication,
  material: FrontMaterial,
  refuse: Refuser,
  within: Refuser,
) {
  const wrong = `is given, but with publication "${publication}" NGINX asks nobody for a certificate`;
  const remedy = 'leave one of the two out, or write publication: "tls"';
  for (const property of ["mtls", "verifyDepth", "revocation", "unsafeAllowAgentsWithoutCertificate"] as const)
    if (agents[property] !== undefined) within(`agents.${property}`, wrong, remedy);
  if (material.agentAuthorities) refuse(material.authoritiesProperty, wrong, remedy);
  if (material.agentCertificate) refuse("agentCertificate", wrong.replace("asks nobody for", "shows nobody"), remedy);
}

function checkMtls(agents: InstanceManagerV1Agents, material: FrontMaterial, refuse: Refuser, within: Refuser) {
  const { mtls = AgentMtls.required, unsafeAllowAgentsWithoutCertificate: unsafe, revocation } = agents;
  if (!Object.values(AgentMtls).includes(mtls))
    within("agents.mtls", "is no such mode", `write one of ${Object.values(AgentMtls).join(", ")}`);
  if (mtls === AgentMtls.off && material.agentAuthorities)
    refuse(
      material.authoritiesProperty,
      `is given, but with ${material.prefix}agents.mtls "off" nobody is asked for a certificate`,
      "leave one of the two out",
    );
  if (mtls === AgentMtls.off && agents.verifyDepth !== undefined)
    within("agents.verifyDepth", 'is given, but mtls is "off"', "leave one of the two out");
  if (mtls !== AgentMtls.off && !material.agentAuthorities)
    refuse(
      material.authoritiesProperty,
      `is missing: ${material.prefix}agents.mtls is "${mtls}", and there is nothing to verify certificates with`,
      "give the authorities of your agents",
    );
  if (mtls !== AgentMtls.required && !unsafe)
    within(
      "agents.mtls",
      `is "${mtls}", so that whoever reaches the port can register as an agent`,
      'write "required" (or, where that is meant, unsafeAllowAgentsWithoutCertificate: true)',
    );
  if (mtls === AgentMtls.required && unsafe)
    within(
      "agents.unsafeAllowAgentsWithoutCertificate",
      'is true, but mtls is "required"',
      "leave it out, or choose the other mode",
    );
  checkInteger(within, "agents.verifyDepth", agents.verifyDepth, 1, 10);
  if (revocation === undefined) return;
  if (mtls !== AgentMtls.required)
    within(
      "agents.revocation",
      `is given, but with mtls "${mtls}" whoever is revoked comes without a certificate`,
      "leave it out, or require certificates",
    );
  checkRevocation(within, "agents.revocation", revocation);
  if (revocation.keyval && !material.writes)
    within(
      "agents.revocation.keyval",
      "needs an API that takes changes",
      `write ${material.prefix}status.write: true, and restrict who asks`,
    );
}
