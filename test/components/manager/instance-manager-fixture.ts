import * as pulumi from "@pulumi/pulumi";
import {
  CertificateAuthority,
  InstanceManager,
  type InstanceManagerArgs,
  type InstanceManagerExistingCertificates,
} from "../../../components";
import { resolveInstanceManager } from "../../../components/manager/instance-manager/resolve";
import { type ChartRelease, chartReleases, type KubernetesObject, manifests, record } from "../../../engine";
import type { RecordOptions } from "../../../engine/record";
import type { RunResult } from "../../../engine/result";

/** An Instance Manager as the engine renders it. */
export interface Installed {
  run: RunResult;
  release: ChartRelease;
  // biome-ignore lint/suspicious/noExplicitAny: values have the chart's shape, which the chart's keys check
  values: any;
  objects: KubernetesObject[];
  /** The texts of a Secret, by its name. */
  texts(name: string): Record<string, string>;
}

/** Keys that are made at once. */
const fast = { internalCertificates: { keyAlgorithm: "ECDSA" } } as const;

type Given = Partial<InstanceManagerArgs>;

const reference = (secretName: string) => ({ secretName });
const parts = ["authority", "core", "dpm", "ingestion", "integrations", "secmon", "apigw", "proxy"] as const;

/** Certificates that something else keeps: nothing is issued, which takes its time. */
export const elsewhere = {
  existingCertificates: Object.fromEntries(
    parts.map((part) => [part, reference(`vault-${part}`)]),
  ) as unknown as InstanceManagerExistingCertificates,
  certificate: reference("public"),
  issuer: undefined,
};

/** The chart's values alone, without an engine: but for what is made before the release. */
export async function valuesOf(given: Given = {}): Promise<Installed["values"]> {
  const { values } = resolveInstanceManager("nim", { namespace: "nim", ...elsewhere, ...given });
  return new Promise((resolve) => pulumi.output(values).apply(resolve));
}

/** Installs one with certificates of others. */
export const bare = (given: Given = {}, options: RecordOptions = {}) => installed({ ...elsewhere, ...given }, options);

/** Installs one, with an authority and an intermediate one, unless the arguments bring certificates. */
export async function installed(
  given: Given | ((authority: CertificateAuthority) => Given) = {},
  options: RecordOptions = {},
  beside: (manager: InstanceManager) => pulumi.Resource[] = () => [],
): Promise<Installed> {
  const run = await record(() => {
    if (typeof given !== "function" && given.existingCertificates)
      return void beside(new InstanceManager("nim", { namespace: "nim", ...given }));
    const issuer = new CertificateAuthority("authority", {
      subject: { commonName: "Example root" },
      intermediate: { subject: { commonName: "Example issuer" } },
    });
    const args = typeof given === "function" ? given(issuer) : given;
    beside(new InstanceManager("nim", { namespace: "nim", issuer, ...fast, ...args }));
  }, options);
  const objects = manifests(run, { secrets: "show" });
  const [release] = chartReleases(run, { secrets: "show" });
  const texts = (name: string) =>
    Object.fromEntries(
      Object.entries(
        (objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name === name)?.data ?? {}) as Record<
          string,
          string
        >,
      ).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]),
    );
  return { run, release: release!, values: release!.values, objects, texts };
}
