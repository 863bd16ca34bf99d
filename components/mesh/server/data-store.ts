import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  checked,
  checkPlain,
  type ExistingSecret,
  existingSecret,
  makeSecret,
  type Refuser,
  subdomainName,
} from "../../foundation";
import { block, environment, type HclNode, text } from "../hcl";

/** A database outside the pods, which several replicas share. */
export interface SpireDatabase {
  /**
   * How to reach it, with user and password, in the words of its driver; a secret. It goes into a Secret and from there into the environment of the server, so it has no `"` and `\`: write such
   * characters of a password percent-encoded.
   */
  connectionString?: pulumi.Input<string>;
  /** A Secret that is there already. */
  existing?: ExistingConnectionString;
}

/** A Secret with a connection string, which something else keeps. */
export interface ExistingConnectionString extends ExistingSecret {
  /** Key under which the Secret has it. @default "connectionString" */
  key?: pulumi.Input<string>;
}

/** Where SPIRE keeps entries, agents and bundles: a database, or else a file on the storage of its one replica. */
export interface SpireDataStore {
  /** PostgreSQL: `host=… dbname=… user=… password=… sslmode=verify-full`, or as a `postgresql://` URL. */
  postgresql?: SpireDatabase;
  /** MySQL or MariaDB: `user:password@tcp(host:3306)/database?parseTime=true`, where `parseTime` is needed. */
  mysql?: SpireDatabase;
}

const defaultKey = "connectionString";
const variable = "SPIRE_DATABASE";
const kinds = ["postgresql", "mysql"] as const;

/** The database that was given, and what SPIRE calls its kind. */
export function databaseOf({
  postgresql,
  mysql,
}: SpireDataStore = {}): { kind: string; database: SpireDatabase } | undefined {
  if (postgresql) return { kind: "postgres", database: postgresql };
  return mysql && { kind: "mysql", database: mysql };
}

/** Checks that there is at most one database, and what is known of its connection string. */
export function checkDataStore(refuse: Refuser, store: SpireDataStore = {}): void {
  checkPlain(refuse, { dataStore: store, "dataStore.postgresql": store.postgresql, "dataStore.mysql": store.mysql });
  if (store.postgresql && store.mysql)
    refuse("dataStore.mysql", "is given beside postgresql", "remove one of the two: SPIRE has one data store");
  for (const kind of kinds) {
    const database = store[kind];
    if (database) checkDatabase(refuse, `dataStore.${kind}`, kind, database);
  }
}

function checkDatabase(
  refuse: Refuser,
  path: string,
  kind: string,
  { connectionString, existing }: SpireDatabase,
): void {
  if ((connectionString === undefined) === (existing === undefined))
    refuse(
      `${path}.connectionString`,
      existing === undefined ? "is missing" : "is given beside existing",
      "write the connection string, or name an existing Secret: one of the two",
    );
  if (existing) checked(existing.name, subdomainName(refuse, `${path}.existing.name`));
  if (connectionString !== undefined)
    checked(connectionString, (known) => checkConnection(refuse, `${path}.connectionString`, kind, known));
}

function checkConnection(refuse: Refuser, property: string, kind: string, connection: string): void {
  if (connection.trim() === "") refuse(property, "is empty", "write how SPIRE reaches the database");
  // SPIRE puts the variable's value into the configuration before it parses that.
  if (/["\\\n]|\$\{/.test(connection))
    refuse(
      property,
      "has a quote, a backslash, a line break or `${` in it, which would end the text in SPIRE's configuration",
      "write it as a URL, with such characters of the password percent-encoded, or choose another password",
    );
  if (kind === "mysql" && !/[?&]parseTime=true(&|$)/.test(connection))
    refuse(property, "has no parseTime=true", "add it behind the `?`: SPIRE does not start without it");
}

/** Makes the Secret where there is to be one, and gives its name and key. */
export function connectionSecret(
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

/** The variable that has the connection string. */
export const connectionVariable = (
  secretName: pulumi.Input<string>,
  key: pulumi.Input<string>,
): types.input.core.v1.EnvVar => ({
  name: variable,
  valueFrom: { secretKeyRef: { name: secretName, key } },
});

/** The plugin of the data store. */
export function dataStoreNode(store: SpireDataStore | undefined, dataFolder: string): HclNode {
  const database = databaseOf(store);
  const data = database
    ? [text("database_type", database.kind), environment("connection_string", variable)]
    : [text("database_type", "sqlite3"), text("connection_string", `${dataFolder}/datastore.sqlite3`)];
  return block("DataStore", [block("plugin_data", data)], "sql");
}
