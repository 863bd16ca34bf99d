import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Sidecar, type SidecarArgs, withSidecar } from "../../../components/mesh/sidecar";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { withoutPlace } from "../refusals";
import { explicit, least, whole } from "./sidecar-fixture";

type Template = k8s.types.input.core.v1.PodTemplateSpec;
type PodSpec = k8s.types.input.core.v1.PodSpec;
type Container = k8s.types.input.core.v1.Container;

const container = (more: Partial<Container> = {}): Container => ({
  name: "application",
  image: "registry.example.com/application:1",
  ports: [{ name: "http", containerPort: 8080 }],
  ...more,
});
const template = (spec: Partial<PodSpec> = {}, metadata: object = {}): Template => ({
  metadata: { labels: { app: "shop" }, ...metadata },
  spec: { serviceAccountName: "web", containers: [container()], ...spec },
});

/** The template with a sidecar, as manifests of a Deployment and a ConfigMap. */
async function rendered(given: Template | (() => Template), args: SidecarArgs = least): Promise<KubernetesObject[]> {
  const run = await record(() => {
    const sidecar = new Sidecar("shop", args);
    const template = withSidecar(typeof given === "function" ? given() : given, sidecar);
    new k8s.apps.v1.Deployment("shop", {
      metadata: { namespace: "shop" },
      spec: { selector: { matchLabels: { app: "shop" } }, template },
    });
  });
  return manifests(run, { secrets: "show" });
}

// biome-ignore lint/suspicious/noExplicitAny: a manifest has the shape of its kind
type Manifest = any;
const podOf = (objects: KubernetesObject[]): Manifest =>
  (objects.find(({ kind }) => kind === "Deployment") as Manifest).spec.template;

test("8: a pod gets the sidecar before its own init containers, and keeps all else of the template", async () => {
  const own = { name: "migrate", image: "registry.example.com/migrate:1" };
  const given = template({
    initContainers: [own],
    volumes: [{ name: "data", emptyDir: {} }],
    nodeSelector: { a: "b" },
  });
  const before = JSON.stringify(given);
  const pod = podOf(await rendered(given));
  expect(JSON.stringify(given)).toBe(before);
  expect(pod.spec.initContainers.map(({ name }: Manifest) => name)).toEqual([
    "mesh-redirect",
    "mesh-identity-first",
    "mesh-identity",
    "mesh-proxy",
    "migrate",
  ]);
  expect(pod.spec.initContainers[4]).toEqual(own);
  expect(pod.spec.containers).toEqual([container({ lifecycle: { preStop: { sleep: { seconds: 5 } } } })]);
  expect(pod.spec.nodeSelector).toEqual({ a: "b" });
  expect(pod.spec.shareProcessNamespace).toBe(true);
  const { labels, annotations } = pod.metadata;
  const configMap = pod.spec.volumes[1].configMap.name;
  expect(labels).toEqual({
    app: "shop",
    "nginx-stacks/sidecar": configMap,
    "nginx-stacks/sidecar-kind": expect.stringMatching(/^[0-9a-f]{32}$/),
    "nginx-stacks/redirect": "true",
  });
  expect(annotations).toEqual({ "nginx-stacks/sidecar-configuration": expect.stringMatching(/^[0-9a-f]{64}$/) });
  const [redirect, first, identity, proxy] = pod.spec.initContainers;
  expect([redirect, first].map(({ restartPolicy }) => restartPolicy)).toEqual([undefined, undefined]);
  expect([identity, proxy].map(({ restartPolicy }) => restartPolicy)).toEqual(["Always", "Always"]);
  expect({
    redirect,
    first,
    identity,
    proxy,
    volumes: pod.spec.volumes.map((one: Manifest) => ({ ...one, configMap: one.configMap && "…" })),
  }).toMatchSnapshot();
});

/** Returns the faults of containers and volumes by the restricted level of the Pod Security Standards. */
function restrictedFaults(spec: Manifest): string[] {
  const volumes = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
  ];
  return [
    ...spec.volumes
      .filter((one: Manifest) => !volumes.some((kind) => kind in one))
      .map(({ name }: Manifest) => `volume ${name}`),
    ...spec.initContainers.flatMap(({ name, ports = [], securityContext: context = {} }: Manifest) => [
      ...(context.runAsNonRoot === true && context.runAsUser !== 0 ? [] : [`${name} may be root`]),
      ...(context.allowPrivilegeEscalation === false ? [] : [`${name} may gain privileges`]),
      ...(context.capabilities?.drop?.includes("ALL") && !context.capabilities.add ? [] : [`${name} has capabilities`]),
      ...(context.seccompProfile?.type === "RuntimeDefault" ? [] : [`${name} has every system call`]),
      ...(context.readOnlyRootFilesystem ? [] : [`${name} writes to its image`]),
      ...(ports.some(({ hostPort }: Manifest) => hostPort) ? [`${name} has a port of the node`] : []),
    ]),
  ];
}

test("10: pods comply with restricted Pod Security without redirect; with one, a container is root with NET_ADMIN", async () => {
  const ports = explicit.inbound!.map(({ port }) => ({ containerPort: port }));
  expect(
    restrictedFaults(podOf(await rendered(template({ containers: [container({ ports })] }), explicit)).spec),
  ).toEqual([]);
  const { spec } = podOf(await rendered(template()));
  expect(restrictedFaults(spec)).toEqual(["mesh-redirect may be root", "mesh-redirect has capabilities"]);
  expect(spec.initContainers[0].securityContext.capabilities).toEqual({ drop: ["ALL"], add: ["NET_ADMIN"] });
});

test("7: only the sidecar mounts the identity, in memory, and only spiffe-helper the socket", async () => {
  const { spec } = podOf(await rendered(template()));
  const mounting = (volume: string) =>
    [...spec.initContainers, ...spec.containers]
      .filter(({ volumeMounts = [] }: Manifest) => volumeMounts.some(({ name }: Manifest) => name === volume))
      .map(({ name }: Manifest) => name);
  expect(mounting("mesh-identity")).toEqual(["mesh-identity-first", "mesh-identity", "mesh-proxy"]);
  expect(mounting("spiffe-workload-api")).toEqual(["mesh-identity-first", "mesh-identity"]);
  expect(spec.volumes.find(({ name }: Manifest) => name === "mesh-identity").emptyDir.medium).toBe("Memory");
  expect(spec.volumes.find(({ name }: Manifest) => name === "spiffe-workload-api").csi).toEqual({
    driver: "csi.spiffe.io",
    readOnly: true,
  });
});

test("9: NGINX Plus gets its licence, its state and pull secrets; a new licence rolls the pods", async () => {
  const args: SidecarArgs = {
    ...least,
    edition: "plus",
    image: "registry.example.com/nginx-plus-njs:r37",
    license: { secretName: "license", revision: "first-revision" },
    imagePullSecrets: ["registry"],
  };
  const one = podOf(await rendered(template({ imagePullSecrets: [{ name: "own" }] }), args));
  expect(one.spec.imagePullSecrets).toEqual([{ name: "own" }, { name: "registry" }]);
  const proxy = one.spec.initContainers.find(({ name }: Manifest) => name === "mesh-proxy");
  expect(proxy.volumeMounts.map(({ mountPath }: Manifest) => mountPath)).toEqual([
    "/run/mesh/configuration",
    "/run/mesh/identity",
    "/run/mesh/run",
    "/etc/nginx/license",
    "/var/lib/nginx/state",
  ]);
  const run = (revision: string) =>
    record(() => {
      const sidecar = new Sidecar("shop", { ...args, license: { secretName: "license", revision } });
      new k8s.core.v1.ConfigMap("annotations", { metadata: { annotations: sidecar.annotations } });
    }).then(
      (result) =>
        (
          manifests(result, { secrets: "show" }).find(({ metadata }) =>
            metadata.name.startsWith("annotations"),
          ) as Manifest
        ).metadata.annotations,
    );
  const [first, second] = [await run("first-revision"), await run("second-revision")];
  expect(first["nginx-stacks/sidecar-configuration"]).toBe(second["nginx-stacks/sidecar-configuration"]);
  expect(first["nginx-stacks/sidecar-secrets"]).toMatch(/^[0-9a-f]{64}$/);
  expect(first["nginx-stacks/sidecar-secrets"]).not.toBe(second["nginx-stacks/sidecar-secrets"]);
});

test("13: the annotation changes with the configuration only", async () => {
  const annotation = async (args: SidecarArgs) => podOf(await rendered(template(), args)).metadata.annotations;
  expect(await annotation(least)).toEqual(await annotation({ ...least }));
  expect(await annotation({ ...least, drainSeconds: 30 })).not.toEqual(await annotation(least));
});

/** Templates that do not work, and their messages. */
const refused: [rule: string, template: Template, error: string, args?: SidecarArgs][] = [
  ["no spec", { metadata: {} }, "template.spec is missing; write the pod's containers"],
  [
    "the node's network",
    template({ hostNetwork: true }),
    "template.spec.hostNetwork is true, so the sidecar would proxy the node; leave it out: the sidecar needs the pod's own network",
  ],
  [
    "the node's processes",
    template({ hostPID: true }),
    "template.spec.hostPID is true, which excludes shareProcessNamespace; leave it out: spiffe-helper signals NGINX in the pod",
  ],
  [
    "no shared process namespace",
    template({ shareProcessNamespace: false }),
    "template.spec.shareProcessNamespace is false; leave it out: spiffe-helper signals NGINX in another container",
  ],
  [
    "Windows",
    template({ os: { name: "windows" } }),
    "template.spec.os.name is windows, on which the sidecar does not run; leave the sidecar out",
  ],
  [
    "no service account",
    template({ serviceAccountName: undefined }),
    'template.spec.serviceAccountName is missing, so the workload would share the identity of all pods without one; write the name of a ServiceAccount of its own (or "default", if that is intended)',
  ],
  [
    "10: the sidecar's user, of the pod",
    template({ securityContext: { runAsUser: 2102 } }),
    "template.spec.securityContext.runAsUser is 2102, the user of the sidecar, which reads the key and whose connections bypass NGINX; use another user",
  ],
  [
    "10: the sidecar's user, of an init container",
    template({ initContainers: [container({ securityContext: { runAsUser: 2102 } })] }),
    "template.spec.initContainers[0].securityContext.runAsUser is 2102, the user of the sidecar, which reads the key and whose connections bypass NGINX; use another user",
  ],
  [
    "a container's name",
    template({ containers: [container({ name: "mesh-proxy" })] }),
    "template.spec.containers[0].name is mesh-proxy, the name of a container of the sidecar; rename it, or leave withSidecar out if the template has a sidecar",
  ],
  [
    "a volume's name",
    template({ volumes: [{ name: "mesh-identity", emptyDir: {} }] }),
    "template.spec.volumes[0].name is mesh-identity, the name of a volume of the sidecar; rename the volume",
  ],
  [
    "7: a mount of the identity",
    template({ containers: [container({ volumeMounts: [{ name: "mesh-identity", mountPath: "/identity" }] })] }),
    "template.spec.containers[0].volumeMounts[0] is of mesh-identity, a volume of the sidecar; leave it out: only the sidecar may read the identity",
  ],
  [
    "a label of a sidecar",
    template({}, { labels: { "nginx-stacks/sidecar": "x" } }),
    'template.metadata.labels["nginx-stacks/sidecar"] is there already; leave it out: withSidecar sets it',
  ],
  [
    "22: a port of UDP in strict mode",
    template({ containers: [container({ ports: [{ containerPort: 8080, protocol: "UDP" }] })] }),
    "template.spec.containers[0].ports[0].protocol is UDP, for which the sidecar has no mutual TLS; leave the port out, or set no port of the sidecar to strict",
  ],
  [
    "a reserved port",
    template({ containers: [container({ ports: [{ containerPort: 15_000 }] })] }),
    "template.spec.containers[0].ports[0].containerPort is 15000, which is reserved for the sidecar; set firstPort of the Sidecar to other ports",
  ],
  [
    "a port open to plaintext",
    template({ containers: [container({ ports: [{ containerPort: 9999 }] })] }),
    'template.spec.containers[0].ports[0].containerPort is 9999, which is not in inbound of the Sidecar, so it would accept plaintext from any client; declare it there, with mode "off" if that is intended',
  ],
  [
    "a port to which the application connects",
    template({ containers: [container({ ports: [{ containerPort: 3000 }] })] }),
    "template.spec.containers[0].ports[0].containerPort is 3000, on which the sidecar accepts connections to a workload; give one of the two another port",
    explicit,
  ],
  [
    "21: a probe that strict mode rejects",
    template({ containers: [container({ readinessProbe: { httpGet: { path: "/ready", port: "http" } } })] }),
    'template.spec.containers[0].readinessProbe.httpGet asks port 8080 for /ready, which strict mode rejects; add "/ready" to plainPaths of that port',
  ],
  [
    "21: a hook that strict mode rejects",
    template({ containers: [container({ lifecycle: { preStop: { httpGet: { path: "/stop", port: 8080 } } } })] }),
    'template.spec.containers[0].lifecycle.preStop.httpGet asks port 8080 for /stop, which strict mode rejects; add "/stop" to plainPaths of that port',
  ],
  [
    "21: a probe by HTTPS",
    template({ containers: [container({ livenessProbe: { httpGet: { path: "/", port: 8080, scheme: "HTTPS" } } })] }),
    "template.spec.containers[0].livenessProbe.httpGet.scheme is HTTPS, and the kubelet has no certificate for port 8080; leave it out, and add the path to plainPaths",
  ],
  [
    "21: a probe of gRPC",
    template({ containers: [container({ ports: [], livenessProbe: { grpc: { port: 9090 } } })] }),
    'template.spec.containers[0].livenessProbe.grpc asks port 9090 for /grpc.health.v1.Health/Check, which strict mode rejects; add "/grpc.health.v1.Health/Check" to plainPaths of that port',
    { ...least, inbound: [{ ...least.inbound![0]!, port: 9090, protocol: "grpc" }] },
  ],
  [
    "21: a probe of another protocol",
    template({ containers: [container({ livenessProbe: { grpc: { port: 8080 } } })] }),
    "template.spec.containers[0].livenessProbe.grpc asks port 8080, which speaks http; use httpGet",
  ],
  [
    "21: a probe of a port on 127.0.0.1",
    template({ containers: [container({ startupProbe: { tcpSocket: { port: 28_080 } } })] }),
    "template.spec.containers[0].startupProbe.tcpSocket.port is 28080, on which the application listens on 127.0.0.1 only; use port 8080",
    explicit,
  ],
  [
    "21: metrics that strict mode rejects",
    template({}, { annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "8080" } }),
    'template.metadata.annotations["prometheus.io/path"] is /metrics on port 8080, which strict mode rejects; add "/metrics" to plainPaths of that port',
  ],
];

describe("a template is refused", () => {
  test.each(refused)("%s", async (_rule, given, error, args = least) => {
    let thrown: unknown;
    await record(() => {
      const sidecar = new Sidecar("shop", args);
      try {
        withSidecar(given, sidecar);
      } catch (caught) {
        thrown = caught;
      }
    });
    expect(thrown).toBeInstanceOf(pulumi.InputPropertiesError);
    expect(withoutPlace((thrown as Error).message)).toBe(`withSidecar "shop": ${error}`);
  });

  test.each(refused.filter(([rule]) => !/no spec|no service account/.test(rule)))(
    "%s, as soon as it is known",
    async (_rule, given, error, args = least) => {
      // Each value of the template is an output, but lists and maps are plain.
      const later = (value: unknown, path: string): unknown => {
        if (Array.isArray(value)) return value.map((one, index) => later(one, `${path}[${index}]`));
        if (typeof value === "object" && value !== null)
          return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, later(one, `${path}.${key}`)]));
        return value === undefined ? undefined : pulumi.output(value);
      };
      const failure = await rendered(() => later(given, "") as Template, args).then(
        () => new Error("nothing was refused"),
        (thrown: Error) => thrown,
      );
      expect(failure.message).toContain(`withSidecar "shop": ${error}`);
    },
  );

  test("a list that is one output as a whole", async () => {
    await expect(rendered(() => template({ volumes: pulumi.output([]) }))).rejects.toThrow(
      "template.spec.volumes is one output as a whole, so what is in it is not known yet",
    );
  });

  test("a template that has a sidecar", async () => {
    await expect(
      record(() => {
        const sidecar = new Sidecar("shop", least);
        withSidecar(withSidecar(template(), sidecar), sidecar);
      }),
    ).rejects.toThrow('template.metadata.labels["nginx-stacks/sidecar"] is there already');
  });

  test("a value that is not a Sidecar", () => {
    expect(() => withSidecar(template(), {} as Sidecar)).toThrow("sidecar is not a Sidecar of this program");
  });
});

test("a valid template of outputs passes, and a secret in it does not make the annotation secret", async () => {
  const pod = podOf(
    await rendered(() =>
      template({
        containers: [
          container({
            image: pulumi.output("x"),
            env: [{ name: "PASSWORD", value: pulumi.secret("a word") }],
            ports: [{ containerPort: pulumi.output(8080) }],
          }),
        ],
      }),
    ),
  );
  expect(pod.metadata.annotations["nginx-stacks/sidecar-configuration"]).toMatch(/^[0-9a-f]{64}$/);
  const probe = {
    readinessProbe: { httpGet: { path: "/healthz", port: 8080 } },
    livenessProbe: { tcpSocket: { port: 5432 } },
  };
  const ports = whole.inbound!.map(({ port }) => ({ containerPort: port }));
  await rendered(template({ containers: [container({ ...probe, ports })] }), whole);
});

describe("containers of the application go on until no node sends to the pod", () => {
  const sleep = { sleep: { seconds: 5 } };
  const own = { exec: { command: ["leave"] } };
  test.each<[string, object, object, unknown]>([
    ["without hooks", {}, {}, { preStop: sleep }],
    ["with another hook", { lifecycle: { postStart: own } }, {}, { postStart: own, preStop: sleep }],
    ["with a hook of their own", { lifecycle: { preStop: own } }, {}, { preStop: own }],
    ["in a pod that ends at once", {}, { terminationGracePeriodSeconds: 5 }, undefined],
    ["in a pod that ends later", {}, { terminationGracePeriodSeconds: 6 }, { preStop: sleep }],
    [
      "with hooks that are known later",
      { lifecycle: pulumi.output({ postStart: own }) },
      {},
      { postStart: own, preStop: sleep },
    ],
    ["with a hook of their own, known later", { lifecycle: pulumi.output({ preStop: own }) }, {}, { preStop: own }],
    ["in a pod whose time is known later", {}, { terminationGracePeriodSeconds: pulumi.output(3) }, undefined],
  ])("%s", async (_, container, spec, expected) => {
    const run = await record(() => {
      const template = withSidecar(
        { spec: { serviceAccountName: "web", containers: [{ name: "a", image: "a", ...container }], ...spec } },
        new Sidecar("web", least),
      );
      new k8s.core.v1.Pod("pod", {
        metadata: template.metadata,
        spec: template.spec as k8s.types.input.core.v1.PodSpec,
      });
    });
    const pod = manifests(run).find(({ kind }) => kind === "Pod") as {
      spec?: { containers: { lifecycle?: object }[] };
    };
    expect(pod.spec!.containers[0]!.lifecycle).toEqual(expected);
  });
});
