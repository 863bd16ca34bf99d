import type { Input } from "@pulumi/pulumi";
import { type Argument, type Format, formats } from "../../foundation";
import { Edition } from "../../nginx";
import { meshFormats } from "../formats";
import { checkPullSecrets } from "../pod-rules";
import { checkFirstPort, checkSoftware, defaultFirstPort, MeshIpFamily, redirectImage } from "../sidecar";
import type { EarlierSidecars, SidecarInjectorArgs } from "./sidecar-injector-args";
import { parseTemplate } from "./template";

/** A SidecarInjector with every default. */
export interface ResolvedInjector extends SidecarInjectorArgs {
  edition: Edition;
  redirectImage: Input<string>;
  strictNamespaces: Input<string>[];
  earlierSidecars: EarlierSidecars[];
  firstPort: number;
  /** All families: the policy selects them by the pod's label. */
  ipFamilies: MeshIpFamily[];
}

/** Applies the rules and defaults of a SidecarInjector, also inside a ServiceMesh. */
export function resolveContainedInjector(argument: Argument<SidecarInjectorArgs>): ResolvedInjector {
  const { edition = Edition.plus, firstPort = defaultFirstPort, images, strictNamespaces = [] } = argument.value;
  const { earlierSidecars = [] } = argument.value;
  argument.check(
    () => argument.field("kubernetesVersion").given(checkVersion),
    () => checkFirstPort(argument.field("firstPort")),
    () => checkSoftware(argument),
    () => argument.field("redirectImage").matches(formats.image),
    // The Secrets are in the namespaces of the pods, which are not known here.
    () => checkPullSecrets(argument.field("imagePullSecrets"), undefined),
    () => argument.field("license").field("secretName").matches(formats.dnsSubdomain),
    () => checkNamespaces(argument.field("strictNamespaces")),
    () => checkEarlier(argument.field("earlierSidecars")),
  );
  return {
    ...argument.value,
    edition,
    redirectImage: argument.value.redirectImage ?? redirectImage(images?.registry),
    strictNamespaces,
    earlierSidecars,
    firstPort,
    ipFamilies: Object.values(MeshIpFamily),
  };
}

const minimumMinor = 36;

function checkVersion(version: Argument<string>): void {
  const [, minor] = /^v?1\.(\d{1,3})(?:[.+-].*)?$/s.exec(version.value) ?? [];
  if (minor === undefined) version.refuse("is not a version of Kubernetes", "write for example `1.36`");
  else if (Number(minor) < minimumMinor)
    version.refuse(
      `is ${version.value}, and MutatingAdmissionPolicy v1 needs 1.${minimumMinor}`,
      "use withSidecar instead, which adds the same sidecars to pod templates",
    );
}

/** Namespaces of the control plane, whose pods must start without sidecars. */
const systemNamespaces = ["kube-system", "kube-public", "kube-node-lease"];

function checkNamespaces(list: Argument<Input<string>[] | undefined>): void {
  const seen = new Set<unknown>();
  for (const namespace of list.entries()) {
    namespace.matches(formats.dnsLabel);
    namespace.known((name, argument) => {
      if (systemNamespaces.includes(name))
        argument.refuse(`is ${name}, whose pods must start without the mesh`, "name the namespaces of your workloads");
      argument.unique(seen, "write each namespace once");
    });
  }
}

const sidecarTemplate: Format = {
  test: (text) => parseTemplate(text) !== undefined,
  wrong: "is not an output sidecarTemplate, or was edited",
  remedy: "write the whole output of the SidecarInjector as it was before the change",
};

function checkEarlier(list: Argument<EarlierSidecars[] | undefined>): void {
  const seen = new Set<unknown>();
  for (const earlier of list.entries()) {
    const template = earlier.field("template");
    earlier.field("until").matches(meshFormats.instant);
    template.matches(sidecarTemplate);
    template.known((text, argument) => {
      if (seen.has(text)) argument.refuse("is the template of another entry", "write each template once");
      seen.add(text);
    });
  }
}
