import { checked, checkInteger, checkPlain, labelName, type Refuser } from "../../foundation";
import { checkEdition } from "../sidecar/checks";
import { reservedPorts } from "../sidecar/ports";
import type { SidecarArgs } from "../sidecar/sidecar-args";
import type { SidecarInjectorArgs } from "./sidecar-injector-args";

const oldest = 36;

/** Refuses, before anything is registered, what the API server would not know, and what would shut the cluster. */
export function checkInjector(refuse: Refuser, args: SidecarInjectorArgs): void {
  const { image, registry, redirectImage, ...structure } = args;
  checkPlain(refuse, structure);
  checkVersion(refuse, args.kubernetesVersion);
  checkInteger(refuse, "firstPort", args.firstPort, 1024, 65536 - reservedPorts);
  checkEdition(args as unknown as SidecarArgs, refuse);
  checkNamespaces(refuse, args);
}

function checkVersion(refuse: Refuser, version: string): void {
  const property = "kubernetesVersion";
  if (version === undefined) refuse(property, "is missing", "write the version of the cluster: `1.36`");
  const [, minor] = /^v?1\.(\d{1,3})(?:[.+-].*)?$/s.exec(version) ?? [];
  if (minor === undefined) refuse(property, "is no version of Kubernetes", "write for example `1.36`");
  if (Number(minor) < oldest)
    refuse(
      property,
      `is ${version}, and MutatingAdmissionPolicy v1 came with 1.${oldest}`,
      "leave SidecarInjector out and add sidecars to pod templates with withSidecar, which makes the same pods",
    );
}

/** Namespaces without which a cluster cannot start anything any more. */
const system = ["kube-system", "kube-public", "kube-node-lease"];

function checkNamespaces(refuse: Refuser, { strictNamespaces = [] }: SidecarInjectorArgs): void {
  for (const [index, namespace] of strictNamespaces.entries()) {
    const property = `strictNamespaces[${index}]`;
    checked(namespace, labelName(refuse, property));
    checked(namespace, (name) => {
      if (system.includes(name))
        refuse(property, `is ${name}, whose pods start before the mesh`, "name the namespaces of your workloads");
    });
    if (typeof namespace === "string" && strictNamespaces.indexOf(namespace) !== index)
      refuse(property, `is ${namespace}, which is there already`, "leave one of the two out");
  }
}
