import type { KubernetesObject, RecordedRequest, RunResult } from "../engine";
import { hasSecret } from "../engine";
import { leakedPaths, secretTexts } from "../engine/leaks";
import { isMap, type PropertyValue, Secret } from "../engine/property-values";
import { STACK_REFERENCE } from "../engine/stack-references";
import { gatewayReferences } from "./gateway-references";

/** Every rule of a component that can be read off the requests of one run. Each returns what breaks it. */
export const requestLints: Record<string, (run: RunResult) => string[]> = {
  "every URN is there once": ({ requests }) => repeated(requests.map(({ urn }) => urn)),

  "a child of a component begins with the component's name": ({ requests }) =>
    children(requests)
      .filter(({ child, component }) => !child.name.startsWith(`${component.name}-`))
      .map(({ child }) => child.urn),

  "a child of a component has the component's provider": ({ requests }) =>
    children(requests)
      .filter(({ child, component }) => {
        const expected = component.providers[child.type.split(":")[0]!];
        return child.custom && expected !== undefined && child.provider !== expected;
      })
      .map(({ child }) => child.urn),

  "no component reads another stack: its user does, and hands on what it needs": ({ requests }) =>
    requests
      .filter(({ type, parent }) => type === STACK_REFERENCE && !parent.includes("::pulumi:pulumi:Stack::"))
      .map(({ urn }) => urn),

  "a component registers its outputs": ({ requests }) =>
    requests
      .filter(isComponent)
      .filter(({ outputs }) => Object.keys(outputs).length === 0)
      .map(({ urn }) => urn),

  "no object has a name of its own choosing that two installs would share": ({ requests }) =>
    requests
      .filter(
        ({ type, parent }) =>
          type.startsWith("kubernetes:") && requests.some((one) => one.urn === parent && isComponent(one)),
      )
      .filter(({ inputs, parent }) => {
        const name = isMap(inputs.metadata ?? null) ? (inputs.metadata as { name?: PropertyValue }).name : undefined;
        return name !== undefined && !isGiven(name, requests.find(({ urn }) => urn === parent)!.inputs);
      })
      .map(({ urn }) => urn),

  "private keys, passwords and tokens stay in their envelopes": (run) => {
    const { requests, outputs, log } = run;
    const secrets = secretTexts(run);
    const open = (value: PropertyValue): PropertyValue => {
      if (value instanceof Secret) return null;
      if (Array.isArray(value)) return value.map(open);
      return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, open(item)])) : value;
    };
    return [
      ...requests.flatMap(({ urn, inputs, outputs: answered }) =>
        leakedPaths(open({ inputs, outputs: answered }), secrets).map((path) => `${urn}: ${path}`),
      ),
      ...leakedPaths(open(outputs), secrets).map((path) => `stack output ${path}`),
      ...leakedPaths(
        log.map(({ message }) => message),
        secrets,
      ).map((path) => `log ${path}`),
    ];
  },

  "only Secrets have secret contents": ({ requests }) =>
    requests
      .filter(({ type }) => type === "kubernetes:core/v1:ConfigMap")
      .filter(({ inputs }) => hasSecret(inputs))
      .map(({ urn }) => urn),
};

/** Whether a component's arguments have the name, or what it begins with: two installs are given others. */
const isGiven = (name: PropertyValue, { name: release, gatewayClassName }: RecordedRequest["inputs"]) =>
  name === release || name === gatewayClassName || `${name}`.startsWith(`${release}-`);

const isComponent = ({ type }: RecordedRequest) => type.startsWith("nginx-stacks:");

function children(requests: RecordedRequest[]): { child: RecordedRequest; component: RecordedRequest }[] {
  return requests.flatMap((component) =>
    isComponent(component)
      ? requests.filter(({ parent }) => parent === component.urn).map((child) => ({ child, component }))
      : [],
  );
}

const repeated = (values: string[]) => values.filter((value, index) => values.indexOf(value) !== index);

/** A reference from one object to another, or to a key of it. */
interface ObjectReference {
  from: string;
  namespace: string;
  kind: string;
  name: string;
  key?: string;
}

/**
 * References that lead nowhere: to an object, or a key of it, that is neither among these objects nor declared to exist.
 *
 * @param existing what another system provides: `Secret/name` or `Secret/name/key`
 */
export function danglingReferences(objects: KubernetesObject[], existing: string[] = []): string[] {
  const keysOf = new Map(
    objects.map((object) => [
      `${object.kind}/${object.metadata.namespace ?? "default"}/${object.metadata.name}`,
      ["data", "stringData", "binaryData"].flatMap((field) => Object.keys((object[field] ?? {}) as object)),
    ]),
  );
  return objects.flatMap(references).flatMap(({ from, namespace, kind, name, key }) => {
    const keys = keysOf.get(`${kind}/${namespace}/${name}`);
    const declared = existing.includes(`${kind}/${name}`) || existing.includes(`${kind}/${name}/${key}`);
    const found = keys !== undefined && (key === undefined || keys.includes(key));
    return found || declared ? [] : [`${from} refers to ${kind} ${name}${key ? ` key ${key}` : ""}`];
  });
}

// biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind, which the API server checks in the cluster tests
type Manifest = any;

/** Keys of ConfigMaps that SPIRE writes, by a right of its own: the bundle of the trust domain. */
export function writtenBySpire(objects: KubernetesObject[]): string[] {
  return (objects as Manifest[])
    .filter(({ kind }) => kind === "Role")
    .flatMap(({ rules }) => rules)
    .filter(({ resources, verbs }) => resources.includes("configmaps") && verbs.includes("patch"))
    .flatMap(({ resourceNames = [] }) => resourceNames.map((name: string) => `ConfigMap/${name}/bundle.crt`));
}

function references(object: KubernetesObject): ObjectReference[] {
  const from = `${object.kind}/${object.metadata.name}`;
  const namespace = String(object.metadata.namespace ?? "default");
  const to = (kind: string, name: string | undefined, key?: string): ObjectReference[] =>
    name === undefined ? [] : [{ from, namespace, kind, name, key }];
  const gateway = gatewayReferences(object).map((one) => ({ from, namespace, ...one }));
  const pod: Manifest = (object as Manifest).spec?.template?.spec;
  if (!pod) {
    const target: Manifest = (object as Manifest).spec?.scaleTargetRef;
    return [...gateway, ...(target ? to(target.kind, target.name) : [])];
  }
  const source = (volume: Manifest): ObjectReference[] => [
    ...mounted(to, "Secret", volume.secret, volume.secret?.secretName ?? volume.secret?.name),
    ...mounted(to, "ConfigMap", volume.configMap, volume.configMap?.name),
    ...to("PersistentVolumeClaim", volume.persistentVolumeClaim?.claimName),
    ...(volume.projected?.sources ?? []).flatMap(source),
  ];
  const containers: Manifest[] = [...(pod.initContainers ?? []), ...pod.containers];
  // A StatefulSet makes a volume of each claim for each of its pods.
  const claims: string[] = ((object as Manifest).spec.volumeClaimTemplates ?? []).map(
    ({ metadata }: Manifest) => metadata.name,
  );
  return [
    ...gateway,
    ...to("ServiceAccount", pod.serviceAccountName === "default" ? undefined : pod.serviceAccountName),
    ...(pod.imagePullSecrets ?? []).flatMap(({ name }: Manifest) => to("Secret", name, ".dockerconfigjson")),
    ...(pod.volumes ?? []).flatMap(source),
    ...containers.flatMap(({ env = [], envFrom = [], volumeMounts = [] }) => [
      ...env.flatMap(({ valueFrom }: Manifest) => [
        ...to("Secret", valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef?.key),
        ...to("ConfigMap", valueFrom?.configMapKeyRef?.name, valueFrom?.configMapKeyRef?.key),
      ]),
      ...envFrom.flatMap(({ secretRef, configMapRef }: Manifest) => [
        ...to("Secret", secretRef?.name),
        ...to("ConfigMap", configMapRef?.name),
      ]),
      ...volumeMounts.flatMap((mount: Manifest) => {
        const volume = pod.volumes?.find(({ name }: Manifest) => name === mount.name);
        if (!volume) return claims.includes(mount.name) ? [] : to("Volume", mount.name);
        if (mount.subPath === undefined) return [];
        return [
          ...to("Secret", volume.secret?.secretName, mount.subPath),
          ...to("ConfigMap", volume.configMap?.name, mount.subPath),
        ];
      }),
    ]),
  ];
}

function mounted(
  to: (kind: string, name: string | undefined, key?: string) => ObjectReference[],
  kind: string,
  volume: Manifest,
  name: string | undefined,
): ObjectReference[] {
  if (!volume) return [];
  return [...to(kind, name), ...(volume.items ?? []).flatMap(({ key }: Manifest) => to(kind, name, key))];
}

/** Ports that a probe or a Service names and no container has, and selectors that select no pod of these objects. */
export function danglingPorts(objects: KubernetesObject[]): string[] {
  const workloads = (objects as Manifest[]).filter(({ spec }) => spec?.template?.spec);
  const hasPort = (pod: Manifest, port: string | number) =>
    pod.containers.some(({ ports = [] }: Manifest) =>
      ports.some(({ name, containerPort }: Manifest) => name === port || containerPort === port),
    );
  const selects = (selector: Manifest, labels: Manifest) =>
    Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
  return [
    ...workloads.flatMap(({ kind, metadata, spec }) => [
      ...spec.template.spec.containers.flatMap((container: Manifest) =>
        ["readinessProbe", "livenessProbe", "startupProbe"].flatMap((probe) => {
          const port = container[probe]?.httpGet?.port ?? container[probe]?.tcpSocket?.port;
          return port === undefined || hasPort({ containers: [container] }, port)
            ? []
            : [`${kind}/${metadata.name}: ${probe} asks port ${port}, which ${container.name} does not have`];
        }),
      ),
      ...(spec.selector && !selects(spec.selector.matchLabels, spec.template.metadata.labels)
        ? [`${kind}/${metadata.name}: its selector does not match its own pods`]
        : []),
    ]),
    ...(objects as Manifest[])
      .filter(({ kind, spec }) => kind === "Service" && spec.selector)
      .flatMap(({ metadata, spec }) => {
        const behind = workloads.filter((workload) => selects(spec.selector, workload.spec.template.metadata.labels));
        if (behind.length !== 1) return [`Service/${metadata.name}: selects ${behind.length} workloads`];
        return spec.ports
          .filter(({ port, targetPort }: Manifest) => !hasPort(behind[0].spec.template.spec, targetPort ?? port))
          .map(({ port }: Manifest) => `Service/${metadata.name}: port ${port} leads to no container port`);
      }),
  ];
}

/** Returns the first lines of the doc comments of a source that begin with a question word: they begin with a noun or a third-person verb. */
export const questioningComments = (source: string): string[] =>
  [...source.matchAll(/\/\*\*\s*(?:\*\s*)?((?:What|Who|How|Where|When|Whether|Which|Why)(?:ever|m|se)?\b.*)/g)].map(
    ([, line]) => line!.trim(),
  );
