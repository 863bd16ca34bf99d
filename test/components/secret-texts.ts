import { type KubernetesObject, manifests, type RunResult } from "../../engine";

/** The texts of a Secret, by key. */
export function secretTexts(secret: KubernetesObject | undefined): Record<string, string> {
  const data = Object.entries((secret?.data ?? {}) as Record<string, string>);
  return Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

/** The texts in the Secret of a component, found by the component's name. */
export function secretOf(result: RunResult, component: string): Record<string, string> {
  const resource = result.requests.find(({ name }) => name === `${component}-secret`);
  const name = (resource?.outputs.metadata as { name: string } | undefined)?.name;
  return secretTexts(manifests(result, { secrets: "show" }).find(({ metadata }) => metadata.name === name));
}
