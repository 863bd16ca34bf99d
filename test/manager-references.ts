import type { ChartRelease, KubernetesObject } from "../engine";

// biome-ignore lint/suspicious/noExplicitAny: values have the chart's shape, which the chart's keys check
type Values = any;

/** A reference to a key of a Secret. */
export interface SecretReference {
  kind: "Secret";
  name: string;
  key: string;
}

const pairs = (...names: string[]) => names.flatMap((name) => [`${name}.pem`, `${name}.key`]);

/** What the templates of chart `nim` mount of each Secret; integrations also has the clients of dpm and core. */
const mountedKeys: Record<string, string[]> = {
  ca: ["ca.pem"],
  ...Object.fromEntries(
    ["core", "dpm", "ingestion", "integrations", "secmon"].map((part) => [
      part,
      pairs(`${part}-server`, `${part}-client`),
    ]),
  ),
  apigw: pairs("apigw-client"),
};

/** The Secrets, and keys of them, that values of the chart `nim` lead to. */
export function nimReferences(values: Values): SecretReference[] {
  const to = (name: string | undefined, keys: string[]): SecretReference[] =>
    name === undefined ? [] : keys.map((key) => ({ kind: "Secret", name, key }));
  const password = (auth: Values) => to(auth?.existingSecret, [auth?.existingSecretKey]);
  return [
    ...Object.entries(mountedKeys).flatMap(([part, keys]) => to(values.externalCerts[part].secretName, keys)),
    ...to(values.apigw.tlsSecret, ["tls.crt", "tls.key"]),
    ...(values.imagePullSecrets ?? []).flatMap(({ name }: Values) => to(name, [".dockerconfigjson"])),
    ...password(values.nmsClickhouse?.auth),
    ...password(values.externalClickhouse?.auth),
  ];
}

/** References of releases of the chart `nim` that lead to nothing among these objects. */
export function danglingNimReferences(
  releases: ChartRelease[],
  objects: KubernetesObject[],
  existing: string[] = [],
): string[] {
  return releases
    .filter(({ coordinates }) => /(^|\/)nim$/.test(`${coordinates.chart}`))
    .flatMap(({ name: release, namespace, values }) =>
      nimReferences(values)
        .filter(
          ({ kind, name, key }) =>
            !existing.includes(`${kind}/${name}`) &&
            !objects.some(
              (object) =>
                object.kind === kind &&
                object.metadata.name === name &&
                object.metadata.namespace === namespace &&
                key in { ...(object.data as object), ...(object.stringData as object) },
            ),
        )
        .map(({ kind, name, key }) => `Release/${release} refers to ${kind} ${name} key ${key}`),
    );
}
