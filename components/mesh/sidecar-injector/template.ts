import * as pulumi from "@pulumi/pulumi";
import { containerNames, hashParts, renderSidecarPod, type SidecarPod, type SidecarPodSettings } from "../sidecar";
import { printCel } from "./cel";

/** Containers and volumes that an injector adds, with the redirects of both address families. */
export interface SidecarTemplate extends Omit<pulumi.Unwrap<SidecarPod>, "labels" | "preStop"> {
  /** Missing in templates of earlier releases. */
  preStop?: SidecarPod["preStop"];
  hashes: TemplateHashes;
}

/** Template hashes by the address families of the redirect. */
interface TemplateHashes {
  none: string;
  ipv4: string;
  ipv6: string;
  both: string;
}

/** Returns the parts that `withSidecar` would add. */
export function renderTemplate(settings: SidecarPodSettings): pulumi.Output<SidecarTemplate> {
  const redirect = { ...settings.redirect!, ipv4: true, ipv6: true };
  const { labels, ...parts } = renderSidecarPod({ ...settings, redirect, configMapName: "" });
  return pulumi.output(parts).apply((known) => {
    const template = known as Omit<SidecarTemplate, "hashes">;
    return { hashes: hashTemplates(template), ...template };
  });
}

/** Returns a template from the text of an output `sidecarTemplate`; undefined where it is another text. */
export function parseTemplate(text: string): SidecarTemplate | undefined {
  try {
    const { hashes, ...parts } = JSON.parse(text);
    printCel(parts);
    // Pods have the hash of these containers, so a template that was edited would be for no pod.
    return JSON.stringify(hashTemplates(parts)) === JSON.stringify(hashes) ? { hashes, ...parts } : undefined;
  } catch {
    return undefined;
  }
}

function hashTemplates({ initContainers, ...parts }: Omit<SidecarTemplate, "hashes">): TemplateHashes {
  const without = (...names: string[]) =>
    hashParts({ initContainers: initContainers.filter(({ name }) => !names.includes(name)), ...parts });
  const { redirect, redirectIpv6 } = containerNames;
  return {
    none: without(redirect, redirectIpv6),
    ipv4: without(redirectIpv6),
    ipv6: without(redirect),
    both: without(),
  };
}

/** A template that the injector adds until an instant, to pods with some of its hashes. */
export interface EarlierTemplate {
  template: SidecarTemplate;
  until: string;
  hashes: string[];
}

/**
 * Returns earlier templates with the hashes of the pods that get them. A hash of the current template is in none, and one of several templates is in the one that is accepted longest.
 */
export function assignHashes(
  current: SidecarTemplate,
  earlier: { template: SidecarTemplate; until: string }[],
): EarlierTemplate[] {
  const taken = new Set(Object.values(current.hashes));
  const assigned = new Map<object, string[]>();
  for (const one of [...earlier].sort((a, b) => (a.until < b.until ? 1 : -1))) {
    const hashes = Object.values(one.template.hashes).filter((hash) => !taken.has(hash));
    assigned.set(one, hashes);
    for (const hash of hashes) taken.add(hash);
  }
  return earlier.map((one) => ({ ...one, hashes: assigned.get(one)! }));
}
