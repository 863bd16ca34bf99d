import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { checked, checkPort, makeSecret, type Refuser } from "../../foundation";
import { type ChartSetting, setting } from "../../helm";
import { hostOrAddress } from "../proxy/checks";
import { checkQuantity } from "./persistence";

/** A text in a Secret that something else keeps. */
export interface InstanceManagerSecretKey {
  /** Name of the Secret, in the namespace of Instance Manager. */
  secretName: pulumi.Input<string>;
  /** Key of the text. @default "password" */
  key?: pulumi.Input<string>;
  /** Anything that changes when the text changes; a secret. @default the parts do not restart when the text changes */
  revision?: pulumi.Input<string>;
}

/** A ClickHouse that the chart brings. */
export interface InstanceManagerInternalClickHouse {
  /** Password of its user `default`; a secret. @default 32 random characters, kept in the stack's state */
  password?: pulumi.Input<string>;
  /** The password in a Secret that is there already. @default one of our own */
  existingPassword?: InstanceManagerSecretKey;
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
  /** The user's password; a secret. Exactly one of this and `existingPassword`. */
  password?: pulumi.Input<string>;
  /** The password in a Secret that is there already. */
  existingPassword?: InstanceManagerSecretKey;
}

/** Where metrics and events are kept: exactly one of the three. */
export interface InstanceManagerClickHouse {
  /** The chart's own ClickHouse. */
  internal?: InstanceManagerInternalClickHouse;
  /** A ClickHouse that is there already. */
  external?: InstanceManagerExternalClickHouse;
  /** `true`: the lightweight mode. There are no metrics, events and security dashboards, and agents have to be 2.41.1 or later. */
  disabled?: boolean;
}

const alternatives = ["internal", "external", "disabled"] as const;

export const nativePort = (external: InstanceManagerExternalClickHouse) => external.port ?? 9000;

/** Refuses a ClickHouse that is none, or several. */
export function checkClickHouse({ clickHouse }: { clickHouse?: InstanceManagerClickHouse }, refuse: Refuser): void {
  if (clickHouse === undefined) return;
  const given = alternatives.filter((one) => clickHouse[one] !== undefined);
  if (given.length !== 1)
    refuse(
      "clickHouse",
      given.length === 0 ? "is empty" : `has ${given.join(" and ")}`,
      "give one of internal, external and disabled: true",
    );
  if (clickHouse.disabled === false)
    refuse("clickHouse.disabled", "is false, which names no ClickHouse", "leave clickHouse out for the chart's own");
  const { internal, external } = clickHouse;
  if (internal) checkPassword("clickHouse.internal", internal, refuse);
  if (internal?.size !== undefined) checkQuantity(refuse, "clickHouse.internal.size", internal.size);
  if (!external) return;
  if (external.host === undefined) refuse("clickHouse.external.host", "is missing", "write the host of ClickHouse");
  checked(external.host, hostOrAddress(refuse, "clickHouse.external.host"));
  checkPort(refuse, "clickHouse.external.port", external.port);
  checkPassword("clickHouse.external", external, refuse);
  if (external.password === undefined && external.existingPassword === undefined)
    refuse("clickHouse.external.password", "is missing", "give the user's password, or name the Secret that has it");
}

function checkPassword(
  property: string,
  { password, existingPassword }: InstanceManagerInternalClickHouse,
  refuse: Refuser,
): void {
  if (password !== undefined && existingPassword !== undefined)
    refuse(`${property}.existingPassword`, "is given beside password", "remove one of the two");
  if (password !== undefined)
    checked(password, (text) => {
      if (text === "")
        refuse(`${property}.password`, "is empty", "write one: whoever reaches the port would be let in");
    });
}

/** The password's Secret, made here unless it is there already; undefined without ClickHouse. */
export function clickHousePassword(
  name: string,
  namespace: pulumi.Input<string>,
  { internal, external, disabled }: InstanceManagerClickHouse = {},
  opts: pulumi.CustomResourceOptions,
): Required<InstanceManagerSecretKey> | undefined {
  if (disabled) return undefined;
  const { password, existingPassword } = external ?? internal ?? {};
  if (existingPassword) return { key: "password", revision: "", ...existingPassword };
  const text =
    password ?? new random.RandomPassword(`${name}-clickhouse-password`, { length: 32, special: false }, opts).result;
  return { key: "password", ...makeSecret(`${name}-clickhouse`, "Opaque", { password: text }, { namespace }, opts) };
}

/** What the chart is told of ClickHouse. */
export function clickHouseSettings({ clickHouse = {} }: { clickHouse?: InstanceManagerClickHouse }): ChartSetting[] {
  const { internal, external, disabled } = clickHouse;
  return [
    setting("nmsClickhouse.mode", "clickHouse", external ? "external" : disabled ? "disabled" : undefined),
    ...(external
      ? [
          setting(
            "externalClickhouse.address",
            "clickHouse.external",
            pulumi.interpolate`${external.host}:${nativePort(external)}`,
          ),
          setting("externalClickhouse.auth.username", "clickHouse.external.username", external.username ?? "default"),
        ]
      : []),
    setting("nmsClickhouse.persistence.size", "clickHouse.internal.size", internal?.size),
    // What nothing here writes, and nobody else may.
    ...["nmsClickhouse.auth", "nmsClickhouse.service", "nmsClickhouse.fullnameOverride", "externalClickhouse"].map(
      (key) => setting(key, "clickHouse", undefined),
    ),
  ];
}

/** Where the chart finds the password: by name, never by value. */
export function clickHousePasswordSettings(
  { clickHouse = {} }: { clickHouse?: InstanceManagerClickHouse },
  password: InstanceManagerSecretKey | undefined,
): ChartSetting[] {
  const group = clickHouse.external ? "externalClickhouse" : "nmsClickhouse";
  return [
    setting(`${group}.auth.existingSecret`, "clickHouse", password?.secretName),
    setting(`${group}.auth.existingSecretKey`, "clickHouse", password?.key),
  ];
}
