import type { Argument } from "../../foundation";
import type { MqttCertificateMatch, MqttCredentials, MqttProxyArgs } from "../args";
import { type CredentialsOwner, credentialsOf, type MqttModel, type ResolvedListener } from "../model";
import { checkOwnerName } from "./names";

/** Checks all credentials by themselves. */
export function checkCredentials(argument: Argument<MqttProxyArgs>): void {
  const { brokerTls, tenants = [] } = argument.value;
  const taken = new Set<unknown>(tenants.map(({ name }) => name));
  // Trust beside unsafeSkipVerification is a fault already.
  const verified = brokerTls && (!brokerTls.unsafeSkipVerification || brokerTls.trustedCertificatesPem !== undefined);
  const named = argument.field("namedCredentials").entries();
  for (const one of named) checkOwnerName(one.field("name"), taken);
  const owners = [argument, ...named, ...argument.field("tenants").entries()] as Argument<
    Pick<MqttProxyArgs, "credentials">
  >[];
  for (const owner of owners)
    owner.field("credentials").given((credentials) => {
      credentials.check(checkNamesAndPasswords);
      if (!verified && !credentials.value.unsafeSendToUnverifiedBrokers)
        credentials.refuse(
          "would be sent to brokers that are not verified",
          "set brokerTls with trustedCertificatesPem (or, if others may read the password, unsafeSendToUnverifiedBrokers: true)",
        );
    });
}

function checkNamesAndPasswords(credentials: Argument<MqttCredentials>): void {
  const { username, usernameFromCertificate, password } = credentials.value;
  const existing = credentials.field("existing");
  if ([username, usernameFromCertificate, password].some((given) => given !== undefined))
    existing.notGiven("is given beside a user name or password", "remove those: the existing Secret has both");
  const name = credentials.field("username");
  if (existing.value) return;
  if (usernameFromCertificate !== undefined)
    name.notGiven("is given beside usernameFromCertificate", "remove one of the two");
  else if (username === undefined)
    name.refuse("is missing", "give the user name that the brokers know, or an existing Secret", [
      credentials.field("usernameFromCertificate"),
      existing,
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

/** Checks that the right clients get the credentials: all of a listener or none, and those that have the certificates that are read. */
export function checkCredentialUse(model: MqttModel, refuse: RefuseAt): void {
  const used = new Set<CredentialsOwner | undefined>();
  for (const listener of model.listeners) {
    const owners = new Set(listener.tables.flatMap((table) => credentialsOf(model, listener, table)));
    checkListenerCredentials(model, listener, owners, refuse);
    // A name that is there twice is refused there, and its tenants may be those of the other listener.
    if (model.listeners.find(({ name }) => name === listener.name) === listener)
      checkListenerCertificates(listener, owners, refuse);
    for (const owner of owners) used.add(owner);
  }
  for (const owner of model.owners)
    if (owner.path.startsWith("named") && !used.has(owner))
      refuse(owner.path, "are not used by any route", "name them in a route, or remove them");
}

function checkListenerCredentials(
  { brokerTls }: MqttModel,
  { name, path, proxyProtocolToBrokers }: ResolvedListener,
  owners: Set<CredentialsOwner | undefined>,
  refuse: RefuseAt,
): void {
  const [first] = [...owners].filter((owner) => owner !== undefined);
  if (!first) return;
  if (owners.has(undefined))
    refuse(
      first.path,
      `are for some clients of the listener "${name}" and not for others, and NGINX rewrites all CONNECTs of a listener or none`,
      "give credentials to all of them, or a separate listener to clients with credentials of their own",
    );
  if (proxyProtocolToBrokers && !brokerTls)
    refuse(
      `${path}.proxyProtocolToBrokers`,
      "is given beside credentials and without brokerTls, and NGINX then takes the PROXY header for the beginning of the CONNECT that it rewrites",
      "set brokerTls, which begins after that header, or pass the clients' own credentials on",
    );
}

/** Checks that a listener asks for the certificates that tenants, user names and routes read; names the first of these that it has none for. */
function checkListenerCertificates(
  { name, tables, tls }: ResolvedListener,
  owners: Set<CredentialsOwner | undefined>,
  refuse: RefuseAt,
): void {
  const [required] = [
    ...tables.flatMap(({ path, tenant }) => (tenant?.certificate ? [`${path}certificate`] : [])),
    ...[...owners].flatMap((owner) =>
      owner?.credentials.usernameFromCertificate ? [`${owner.path}.usernameFromCertificate`] : [],
    ),
  ];
  const [read] = tables.flatMap(({ path, routes }) =>
    routes.flatMap(({ certificate }, index) =>
      certificate && hasOneText(certificate) ? [`${path}routes[${index}].certificate`] : [],
    ),
  );
  const clients = `is for clients of the listener "${name}", which`;
  if (required && !tls?.clientCertificates?.required)
    refuse(required, `${clients} requires no certificates`, "set tls.clientCertificates there, in the mode required");
  if (read && !tls?.clientCertificates)
    refuse(read, `${clients} asks for no certificates`, "set tls.clientCertificates there");
}

/** Returns whether a match has one text; any other number is refused at the match. */
const hasOneText = (match: MqttCertificateMatch) =>
  Object.values(match).flatMap((texts) => Object.values(texts ?? {}).filter((text) => text !== undefined)).length === 1;
