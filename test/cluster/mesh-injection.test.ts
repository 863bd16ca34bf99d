import * as k8s from "@pulumi/kubernetes";
import {
  Sidecar,
  type SidecarArgs,
  SidecarInjector,
  type SidecarInjectorArgs,
  withSidecar,
} from "../../components/mesh";
import { printCel } from "../../components/mesh/sidecar-injector/cel";
import { type KubernetesObject, manifests, record } from "../../engine";
import { earlierTemplate, least } from "../components/mesh/sidecar-fixture";
import { describeCluster } from "./fixture";
import { longestWaitSeconds, until } from "./until";

const templateHashLabel = "nginx-stacks/sidecar-kind";

// biome-ignore lint/suspicious/noExplicitAny: pods have the shape of their kind, which the API server has checked
type Loose = any;

const secrets = ["registry-login"];
const common = { edition: "oss", imagePullSecrets: secrets } as const;
/** Sidecars of each template hash. */
const kinds: Record<string, Partial<SidecarArgs>> = {
  redirected: {},
  "of-both-families": { ipFamilies: ["IPv4", "IPv6"] },
  explicit: { redirect: undefined, inbound: [{ ...least.inbound![0]!, applicationPort: 28_080 }] },
};
/** A Sidecar that the injector cannot inject. */
const foreign: Partial<SidecarArgs> = { firstPort: 20_000 };

const podSpec = (more: object = {}, container: object = {}): Loose => ({
  serviceAccountName: "web",
  containers: [{ name: "application", image: "registry.example.com/application:1", ...container }],
  ...more,
});
/** Security context that restricted Pod Security requires of the application. */
const restricted = {
  container: { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } },
  pod: { securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } } },
};
const own = { initContainers: [{ name: "migrate", image: "registry.example.com/migrate:1" }] };

const namespaces: Record<string, Record<string, string>> = {
  shop: {},
  strict: { "nginx-stacks/mesh": "strict" },
  named: {},
  restricted: { "pod-security.kubernetes.io/enforce": "restricted" },
};

describeCluster("the injection of sidecars", (cluster) => {
  let templates: Record<string, Loose>;

  const templateHashOf = (sidecar: string) =>
    (templates[sidecar] ?? templates.redirected).metadata.labels[templateHashLabel];

  /** Returns a pod with labels only. */
  const labelled = (sidecar: string, spec: object = podSpec(), namespace = "shop", labels: object = {}): Loose => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: "labelled-",
      namespace,
      labels: { app: "web", "nginx-stacks/sidecar": sidecar, [templateHashLabel]: templateHashOf(sidecar), ...labels },
    },
    spec,
  });
  const created = async (pod: Loose, ...flags: string[]): Promise<Loose> =>
    JSON.parse(
      await cluster().kubectl(["create", "--validate=strict", "-o", "json", ...flags, "-f", "-"], JSON.stringify(pod)),
    );
  const dry = (pod: Loose) => created(pod, "--dry-run=server");
  const refusal = (pod: Loose) =>
    dry(pod).then(
      () => "",
      (error: Error) => error.message,
    );

  beforeAll(async () => {
    const run = await record(() => {
      new SidecarInjector("injector", { kubernetesVersion: "1.36", ...common, strictNamespaces: ["named"] });
      for (const namespace of Object.keys(namespaces))
        for (const [name, args] of Object.entries({ ...kinds, foreign })) {
          const sidecar = new Sidecar(`${namespace}-${name}`, { ...least, namespace, name, ...common, ...args });
          if (namespace !== "shop") continue;
          const template = withSidecar({ metadata: { labels: { app: "web" } }, spec: podSpec(own) }, sidecar);
          new k8s.core.v1.Pod(name, { metadata: { ...template.metadata, namespace }, spec: template.spec! as Loose });
        }
    });
    const objects = manifests(run, { secrets: "show" });
    templates = Object.fromEntries(
      objects
        .filter(({ kind }) => kind === "Pod")
        .map((pod) => [pod.metadata.labels!["nginx-stacks/sidecar" as never], pod]),
    );
    const places: Loose[] = Object.entries(namespaces).flatMap(([name, labels]) => [
      { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } },
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "web", namespace: name } },
    ]);
    await cluster().apply([...places, ...objects.filter(({ kind }) => kind !== "Pod")]);
    // The API server applies policies some time after their creation.
    await until("the policies in force", longestWaitSeconds, async () => {
      const pod = await dry(labelled("redirected"));
      return pod.spec.initContainers?.length === 4 &&
        (await refusal(labelled("foreign"))) !== "" &&
        (await refusal({
          ...labelled("redirected", podSpec(), "strict"),
          metadata: { generateName: "a-", namespace: "strict" },
        })) !== "" &&
        (await refusal({
          ...labelled("redirected", podSpec(), "named"),
          metadata: { generateName: "a-", namespace: "named" },
        })) !== ""
        ? true
        : undefined;
    });
  });

  const deleteInjector = async () => {
    const kinds = ["policies", "policybindings"].flatMap((one) => [
      `mutatingadmission${one}`,
      `validatingadmission${one}`,
    ]);
    await cluster().kubectl(["delete", kinds.join(","), "-l", "app.kubernetes.io/name=mesh-injector"]);
  };

  /** Returns the parts of a pod that determine how it runs, sorted where Kubernetes has no order. */
  const comparable = ({ metadata, spec }: Loose) => {
    const { initContainers, containers, volumes, ...rest } = spec;
    const nameless = (value: unknown) =>
      JSON.parse(JSON.stringify(value).replace(/kube-api-access-\w+/g, "kube-api-access"));
    const named = (list: Loose[]) => [...list].sort((one, other) => (one.name < other.name ? -1 : 1));
    return nameless({ labels: metadata.labels, rest, initContainers, containers, volumes: named(nameless(volumes)) });
  };

  test.each(Object.keys(kinds))("9: an injected pod equals one by withSidecar: %s", async (name) => {
    const injected = await dry(labelled(name, podSpec(own)));
    const authored = await dry(templates[name]);
    expect(comparable(injected)).toEqual(comparable(authored));
    expect(injected.spec.initContainers.map((one: Loose) => one.name)).toEqual(
      templates[name].spec.initContainers.map((one: Loose) => one.name),
    );
    expect(injected.spec.initContainers.length).toBe({ redirected: 5, "of-both-families": 6, explicit: 4 }[name]);
  });

  test.each<[string, object, object, unknown]>([
    ["without hooks", {}, {}, { preStop: { sleep: { seconds: 5 } } }],
    [
      "with another",
      { postStart: { sleep: { seconds: 1 } } },
      {},
      { postStart: { sleep: { seconds: 1 } }, preStop: { sleep: { seconds: 5 } } },
    ],
    ["with its own", { preStop: { sleep: { seconds: 2 } } }, {}, { preStop: { sleep: { seconds: 2 } } }],
    ["in a pod that ends at once", {}, { terminationGracePeriodSeconds: 5 }, {}],
  ])("an injected application goes on until no node sends to the pod: %s", async (_, lifecycle, more, expected) => {
    const { containers } = (await dry(labelled("redirected", podSpec(more, { lifecycle })))).spec;
    expect(containers).toHaveLength(1);
    expect(containers[0].lifecycle ?? undefined).toEqual(expected);
  });

  test("9: a pod without init containers, secrets and service account gets the same sidecar", async () => {
    const pod = await dry(
      labelled("redirected", { containers: [{ name: "a", image: "a" }], automountServiceAccountToken: false }),
    );
    expect(pod.spec.initContainers.map((one: Loose) => one.name)).toEqual([
      "mesh-redirect",
      "mesh-identity-first",
      "mesh-identity",
      "mesh-proxy",
    ]);
    expect(pod.spec.imagePullSecrets).toEqual([{ name: "registry-login" }]);
    expect(pod.spec.shareProcessNamespace).toBe(true);
    expect(pod.metadata.labels["nginx-stacks/redirect"]).toBe("true");
  });

  test("9: a pod by withSidecar is not injected, and an injected one is not injected again at an update", async () => {
    const authored = await dry(templates.redirected);
    expect(authored.spec.initContainers).toHaveLength(5);
    const { metadata } = await created(labelled("redirected"));
    await cluster().kubectl(["label", "pod", metadata.name, "-n", "shop", "more=1"]);
    const after = (await cluster().get("pod", metadata.name, "shop")) as Loose;
    expect(after.spec.initContainers).toHaveLength(4);
    expect(after.metadata.labels.more).toBe("1");
  });

  test("9: a pod without the label is not injected", async () => {
    const pod = labelled("redirected");
    const { labels, ...metadata } = pod.metadata;
    const { spec } = await dry({ ...pod, metadata });
    expect(spec.initContainers).toBeUndefined();
    expect(spec.shareProcessNamespace).toBeUndefined();
    expect(spec.volumes.map((one: Loose) => one.name)).toEqual([expect.stringContaining("kube-api-access")]);
  });

  test("9: pods of a Deployment are injected, and become Ready", async () => {
    const deployment: KubernetesObject = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "strict" },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { labels: labelled("explicit").metadata.labels }, spec: podSpec() },
      },
    };
    await cluster().apply([deployment]);
    await cluster().waitReady([deployment]);
  });

  test("10: restricted Pod Security accepts a pod without redirect, and rejects one with it", async () => {
    const spec = podSpec(restricted.pod, restricted.container);
    expect((await dry(labelled("explicit", spec, "restricted"))).spec.initContainers).toHaveLength(3);
    expect(await refusal(labelled("redirected", spec, "restricted"))).toMatch(
      /violates PodSecurity "restricted:latest": unrestricted capabilities \(container "mesh-redirect" must not include "NET_ADMIN"/,
    );
  });

  const part = { name: "mesh-proxy", image: "registry.example.com/proxy:1" };
  const whole = (name: string) =>
    `the pod has no complete sidecar, and its label nginx-stacks/sidecar is "${name}"; give it all labels of a Sidecar with the same image, edition, licence, resources and firstPort as the SidecarInjector, and no container or volume with a name of the sidecar; or use withSidecar`;
  const refused: Record<string, [() => Loose, string]> = {
    "a name that no ConfigMap can have": [() => labelled("No_ConfigMap"), whole("No_ConfigMap")],
    "no kind": [() => labelled("redirected", podSpec(), "shop", { [templateHashLabel]: "" }), whole("redirected")],
    "no name": [() => labelled(""), whole("")],
    "a Sidecar with other settings": [() => labelled("foreign"), whole("foreign")],
    "a part of a sidecar": [() => labelled("redirected", podSpec({ initContainers: [part] })), whole("redirected")],
    "a volume of the sidecar's": [
      () => labelled("redirected", podSpec({ volumes: [{ name: "mesh-run", emptyDir: {} }] })),
      whole("redirected"),
    ],
    "a redirect without rules": [
      () => labelled("explicit", podSpec(), "shop", { "nginx-stacks/redirect": "true" }),
      whole("explicit"),
    ],
    "a container that is named as the sidecar's": [
      () => labelled("redirected", podSpec({ containers: [part] })),
      "a container has the name of a container of the sidecar; rename it",
    ],
    "the network of the node": [
      () => labelled("redirected", podSpec({ hostNetwork: true })),
      "hostNetwork is true, so the sidecar would proxy the node; leave it out",
    ],
    "no shared process namespace": [
      () => labelled("redirected", podSpec({ shareProcessNamespace: false })),
      "shareProcessNamespace is false; leave it out: spiffe-helper signals NGINX in another container",
    ],
    "the sidecar's user in the pod": [
      () => labelled("redirected", podSpec({ securityContext: { runAsUser: 2102 } })),
      "spec.securityContext.runAsUser is 2102, the user of the sidecar; use another user",
    ],
    "the sidecar's user in a container": [
      () => labelled("redirected", podSpec({}, { securityContext: { runAsUser: 2102 } })),
      "a container's securityContext.runAsUser is 2102, the user of the sidecar; use another user",
    ],
    "a mount of the identity": [
      () => labelled("redirected", podSpec({}, { volumeMounts: [{ name: "mesh-identity", mountPath: "/identity" }] })),
      "a container mounts a volume of the sidecar; leave the mount out: only the sidecar may read the identity",
    ],
  };

  test.each(Object.keys(refused))("9: rejected with the label: %s", async (rule) => {
    const [pod, message] = refused[rule]!;
    expect(await refusal(pod())).toContain(message);
  });

  test.each(["strict", "named"])("9: in a strict namespace every pod needs a sidecar: %s", async (namespace) => {
    const bare = (spec: object) => ({
      ...labelled("", spec, namespace),
      metadata: { generateName: "bare-", namespace },
    });
    expect(await refusal(bare(podSpec()))).toContain(
      "the pod has no sidecar, and every pod of this namespace needs one; give it the labels of a Sidecar, or use withSidecar",
    );
    expect(await refusal(bare(podSpec({ hostNetwork: true })))).toContain(
      "hostNetwork is true, and the pods of this namespace are in the mesh; leave it out, or use another namespace",
    );
    expect((await dry(labelled("redirected", podSpec(), namespace))).spec.initContainers).toHaveLength(4);
    const { metadata, ...authored } = templates.redirected;
    expect((await dry({ ...authored, metadata: { ...metadata, namespace } })).spec.initContainers).toHaveLength(5);
  });

  test("9: an ephemeral container of a strict namespace cannot be the sidecar's user", async () => {
    const { metadata } = await created(labelled("redirected", podSpec(), "strict"));
    const debug = (runAsUser: number) =>
      cluster()
        .kubectl([
          ...["patch", "pod", metadata.name, "-n", "strict", "--subresource=ephemeralcontainers", "-p"],
          JSON.stringify({
            spec: { ephemeralContainers: [{ name: `as-${runAsUser}`, image: "a", securityContext: { runAsUser } }] },
          }),
        ])
        .then(
          () => "",
          (error: Error) => error.message,
        );
    expect(await debug(2102)).toContain(
      "an ephemeral container's securityContext.runAsUser is 2102, the user of the sidecar; use another user",
    );
    expect(await debug(1000)).toBe("");
  });

  test("9: policies that were deleted and created again inject as before, also new Sidecars", async () => {
    const run = await record(() => void new SidecarInjector("again", { kubernetesVersion: "1.36", ...common }));
    await deleteInjector();
    const isInjected = async () => {
      const { spec } = await dry(labelled("redirected")).catch(() => ({ spec: {} }));
      return spec.initContainers?.length === 4;
    };
    await until("the policies out of force", longestWaitSeconds, async () => !(await isInjected()) || undefined);
    await cluster().apply(manifests(run));
    await until("the new policies in force", longestWaitSeconds, async () => (await isInjected()) || undefined);
  });

  test("any text is unchanged in an expression", async () => {
    const texts = [
      '"',
      "\\",
      "\n\r\t\u0001",
      '\'"""',
      "${a}",
      "{{ b }}",
      '"}] + [JSONPatch{op: "remove"}]',
      "\u2028é🙂",
      "\\u0041",
    ];
    const data = Object.fromEntries(texts.map((text, index) => [`t${index}`, text]));
    const metadata = { name: "texts" };
    await cluster().apply([
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "MutatingAdmissionPolicy",
        metadata,
        spec: {
          failurePolicy: "Fail",
          reinvocationPolicy: "Never",
          matchConstraints: {
            objectSelector: { matchLabels: { texts: "given" } },
            resourceRules: [
              { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] },
            ],
          },
          mutations: [
            {
              patchType: "JSONPatch",
              jsonPatch: { expression: `[JSONPatch{op: "add", path: "/data", value: ${printCel(data)}}]` },
            },
          ],
        },
      },
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "MutatingAdmissionPolicyBinding",
        metadata,
        spec: { policyName: "texts" },
      },
    ]);
    const configMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "texts", namespace: "shop", labels: { texts: "given" } },
    };
    const made = await until("the policy in force", longestWaitSeconds, async () => {
      const { data } = await dry(configMap);
      return data;
    });
    expect(made).toEqual(data);
  });

  describe("K10: pods with the sidecar of an earlier release", () => {
    const { hashes, initContainers } = JSON.parse(earlierTemplate);
    /** A pod with the labels of an earlier digest. */
    const earlier = (hash: string, more: object = {}): Loose => {
      const pod = labelled("explicit", podSpec(own), "shop", { [templateHashLabel]: hash });
      return { ...pod, metadata: { ...pod.metadata, ...more } };
    };
    /** Applies an injector of other ports, to which earlier sidecars are added, in the place of the one before. */
    const replaceInjector = async (more: Partial<SidecarInjectorArgs>) => {
      const run = await record(() => {
        new SidecarInjector("injector", { kubernetesVersion: "1.36", ...common, firstPort: 16_000, ...more });
      });
      await deleteInjector();
      await cluster().apply(manifests(run));
    };
    const inSeconds = (seconds: number) => `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;

    test("they are rejected where they are not stated", async () => {
      expect(await refusal(earlier("0".repeat(32)))).toContain(whole("explicit"));
    });

    test("they get the same containers as before for as long as it is stated, and are rejected after", async () => {
      const end = inSeconds(10);
      await replaceInjector({ earlierSidecars: [{ template: earlierTemplate, until: end }] });
      const pod = await until("the earlier sidecars in force", 30, async () => {
        const tried = await dry(earlier(hashes.none));
        return tried.metadata.annotations?.["nginx-stacks/sidecar-until"] === end ? tried : undefined;
      });
      expect(pod.spec.initContainers.map(({ name, image }: Loose) => [name, image])).toEqual([
        ...initContainers.slice(2).map(({ name, image }: Loose) => [name, image]),
        ["migrate", own.initContainers[0]!.image],
      ]);
      // That release left the application's hooks alone.
      expect(pod.spec.containers[0].lifecycle).toBeUndefined();
      const redirected = await dry(earlier(hashes.both));
      expect(redirected.spec.initContainers).toHaveLength(6);
      expect(redirected.metadata.labels["nginx-stacks/redirect"]).toBe("true");
      // A pod cannot state its own end, nor its own time of creation.
      const forged = earlier(hashes.none, {
        annotations: { "nginx-stacks/sidecar-until": "2999-01-01T00:00:00Z", other: "1" },
        creationTimestamp: "2000-01-01T00:00:00Z",
      });
      expect((await dry(forged)).metadata.annotations).toEqual({ "nginx-stacks/sidecar-until": end, other: "1" });
      const message = `the pod has an earlier sidecar, which was accepted until ${end}; give it the labels of its Sidecar as it is now`;
      await until(
        "the end of the earlier sidecars",
        30,
        async () => (await refusal(earlier(hashes.none))) || undefined,
      );
      expect(Date.now()).toBeGreaterThan(Date.parse(end) - 1000);
      for (const pod of [earlier(hashes.none), earlier(hashes.both), forged])
        expect(await refusal(pod)).toContain(message);
      // Those of the program have their containers, and no end.
      expect((await dry(templates.explicit)).spec.initContainers).toHaveLength(4);
    });

    test("without them in its arguments the injector rejects such pods", async () => {
      await replaceInjector({});
      await until("the injector alone", longestWaitSeconds, async () => {
        return (await refusal(earlier(hashes.none))).includes(whole("explicit")) || undefined;
      });
    });
  });
});
