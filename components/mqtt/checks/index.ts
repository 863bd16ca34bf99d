import type { Argument } from "../../foundation";
import { Edition } from "../../nginx";
import type { MqttProxyArgs } from "../args";
import type { MqttModel } from "../model";
import { usedAlternativeNames } from "../nginx";
import { checkCredentials, checkCredentialUse, type RefuseAt } from "./credentials";
import { checkLimits, checkListeners } from "./listeners";
import type { KnownNames } from "./names";
import { checkRouteSizes, checkRoutes } from "./routes";
import { checkRepeats, checkSnippets } from "./snippets";
import { checkIsolation, checkTenants } from "./tenants";
import { checkBrokerTls } from "./tls";
import { checkBrokerPorts, checkHealthChecks, checkUpstreams } from "./upstreams";

/** Checks each argument by itself, and the names by which arguments refer to each other. */
export function checkArguments(argument: Argument<MqttProxyArgs>): void {
  const { upstreams = [], namedCredentials = [] } = argument.value;
  const names: KnownNames = {
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
    () => argument.field("limits").given(checkLimits),
    () => argument.field("limits").integers({ maximumConnectKibibytes: [1, 256] }),
    () => argument.field("timeouts").integers({ connectSeconds: [1, 300], longestKeepAliveSeconds: [1, 65535] }),
    () => argument.field("brokerTls").given(checkBrokerTls),
    checkBrokerPorts,
  );
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
      const needsNjs = model.edition === Edition.plus && usedAlternativeNames(model).length > 0;
      if (needsNjs && argument.value.pods?.image === undefined)
        refuse(
          "pods.image",
          "is missing: njs reads alternative names, and F5's images of NGINX Plus for unprivileged users do not have it",
          'name an image of your own with nginx-plus-module-njs, match certificates by their subject, or use edition "oss"',
        );
    },
  );
}
