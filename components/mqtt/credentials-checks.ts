import { checked, checkPlain, type Refuser } from "../foundation";
import { MqttCertificateUsername } from "./mqtt-credentials-args";
import { MqttClientCertificateMode } from "./mqtt-listener-args";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import { type CredentialsOwner, credentialsOf, planOf } from "./plan";
import { checkShortName } from "./tenant-checks";

/** Refuses names of credentials that are taken; gives the names that routes may use. */
export function checkNames({ namedCredentials = [], tenants = [] }: MqttProxyArgs, refuse: Refuser): Set<string> {
  const names = new Set<string>();
  const taken = new Set(tenants.map(({ name }) => name));
  for (const [index, named] of namedCredentials.entries()) {
    checkPlain(refuse, { [`namedCredentials[${index}]`]: named });
    checkShortName(refuse, `namedCredentials[${index}].name`, named.name, taken);
    names.add(named.name);
  }
  return names;
}

/** Refuses credentials that are none, that nobody would get, or that strangers would. */
export function checkAllCredentials(args: MqttProxyArgs, refuse: Refuser): void {
  const plan = planOf(args);
  for (const owner of plan.owners) checkCredentials(owner, args, refuse);
  const used = new Set<CredentialsOwner>();
  for (const listener of plan.listeners) {
    const { name, scopes, tls } = listener;
    const given = scopes.flatMap((scope) => credentialsOf(plan, listener, scope));
    const owner = given.find((one) => one !== undefined);
    if (owner && given.includes(undefined))
      refuse(
        owner.property,
        `are for some clients of the listener "${name}" and not for others, and NGINX rewrites all CONNECTs of a listener or none`,
        "give credentials to all of them, or a listener of their own to those that bring their own",
      );
    if (owner && listener.proxyProtocolToBrokers && !args.brokerTls)
      refuse(
        `${listener.property}.proxyProtocolToBrokers`,
        "comes with credentials and without brokerTls, and NGINX then takes the PROXY header for the beginning of the CONNECT that it rewrites",
        "set brokerTls, which begins behind that header, or let the clients' own credentials through",
      );
    for (const one of given)
      if (one) {
        used.add(one);
        const mode = tls?.clientCertificates && (tls.clientCertificates.mode ?? MqttClientCertificateMode.required);
        if (one.credentials.usernameFromCertificate && mode !== MqttClientCertificateMode.required)
          refuse(
            `${one.property}.usernameFromCertificate`,
            `is for clients of the listener "${name}", which requires no certificates`,
            "set tls.clientCertificates there, in the mode required",
          );
      }
    for (const { property, routes } of scopes)
      for (const [index, { certificate }] of routes.entries())
        if (certificate && !tls?.clientCertificates)
          refuse(
            `${property}routes[${index}].certificate`,
            `is for clients of the listener "${name}", which asks for no certificates`,
            "set tls.clientCertificates there",
          );
  }
  for (const owner of plan.owners)
    if (owner.property.startsWith("named") && !used.has(owner))
      refuse(owner.property, "are those of no route", "name them in a route, or leave them out");
}

function checkCredentials(owner: CredentialsOwner, { brokerTls }: MqttProxyArgs, refuse: Refuser): void {
  const { property, credentials } = owner;
  const { username, usernameFromCertificate, password, existing } = credentials;
  checkPlain(refuse, { [property]: credentials });
  if (existing && (username !== undefined || password !== undefined || usernameFromCertificate !== undefined))
    refuse(
      `${property}.existing`,
      "comes with a username or password",
      "leave those out: the existing Secret holds both",
    );
  if (usernameFromCertificate !== undefined) {
    const kinds = Object.values(MqttCertificateUsername);
    if (!kinds.includes(usernameFromCertificate))
      refuse(
        `${property}.usernameFromCertificate`,
        `is ${JSON.stringify(usernameFromCertificate)}`,
        `write one of ${kinds.join(", ")}`,
      );
    if (username !== undefined)
      refuse(`${property}.username`, "is given beside usernameFromCertificate", "leave one of the two out");
  } else if (!existing && username === undefined)
    refuse(`${property}.username`, "is missing", "give the user name that the brokers know, or an existing Secret");
  for (const [part, input] of Object.entries({ username, password }))
    checked(input ?? "none", (value) => {
      if (value === "")
        refuse(`${property}.${part}`, "is empty", "give a value, or leave it out where it has a default");
      if (Buffer.byteLength(value) > 1024)
        refuse(`${property}.${part}`, "is longer than 1024 bytes", "use a shorter one: NGINX reads no longer words");
    });
  if (existing?.key !== undefined && !/^[-._a-zA-Z0-9]+$/.test(existing.key))
    refuse(`${property}.existing.key`, "is no key of a Secret", "use letters, digits, -, _ and .");
  if ((!brokerTls || brokerTls.unsafeSkipVerification) && !credentials.unsafeSendToUnverifiedBrokers)
    refuse(
      property,
      "would be sent to brokers that nobody verified",
      `set brokerTls with trustedCertificates (or, where anyone may have the password, unsafeSendToUnverifiedBrokers: true)`,
    );
}
