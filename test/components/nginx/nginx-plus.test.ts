import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type NginxConfigNode, NginxPlus, type NginxPlusArgs } from "../../../components/nginx";
import { type KubernetesObject, manifests, type RecordedRequest, record } from "../../../engine";
import { UNKNOWN } from "../../../engine/property-values";

const stream = [
  {
    name: "server",
    block: [
      { name: "listen", args: ["1883"] },
      { name: "return", args: ["hello"] },
    ],
  },
];

/** The same, and a node of the test's. */
const streamWith = (node: NginxConfigNode) => ({ configuration: { stream: [...stream, node] } });

const openSource: NginxPlusArgs = {
  namespace: "edge",
  edition: "oss",
  ports: [{ name: "mqtt", port: 1883 }],
  configuration: { stream },
};
const plus: NginxPlusArgs = {
  ...openSource,
  edition: "plus",
  license: { secretName: "license", revision: "1" },
  imagePullSecrets: ["registry"],
};

async function render(args: NginxPlusArgs): Promise<{ objects: KubernetesObject[]; log: string[] }> {
  const run = await record(() => void new NginxPlus("edge", args));
  // The label of the pods is random: made once, and kept.
  const instance = run.requests.find(({ name }) => name === "edge-instance")!.outputs.hex as string;
  const objects = JSON.parse(JSON.stringify(manifests(run)).replaceAll(instance, "instance-of-edge"));
  return { objects, log: run.log.map(({ message }) => message) };
}

const of = (objects: KubernetesObject[], kind: string) => objects.find((one) => one.kind === kind) as Rendered;
// biome-ignore lint/suspicious/noExplicitAny: expectations go anywhere in a manifest
type Rendered = any;

const container = (objects: KubernetesObject[]) => of(objects, "Deployment").spec.template.spec.containers[0];
const pod = (objects: KubernetesObject[]) => of(objects, "Deployment").spec.template.spec;

test("open-source NGINX has these manifests by default", async () => {
  const { objects, log } = await render(openSource);
  expect(log).toEqual([]);
  expect(objects).toMatchInlineSnapshot(`
[
  {
    "apiVersion": "v1",
    "automountServiceAccountToken": false,
    "kind": "ServiceAccount",
    "metadata": {
      "labels": {
        "app.kubernetes.io/instance": "instance-of-edge",
        "app.kubernetes.io/name": "nginx",
      },
      "name": "edge-account-3d8a1fa3",
      "namespace": "edge",
    },
  },
  {
    "apiVersion": "v1",
    "data": {
      "nginx.conf": "worker_processes 2;
worker_rlimit_nofile 16384;
worker_shutdown_timeout 60s;
pid /tmp/nginx.pid;
error_log stderr notice;
events {
    worker_connections 4096;
}
http {
    server_tokens off;
    access_log /dev/stdout;
    client_body_temp_path /var/cache/nginx/client_body_temp;
    proxy_temp_path /var/cache/nginx/proxy_temp;
    fastcgi_temp_path /var/cache/nginx/fastcgi_temp;
    uwsgi_temp_path /var/cache/nginx/uwsgi_temp;
    scgi_temp_path /var/cache/nginx/scgi_temp;
    server {
        listen 8080;
        access_log off;
        default_type text/plain;
        location / {
            return 404;
        }
        location = /healthz {
            return 200 "ok\\n";
        }
        location = /stub_status {
            stub_status;
            allow 127.0.0.1;
            deny all;
        }
    }
}
stream {
    server {
        listen 1883;
        return hello;
    }
}
",
    },
    "kind": "ConfigMap",
    "metadata": {
      "labels": {
        "app.kubernetes.io/instance": "instance-of-edge",
        "app.kubernetes.io/name": "nginx",
      },
      "name": "edge-config-44fbe17b",
      "namespace": "edge",
    },
  },
  {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {
      "labels": {
        "app.kubernetes.io/instance": "instance-of-edge",
        "app.kubernetes.io/name": "nginx",
      },
      "name": "edge-service-023680bb",
      "namespace": "edge",
    },
    "spec": {
      "ports": [
        {
          "name": "mqtt",
          "port": 1883,
          "protocol": "TCP",
          "targetPort": "mqtt",
        },
      ],
      "selector": {
        "app.kubernetes.io/instance": "instance-of-edge",
        "app.kubernetes.io/name": "nginx",
      },
      "type": "ClusterIP",
    },
  },
  {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
      "labels": {
        "app.kubernetes.io/instance": "instance-of-edge",
        "app.kubernetes.io/name": "nginx",
      },
      "name": "edge-deployment-51e18852",
      "namespace": "edge",
    },
    "spec": {
      "replicas": 2,
      "selector": {
        "matchLabels": {
          "app.kubernetes.io/instance": "instance-of-edge",
          "app.kubernetes.io/name": "nginx",
        },
      },
      "strategy": {
        "rollingUpdate": {
          "maxSurge": 1,
          "maxUnavailable": 0,
        },
        "type": "RollingUpdate",
      },
      "template": {
        "metadata": {
          "annotations": {
            "checksum/config": "d35cce335abad7c3d7e09612dc76d9915728f58bf8446016d41f63e2aec11eb6",
          },
          "labels": {
            "app.kubernetes.io/instance": "instance-of-edge",
            "app.kubernetes.io/name": "nginx",
          },
        },
        "spec": {
          "automountServiceAccountToken": false,
          "containers": [
            {
              "args": [
                "-e",
                "stderr",
                "-c",
                "/etc/nginx/main/nginx.conf",
                "-g",
                "daemon off;",
              ],
              "command": [
                "nginx",
              ],
              "image": "docker.io/nginxinc/nginx-unprivileged:1.30.7",
              "lifecycle": {
                "preStop": {
                  "sleep": {
                    "seconds": 5,
                  },
                },
              },
              "name": "nginx",
              "ports": [
                {
                  "containerPort": 1883,
                  "name": "mqtt",
                  "protocol": "TCP",
                },
                {
                  "containerPort": 8080,
                  "name": "management",
                  "protocol": "TCP",
                },
              ],
              "readinessProbe": {
                "failureThreshold": 3,
                "httpGet": {
                  "path": "/healthz",
                  "port": "management",
                },
                "periodSeconds": 5,
                "timeoutSeconds": 2,
              },
              "resources": {
                "limits": {
                  "memory": "512Mi",
                },
                "requests": {
                  "cpu": "100m",
                  "memory": "128Mi",
                },
              },
              "securityContext": {
                "allowPrivilegeEscalation": false,
                "capabilities": {
                  "drop": [
                    "ALL",
                  ],
                },
                "readOnlyRootFilesystem": true,
              },
              "volumeMounts": [
                {
                  "mountPath": "/etc/nginx/main",
                  "name": "configuration",
                  "readOnly": true,
                },
                {
                  "mountPath": "/var/cache/nginx",
                  "name": "cache",
                },
                {
                  "mountPath": "/tmp",
                  "name": "temporary",
                },
              ],
            },
          ],
          "enableServiceLinks": false,
          "securityContext": {
            "fsGroup": 101,
            "runAsGroup": 101,
            "runAsNonRoot": true,
            "runAsUser": 101,
            "seccompProfile": {
              "type": "RuntimeDefault",
            },
          },
          "serviceAccountName": "edge-account-3d8a1fa3",
          "terminationGracePeriodSeconds": 70,
          "topologySpreadConstraints": [
            {
              "labelSelector": {
                "matchLabels": {
                  "app.kubernetes.io/instance": "instance-of-edge",
                  "app.kubernetes.io/name": "nginx",
                },
              },
              "maxSkew": 1,
              "topologyKey": "kubernetes.io/hostname",
              "whenUnsatisfiable": "ScheduleAnyway",
            },
          ],
          "volumes": [
            {
              "configMap": {
                "items": [
                  {
                    "key": "nginx.conf",
                    "path": "nginx.conf",
                  },
                ],
                "name": "edge-config-44fbe17b",
              },
              "name": "configuration",
            },
            {
              "emptyDir": {
                "sizeLimit": "4Gi",
              },
              "name": "cache",
            },
            {
              "emptyDir": {
                "sizeLimit": "64Mi",
              },
              "name": "temporary",
            },
          ],
        },
      },
    },
  },
]
`);
});

test("NGINX Plus has its licence, state and image besides", async () => {
  const { objects, log } = await render(plus);
  expect(log).toEqual([]);
  expect(of(objects, "ConfigMap").data["nginx.conf"]).toMatchInlineSnapshot(`
"worker_processes 2;
worker_rlimit_nofile 16384;
worker_shutdown_timeout 60s;
pid /tmp/nginx.pid;
error_log stderr notice;
mgmt {
    license_token /etc/nginx/license/license.jwt;
    state_path /var/lib/nginx/state;
}
events {
    worker_connections 4096;
}
http {
    server_tokens off;
    access_log /dev/stdout;
    client_body_temp_path /var/cache/nginx/client_body_temp;
    proxy_temp_path /var/cache/nginx/proxy_temp;
    fastcgi_temp_path /var/cache/nginx/fastcgi_temp;
    uwsgi_temp_path /var/cache/nginx/uwsgi_temp;
    scgi_temp_path /var/cache/nginx/scgi_temp;
    server {
        listen 8080;
        access_log off;
        default_type text/plain;
        location / {
            return 404;
        }
        location = /healthz {
            return 200 "ok\\n";
        }
        location /api {
            api write=off;
            allow 127.0.0.1;
            deny all;
        }
    }
}
stream {
    server {
        listen 1883;
        return hello;
    }
}
"
`);
  expect(container(objects).image).toBe("private-registry.nginx.com/nginx-plus/rootless-base:r37.0-debian");
  expect(container(objects).imagePullPolicy).toBe("Always");
  expect(pod(objects).imagePullSecrets).toEqual([{ name: "registry" }]);
  expect(pod(objects).volumes).toMatchInlineSnapshot(`
[
  {
    "configMap": {
      "items": [
        {
          "key": "nginx.conf",
          "path": "nginx.conf",
        },
      ],
      "name": "edge-config-44fbe17b",
    },
    "name": "configuration",
  },
  {
    "name": "license",
    "secret": {
      "defaultMode": 288,
      "items": [
        {
          "key": "license.jwt",
          "path": "license.jwt",
        },
      ],
      "secretName": "license",
    },
  },
  {
    "emptyDir": {
      "sizeLimit": "4Gi",
    },
    "name": "cache",
  },
  {
    "emptyDir": {
      "sizeLimit": "64Mi",
    },
    "name": "temporary",
  },
  {
    "emptyDir": {
      "sizeLimit": "64Mi",
    },
    "name": "state",
  },
]
`);
  expect(container(objects).volumeMounts).toMatchInlineSnapshot(`
[
  {
    "mountPath": "/etc/nginx/main",
    "name": "configuration",
    "readOnly": true,
  },
  {
    "mountPath": "/etc/nginx/license",
    "name": "license",
    "readOnly": true,
  },
  {
    "mountPath": "/var/cache/nginx",
    "name": "cache",
  },
  {
    "mountPath": "/tmp",
    "name": "temporary",
  },
  {
    "mountPath": "/var/lib/nginx/state",
    "name": "state",
  },
]
`);
});

describe("images", () => {
  test.each<[string, Partial<NginxPlusArgs>, string]>([
    [
      "a mirror of F5's registry",
      { ...plus, registry: "registry.example.com/f5" },
      "registry.example.com/f5/nginx-plus/rootless-base:r37.0-debian",
    ],
    [
      "another release",
      { ...plus, release: "R36 P8" },
      "private-registry.nginx.com/nginx-plus/rootless-base:r36-debian",
    ],
    [
      "a mirror of Docker Hub",
      { registry: "registry.example.com" },
      "registry.example.com/nginxinc/nginx-unprivileged:1.30.7",
    ],
    [
      "one of one's own",
      { ...plus, image: `registry.example.com/nginx@sha256:${"0".repeat(64)}` },
      `registry.example.com/nginx@sha256:${"0".repeat(64)}`,
    ],
  ])("come from %s", async (_, args, image) => {
    const { objects } = await render({ ...openSource, ...args });
    expect(container(objects).image).toBe(image);
    expect(container(objects).imagePullPolicy).toBe(args.edition === "plus" && !args.image ? "Always" : undefined);
  });

  test("of F5 need credentials, which the log says where there are none", async () => {
    const { log } = await render({ ...plus, imagePullSecrets: undefined });
    expect(log).toEqual([
      "imagePullSecrets: F5's registry gives nothing without credentials; name a RegistrySecret's secretName, unless the nodes have them",
    ]);
  });
});

test("A5: usage reports to an unverified endpoint cause a warning", async () => {
  const { log } = await render({ ...plus, management: { unsafeSkipVerification: true } });
  expect(log).toEqual([
    "management.unsafeSkipVerification: any server that answers at the usage endpoint learns the licence and can withhold the reports without which NGINX Plus stops",
  ]);
  expect((await render({ ...plus, management: { usageEndpoint: "nim.example.com" } })).log).toEqual([]);
});

describe("what rolls the pods", () => {
  const stateFolder = mkdtempSync(join(tmpdir(), "nginx-plus-"));
  afterAll(() => rmSync(stateFolder, { recursive: true }));

  const annotations = async (args: Partial<NginxPlusArgs>) => {
    const run = await record(() => void new NginxPlus("edge", { ...plus, ...args }), { stateFolder });
    return of(manifests(run), "Deployment").spec.template.metadata.annotations as Record<string, string>;
  };

  test("is the configuration, each file and each Secret's revision", async () => {
    const mount = (revision: string) => [{ name: "tls", secretName: "tls", path: "tls", revision }];
    const before = await annotations({ secretMounts: mount("1"), files: [{ path: "njs/a.js", content: "1" }] });
    const same = await annotations({ secretMounts: mount("1"), files: [{ path: "njs/a.js", content: "1" }] });
    expect(same).toEqual(before);
    const file = await annotations({ secretMounts: mount("1"), files: [{ path: "njs/a.js", content: "2" }] });
    expect(file["checksum/config"]).not.toBe(before["checksum/config"]);
    expect(file["checksum/secrets"]).toBe(before["checksum/secrets"]);
    const secret = await annotations({ secretMounts: mount("2"), files: [{ path: "njs/a.js", content: "1" }] });
    expect(secret["checksum/config"]).toBe(before["checksum/config"]);
    expect(secret["checksum/secrets"]).not.toBe(before["checksum/secrets"]);
    const license = await annotations({
      secretMounts: mount("1"),
      files: [{ path: "njs/a.js", content: "1" }],
      license: { secretName: "license", revision: "2" },
    });
    expect(license["checksum/secrets"]).not.toBe(before["checksum/secrets"]);
  });

  test("needs no key where there are no Secrets", async () => {
    const run = await record(() => void new NginxPlus("edge", openSource));
    expect(run.requests.map(({ name }) => name)).not.toContain("edge-checksum-key");
  });
});

describe("options", () => {
  test("an autoscaler takes the number of replicas over", async () => {
    const { objects } = await render({
      ...openSource,
      autoscaling: { minReplicas: 3, maxReplicas: 9, cpuPercent: 60 },
    });
    // Applying manifests again leaves the number alone, and so does an update by Pulumi.
    expect(of(objects, "Deployment").spec).not.toHaveProperty("replicas");
    const autoscaling = { minReplicas: 3, maxReplicas: 9 };
    const { requests } = await record(() => void new NginxPlus("edge", { ...openSource, autoscaling }));
    const deployment = requests.find(({ type }) => type.endsWith(":Deployment")) as Rendered;
    expect([deployment.inputs.spec.replicas, deployment.ignoreChanges]).toEqual([3, ["spec.replicas"]]);
    expect(of(objects, "HorizontalPodAutoscaler").spec).toMatchInlineSnapshot(`
{
  "behavior": {
    "scaleDown": {
      "policies": [
        {
          "periodSeconds": 60,
          "type": "Pods",
          "value": 1,
        },
      ],
      "stabilizationWindowSeconds": 300,
    },
  },
  "maxReplicas": 9,
  "metrics": [
    {
      "containerResource": {
        "container": "nginx",
        "name": "cpu",
        "target": {
          "averageUtilization": 60,
          "type": "Utilization",
        },
      },
      "type": "ContainerResource",
    },
  ],
  "minReplicas": 3,
  "scaleTargetRef": {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "name": "edge-deployment-51e18852",
  },
}
`);
    expect(of(objects, "HorizontalPodAutoscaler").spec.scaleTargetRef.name).toBe(
      of(objects, "Deployment").metadata.name,
    );
  });

  test("an autoscaler counts connections beside CPU, and lets pods leave as it is told", async () => {
    const autoscaling = {
      maxReplicas: 9,
      connectionsPerPod: 3000,
      scaleDown: { stabilizationWindowSeconds: 900, pods: 2, periodSeconds: 120 },
    };
    for (const [args, name] of [
      [openSource, "nginx_connections_active"],
      [plus, "nginxplus_connections_active"],
    ] as const) {
      const { objects } = await render({ ...args, monitoring: {}, autoscaling });
      const { metrics, behavior } = of(objects, "HorizontalPodAutoscaler").spec;
      expect(metrics.map(({ type }: Rendered) => type)).toEqual(["ContainerResource", "Pods"]);
      expect(metrics[1].pods).toEqual({ metric: { name }, target: { type: "AverageValue", averageValue: "3000" } });
      expect(behavior).toEqual({
        scaleDown: { stabilizationWindowSeconds: 900, policies: [{ type: "Pods", value: 2, periodSeconds: 120 }] },
      });
    }
  });

  test.each([
    [{}, { maxUnavailable: 1 }],
    [{ maxUnavailable: 2 }, { maxUnavailable: 2 }],
    [{ minAvailable: 1 }, { minAvailable: 1 }],
  ])("a disruption budget of %j", async (budget, spec) => {
    const { objects } = await render({ ...openSource, podDisruptionBudget: budget });
    const { selector, ...rest } = of(objects, "PodDisruptionBudget").spec;
    expect(rest).toEqual({ ...spec, unhealthyPodEvictionPolicy: "AlwaysAllow" });
    expect(selector).toEqual(of(objects, "Deployment").spec.selector);
  });

  test("OpenShift chooses user and groups", async () => {
    const { objects } = await render({ ...openSource, openshift: true });
    expect(pod(objects).securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  });

  test("the time to drain is in the pod and in the configuration", async () => {
    const { objects } = await render({ ...openSource, drainSeconds: 600 });
    expect(pod(objects).terminationGracePeriodSeconds).toBe(610);
    expect(of(objects, "ConfigMap").data["nginx.conf"]).toContain("\nworker_shutdown_timeout 600s;\n");
  });

  test("a load balancer", async () => {
    const { objects } = await render({
      ...openSource,
      ports: [{ name: "mqtts", port: 8883, targetPort: 1883, appProtocol: "mqtts" }],
      service: {
        name: "mqtt",
        type: "LoadBalancer",
        annotations: { "example.com/pool": "edge" },
        externalTrafficPolicy: "Local",
        loadBalancerClass: "example.com/lb",
        loadBalancerSourceRanges: ["192.0.2.0/24"],
      },
    });
    const { metadata, spec } = of(objects, "Service");
    expect({ metadata, spec }).toMatchInlineSnapshot(`
{
  "metadata": {
    "annotations": {
      "example.com/pool": "edge",
    },
    "labels": {
      "app.kubernetes.io/instance": "instance-of-edge",
      "app.kubernetes.io/name": "nginx",
    },
    "name": "mqtt",
    "namespace": "edge",
  },
  "spec": {
    "externalTrafficPolicy": "Local",
    "loadBalancerClass": "example.com/lb",
    "loadBalancerSourceRanges": [
      "192.0.2.0/24",
    ],
    "ports": [
      {
        "appProtocol": "mqtts",
        "name": "mqtts",
        "port": 8883,
        "protocol": "TCP",
        "targetPort": "mqtts",
      },
    ],
    "selector": {
      "app.kubernetes.io/instance": "instance-of-edge",
      "app.kubernetes.io/name": "nginx",
    },
    "type": "LoadBalancer",
  },
}
`);
    expect(container(objects).ports[0]).toEqual({ name: "mqtts", containerPort: 1883, protocol: "TCP" });
  });

  test("pods are placed where they are told", async () => {
    const placement = {
      nodeSelector: { pool: "edge" },
      tolerations: [{ key: "edge", operator: "Exists" }],
      affinity: { podAntiAffinity: {} },
      priorityClassName: pulumi.output("high"),
      topologySpreadConstraints: [],
    };
    const { objects } = await render({ ...openSource, ...placement });
    expect(pod(objects)).toMatchObject({ ...placement, priorityClassName: "high" });
  });

  test("directives of the user's take the place of defaults", async () => {
    const { objects } = await render({
      ...openSource,
      configuration: {
        main: [
          { name: "load_module", args: ["modules/ngx_stream_js_module.so"] },
          { name: "worker_processes", args: ["8"] },
        ],
        events: [{ name: "worker_connections", args: ["100000"] }],
        http: [{ name: "access_log", args: ["off"] }],
        stream,
      },
    });
    const text = of(objects, "ConfigMap").data["nginx.conf"];
    expect(text).toMatch(/^load_module modules\/ngx_stream_js_module\.so;\nworker_processes 8;\n/);
    expect(text.match(/worker_processes/g)).toHaveLength(1);
    expect(text).toContain("events {\n    worker_connections 100000;\n}");
    expect(text).toContain("http {\n    access_log off;\n    server_tokens off;\n");
  });
});

test("the usage reports go where they are told, and a block with a password stands in a Secret", async () => {
  const password = `pa$s ${"x".repeat(12)}`;
  const run = await record(() => {
    new NginxPlus("edge", {
      ...plus,
      management: {
        usageEndpoint: "nim.example.com:8443",
        resolver: ["192.0.2.53", "valid=30s"],
        trustedCertificates: { secretName: "nim-ca", revision: "1" },
        clientCertificate: { secretName: "nim-client", revision: "1" },
        enforceInitialReport: false,
        proxy: { host: "proxy.example.com", port: 3128, username: "edge", password },
      },
    });
  });
  const objects = manifests(run, { secrets: "show" });
  expect(of(objects, "ConfigMap").data["nginx.conf"]).toContain(
    "\ninclude /etc/nginx/management/block/mgmt.conf;\nevents {",
  );
  expect(
    Buffer.from(of(objects, "Secret").data["mgmt.conf"], "base64").toString().replace(password, "…"),
  ).toMatchInlineSnapshot(`
"mgmt {
    license_token /etc/nginx/license/license.jwt;
    state_path /var/lib/nginx/state;
    usage_report endpoint=nim.example.com:8443;
    resolver 192.0.2.53 valid=30s;
    ssl_trusted_certificate /etc/nginx/management/trusted/ca.crt;
    ssl_certificate /etc/nginx/management/client-certificate/tls.crt;
    ssl_certificate_key /etc/nginx/management/client-certificate/tls.key;
    enforce_initial_report off;
    proxy proxy.example.com:3128;
    proxy_username edge;
    proxy_password "…";
}
"
`);
  expect(pod(objects).volumes.filter((volume: Rendered) => volume.secret)).toMatchInlineSnapshot(`
[
  {
    "name": "license",
    "secret": {
      "defaultMode": 288,
      "items": [
        {
          "key": "license.jwt",
          "path": "license.jwt",
        },
      ],
      "secretName": "license",
    },
  },
  {
    "name": "management-trusted",
    "secret": {
      "defaultMode": 288,
      "items": [
        {
          "key": "ca.crt",
          "path": "ca.crt",
        },
      ],
      "secretName": "nim-ca",
    },
  },
  {
    "name": "management-client",
    "secret": {
      "defaultMode": 288,
      "items": [
        {
          "key": "tls.crt",
          "path": "tls.crt",
        },
        {
          "key": "tls.key",
          "path": "tls.key",
        },
      ],
      "secretName": "nim-client",
    },
  },
  {
    "name": "management",
    "secret": {
      "defaultMode": 288,
      "items": [
        {
          "key": "mgmt.conf",
          "path": "mgmt.conf",
        },
      ],
      "secretName": "edge-management-3f19b6c9",
    },
  },
]
`);
  const open = run.requests.map(({ inputs }) => JSON.stringify(inputs)).join();
  expect(open).not.toContain("x".repeat(12));
});

test("an existing Secret with the whole mgmt block is included as it is", async () => {
  const { objects } = await render({
    ...plus,
    management: { existing: { name: "kept", key: "nginx", revision: "7" } },
  });
  expect(of(objects, "Secret")).toBeUndefined();
  expect(of(objects, "ConfigMap").data["nginx.conf"]).not.toContain("mgmt {");
  expect(pod(objects).volumes).toContainEqual({
    name: "management",
    secret: { secretName: "kept", defaultMode: 0o440, items: [{ key: "nginx", path: "mgmt.conf" }] },
  });
});

test("a default that is written out changes nothing: SDKs of other languages fill them in", async () => {
  const { objects } = await render({
    ...openSource,
    unsafeAllowVulnerableVersion: [],
    service: { externalTrafficPolicy: "Cluster" },
  });
  expect(of(objects, "Service").spec).not.toHaveProperty("externalTrafficPolicy");
  const outside = await render({ ...openSource, service: { type: "NodePort", externalTrafficPolicy: "Cluster" } });
  expect(of(outside.objects, "Service").spec.externalTrafficPolicy).toBe("Cluster");
});

describe("a NetworkPolicy", () => {
  test("lets in clients and metrics, and out to name servers, upstreams and the licensing endpoint", async () => {
    const { objects, log } = await render({
      ...plus,
      monitoring: {},
      networkPolicy: {
        metricsFrom: [{ namespaceLabels: { "kubernetes.io/metadata.name": "monitoring" } }],
        clients: [{ cidr: "192.0.2.0/24" }, { namespaceLabels: { team: "plant" }, podLabels: { app: "sensor" } }],
        upstreams: [{ podLabels: { app: "broker" }, ports: [8883] }],
        licenseEndpointCidrs: ["203.0.113.7/32"],
      },
    });
    expect(log).toEqual([]);
    expect(of(objects, "NetworkPolicy").spec).toMatchInlineSnapshot(`
{
  "egress": [
    {
      "ports": [
        {
          "port": 53,
          "protocol": "UDP",
        },
        {
          "port": 53,
          "protocol": "TCP",
        },
      ],
      "to": [
        {
          "namespaceSelector": {
            "matchLabels": {
              "kubernetes.io/metadata.name": "kube-system",
            },
          },
          "podSelector": {
            "matchLabels": {
              "k8s-app": "kube-dns",
            },
          },
        },
      ],
    },
    {
      "ports": [
        {
          "port": 8883,
          "protocol": "TCP",
        },
      ],
      "to": [
        {
          "podSelector": {
            "matchLabels": {
              "app": "broker",
            },
          },
        },
      ],
    },
    {
      "ports": [
        {
          "port": 443,
          "protocol": "TCP",
        },
      ],
      "to": [
        {
          "ipBlock": {
            "cidr": "203.0.113.7/32",
          },
        },
      ],
    },
  ],
  "ingress": [
    {
      "from": [
        {
          "ipBlock": {
            "cidr": "192.0.2.0/24",
          },
        },
        {
          "namespaceSelector": {
            "matchLabels": {
              "team": "plant",
            },
          },
          "podSelector": {
            "matchLabels": {
              "app": "sensor",
            },
          },
        },
      ],
      "ports": [
        {
          "port": 1883,
          "protocol": "TCP",
        },
      ],
    },
    {
      "from": [
        {
          "namespaceSelector": {
            "matchLabels": {
              "kubernetes.io/metadata.name": "monitoring",
            },
          },
        },
      ],
      "ports": [
        {
          "port": 9113,
          "protocol": "TCP",
        },
      ],
    },
  ],
  "podSelector": {
    "matchLabels": {
      "app.kubernetes.io/instance": "instance-of-edge",
      "app.kubernetes.io/name": "nginx",
    },
  },
  "policyTypes": [
    "Ingress",
    "Egress",
  ],
}
`);
  });

  const licenseRule = async (management: NginxPlusArgs["management"]) =>
    of((await render({ ...plus, management, networkPolicy: {} })).objects, "NetworkPolicy").spec.egress.at(-1);

  test.each<[string, NginxPlusArgs["management"], number]>([
    ["F5", undefined, 443],
    ["an endpoint", { usageEndpoint: "nim.example.com" }, 443],
    ["an endpoint with its port", { usageEndpoint: pulumi.output("nim.example.com:8443") }, 8443],
    ["a proxy", { usageEndpoint: "nim.example.com:8443", proxy: { host: "proxy.example.com", port: 3128 } }, 3128],
  ])("without networks opens the port of %s to anywhere", async (_, management, port) => {
    expect(await licenseRule(management)).toEqual({ ports: [{ port, protocol: "TCP" }] });
  });

  test("says so", async () => {
    expect((await render({ ...plus, networkPolicy: {} })).log).toEqual([
      "networkPolicy: a policy knows no host names, so the port of the licensing endpoint is open to anywhere; licenseEndpointCidrs closes it",
    ]);
  });

  test("of open-source NGINX has no licensing endpoint", async () => {
    const { objects, log } = await render({ ...openSource, networkPolicy: {} });
    expect(log).toEqual([]);
    expect(of(objects, "NetworkPolicy").spec.egress).toEqual([
      {
        ports: [
          { port: 53, protocol: "UDP" },
          { port: 53, protocol: "TCP" },
        ],
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          },
        ],
      },
    ]);
  });
});

describe("monitoring", () => {
  test("puts the exporter beside NGINX, which answers it alone", async () => {
    const { objects } = await render({ ...plus, monitoring: {} });
    expect(pod(objects).containers[1]).toMatchInlineSnapshot(`
{
  "args": [
    "--nginx.plus",
    "--nginx.scrape-uri=http://127.0.0.1:8080/api",
  ],
  "image": "docker.io/nginx/nginx-prometheus-exporter:1.5.3",
  "name": "exporter",
  "ports": [
    {
      "containerPort": 9113,
      "name": "metrics",
    },
  ],
  "resources": {
    "limits": {
      "memory": "64Mi",
    },
    "requests": {
      "cpu": "10m",
      "memory": "32Mi",
    },
  },
  "securityContext": {
    "allowPrivilegeEscalation": false,
    "capabilities": {
      "drop": [
        "ALL",
      ],
    },
    "readOnlyRootFilesystem": true,
  },
}
`);
    expect(of(objects, "Deployment").spec.template.metadata.annotations).toMatchObject({
      "prometheus.io/scrape": "true",
      "prometheus.io/port": "9113",
      "prometheus.io/path": "/metrics",
    });
    expect(of(objects, "PrometheusRule")).toBeUndefined();
  });

  test("reads the status page of open-source NGINX, from a mirror", async () => {
    const { objects } = await render({ ...openSource, registry: "registry.example.com", monitoring: {} });
    const { image, args } = pod(objects).containers[1];
    expect({ image, args }).toEqual({
      image: "registry.example.com/nginx/nginx-prometheus-exporter:1.5.3",
      args: ["--nginx.scrape-uri=http://127.0.0.1:8080/stub_status"],
    });
  });

  test("lets the Prometheus Operator collect the metrics, and warn", async () => {
    const { objects } = await render({
      ...plus,
      monitoring: { prometheusOperator: true, labels: { release: "prometheus" } },
    });
    const monitor = of(objects, "PodMonitor");
    expect(monitor.spec.selector).toEqual(of(objects, "Deployment").spec.selector);
    expect(monitor.metadata.labels.release).toBe("prometheus");
    expect(of(objects, "PrometheusRule").metadata.labels.release).toBe("prometheus");
    expect(of(objects, "PrometheusRule").spec.groups.map(({ name }: Rendered) => name)).toEqual(["instance-of-edge"]);
  });
});

describe("what is known later", () => {
  const program = () => {
    const pet = new random.RandomPet("broker");
    const server = { name: "server", args: [pulumi.interpolate`${pet.id}:1883`] };
    const upstream = { name: "upstream", args: ["broker"], block: [server] };
    new NginxPlus("edge", { ...openSource, ...streamWith(upstream) }, { dependsOn: pet });
  };
  const requestOf = (requests: RecordedRequest[], kind: string) =>
    requests.find(({ type }) => type.endsWith(`:${kind}`)) as Rendered;

  test("is in the configuration once it is known, and unknown in a preview", async () => {
    const text = async (preview: boolean) =>
      requestOf((await record(program, { preview })).requests, "ConfigMap").inputs.data["nginx.conf"];
    expect(await text(false)).toMatch(/ {4}upstream broker \{\n {8}server [a-z-]+:1883;\n/);
    expect(await text(true)).toBe(UNKNOWN);
  });

  test("comes before the pods", async () => {
    const { requests } = await record(program);
    expect(requestOf(requests, "Deployment").dependencies).toContain(requestOf(requests, "RandomPet").urn);
  });

  test.each<[string, Partial<NginxPlusArgs>, string]>([
    [
      "a fault",
      streamWith({ name: "error_log", args: [pulumi.output("a\0b")] }),
      'NginxPlus "edge": configuration.stream[1].args[0] has a NUL byte; remove it: NGINX ends the word there',
    ],
    [
      "a secret in the configuration",
      streamWith({ name: "error_log", args: [pulumi.secret("hunter2")] }),
      'NginxPlus "edge": configuration.stream[1].args[0] holds a secret, and would stand in a ConfigMap; put it into a Secret, mount that with secretMounts and include its file (or, if it is public, use pulumi.unsecret)',
    ],
    [
      "a secret in a file",
      { files: [{ path: "a/b", content: pulumi.secret("hunter2") }] },
      'NginxPlus "edge": files[0].content holds a secret, and would stand in a ConfigMap; put it into a Secret, mount that with secretMounts and include its file (or, if it is public, use pulumi.unsecret)',
    ],
  ])("is refused for %s", async (_, args, sentence) => {
    await expect(render({ ...openSource, ...args })).rejects.toThrow(sentence);
  });
});

describe("the label that selects the pods", () => {
  const selectorOf = async (stack: string, name: string) => {
    const run = await record(() => void new NginxPlus(name, openSource), { stack });
    const made = run.requests.find((one) => one.name === `${name}-instance`)!;
    const objects = manifests(run);
    const selector = of(objects, "Service").spec.selector["app.kubernetes.io/instance"];
    expect(of(objects, "Deployment").spec.selector.matchLabels["app.kubernetes.io/instance"]).toBe(selector);
    expect(of(objects, "Deployment").spec.template.metadata.labels["app.kubernetes.io/instance"]).toBe(selector);
    expect(selector).toBe(made.outputs.hex);
    return { selector, inputs: made.inputs };
  };

  test("is another one for each install", async () => {
    const [one, other] = [await selectorOf("dev", "edge"), await selectorOf("prod", "edge")];
    expect(one.selector).toMatch(/^[0-9a-f]{16}$/);
    expect(other.selector).not.toBe(one.selector);
  });

  test("depends on no name, so that the engine keeps it where component, stack or project are renamed", async () => {
    const [one, other] = [await selectorOf("dev", "edge"), await selectorOf("prod", "front")];
    expect(other.inputs).toEqual(one.inputs);
    expect(one.inputs).toEqual({ byteLength: 8 });
  });
});

test("children have the component as parent, its name as prefix, and its provider options", async () => {
  const run = await record(
    () =>
      void new NginxPlus(
        "edge",
        {
          ...plus,
          podDisruptionBudget: {},
          networkPolicy: {
            licenseEndpointCidrs: ["192.0.2.1/32"],
            metricsFrom: [{ podLabels: { app: "prometheus" } }],
          },
          monitoring: { prometheusOperator: true },
        },
        { protect: true },
      ),
  );
  const component = run.requests.find(({ type }) => type === "nginx-stacks:index:NginxPlus")!;
  const children = run.requests.filter(({ custom }) => custom);
  expect(children.map(({ name }) => name).sort()).toMatchInlineSnapshot(`
[
  "edge-account",
  "edge-alerts",
  "edge-checksum-key",
  "edge-config",
  "edge-deployment",
  "edge-disruption-budget",
  "edge-instance",
  "edge-network-policy",
  "edge-pod-monitor",
  "edge-service",
]
`);
  for (const { parent, protect } of children) expect([parent, protect]).toEqual([component.urn, true]);
});

test.each<[string, object]>([
  ["ports", { ports: pulumi.output(openSource.ports) }],
  ["configuration.stream", { configuration: { stream: pulumi.output(stream) } }],
  ["configuration.stream[0].block", { configuration: { stream: [{ name: "server", block: pulumi.output([]) }] } }],
])("%s is refused as one output", (property, args) => {
  expect(() => new NginxPlus("edge", { ...openSource, ...args })).toThrow(
    `NginxPlus "edge": ${property} is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it`,
  );
});
