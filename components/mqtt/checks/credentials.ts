import type { Argument } from "../../foundation";
import type { MqttCredentials, MqttProxyArgs } from "../args";
import { type CredentialsOwner, credentialsOf, type MqttModel, type ResolvedListener } from "../model";
import { isCertificateMatch } from "./matches";

/** Checks the name of a tenant, or of credentials. */
export function checkShortName(name: Argument<string>, taken: Set<unknown>): void {
  const { value } = name;
  if (value === undefined) return;
  if (!/^[a-z](?:-?[a-z0-9]){0,39}$/.test(value) || value.length > 40)
    name.refuse(
      `is ${JSON.stringify(value)}`,
      "write at most 40 lower-case letters, digits and -, beginning with a letter",
    );
  if (value === "default") name.refuse('is "default", the name of the proxy\'s own credentials', "write another name");
  name.unique(taken, "give each tenant and each of namedCredentials a name of its own");
}

/** Checks all credentials by themselves. */
export function checkCredentials(argument: Argument<MqttProxyArgs>): void {
  const { brokerTls, tenants = [] } = argument.value;
  const taken = new Set<unknown>(tenants.map(({ name }) => name));
  // Trust beside unsafeSkipVerification is a fault already.
  const verified = brokerTls && (!brokerTls.unsafeSkipVerification || brokerTls.trustedCertificatesPem !== undefined);
  const check = (credentials: Argument<MqttCredentials>) =>
    credentials.check(checkNamesAndPasswords, () => {
      if (!verified && !credentials.value.unsafeSendToUnverifiedBrokers)
        credentials.refuse(
          "would be sent to brokers that are not verified",
          "set brokerTls with trustedCertificatesPem (or, where anyone may have the password, unsafeSendToUnverifiedBrokers: true)",
        );
    });
  argument.field("credentials").given(check);
  for (const named of argument.field("namedCredentials").entries()) {
    checkShortName(named.field("name"), taken);
    named.field("credentials").given(check);
  }
  for (const tenant of argument.field("tenants").entries()) tenant.field("credentials").given(check);
}

function checkNamesAndPasswords(credentials: Argument<MqttCredentials>): void {
  const { username, usernameFromCertificate, password, existing } = credentials.value;
  if (existing && (username !== undefined || password !== undefined || usernameFromCertificate !== undefined))
    credentials
      .field("existing")
      .refuse("is given beside a user name or password", "remove those: the existing Secret has both");
  else if (username !== undefined && usernameFromCertificate !== undefined)
    credentials.field("username").refuse("is given beside usernameFromCertificate", "remove one of the two");
  else if (!existing && username === undefined && usernameFromCertificate === undefined)
    credentials
      .field("username")
      .refuse("is missing", "give the user name that the brokers know, or an existing Secret", [
        credentials.field("usernameFromCertificate"),
        credentials.field("existing"),
      ]);
  for (const part of ["username", "password"] as const)
    credentials.field(part).known((value, argument) => {
      if (value === "") argument.refuse("is empty", "give a value, or remove it where it has a default");
      if (Buffer.byteLength(value) > 1024)
        argument.refuse("is longer than 1024 bytes", "use a shorter one: NGINX reads no longer words");
    });
}

/** Refuses an argument by its whole path. */
export type RefuseAt = (path: string, wrong: string, remedy: string) => void;

/** Checks that the right clients get the credentials: all of a listener or none, and those that have what a user name is made from. */
export function checkCredentialUse(model: MqttModel, refuse: RefuseAt): void {
  const used = new Set<CredentialsOwner>();
  for (const listener of model.listeners) {
    const owners = new Set(listener.tables.flatMap((table) => credentialsOf(model, listener, table)));
    checkListenerCredentials(model, listener, owners, refuse);
    for (const owner of owners) if (owner) used.add(owner);
    if (!listener.tls?.clientCertificates) checkCertificateRoutes(listener, refuse);
  }
  for (const owner of model.owners)
    if (owner.path.startsWith("named") && !used.has(owner))
      refuse(owner.path, "are those of no route", "name them in a route, or remove them");
}

/** Refuses the first route by certificate of a listener that asks for none. */
function checkCertificateRoutes({ name, tables }: ResolvedListener, refuse: RefuseAt): void {
  const byCertificate = tables.flatMap(({ path, routes }) =>
    routes.flatMap(({ certificate }, index) =>
      certificate && isCertificateMatch(certificate) ? [`${path}routes[${index}].certificate`] : [],
    ),
  );
  if (byCertificate.length > 0)
    refuse(
      byCertificate[0]!,
      `is for clients of the listener "${name}", which asks for no certificates`,
      "set tls.clientCertificates there",
    );
}

function checkListenerCredentials(
  { brokerTls }: MqttModel,
  { name, path, tls, tables, proxyProtocolToBrokers }: ResolvedListener,
  owners: Set<CredentialsOwner | undefined>,
  refuse: RefuseAt,
): void {
  const given = [...owners].filter((owner) => owner !== undefined);
  if (given[0] && owners.has(undefined))
    refuse(
      given[0].path,
      `are for some clients of the listener "${name}" and not for others, and NGINX rewrites all CONNECTs of a listener or none`,
      "give credentials to all of them, or a listener of their own to those that bring their own",
    );
  if (given.length > 0 && proxyProtocolToBrokers && !brokerTls)
    refuse(
      `${path}.proxyProtocolToBrokers`,
      "is given beside credentials and without brokerTls, and NGINX then takes the PROXY header for the beginning of the CONNECT that it rewrites",
      "set brokerTls, which begins after that header, or pass the clients' own credentials on",
    );
  const byCertificate = given.find(({ credentials }) => credentials.usernameFromCertificate);
  // A tenant by certificate is refused there already.
  if (byCertificate && !tls?.clientCertificates?.required && !tables.some(({ tenant }) => tenant?.certificate))
    refuse(
      `${byCertificate.path}.usernameFromCertificate`,
      `is for clients of the listener "${name}", which requires no certificates`,
      "set tls.clientCertificates there, in the mode required",
    );
}
