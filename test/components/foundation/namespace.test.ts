import { Namespace, type NamespaceArgs } from "../../../components/foundation";
import { manifests, record } from "../../../engine";

async function render(args?: NamespaceArgs) {
  return manifests(await record(() => new Namespace("edge", args)));
}

test("a Namespace is autonamed and restricted", async () => {
  expect(await render()).toMatchInlineSnapshot(`
[
  {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {
      "labels": {
        "pod-security.kubernetes.io/audit": "restricted",
        "pod-security.kubernetes.io/audit-version": "latest",
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "latest",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/warn-version": "latest",
      },
      "name": "edge-namespace-2953d5fc",
    },
  },
]
`);
});

test("a Namespace with a name, a level and its version, labels, annotations and a default deny", async () => {
  expect(
    await render({
      name: "edge",
      podSecurity: "baseline",
      podSecurityVersion: "v1.34",
      labels: { team: "platform" },
      annotations: { contact: "platform@example.com" },
      defaultDeny: true,
    }),
  ).toMatchInlineSnapshot(`
[
  {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {
      "annotations": {
        "contact": "platform@example.com",
      },
      "labels": {
        "pod-security.kubernetes.io/audit": "baseline",
        "pod-security.kubernetes.io/audit-version": "v1.34",
        "pod-security.kubernetes.io/enforce": "baseline",
        "pod-security.kubernetes.io/enforce-version": "v1.34",
        "pod-security.kubernetes.io/warn": "baseline",
        "pod-security.kubernetes.io/warn-version": "v1.34",
        "team": "platform",
      },
      "name": "edge",
    },
  },
  {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {
      "name": "edge-default-deny-e6c367c9",
      "namespace": "edge",
    },
    "spec": {
      "podSelector": {},
      "policyTypes": [
        "Ingress",
        "Egress",
      ],
    },
  },
]
`);
});

test("an existing Namespace is left as it is", async () => {
  const result = await record(() => ({ name: new Namespace("edge", { existing: { name: "kept" } }).name }));
  expect(manifests(result)).toEqual([]);
  expect(result.outputs).toEqual({ name: "kept" });
});

test("an existing Namespace can get a default deny", async () => {
  expect(
    (await render({ existing: { name: "kept" }, defaultDeny: true })).map(({ kind, metadata }) => [
      kind,
      metadata.namespace,
    ]),
  ).toEqual([["NetworkPolicy", "kept"]]);
});
