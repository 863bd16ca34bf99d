import type { Input } from "@pulumi/pulumi";

/** A Secret that something else keeps, with the credentials as NGINX configuration. */
export interface ExistingMqttCredentials {
  /** Name of the Secret, in the proxy's namespace. */
  secretName: Input<string>;
  /**
   * Key whose value is NGINX configuration for the `stream` context, setting `$mqtt_connect_username` and `$mqtt_connect_password`:
   * `map $mqtt_upstream $mqtt_connect_username { default "…"; }`, and the same for the password. Write a dollar sign as `${dollar}`.
   *
   * With `tenants` or `namedCredentials` the two variables end in `_` and a name, its `-` written as `__`: that of the tenant or of the named credentials, and
   * `default` for those of the proxy: `$mqtt_connect_username_tenant__a`.
   * @default "credentials.conf"
   */
  key?: string;
  /** Any text that changes with the contents: a new value rolls the pods. @default none, the pods keep what they read at their start */
  revision?: Input<string>;
}

/** What of a client's certificate becomes its user name. */
export const MqttCertificateUsername = {
  commonName: "commonName",
  subject: "subject",
  dnsName: "dnsName",
  uri: "uri",
  emailAddress: "emailAddress",
} as const;
export type MqttCertificateUsername = (typeof MqttCertificateUsername)[keyof typeof MqttCertificateUsername];

/** What the proxy writes into each CONNECT in place of the client's own user name and password. */
export interface MqttCredentials {
  /** User name; needed unless `usernameFromCertificate` or `existing` is given. */
  username?: Input<string>;
  /**
   * The user name is the common name in the client's certificate, or its whole subject as RFC 2253 writes it (`CN=sensor-1,O=Example`), or its DNS name, URI or mail address among
   * the alternative names, in place of `username`. Only for listeners that require certificates. A client whose subject has no single common name, or one with `,+"\<>;` or letters beyond ASCII, is
   * turned away; so is one with no single alternative name of that kind, or one that no MqttCertificateMatch would match. On NGINX Plus alternative names take an `image` with njs.
   * @default none
   */
  usernameFromCertificate?: MqttCertificateUsername;
  /** Password; stored as a secret. @default 32 random letters and digits, made once and kept in the stack's state */
  password?: Input<string>;
  /** Credentials that another system keeps; then `username` and `password` are left out. */
  existing?: ExistingMqttCredentials;
  /** `true`: the credentials are sent even to brokers whose certificate nobody verified. @default false */
  unsafeSendToUnverifiedBrokers?: boolean;
}

/** Credentials for the routes that name them. */
export interface MqttNamedCredentials {
  /** Name that routes refer to, at most 40 lower-case letters, digits and `-`. */
  name: string;
  /** The credentials. */
  credentials: MqttCredentials;
}
