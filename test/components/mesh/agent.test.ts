import * as pulumi from "@pulumi/pulumi";
import {
  SpiffeCsiDriver,
  type SpiffeCsiDriverArgs,
  SpireAgent,
  type SpireAgentArgs,
  SpireServer,
} from "../../../components/mesh";
import { CertificateAuthority, TrustedCertificates } from "../../../components/pki";
import { type KubernetesObject, manifests, record, reveal } from "../../../engine";
import { danglingPorts, danglingReferences, requestLints } from "../../lints";
import { type Refusal, testRefusals } from "../refusals";
import { mesh } from "./mesh-fixture";
import { files, least, the } from "./server-fixture";

const kubelet = { clusterAuthority: true };

async function agentObjects(args: Partial<SpireAgentArgs> = {}): Promise<KubernetesObject[]> {
  const run = await record(() => void new SpireAgent("agent", { mesh, kubelet, ...args }));
  return manifests(run, { secrets: "show" });
}
const conf = async (args: Partial<SpireAgentArgs> = {}) =>
  files(await agentObjects(args), "agent-config")["agent.conf"]!;
const pod = async (args: Partial<SpireAgentArgs> = {}) => the("DaemonSet", await agentObjects(args)).spec.template.spec;
const random = (text: string) =>
  text
    .replace(/-[0-9a-f]{8}\b/g, "-<random>")
    .replace(/[0-9a-f]{64}/, "<digest>")
    .replace(/"[0-9a-f]{16}"/g, '"<instance>"');

/** A program with a server, its agents and the driver. */
const whole = () =>
  record(() => {
    const server = new SpireServer("spire", least);
    new SpireAgent("agent", { mesh: server, kubelet });
    new SpiffeCsiDriver("csi", { namespace: "spire-system" });
  });

describe("the configuration of agents", () => {
  test("by default", async () => {
    expect(await conf()).toMatchInlineSnapshot(`
"agent {
  data_dir = "/var/lib/spire/agent"
  log_level = "INFO"
  server_address = "spire.spire-server.svc"
  server_port = 8081
  socket_path = "/run/spire/agent-sockets/spire-agent.sock"
  trust_domain = "mesh.test"
  trust_bundle_path = "/run/spire/bundle/bundle.crt"
  trust_bundle_format = "pem"
  rebootstrap_mode = "always"
  rebootstrap_delay = "600s"
}
plugins {
  NodeAttestor "k8s_psat" {
    plugin_data {
      cluster = "test"
      token_path = "/var/run/secrets/tokens/spire-agent"
    }
  }
  KeyManager "memory" {
    plugin_data {
    }
  }
  WorkloadAttestor "k8s" {
    plugin_data {
    }
  }
  WorkloadAttestor "unix" {
    plugin_data {
    }
  }
}
health_checks {
  listener_enabled = true
  bind_address = "0.0.0.0"
  bind_port = "9982"
  live_path = "/live"
  ready_path = "/ready"
}
"
`);
  });

  test("with every option", async () => {
    const text = await conf({
      mesh: { ...mesh, caTtlSeconds: 3_000_000 },
      kubelet: { unsafeSkipVerification: true },
      rebootstrapDelaySeconds: 60,
      availabilityTargetSeconds: 86_400,
      logSelectors: ["k8s:ns", "unix"],
      logLevel: "DEBUG",
      plugins: [{ name: "SVIDStore", labels: ["x"], block: [{ name: "plugin_data", block: [] }] }],
      monitoring: {},
    });
    expect(text).toMatchInlineSnapshot(`
"agent {
  data_dir = "/var/lib/spire/agent"
  log_level = "DEBUG"
  log_selectors = ["k8s:ns", "unix"]
  server_address = "spire.spire-server.svc"
  server_port = 8081
  socket_path = "/run/spire/agent-sockets/spire-agent.sock"
  trust_domain = "mesh.test"
  trust_bundle_path = "/run/spire/bundle/bundle.crt"
  trust_bundle_format = "pem"
  rebootstrap_mode = "always"
  rebootstrap_delay = "60s"
  availability_target = "86400s"
}
plugins {
  NodeAttestor "k8s_psat" {
    plugin_data {
      cluster = "test"
      token_path = "/var/run/secrets/tokens/spire-agent"
    }
  }
  KeyManager "memory" {
    plugin_data {
    }
  }
  WorkloadAttestor "k8s" {
    plugin_data {
      skip_kubelet_verification = true
    }
  }
  WorkloadAttestor "unix" {
    plugin_data {
    }
  }
  SVIDStore "x" {
    plugin_data {
    }
  }
}
telemetry {
  Prometheus {
    host = "0.0.0.0"
    port = 9988
  }
}
health_checks {
  listener_enabled = true
  bind_address = "0.0.0.0"
  bind_port = "9982"
  live_path = "/live"
  ready_path = "/ready"
}
"
`);
  });

  test("spire#4624: agents with an old bundle rebootstrap", async () => {
    const text = await conf();
    expect(text).toContain('rebootstrap_mode = "always"');
    expect(text).toContain('KeyManager "memory"');
  });
});

describe("the kubelet", () => {
  const inPod = async (given: SpireAgentArgs["kubelet"]) => {
    const spec = await pod({ kubelet: given });
    const [{ env, volumeMounts }] = spec.containers;
    const text = await conf({ kubelet: given });
    return {
      env: env?.[0].valueFrom.fieldRef.fieldPath,
      hostNetwork: spec.hostNetwork,
      ca: /kubelet_ca_path = (.*)|(skip_kubelet_verification) = true/.exec(text)?.slice(1).find(Boolean),
      mount: volumeMounts.find(({ name }: { name: string }) => name === "kubelet-authority")?.mountPath,
      volume: spec.volumes.find(({ name }: { name: string }) => name === "kubelet-authority"),
    };
  };

  test("hardened#240: is verified by the chosen method", async () => {
    expect(await inPod({ clusterAuthority: true })).toEqual({ env: "status.hostIP" });
    expect(await inPod({ unsafeSkipVerification: true, address: "loopback" })).toEqual({
      hostNetwork: true,
      ca: "skip_kubelet_verification",
    });
    expect(await inPod({ authorities: { secretName: "kubelets" }, address: "nodeName" })).toEqual({
      env: "spec.nodeName",
      ca: '"/run/spire/kubelet/ca.crt"',
      mount: "/run/spire/kubelet",
      volume: {
        name: "kubelet-authority",
        secret: { secretName: "kubelets", items: [{ key: "ca.crt", path: "ca.crt" }] },
      },
    });
    expect(await inPod({ hostCertificate: "/var/lib/kubelet/pki/kubelet.crt" })).toEqual({
      env: "status.hostIP",
      ca: '"/run/spire/kubelet/kubelet.crt"',
      // The folder, so that a renewed certificate is seen.
      mount: "/run/spire/kubelet",
      volume: { name: "kubelet-authority", hostPath: { path: "/var/lib/kubelet/pki", type: "Directory" } },
    });
  });

  test("is the only resource of the agents, and only its pods; before Kubernetes 1.33, all of it", async () => {
    const rules = async (unsafeNodesProxy?: boolean) =>
      the("ClusterRole", await agentObjects({ kubelet: { ...kubelet, unsafeNodesProxy } })).rules;
    expect(await rules()).toEqual([{ apiGroups: [""], resources: ["nodes/pods"], verbs: ["get"] }]);
    expect(await rules(true)).toEqual([{ apiGroups: [""], resources: ["nodes/proxy"], verbs: ["get"] }]);
  });

  test("a renewed authority rolls the agents", async () => {
    const digest = async (revision: string) =>
      the("DaemonSet", await agentObjects({ kubelet: { authorities: { secretName: "k", revision } } })).spec.template
        .metadata.annotations["checksum/secrets"];
    expect(await digest("1")).not.toBe(await digest("2"));
  });
});

describe("the objects", () => {
  test("of agents", async () => {
    const objects = await agentObjects();
    expect(objects.map(({ kind }) => kind).sort()).toEqual([
      "ClusterRole",
      "ClusterRoleBinding",
      "ConfigMap",
      "DaemonSet",
    ]);
    expect(random(JSON.stringify(the("DaemonSet", objects).spec, null, 1))).toMatchSnapshot();
  });

  test("spire#3032: agents wait for the bundle and for the server", async () => {
    const { volumes } = await pod();
    expect(volumes).toContainEqual({
      name: "bundle",
      configMap: { name: "bundle", items: [{ key: "bundle.crt", path: "bundle.crt" }] },
    });
    expect(JSON.stringify(volumes)).not.toContain("optional");
    const { requests } = await whole();
    const urn = (name: string) => requests.find((request) => request.name === name)!.urn;
    const { dependencies } = requests.find(({ name }) => name === "agent-agent")!;
    expect(dependencies).toEqual(expect.arrayContaining([urn("spire-server"), urn("agent-cluster-binding")]));
  });

  test("every reference leads to an object and its key, except the bundle that SPIRE writes", async () => {
    const run = await whole();
    const objects = manifests(run, { secrets: "show" });
    const bundle = the("ConfigMap", objects, "spire-bundle").metadata.name;
    expect(danglingReferences(objects, [`ConfigMap/${bundle}/bundle.crt`])).toEqual([]);
    expect(danglingReferences(objects)).toHaveLength(1);
    expect(danglingPorts(objects)).toEqual([]);
    for (const lint of Object.keys(requestLints)) expect([lint, requestLints[lint]!(run)]).toEqual([lint, []]);
  });

  test("spire#956: agents have the account, audience and cluster that the server accepts", async () => {
    const objects = manifests(await whole(), { secrets: "show" });
    const server = files(objects, "spire-config")["server.conf"]!;
    const agent = files(objects, "agent-config")["agent.conf"]!;
    const { metadata, spec } = the("DaemonSet", objects, "agent-");
    const account = `${metadata.namespace}:${spec.template.spec.serviceAccountName}`;
    expect(server).toContain(`service_account_allow_list = ["${account}"]`);
    expect(agent).toContain('cluster = "test"');
    const token = spec.template.spec.volumes.find(({ name }: { name: string }) => name === "token");
    expect(token.projected.sources[0].serviceAccountToken).toEqual({
      audience: "spire-server",
      expirationSeconds: 7200,
      path: "spire-agent",
    });
    const service = the("Service", objects, "spire-service");
    expect(agent).toContain(`server_address = "${service.metadata.name}.spire-server.svc"`);
  });

  test("agents run on every node by default", async () => {
    const { tolerations, priorityClassName, nodeSelector } = await pod();
    expect({ tolerations, priorityClassName, nodeSelector }).toEqual({
      tolerations: [{ operator: "Exists" }],
      priorityClassName: "system-node-critical",
      nodeSelector: { "kubernetes.io/os": "linux" },
    });
    expect((await pod({ nodeSelector: { mesh: "yes" }, tolerations: [] })).nodeSelector).toEqual({ mesh: "yes" });
    const of = async (maxUnavailable?: string) =>
      the("DaemonSet", await agentObjects({ maxUnavailable })).spec.updateStrategy.rollingUpdate.maxUnavailable;
    expect([await of(), await of("1")]).toEqual(["25%", 1]);
  });

  test("authorities of kubelets can be TrustedCertificates", async () => {
    const run = await record(() => {
      const { bundle } = new CertificateAuthority("kubelets", { subject: { commonName: "Root" } });
      const authorities = new TrustedCertificates("trusted", { namespace: "spire-system", certificatesPem: bundle });
      new SpireAgent("agent", { mesh, kubelet: { authorities }, monitoring: { prometheusOperator: true } });
    });
    const objects = manifests(run, { secrets: "show" });
    const existing = ["ConfigMap/bundle", "ServiceAccount/spire-agent"];
    expect(danglingReferences(objects, existing)).toEqual([]);
    expect(requestLints["private keys, passwords and tokens stay in their envelopes"]!(run)).toEqual([]);
    expect(the("PrometheusRule", objects).spec.groups[0].rules).toHaveLength(2);
    const { inputs } = run.requests.find(({ type }) => type === "nginx-stacks:index:SpireAgent")!;
    expect(reveal(inputs.kubelet!)).toEqual({ authorities: the("Secret", objects).metadata.name });
  });
});

describe("the CSI driver", () => {
  const driverObjects = async (args: Partial<SpiffeCsiDriverArgs> = {}) =>
    manifests(await record(() => void new SpiffeCsiDriver("csi", { namespace: "spire-system", ...args })), {
      secrets: "show",
    });

  test("mounts a folder of the node into pods, read-only", async () => {
    const objects = await driverObjects();
    expect(the("CSIDriver", objects)).toMatchObject({
      metadata: { name: "csi.spiffe.io" },
      spec: {
        attachRequired: false,
        podInfoOnMount: true,
        fsGroupPolicy: "None",
        volumeLifecycleModes: ["Ephemeral"],
      },
    });
    expect(random(JSON.stringify(the("DaemonSet", objects).spec.template.spec, null, 1))).toMatchSnapshot();
  });

  test("spiffe-csi README: its folder is that of the agents' socket on the node", async () => {
    const objects = manifests(await whole(), { secrets: "show" });
    const folders = (prefix: string) =>
      the("DaemonSet", objects, prefix).spec.template.spec.volumes.flatMap(
        ({ hostPath }: { hostPath?: { path: string } }) => hostPath?.path ?? [],
      );
    expect(folders("agent-")).toEqual(["/run/spire/agent-sockets"]);
    expect(folders("csi-")).toContain("/run/spire/agent-sockets");
    expect(files(objects, "agent-config")["agent.conf"]).toContain(
      'socket_path = "/run/spire/agent-sockets/spire-agent.sock"',
    );
  });

  test("helm-charts#330: pods that use driverName are created after it and deleted before it", async () => {
    const { requests } = await record(() => {
      const { driverName } = new SpiffeCsiDriver("csi", { namespace: "spire-system" });
      new SpireAgent("after", { mesh: { ...mesh, className: driverName, bundleConfigMapName: driverName }, kubelet });
    });
    const urns = requests.filter(({ name }) => name.startsWith("csi-")).map(({ urn }) => urn);
    const { dependencies } = requests.find(({ name }) => name === "after-agent")!;
    expect(dependencies.filter((urn) => urns.includes(urn))).toHaveLength(2);
  });

  test("has another name and kubelet folder if set", async () => {
    const objects = await driverObjects({ name: "csi.test", kubeletFolder: "/var/lib/k0s/kubelet" });
    expect(the("CSIDriver", objects).metadata.name).toBe("csi.test");
    const text = JSON.stringify(the("DaemonSet", objects));
    expect(text).toContain("/var/lib/k0s/kubelet/plugins/csi.test/csi.sock");
    expect(text).not.toContain("/var/lib/kubelet");
    expect(text).not.toContain("csi.spiffe.io");
  });
});

const agent = (rule: string, args: object, error: string): Refusal => ({
  rule,
  component: SpireAgent,
  args: { mesh, kubelet, ...args },
  error,
  plain: true,
});
const driver = (rule: string, args: object, error: string): Refusal => ({
  rule,
  component: SpiffeCsiDriver,
  args: { namespace: "spire-system", ...args },
  error,
  plain: true,
});

describe("refusals", () => {
  testRefusals([
    agent(
      "no mesh",
      { mesh: undefined },
      "mesh is missing; write an object with trustDomain, clusterName, className, serverHost, serverPort, agentNamespace, agentServiceAccountName, bundleConfigMapName, bundleKey, verifyDepth, caTtlSeconds: SpireServer of the agents",
    ),
    agent(
      "spire#6146: no kubelet",
      { kubelet: undefined },
      "kubelet is missing; write an object: Verification of the kubelets, by exactly one of clusterAuthority, authorities, hostCertificate and unsafeSkipVerification",
    ),
    agent(
      "no verification",
      { kubelet: { address: "hostIp" } },
      `kubelet.clusterAuthority is missing, as is authorities, hostCertificate, unsafeSkipVerification; give one of the four verifications`,
    ),
    agent(
      "a verification set to false",
      { kubelet: { unsafeSkipVerification: false } },
      `kubelet.clusterAuthority is missing, as is authorities, hostCertificate, unsafeSkipVerification; give one of the four verifications`,
    ),
    agent(
      "two verifications",
      { kubelet: { clusterAuthority: true, unsafeSkipVerification: true } },
      `kubelet.unsafeSkipVerification is given beside clusterAuthority; give one of the four verifications`,
    ),
    agent(
      "an unknown address",
      { kubelet: { clusterAuthority: true, address: "localhost" } },
      'kubelet.address is "localhost"; write one of "hostIp", "nodeName", "loopback"',
    ),
    {
      ...agent(
        "a certificate of the node by a relative path",
        { kubelet: { hostCertificate: "pki/../kubelet.crt" } },
        "kubelet.hostCertificate is not an absolute path; write for example `/var/lib/kubelet/pki/kubelet.crt`",
      ),
      plain: false,
    },
    {
      ...agent(
        "a Secret of authorities in capitals",
        { kubelet: { authorities: { secretName: "Kubelets" } } },
        "kubelet.authorities.secretName is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
      ),
      plain: false,
    },
    agent(
      "no delay before a rebootstrap",
      { rebootstrapDelaySeconds: 0 },
      "rebootstrapDelaySeconds is 0; write a whole number from 1 to 86400",
    ),
    agent(
      "an availability of an hour",
      { availabilityTargetSeconds: 3600 },
      "availabilityTargetSeconds is 3600; write a whole number from 86400 to 31536000",
    ),
    agent(
      "an availability longer than a certificate's lifetime",
      { availabilityTargetSeconds: 86_400 },
      "availabilityTargetSeconds is 86400, and certificates must live 43200 longer, but live at most 14400; shorten it, or lengthen the life of the mesh's CA and of its certificates",
    ),
    agent(
      "every selector in the log",
      { logSelectors: ["*"] },
      "logSelectors[0] is not the beginning of a selector; write for example `k8s:ns`",
    ),
    agent("a log level", { logLevel: "info" }, 'logLevel is "info"; write one of "DEBUG", "INFO", "WARN", "ERROR"'),
    agent(
      "an update without replaced agents",
      { maxUnavailable: "0" },
      "maxUnavailable is neither a number nor a percentage; write for example `1` or `25%`",
    ),
    agent(
      "labels without monitors",
      { monitoring: { labels: {} } },
      "monitoring.labels is given without prometheusOperator; set prometheusOperator: true, or leave the labels out",
    ),
    agent(
      "another node attestor",
      { plugins: [{ name: "NodeAttestor", labels: ["join_token"], block: [] }] },
      "plugins[0].name is NodeAttestor, which the mesh configures: agents attest by k8s_psat, and keep their keys in memory; write one of SVIDStore, WorkloadAttestor",
    ),
    agent(
      "a second k8s attestor",
      { plugins: [{ name: "WorkloadAttestor", labels: ["k8s"], block: [] }] },
      "plugins[0].labels[0] is k8s, which every agent has; remove the plugin; kubelet configures k8s",
    ),
    agent(
      "kubelets as an Output",
      { kubelet: pulumi.output(kubelet) },
      "kubelet is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    ),
    driver(
      "no namespace",
      { namespace: undefined },
      "namespace is missing; write a string: Namespace of the driver, which must admit privileged pods",
    ),
    driver(
      "a driver with a slash",
      { name: "csi/spiffe" },
      "name is not the name of a CSI driver; write at most 63 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
    driver(
      "a driver with a long name",
      { name: `${"c".repeat(60)}.test` },
      "name is not the name of a CSI driver; write at most 63 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
    driver(
      "a relative folder",
      { kubeletFolder: "var/lib/kubelet" },
      "kubeletFolder is not an absolute path; write for example `/var/lib/kubelet`",
    ),
  ]);
});
