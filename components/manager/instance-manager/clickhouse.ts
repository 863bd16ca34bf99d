import { isIP } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import {
  type Argument,
  checkSameNamespace,
  type ExistingSecret,
  formats,
  makeSecret,
  mapInput,
  type SecretReference,
} from "../../foundation";
import { type ChartSetting, setting } from "../../helm";

import { quantity } from "./persistence";

/** A password in a Secret that something else keeps, in the namespace of Instance Manager. */
export interface InstanceManagerExistingPassword extends ExistingSecret {
  /** Key of the password. @default "password" */
  key?: pulumi.Input<string>;
}

/** A ClickHouse that the chart brings. */
export interface InstanceManagerInternalClickHouse {
  /** Password of its user `default`. @default 32 random characters, kept in the stack's state @secret */
  password?: pulumi.Input<string>;
  /** The password in a Secret that is there already. @default a Secret is made */
  existing?: InstanceManagerExistingPassword;
  /** Size of its volume, as Kubernetes writes quantities. The chart has no way to a claim that is there already. @default "1Gi" */
  size?: pulumi.Input<string>;
}

/** A ClickHouse that is there already. The chart has no key for TLS to it: password and metrics pass in clear text, so it stands in a network of your own. */
export interface InstanceManagerExternalClickHouse {
  /** Host name or address. */
  host: pulumi.Input<string>;
  /** Port of its native protocol. @default 9000 */
  port?: number;
  /** User. @default "default" */
  username?: pulumi.Input<string>;
  /** Password of the user. Exactly one of this and `existing`. @secret */
  password?: pulumi.Input<string>;
  /** The password in a Secret that is there already. */
  existing?: InstanceManagerExistingPassword;
}

/** Store of metrics and events: exactly one of the three. */
export interface InstanceManagerClickHouse {
  /** The chart's own ClickHouse. */
  internal?: InstanceManagerInternalClickHouse;
  /** A ClickHouse that is there already. */
  external?: InstanceManagerExternalClickHouse;
  /** `true`: the lightweight mode. There are no metrics, events and security dashboards, and agents have to be 2.41.1 or later. */
  disabled?: boolean;
}

/** Port of the native protocol. */
export const nativePort = (external: InstanceManagerExternalClickHouse) => external.port ?? 9000;

/** Checks that one ClickHouse is chosen, and that the parts find it and its password. */
export function checkClickHouse(
  clickHouse: Argument<InstanceManagerClickHouse | undefined>,
  namespace: pulumi.Input<string>,
): void {
  clickHouse.given((chosen) => {
    chosen.exactlyOne(
      ["internal", "external", "disabled"],
      "give one of internal, external and disabled: true, or leave clickHouse out for the chart's own",
    );
    chosen.field("internal").given((internal) => {
      checkPassword(internal, namespace);
      internal.field("size").matches(quantity);
    });
    chosen.field("external").given((external) => {
      external.field("host").matches(formats.host);
      external.field("port").port();
      checkPassword(external, namespace);
      if (external.value.password === undefined && external.value.existing === undefined)
        external.field("password").refuse("is missing", "give the user's password, or name the Secret that has it");
    });
  });
}

function checkPassword(
  of: Argument<{ password?: pulumi.Input<string>; existing?: InstanceManagerExistingPassword }>,
  namespace: pulumi.Input<string>,
): void {
  of.field("password").known((text, password) => {
    if (text === "") password.refuse("is empty", "write one: anyone who reaches the port would be let in");
  });
  of.field("existing").given((existing) => {
    if (of.value.password !== undefined) existing.refuse("is given beside password", "remove one of the two");
    existing.field("name").matches(formats.dnsSubdomain);
    existing.field("key").matches(formats.secretKey);
    checkSameNamespace(existing.field("name"), namespace);
  });
}

/** Secret and key of a password. */
export type PasswordReference = SecretReference & { key: pulumi.Input<string> };

/** Returns the Secret of the password, made here unless it is there already; undefined without ClickHouse. */
export function clickHousePassword(
  name: string,
  namespace: pulumi.Input<string>,
  { internal, external, disabled }: InstanceManagerClickHouse,
  opts: pulumi.CustomResourceOptions,
): PasswordReference | undefined {
  if (disabled) return undefined;
  const { password, existing } = external ?? internal ?? {};
  if (existing) return { secretName: existing.name, key: existing.key ?? "password", revision: existing.revision };
  const text =
    password ?? new random.RandomPassword(`${name}-clickhouse-password`, { length: 32, special: false }, opts).result;
  return { key: "password", ...makeSecret(`${name}-clickhouse`, "Opaque", { password: text }, { namespace }, opts) };
}

/** Returns the chart's values about ClickHouse. */
export function clickHouseSettings({ internal, external, disabled }: InstanceManagerClickHouse): ChartSetting[] {
  return [
    setting("nmsClickhouse.mode", "clickHouse", external ? "external" : disabled ? "disabled" : undefined),
    ...(external
      ? [
          setting(
            "externalClickhouse.address",
            "clickHouse.external",
            pulumi.interpolate`${inUrl(external.host)}:${nativePort(external)}`,
          ),
          setting("externalClickhouse.auth.username", "clickHouse.external.username", external.username ?? "default"),
        ]
      : []),
    setting("nmsClickhouse.persistence.size", "clickHouse.internal.size", internal?.size),
    // Values that nothing here writes, and no user may.
    ...["nmsClickhouse.auth", "nmsClickhouse.service", "nmsClickhouse.fullnameOverride", "externalClickhouse"].map(
      (key) => setting(key, "clickHouse", undefined),
    ),
  ];
}

/** Returns the chart's values by which it finds the password: its Secret's name, never the text. */
export function clickHousePasswordSettings(
  { external }: InstanceManagerClickHouse,
  password: PasswordReference | undefined,
): ChartSetting[] {
  const group = external ? "externalClickhouse" : "nmsClickhouse";
  return [
    setting(`${group}.auth.existingSecret`, "clickHouse", password?.secretName),
    setting(`${group}.auth.existingSecretKey`, "clickHouse", password?.key),
  ];
}

/** Returns a host as it stands before a port: an IPv6 address in brackets. */
export const inUrl = (host: pulumi.Input<string>) => mapInput(host, (text) => (isIP(text) === 6 ? `[${text}]` : text));
