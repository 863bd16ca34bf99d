import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  type Argument,
  type ExistingSecret,
  existingSecret,
  formats,
  makeSecret,
  type SecretReference,
} from "../../foundation";
import type { CertificateReference } from "../../pki";
import { block, environment, type HclNode, text, when } from "../hcl";
import { checkClientCertificate, checkSecret, checkSecretName } from "../pod-rules";
import { serverLayout } from "./layout";

/** A database outside the pods, which replicas share. */
export interface SpireDatabase {
  /**
   * Address, user and password of the database, as its driver reads them; a secret. The server has it in its environment, so it cannot contain `"` and `\`: write such
   * characters of a password in percent-encoding.
   *
   * @secret
   */
  connectionString?: pulumi.Input<string>;
  /** Existing Secret with the connection string. */
  existing?: ExistingConnectionString;
  /**
   * Authorities of the database's certificate: TrustedCertificates, or another Secret with `ca.crt`. They become `root_ca_path` for MySQL. For PostgreSQL the connection string must contain
   * `sslrootcert=/run/spire/database/authorities/ca.crt`.
   *
   * @default the authorities of the image
   */
  trustedCertificates?: SecretReference;
  /**
   * Client certificate for the database: a Certificate. For PostgreSQL the connection string must contain `sslcert=/run/spire/database/certificate/tls.crt` and
   * `sslkey=/run/spire/database/certificate/tls.key`.
   *
   * @default none
   */
  clientCertificate?: CertificateReference;
}

/** A Secret with a connection string that the program does not manage. */
export interface ExistingConnectionString extends ExistingSecret {
  /** Key of the connection string in the Secret. @default "connectionString" */
  key?: pulumi.Input<string>;
}

/** Store of entries, agents and bundles: a database, otherwise a file on the storage of the only replica. */
export interface SpireDataStore {
  /** PostgreSQL: `host=… dbname=… user=… password=… sslmode=verify-full`, or a `postgresql://` URL. */
  postgresql?: SpireDatabase;
  /** MySQL or MariaDB: `user:password@tcp(host:3306)/database?parseTime=true`; `parseTime` is required. */
  mysql?: SpireDatabase;
}

const folder = "/run/spire/database";
const paths = {
  root: `${folder}/authorities/ca.crt`,
  certificate: `${folder}/certificate/tls.crt`,
  key: `${folder}/certificate/tls.key`,
};
const defaultKey = "connectionString";
const variable = "SPIRE_DATABASE";

/** A database with its kind. */
export interface ResolvedDatabase extends SpireDatabase {
  /** Value of `database_type`. */
  kind: "postgres" | "mysql";
}

/** Returns the database of a data store, undefined for SQLite. */
export function toDatabase({ postgresql, mysql }: SpireDataStore = {}): ResolvedDatabase | undefined {
  if (postgresql) return { ...postgresql, kind: "postgres" };
  return mysql && { ...mysql, kind: "mysql" };
}

/** Checks that there is at most one database, and its connection string. */
export function resolveDatabase(
  store: Argument<SpireDataStore | undefined>,
  namespace: pulumi.Input<string>,
): ResolvedDatabase | undefined {
  if (store.value?.postgresql && store.value.mysql)
    store.field("mysql").refuse("is given beside postgresql", "remove one of the two: SPIRE has one data store");
  for (const kind of ["postgresql", "mysql"] as const)
    store.field(kind).given((database) => database.check((one) => checkDatabase(one, kind, namespace)));
  return toDatabase(store.value);
}

function checkDatabase(database: Argument<SpireDatabase>, kind: string, namespace: pulumi.Input<string>): void {
  database.exactlyOne(["connectionString", "existing"], "write the connection string, or name an existing Secret");
  database.field("existing").given((secret) => {
    checkSecretName(secret.field("name"), namespace);
    secret.field("key").matches(formats.secretKey);
  });
  checkSecret(database.field("trustedCertificates"), namespace);
  checkClientCertificate(database.field("clientCertificate"), namespace);
  if (database.value.existing !== undefined) return;
  database.field("connectionString").known((text, argument) => {
    const [wrong, remedy] = findConnectionFault(kind, text) ?? findMissingFile(kind, database.value, text) ?? [];
    if (wrong !== undefined) argument.refuse(wrong, remedy!);
  });
}

function findConnectionFault(kind: string, connection: string): [wrong: string, remedy: string] | undefined {
  if (connection.trim() === "") return ["is empty", "write how SPIRE reaches the database"];
  // SPIRE expands the variable before it parses the configuration.
  if (/["\\\n]|\$\{/.test(connection))
    return [
      "has a quote, a backslash, a line break or `${` in it, which would end the text in SPIRE's configuration",
      "write it as a URL, with such characters of the password percent-encoded, or choose another password",
    ];
  if (kind === "mysql" && !/[?&]parseTime=true(&|$)/.test(connection))
    return ["has no parseTime=true", "add it behind the `?`: SPIRE does not start without it"];
  return undefined;
}

/** Returns the fault of a connection string without the certificates, which PostgreSQL finds by it only. */
function findMissingFile(
  kind: string,
  { trustedCertificates, clientCertificate }: SpireDatabase,
  connection: string,
): [wrong: string, remedy: string] | undefined {
  if (kind !== "postgresql") return undefined;
  const missing = [
    ...(trustedCertificates ? [`sslrootcert=${paths.root}`] : []),
    ...(clientCertificate ? [`sslcert=${paths.certificate}`, `sslkey=${paths.key}`] : []),
  ].find((setting) => !connection.includes(setting));
  return missing === undefined ? undefined : [`has no ${missing}`, "add it: otherwise the certificates are not used"];
}

/** Returns the volumes with the certificates of the database, and their mount paths. */
export function databaseFolders(database: SpireDatabase | undefined) {
  const from = (name: string, secretName: pulumi.Input<string>, keys: string[]) => ({
    name: `database-${name}`,
    mountPath: `${folder}/${name}`,
    // PostgreSQL's driver refuses a key that all users can read.
    volume: { secret: { secretName, items: keys.map((key) => ({ key, path: key })), defaultMode: 0o440 } },
  });
  const { trustedCertificates, clientCertificate } = database ?? {};
  return [
    ...(trustedCertificates ? [from("authorities", trustedCertificates.secretName, ["ca.crt"])] : []),
    ...(clientCertificate ? [from("certificate", clientCertificate.secretName, ["tls.crt", "tls.key"])] : []),
  ];
}

/** Returns the revisions of the certificates, which roll the pods because the server reads them at start. */
export const collectDatabaseRevisions = (database: SpireDatabase | undefined) =>
  [database?.trustedCertificates, database?.clientCertificate].flatMap((secret) =>
    secret ? [{ revision: secret.revision }] : [],
  );

/** Makes the Secret with the connection string, unless there is an existing one, and returns its name and key. */
export function makeConnectionSecret(
  name: string,
  { connectionString, existing }: SpireDatabase,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): { secretName: pulumi.Output<string>; revision: pulumi.Output<string>; key: pulumi.Input<string> } {
  if (existing) return { ...existingSecret(existing), key: existing.key ?? defaultKey };
  const secret = makeSecret(
    `${name}-database`,
    "Opaque",
    { [defaultKey]: pulumi.secret(connectionString!) },
    { namespace },
    opts,
  );
  return { ...secret, key: defaultKey };
}

/** Returns the environment variable with the connection string. */
export const connectionVariable = (
  secretName: pulumi.Input<string>,
  key: pulumi.Input<string>,
): types.input.core.v1.EnvVar => ({
  name: variable,
  valueFrom: { secretKeyRef: { name: secretName, key } },
});

/** Returns the plugin of the data store. */
export function dataStoreNode(database: ResolvedDatabase | undefined): HclNode {
  const data = database
    ? [
        text("database_type", database.kind),
        environment("connection_string", variable),
        ...(database.kind === "mysql" ? certificateNodes(database) : []),
      ]
    : [text("database_type", "sqlite3"), text("connection_string", `${serverLayout.dataFolder}/datastore.sqlite3`)];
  return block("DataStore", [block("plugin_data", data)], "sql");
}

const certificateNodes = ({ trustedCertificates, clientCertificate }: SpireDatabase): HclNode[] => [
  ...when(trustedCertificates !== undefined, text("root_ca_path", paths.root)),
  ...when(
    clientCertificate !== undefined,
    text("client_cert_path", paths.certificate),
    text("client_key_path", paths.key),
  ),
];
