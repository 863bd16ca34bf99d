import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** The wire's own marks, from `sdk/go/common/resource/properties.go` of Pulumi. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** A value that is only known after an update; previews carry this string in its place. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyMap | Secret | Reference;
export interface PropertyMap {
  [key: string]: PropertyValue;
}

/** A value inside Pulumi's secret envelope. */
export class Secret {
  constructor(readonly value: PropertyValue) {}

  /** A secret that is printed or serialized by accident says only that it is one. */
  toJSON(): string {
    return "[secret]";
  }
}

/** A resource that was passed as a property. */
export class Reference {
  constructor(
    readonly urn: string,
    readonly id?: string,
    readonly packageVersion?: string,
  ) {}
}

export function isMap(value: unknown): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Reference)
  );
}

/** Takes all secret envelopes off. */
export function reveal(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  return isMap(value) ? mapValues(value, reveal) : value;
}

/** Returns whether a secret envelope is at or anywhere below this value. */
export function hasSecret(value: PropertyValue): boolean {
  if (value instanceof Secret) return true;
  if (Array.isArray(value)) return value.some(hasSecret);
  return isMap(value) && Object.values(value).some(hasSecret);
}

export function mapValues<In, Out>(map: Record<string, In>, change: (value: In, key: string) => Out) {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)])) as Record<
    string,
    Out
  >;
}

export function fromStruct(struct: Struct | undefined): PropertyMap {
  return struct ? (mapValues(struct.toJavaScript() as Record<string, unknown>, fromWire) as PropertyMap) : {};
}

/** The wire's form of a value, which is JSON: envelopes are maps with a mark. */
export function fromWire(value: unknown): PropertyValue {
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== "object" || value === null) return value as PropertyValue;
  const map = value as Record<string, unknown>;
  switch (map[SIGNATURE]) {
    case SECRET:
      return new Secret(fromWire(map.value));
    case RESOURCE:
      return new Reference(map.urn as string, map.id as string | undefined, map.packageVersion as string | undefined);
    case OUTPUT: {
      const inner = "value" in map ? fromWire(map.value) : UNKNOWN;
      return map.secret === true ? new Secret(inner) : inner;
    }
    default:
      return mapValues(map, fromWire);
  }
}

export function toStruct(map: PropertyMap): Struct {
  return Struct.fromJavaScript(toWire(map) as Parameters<typeof Struct.fromJavaScript>[0]);
}

export function toWire(value: PropertyValue): unknown {
  if (value instanceof Secret) return { [SIGNATURE]: SECRET, value: toWire(value.value) };
  if (value instanceof Reference) {
    const { urn, id, packageVersion } = value;
    return {
      [SIGNATURE]: RESOURCE,
      urn,
      ...(id === undefined ? {} : { id }),
      ...(packageVersion ? { packageVersion } : {}),
    };
  }
  if (Array.isArray(value)) return value.map(toWire);
  return isMap(value) ? mapValues(value, toWire) : value;
}
