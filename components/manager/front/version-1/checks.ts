import { type Argument, type Format, formats } from "../../../foundation";
import { Edition } from "../../../nginx";
import { resolveSnippets, type SnippetOrigins } from "../../snippets";
import { checkAgentMtls } from "../agents";
import { AgentPublication, type InstanceManagerV1Agents, type InstanceManagerV1Front } from "./front-options";
import { checkHeaders } from "./headers";
import { checkStatus } from "./status";

/** The arguments beside those of a front, wherever it runs. */
export interface FrontContext {
  edition: Edition;
  certificate: Argument<unknown>;
  agentCertificate: Argument<unknown>;
  /** Authorities of agents' certificates. */
  authorities: Argument<unknown>;
  statusUsers: Argument<unknown>;
  statusWriters: Argument<unknown>;
  /** Address that the status listens on; undefined for all. */
  statusAddress?: string;
}

type Front = Argument<InstanceManagerV1Front>;
type Agents = Argument<InstanceManagerV1Agents>;

/** Checks that a front opens only what is meant, and has what it needs. Returns the nodes of its snippets. */
export function checkFront(front: Front, context: FrontContext): SnippetOrigins {
  const { api, agents, status } = front.value;
  if (!api && !agents)
    front
      .field("api")
      .refuse("is missing, and so is agents, so that the front publishes nothing", "give one of the two, or both");
  checkPlusOnly(front, context);
  front.field("agents").given((given) => checkAgents(given, front, context));
  const { certificate, agentCertificate } = context;
  if (!agents)
    agentCertificate.notGiven(`is given without ${front.field("agents").path}`, "leave it out, or publish agents");
  const terminatesAgents = publicationOf(agents) === AgentPublication.tls && agentCertificate.value === undefined;
  const needsCertificate = api !== undefined || status?.tls === true || terminatesAgents;
  if (!needsCertificate) certificate.notGiven("is given, but no server here uses it for TLS", "leave it out");
  else if (certificate.value === undefined)
    certificate.refuse("is missing", 'give a Certificate with usage "server" and hostname as a DNS name');
  checkHeaders(front.field("headers"));
  checkStatus(front.field("status"), context);
  return resolveSnippets(front.field("snippets"));
}

/** Whether NGINX has TLS connections of its own to Instance Manager. */
export const connectsByHttp = ({ api, agents }: InstanceManagerV1Front): boolean =>
  api !== undefined || (agents !== undefined && agents.publication !== AgentPublication.passthrough);

const publicationOf = (agents?: InstanceManagerV1Agents) => agents && (agents.publication ?? AgentPublication.tls);

function checkPlusOnly(front: Front, { edition }: FrontContext): void {
  if (edition === Edition.plus) return;
  for (const option of [
    front.field("api").field("healthCheck"),
    front.field("agents").field("healthCheck"),
    front.field("agents").field("revocation").field("keyval"),
    front.field("status").field("write"),
  ])
    if (option.value) option.refuse("is for NGINX Plus only", 'leave it out, or use edition "plus"');
}

const origin: Format = {
  test: (text) => {
    const [, host = ""] = /^https?:\/\/(.+)$/.exec(text) ?? [];
    return formats.hostAndOptionalPort.test(host) && host === host.toLowerCase();
  },
  wrong: "is not one origin",
  remedy: "write the scheme and the host of the page, without a path: https://nginx-manager.example.com",
};

function checkAgents(agents: Agents, front: Front, context: FrontContext): void {
  const publication = publicationOf(agents.value)!;
  const { unsafePublishInTheClear } = agents.value;
  const clear = publication === AgentPublication.clear;
  if (clear && !unsafePublishInTheClear)
    agents
      .field("publication")
      .refuse(
        'is "clear", so that anyone between the two reads and changes the instructions of agents',
        'write "tls" (or, where that is meant, unsafePublishInTheClear: true)',
      );
  if (!clear && unsafePublishInTheClear)
    agents
      .field("unsafePublishInTheClear")
      .refuse(`is true, but publication is "${publication}"`, "leave it out, or choose the other way");
  agents.integers({ pauseSeconds: [1, 2_592_000], silenceSeconds: [1, 2_592_000] });
  agents.field("corsOrigin").matches(origin);
  if (publication === AgentPublication.tls) checkMtls(agents, front, context);
  else refuseClientTls(agents, publication, context);
  if (publication === AgentPublication.passthrough)
    for (const property of ["pauseSeconds", "silenceSeconds", "corsOrigin", "healthCheck"] as const)
      agents
        .field(property)
        .notGiven('is about gRPC, which NGINX does not see with publication "passthrough"', "leave one of the two out");
}

/** Where NGINX does not end TLS, it asks for no certificates. */
function refuseClientTls(
  agents: Agents,
  publication: AgentPublication,
  { authorities, agentCertificate }: FrontContext,
): void {
  const options = [
    ...(["mtls", "verifyDepth", "revocation", "unsafeAllowAgentsWithoutCertificate"] as const).map((property) =>
      agents.field<keyof InstanceManagerV1Agents>(property),
    ),
    authorities,
  ] as Argument<unknown>[];
  const remedy = 'leave one of the two out, or write publication: "tls"';
  const given = `is given, but with publication "${publication}" NGINX`;
  for (const option of options)
    if (option.value !== false) option.notGiven(`${given} does not ask for certificates`, remedy);
  agentCertificate.notGiven(`${given} shows no certificate`, remedy);
}

function checkMtls(agents: Agents, front: Front, { authorities, edition }: FrontContext): void {
  checkAgentMtls(agents, authorities);
  const write = front.field("status").field("write");
  const keyval = agents.field("revocation").field("keyval");
  if (keyval.value !== undefined && !write.value && edition === Edition.plus)
    keyval.refuse("needs an API that takes changes", `write ${write.path}: true, and restrict its clients`);
}
