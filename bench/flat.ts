import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { type PropertyMap, type PropertyValue, type RecordedRequest, Reference, Secret } from "../engine";

type ResourceClass = new (
  name: string,
  inputs: Record<string, pulumi.Input<unknown>>,
  opts: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/**
 * The same resources as a program without components: same names and inputs, and each property depends on the same resources, by one `apply`.
 * A hand-written program needs more of them, so this errs in its favour.
 */
export function writtenFlat(recorded: RecordedRequest[]): () => void {
  return () => {
    const made = new Map<string, pulumi.CustomResource>();
    const all = (urns: string[]) => urns.flatMap((urn) => made.get(urn) ?? []);
    for (const { urn, type, name, inputs, propertyDependencies, dependencies, custom } of recorded) {
      if (!custom) continue;
      const properties = Object.entries(inputs).map(([property, value]) => {
        const on = all(propertyDependencies[property] ?? []);
        if (on.length === 0) return [property, program(value)];
        return [property, pulumi.all(on.map((resource) => resource.urn)).apply(() => program(value))];
      });
      const depended = new Set(Object.values(propertyDependencies).flat());
      const dependsOn = all(dependencies.filter((dependency) => !depended.has(dependency)));
      made.set(urn, new (classOf(type))(name, Object.fromEntries(properties), { dependsOn }));
    }
  };
}

/** A recorded value as a program writes it. */
function program(value: PropertyValue): pulumi.Input<unknown> {
  if (value instanceof Secret) return pulumi.secret(program(value.value));
  if (Array.isArray(value)) return value.map(program);
  if (typeof value !== "object" || value === null || value instanceof Reference) return value;
  return Object.fromEntries(Object.entries(value as PropertyMap).map(([key, part]) => [key, program(part)]));
}

/** `kubernetes:networking.k8s.io/v1:NetworkPolicy` is `kubernetes.networking.v1.NetworkPolicy`, `tls:index/privateKey:PrivateKey` is `tls.PrivateKey`. */
function classOf(type: string): ResourceClass {
  const [provider = "", module = "", name = ""] = type.split(":");
  const path = provider === "kubernetes" ? module.split("/").map((part) => part.split(".")[0]!) : [];
  const start: unknown = { kubernetes, random, tls }[provider];
  return [...path, name].reduce((value, key) => (value as Record<string, unknown>)[key], start) as ResourceClass;
}
