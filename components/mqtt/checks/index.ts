import { type Argument, factsOf } from "../../foundation";
import { Edition } from "../../nginx";
import type { MqttBrokerTls, MqttProxyArgs } from "../args";
import { type MqttModel, upstreamsOf } from "../model";
import { usedAlternativeNames } from "../nginx";
import { firstHealthPort } from "../resolve-model";
import { checkCredentials, checkCredentialUse, type RefuseAt } from "./credentials";
import { checkLimits, checkListeners } from "./listeners";
import { checkRoutes, type RouteNames } from "./routes";
import { checkPem, checkUsage } from "./secrets";
import { checkRepeats, checkRouteSizes, checkSnippets } from "./snippets";
import { checkIsolation, checkTenants } from "./tenants";
import { checkUpstreams } from "./upstreams";

/** Checks each argument by itself, and the names by which arguments refer to each other. */
export function checkArguments(argument: Argument<MqttProxyArgs>): void {
  const { upstreams = [], namedCredentials = [] } = argument.value;
  const names: RouteNames = {
    upstreams: new Set(upstreams.map(({ name }) => name)),
    credentials: new Set(namedCredentials.map(({ name }) => name)),
  };
  argument.check(
    checkUpstreams,
    () => checkRoutes(argument, names),
    () => checkListeners(argument, names),
    () => checkTenants(argument, names),
    checkCredentials,
    () => argument.field("port").port(),
    () =>
      argument.field("limits").given((limits) => {
        checkLimits(limits);
        limits.field("maximumConnectKibibytes").integer(1, 256);
      }),
    () => argument.field("timeouts").integers({ connectSeconds: [1, 300], longestKeepAliveSeconds: [1, 65535] }),
    () =>
      argument.field("brokerTls").given((tls) => {
        checkBrokerTls(tls);
        tls.field("clientCertificate").given((certificate) => checkUsage(certificate, "client"));
      }),
    checkPolicy,
  );
}

/** Checks that a NetworkPolicy can have the brokers' ports: SRV records have theirs, which no policy follows. */
function checkPolicy(argument: Argument<MqttProxyArgs>): void {
  const { namespace, pods, upstreams = [] } = argument.value;
  const made = pods?.networkPolicy !== undefined || factsOf(namespace)?.defaultDeny === true;
  if (!made || pods?.networkPolicy?.upstreams !== undefined) return;
  const upstream = upstreams.findIndex(({ servers = [] }) => servers.some(({ service }) => service !== undefined));
  if (upstream >= 0)
    argument
      .field("pods")
      .field("networkPolicy")
      .field("upstreams")
      .refuse(
        `is missing, and SRV records have the ports of upstreams[${upstream}]`,
        'write the brokers with their ports, for example [{ podLabels: { app: "broker" }, ports: [8883] }]',
      );
}

function checkBrokerTls(tls: Argument<MqttBrokerTls>): void {
  const { unsafeSkipVerification, trustedCertificatesPem } = tls.value;
  const trusted = tls.field("trustedCertificatesPem");
  tls.field("verifyDepth").integer(1, 10);
  if (unsafeSkipVerification && trustedCertificatesPem !== undefined)
    trusted.refuse("is given, but unsafeSkipVerification ignores it", "remove one of the two");
  else if (!unsafeSkipVerification && trustedCertificatesPem === undefined)
    trusted.refuse(
      "is missing",
      "give the PEM bundle of the authorities of your brokers (or, where anyone may read the traffic, unsafeSkipVerification: true)",
    );
  else checkPem(trusted, "CERTIFICATE");
}

/** Checks the rules between several arguments. */
export function checkModel(argument: Argument<MqttProxyArgs>, model: MqttModel): void {
  const refuse: RefuseAt = (path, wrong, remedy) => argument.with(path, undefined).refuse(wrong, remedy);
  argument.check(
    () => checkIsolation(model, refuse),
    () => checkCredentialUse(model, refuse),
    () => checkHealthChecks(model, refuse),
    () => checkRouteSizes(model, refuse),
    () => checkSnippets(argument, model),
    () => checkRepeats(argument, model),
    () => {
      if (
        model.edition === Edition.plus &&
        argument.value.pods?.image === undefined &&
        usedAlternativeNames(model).length > 0
      )
        refuse(
          "pods.image",
          "is missing: njs reads alternative names, and F5's images of NGINX Plus for unprivileged users do not have it",
          'name an image of your own with nginx-plus-module-njs, tell certificates by their subject, or use edition "oss"',
        );
    },
  );
}

/** Checks that health checks have ports of their own, and that all connections to their brokers begin alike. */
function checkHealthChecks({ upstreams, listeners, webSockets }: MqttModel, refuse: RefuseAt): void {
  const checked = upstreams.filter(({ healthCheck }) => healthCheck !== undefined);
  const end = firstHealthPort + checked.length;
  for (const { targetPort, path } of [...listeners, ...webSockets])
    if (targetPort >= firstHealthPort && targetPort < end)
      refuse(
        path || "port",
        `has the pods listen on ${targetPort}, where health checks have their servers`,
        `choose a port outside ${firstHealthPort} to ${end - 1}`,
      );
  for (const { name, proxyProtocol } of checked) {
    const other = proxyProtocol
      ? listeners.find((listener) => !listener.proxyProtocolToBrokers && upstreamsOf(listener).includes(name))
      : undefined;
    if (other)
      refuse(
        `${other.path}.proxyProtocolToBrokers`,
        `is not true, and another listener sends the PROXY protocol to the upstream "${name}", whose health check can do one of the two`,
        "set it for all listeners with this upstream, or give this one an upstream of its own",
      );
  }
}
