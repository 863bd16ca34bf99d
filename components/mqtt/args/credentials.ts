import type { Input } from "@pulumi/pulumi";

/** A Secret of another system, with the credentials as NGINX configuration. */
export interface ExistingMqttCredentials {
  /** Name of the Secret, in the proxy's namespace. */
  name: Input<string>;
  /**
   * Key whose value is NGINX configuration for the `stream` context, setting `$mqtt_connect_username` and `$mqtt_connect_password`:
   * `map $mqtt_upstream $mqtt_connect_username { default "…"; }`, and the same for the password. Write a dollar sign as `${dollar}`.
   *
   * With `tenants` or `namedCredentials` the two variables end in `_` and a name: that of the tenant or of the named credentials, or `default` for those of
   * the proxy. A `-` of the name becomes `__`: `$mqtt_connect_username_tenant__a`.
   * @default "credentials.conf"
   */
  key?: string;
  /** Any text that changes with the contents: a new value rolls the pods. @default none: the pods keep the contents that they read at their start @secret */
  revision?: Input<string>;
}

/** Fields of a client's certificate that can become its user name. */
export const MqttCertificateUsername = {
  commonName: "commonName",
  subject: "subject",
  dnsName: "dnsName",
  uri: "uri",
  emailAddress: "emailAddress",
} as const;
export type MqttCertificateUsername = (typeof MqttCertificateUsername)[keyof typeof MqttCertificateUsername];

/** Credentials that the proxy writes into each CONNECT in place of the client's own user name and password. */
export interface MqttCredentials {
  /** User name; needed unless `usernameFromCertificate` or `existing` is given. */
  username?: Input<string>;
  /**
   * Field of the client's certificate that becomes its user name, in place of `username`: the common name, the whole subject as RFC 2253 writes it (`CN=sensor-1,O=Example`), or the DNS name, URI or
   * mail address among the alternative names. Only for listeners that require certificates. The proxy rejects clients whose subject has no single common name, or one with `,+"\<>;` or characters beyond ASCII.
   * It rejects clients without exactly one alternative name of that kind that an MqttCertificateMatch can match. On NGINX Plus alternative names need an `image` with njs.
   * @default none
   */
  usernameFromCertificate?: MqttCertificateUsername;
  /** Password; stored as a secret. @default 32 random letters and digits, made once and kept in the stack's state @secret */
  password?: Input<string>;
  /** Credentials in a Secret of another system, in place of `username` and `password`. */
  existing?: ExistingMqttCredentials;
  /** `true`: the proxy sends the credentials also to brokers whose certificate it does not verify. @default false */
  unsafeSendToUnverifiedBrokers?: boolean;
}

/** Credentials for the routes that name them. */
export interface MqttNamedCredentials {
  /** Name that routes refer to, at most 40 lower-case letters, digits and `-`. */
  name: string;
  /** The credentials. */
  credentials: MqttCredentials;
}
