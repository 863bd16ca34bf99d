import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { agentAlerts } from "../../components/mesh/spire-agent/alerts";
import { serverAlerts } from "../../components/mesh/spire-server/alerts";
import { type KubernetesObject, manifests, type RunResult, record } from "../../engine";
import { missingPrograms, nginxModules, searchPath } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { secretTexts } from "../components/secret-texts";
import { OpenSsl } from "../dataplane/openssl";
import { moduleMissing } from "../go";
import { applyFiles } from "./crds";
import { describeOwnCluster } from "./fixture";
import { lifetimes, port, realMesh } from "./spire-mesh";
import { asUser, kubeconfigOf, podToken, replaced, SpireProcesses } from "./spire-processes";
import { spireProgram } from "./spire-programs";
import { fillTemplate } from "./spire-templates";

/** Users of this machine in place of pods: selectors of pods come from the kubelet, and there is none. */
const users = { web: 2102, client: 2103, stranger: 2104 };
type Workload = keyof typeof users;
// Only root can run processes of these users.
const asRoot = process.getuid?.() === 0 && missingPrograms("setpriv") === undefined;
const nginxMissing = asRoot
  ? missingPrograms("nginx", "unshare", "nsenter", "ip", "openssl")
  : "needs root and setpriv, for processes of several users";
const testOfNginx = (name: string, body: () => Promise<void>) =>
  nginxMissing === undefined ? test(name, body) : test.skip(`${nginxMissing}: ${name}`, body);
const userOf = (workload: Workload) => (asRoot ? users[workload] : undefined);

const run = (program: string, args: string[], input = "") =>
  new Promise<string>((resolve) => {
    const child = execFile(program, args, { env: { ...process.env, PATH: searchPath } }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin?.end(input);
  });

describeOwnCluster(
  "SPIRE itself, with the configuration that is rendered",
  (cluster) => {
    let spire: SpireProcesses;
    const others: SpireProcesses[] = [];
    let openssl: OpenSsl;
    let result: RunResult;
    let objects: KubernetesObject[];
    let ports: Record<"server" | "serverHealth" | "serverMetrics" | "agentHealth" | "agentMetrics", string>;
    /** The pod of the agents on one node. */
    let agentPod: KubernetesObject;
    let agentId: string;

    const the = (kind: string, prefix: string) => {
      const found = objects.filter((one) => one.kind === kind && `${one.metadata.name}`.startsWith(prefix));
      expect(found).toHaveLength(1);
      return found[0]!;
    };
    /** Returns a file of a ConfigMap in the cluster. */
    const fileOf = async (prefix: string, file: string) => {
      const { name, namespace } = the("ConfigMap", prefix).metadata;
      return (
        (await cluster().get("configmap", `${name}`, `${namespace}`)).data as Record<string, string> | undefined
      )?.[file] as string;
    };
    // biome-ignore lint/suspicious/noExplicitAny: pods have the shape of their kind
    const podSpec = (kind: string, prefix: string) => (the(kind, prefix).spec as any).template.spec;
    const named = <T extends { name: string }>(name: string, list: T[]) => list.find((one) => one.name === name)!;
    const ourRoot = () => secretTexts(the("Secret", "spire-authority"))["bundle.crt"]!;
    const answers = async (address: string) =>
      (await fetch(`http://127.0.0.1:${address}`)).status === 200 ? true : undefined;
    const serverSocket = () => spire.path("server.sock");
    const agentSocket = () => spire.path("agent.sock");

    beforeAll(async () => {
      spire = new SpireProcesses();
      openssl = new OpenSsl();
      result = await record(realMesh);
      objects = manifests(result, { secrets: "show" });
      await applyFiles(cluster(), result);
      await cluster().apply(objects);
      await cluster().waitReady(objects.filter(({ kind }) => kind !== "ClusterSPIFFEID"));
      const names = ["server", "serverHealth", "serverMetrics", "agentHealth", "agentMetrics"] as const;
      const free = await Promise.all(names.map(() => freePort()));
      ports = Object.fromEntries(names.map((name, index) => [name, `${free[index]}`])) as typeof ports;
      agentPod = await podOf("spire-system", the("DaemonSet", "agent-agent"));
    });
    afterAll(async () => {
      openssl?.remove();
      await Promise.all([spire, ...others].map((one) => one?.stop()));
    });

    /** One of the pods of a workload. */
    async function podOf(namespace: string, { spec }: KubernetesObject): Promise<KubernetesObject> {
      const { matchLabels } = (spec as { selector: { matchLabels: Record<string, string> } }).selector;
      const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
      const pods = await cluster().kubectl(["get", "pods", "-n", namespace, "-l", labels.join(), "-o", "json"]);
      return JSON.parse(pods).items[0];
    }

    test("the server starts below the program's authority, with its ServiceAccount", async () => {
      const { containers, volumes } = podSpec("StatefulSet", "spire-server");
      const container = named<{ name: string; args: string[] } & Record<string, never>>("spire-server", containers);
      const secret = secretTexts(the("Secret", "spire-authority"));
      for (const { key, path } of named<{ name: string; secret: { items: { key: string; path: string }[] } }>(
        "upstream-authority",
        volumes,
      ).secret.items)
        spire.file(`upstream/authority/${path}`, secret[key]!);
      const account = the("ServiceAccount", "spire-account").metadata;
      const kubeconfig = spire.file("kubeconfig", await kubeconfigOf(cluster(), account));
      const text = await fileOf("spire-config", "server.conf");
      const allowList = /service_account_allow_list = .*/.exec(text)![0];
      const file = spire.file(
        "server.conf",
        replaced(text, {
          "0.0.0.0": "127.0.0.1",
          "bind_port = 8081": `bind_port = ${ports.server}`,
          'bind_port = "8080"': `bind_port = "${ports.serverHealth}"`,
          "port = 9988": `port = ${ports.serverMetrics}`,
          "/run/spire/data": spire.folder("data"),
          "/tmp/spire-server/private/api.sock": serverSocket(),
          "/run/spire/upstream": spire.path("upstream"),
          // In a pod Kubernetes provides token and address of the API server.
          [allowList]: `${allowList}\nkube_config_file = "${kubeconfig}"`,
          'format = "pem"': `format = "pem"\nkubeconfig_path = "${kubeconfig}"`,
        }),
      );
      const inPod = "/run/spire/config/server.conf";
      const args = container.args.map((one) => (one === inPod ? file : one));
      expect(args).toContain(file);
      spire.startSpire("spire-server", "spire-server", ["run", ...args]);
      const { readinessProbe, livenessProbe } = container as unknown as Record<string, { httpGet: { path: string } }>;
      await spire.soon("the server is ready", "spire-server", () =>
        answers(`${ports.serverHealth}${readinessProbe!.httpGet.path}`),
      );
      expect(await answers(`${ports.serverHealth}${livenessProbe!.httpGet.path}`)).toBe(true);
      expect(await answers(`${ports.serverMetrics}/metrics`)).toBe(true);
    });

    test("the server publishes the root to the ConfigMap that agents mount, and a new deployment keeps it", async () => {
      const published = await spire.soon("the bundle is published", "spire-server", () =>
        fileOf("spire-bundle", "bundle.crt"),
      );
      expect(new X509Certificate(published).fingerprint256).toBe(new X509Certificate(ourRoot()).fingerprint256);
      const { volumes } = podSpec("DaemonSet", "agent-agent");
      expect(named<{ name: string; configMap: object }>("bundle", volumes).configMap).toEqual({
        name: the("ConfigMap", "spire-bundle").metadata.name,
        items: [{ key: "bundle.crt", path: "bundle.crt" }],
      });
      await cluster().apply([the("ConfigMap", "spire-bundle")]);
      expect(await fileOf("spire-bundle", "bundle.crt")).toBe(published);
    });

    /** Starts an agent on this machine with the rendered configuration and a token for its own pod. */
    async function startAgent(place: SpireProcesses, token: string, health: string, metrics: string): Promise<void> {
      const text = await fileOf("agent-config", "agent.conf");
      const address = /server_address = .*/.exec(text)![0];
      const kubelet = /kubelet_ca_path = .*/.exec(text)![0];
      const bundle = place.file("bundle.crt", await fileOf("spire-bundle", "bundle.crt"));
      const file = place.file(
        "agent.conf",
        replaced(text, {
          "0.0.0.0": "127.0.0.1",
          [address]: 'server_address = "127.0.0.1"',
          "server_port = 8081": `server_port = ${ports.server}`,
          'bind_port = "9982"': `bind_port = "${health}"`,
          "port = 9988": `port = ${metrics}`,
          "/var/lib/spire/agent": place.folder("agent"),
          "/run/spire/agent-sockets/spire-agent.sock": place.path("agent.sock"),
          "/run/spire/bundle/bundle.crt": bundle,
          "/var/run/secrets/tokens/spire-agent": place.file("token", token),
          // There is no kubelet; the attestor of pods has the files that it reads at start, and finds no pods.
          [kubelet]: `${kubelet}\ntoken_path = "${place.path("token")}"`,
          "/run/spire/kubelet/kubelet.crt": bundle,
        }),
      );
      const [{ args }] = podSpec("DaemonSet", "agent-agent").containers;
      const words = (args as string[]).map((one) => (one === "/run/spire/config/agent.conf" ? file : one));
      expect(words).toContain(file);
      place.startSpire("spire-agent", "spire-agent", ["run", ...words]);
    }

    test("an agent attests by the token of its pod, as agent of the pod's node", async () => {
      await startAgent(spire, await podToken(cluster(), agentPod), ports.agentHealth, ports.agentMetrics);
      await spire.soon("the agent is ready", "spire-agent", () => answers(`${ports.agentHealth}/ready`));
      const { nodeName } = agentPod.spec as { nodeName: string };
      const { uid, labels } = (await cluster().get("node", nodeName)).metadata as unknown as {
        uid: string;
        labels: Record<string, string>;
      };
      type Agent = { id: { path: string }; selectors: { type: string; value: string }[] };
      const { agents } = await spire.cli<{ agents: Agent[] }>("spire-server", serverSocket(), "agent", "list");
      expect(agents.map(({ id }) => id.path)).toEqual([`/spire/agent/k8s_psat/test/${uid}`]);
      agentId = `spiffe://mesh.test${agents[0]!.id.path}`;
      const zone = "topology.kubernetes.io/zone";
      expect(agents[0]!.selectors.map(({ value }) => value)).toEqual(
        expect.arrayContaining([
          "agent_ns:spire-system",
          `agent_sa:${the("ServiceAccount", "spire-agent-account").metadata.name}`,
          `agent_node_label:${zone}:${labels[zone]}`,
        ]),
      );
    });

    describe("an agent is rejected", () => {
      /** A pod of another ServiceAccount. */
      async function strange(namespace: string, serviceAccountName: string): Promise<KubernetesObject> {
        const metadata = { namespace, name: `strange-${serviceAccountName}` };
        const containers = [{ name: "agent", image: "registry.example.com/agent:1" }];
        const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name: serviceAccountName } };
        const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: { serviceAccountName, containers } };
        if (namespace !== "spire-system") await cluster().apply([{ ...account }]);
        await cluster().apply([pod]);
        await cluster().waitReady([pod]);
        return cluster().get("pod", metadata.name, namespace);
      }
      const agentAccount = () => `${the("ServiceAccount", "spire-agent-account").metadata.name}`;

      test.each<[string, () => Promise<string>, () => string]>([
        [
          "with a token of another ServiceAccount",
          async () => podToken(cluster(), await strange("spire-system", "default")),
          () => '"spire-system:default" is not an allowed service account',
        ],
        [
          "with a token of a ServiceAccount of the same name elsewhere",
          async () => podToken(cluster(), await strange("kube-public", agentAccount())),
          () => `"kube-public:${agentAccount()}" is not an allowed service account`,
        ],
        [
          "with a token for somebody else",
          () => podToken(cluster(), agentPod, { audience: "https://kubernetes.default.svc" }),
          () => 'is invalid for the target audiences ["spire-server"]',
        ],
        [
          "with a token that no pod has",
          () => podToken(cluster(), agentPod, { bound: false }),
          () => "fail to get pod name from token review status",
        ],
      ])("%s: #2608, #956", async (_, token, error) => {
        const place = new SpireProcesses();
        others.push(place);
        const [health, metrics] = [await freePort(), await freePort()];
        await startAgent(place, await token(), `${health}`, `${metrics}`);
        const said = () => place.log("spire-agent").split("\\").join("");
        await place.soon("the agent hears why", "spire-agent", () => said().includes(error()) || undefined);
        const list = await spire.cli<{ agents: object[] }>("spire-server", serverSocket(), "agent", "list");
        expect(list.agents).toHaveLength(1);
      });
    });

    const templates = () =>
      the("ClusterSPIFFEID", "web-identity").spec as { spiffeIDTemplate: string; dnsNameTemplates: string[] };
    const filled = (template: string, serviceAccount: string) =>
      fillTemplate(template, { trustDomain: "mesh.test", namespace: "shop", serviceAccount });

    test("entries by a WorkloadIdentity are accepted", async () => {
      for (const workload of Object.keys(users) as Workload[]) {
        const names = templates().dnsNameTemplates.flatMap((template) => ["-dns", filled(template, workload)]);
        const id = filled(templates().spiffeIDTemplate, workload);
        const selector = `unix:uid:${userOf(workload) ?? process.getuid?.()}`;
        type Answer = { results: { status: { code: number } }[] };
        const args = ["-parentID", agentId, "-spiffeID", id, "-selector", selector, ...names];
        const { results } = await spire.cli<Answer>("spire-server", serverSocket(), "entry", "create", ...args);
        expect(results.map(({ status }) => status.code)).toEqual([0]);
        if (!asRoot) break;
      }
    });

    /** Containers of the sidecar in the pod. */
    const sidecarArgs = (name: string, files: Record<string, string>) =>
      (named<{ name: string; args: string[] }>(name, podSpec("Deployment", "web").initContainers).args ?? []).map(
        (one) => files[one] ?? one,
      );

    async function startHelper(container: string, file: string): Promise<void> {
      const text = await fileOf("web-config", file);
      const replacements = {
        "/spiffe-workload-api/spire-agent.sock": agentSocket(),
        "/run/mesh/identity": spire.folder("identity", userOf("web")),
        ...(text.includes("/run/mesh/run") && { "/run/mesh/run": spire.folder("run", userOf("web")) }),
      };
      const path = spire.file(`configuration/${file}`, replaced(text, replacements));
      const args = sidecarArgs(container, { [`/run/mesh/configuration/${file}`]: path });
      expect(args).toContain(path);
      spire.startSpire(container, "spiffe-helper", args, userOf("web"));
    }

    const identity = (file: string) => readFileSync(spire.path("identity", file), "utf8");

    test("spiffe-helper in the pod's first container waits for the certificate and ends", async () => {
      await startHelper("mesh-identity-first", "helper-first.conf");
      // It retries with increasing pauses, up to half a minute, until the agent has the entry.
      const ended = await spire.soon("it ends", "mesh-identity-first", () => spire.group.ended());
      expect(ended).toContain("mesh-identity-first ended");
      expect(ended).toContain("Exiting");
      const modes = ["svid.pem", "svid_key.pem", "svid_bundle.pem"].map((file) =>
        (statSync(spire.path("identity", file)).mode & 0o777).toString(8),
      );
      expect(modes).toEqual(["644", "600", "644"]);
    });

    test("#5828: the chain of the certificate to the root has exactly the verification depth of peers", async () => {
      const { verifyDepth } = result.requests.find(({ type }) => type === "nginx-stacks:index:SpireServer")!
        .inputs as unknown as { verifyDepth: number };
      const depth = (deep: number) =>
        openssl.verify(identity("svid.pem"), identity("svid_bundle.pem"), "any", ["-verify_depth", `${deep}`]);
      expect(verifyDepth).toBe(2);
      expect(depth(verifyDepth)).toBe("OK");
      expect(depth(verifyDepth - 1)).not.toBe("OK");
      expect(new X509Certificate(identity("svid_bundle.pem")).fingerprint256).toBe(
        new X509Certificate(ourRoot()).fingerprint256,
      );
      const leaf = new X509Certificate(identity("svid.pem"));
      const names = ["URI:spiffe://mesh.test/ns/shop/sa/web", "DNS:web.shop.svc", "DNS:web.shop.svc.cluster.local"];
      expect(leaf.subjectAltName!.split(", ").sort()).toEqual(names.sort());
      expect(leaf.subject).toContain("CN=web.shop.svc");
      const life = Date.parse(leaf.validTo) - Date.parse(leaf.validFrom);
      // SPIRE issues certificates that are valid from ten seconds ago.
      expect(life / 1000).toBe(lifetimes.svidTtlSeconds + 10);
    });

    /** NGINX of the sidecar, in its own network. */
    async function startNginx(): Promise<void> {
      const text = await fileOf("web-config", "nginx.conf");
      spire.file("configuration/identity.njs", await fileOf("web-config", "identity.njs"));
      const file = spire.file(
        "configuration/nginx.conf",
        replaced(text, {
          "/run/mesh/configuration": spire.path("configuration"),
          "/run/mesh/identity": spire.path("identity"),
          "/run/mesh/run": spire.folder("run", userOf("web")),
          "modules/ngx_": `${nginxModules()}/ngx_`,
        }),
      );
      // NGINX of Debian has module `stream` in a separate file.
      const streams = `daemon off; load_module ${nginxModules()}/ngx_stream_module.so;`;
      const start = replaced(await fileOf("web-config", "start.sh"), {
        "/run/mesh/run": spire.folder("run", userOf("web")),
      });
      const args = [
        spire.file("configuration/start.sh", start),
        ...sidecarArgs("mesh-proxy", { "/run/mesh/configuration/nginx.conf": file, "daemon off;": streams }),
      ];
      const inNetwork = `PATH=${searchPath}; ip link set lo up && exec "$0" "$@"`;
      const [program, words] = asUser(users.web, "sh", args);
      spire.logOf("mesh-proxy", users.web);
      spire.start("mesh-proxy", "unshare", ["--net", "sh", "-c", inNetwork, program, ...words]);
      await spire.soon("NGINX runs", "mesh-proxy", () => (nginxPid() === "" ? undefined : true));
    }
    const nginxPid = () => readFileSync(spire.path("run/nginx.pid"), "utf8").trim();
    /** Runs a TLS client of openssl in NGINX's network. */
    const inNetwork = (args: string[], input = "") =>
      run("nsenter", ["--target", nginxPid(), "--net", "openssl", "s_client", ...args], input);
    const connect = ["-connect", `127.0.0.1:${port}`, "-servername", "web.shop.svc"];

    /** Returns arguments of openssl with SPIRE's certificate for a workload. */
    async function identityOf(workload: "client" | "stranger"): Promise<string[]> {
      const folder = spire.folder(`identity-${workload}`, users[workload]);
      const fetch = ["api", "fetch", "x509", "-socketPath", agentSocket(), "-write", folder];
      const fetched = () => run(...asUser(users[workload], spireProgram("spire-agent"), fetch));
      const id = `SPIFFE ID:\t\t${filled(templates().spiffeIDTemplate, workload)}\n`;
      // The agent fetches entries every five seconds: of several made in turn, it may have only the first.
      await spire.soon(`SPIRE has a certificate for ${workload}`, "spire-agent", async () =>
        (await fetched()).includes(id) ? true : undefined,
      );
      const [certificate, key] = [`${folder}/svid.0.pem`, `${folder}/svid.0.key`];
      return ["-cert", certificate, "-cert_chain", certificate, "-key", key];
    }

    /** Returns the status of the workload's port for another workload, or openssl's output without one. */
    async function answerTo(workload: "client" | "stranger" | undefined): Promise<string> {
      const certificate = workload ? await identityOf(workload) : [];
      const trust = ["-CAfile", spire.path("identity/svid_bundle.pem"), "-verify_return_error", "-verify_hostname"];
      const request = "GET / HTTP/1.1\r\nHost: web.shop.svc\r\nConnection: close\r\n\r\n";
      const all = [...connect, ...trust, "web.shop.svc", ...certificate, "-quiet", "-ign_eof"];
      const output = await inNetwork(all, request);
      return /HTTP\/1\.1 (\d+)/.exec(output)?.[1] ?? output;
    }

    testOfNginx("NGINX, as the sidecar has it, tells SPIRE's workloads apart", async () => {
      await startNginx();
      // NGINX has allowed the client, but there is no application.
      expect(await answerTo("client")).toBe("502");
      expect(await answerTo("stranger")).toBe("403");
      expect(await answerTo(undefined)).toBe("400");
    });

    /** Returns SPIRE's CA from the workload's chain. */
    const spireCa = () => new X509Certificate(identity("svid.pem").split(/(?=-----BEGIN)/)[1]!);

    /** Makes SPIRE obtain its next CA from the upstream authority, and activate it. */
    async function renewCa(): Promise<void> {
      const x509 = (...words: string[]) =>
        spire.cli<{ prepared_authority: { authority_id: string } }>(
          "spire-server",
          serverSocket(),
          "localauthority",
          "x509",
          ...words,
        );
      const { prepared_authority } = await x509("prepare");
      await x509("activate", "-authorityID", prepared_authority.authority_id);
    }

    testOfNginx("a new certificate, of a new CA too, is in use as soon as spiffe-helper has told NGINX", async () => {
      const formerCa = spireCa().serialNumber;
      await startHelper("mesh-identity", "helper.conf");
      await renewCa();
      const served = async () => {
        const shown = await inNetwork([...connect, "-showcerts"]);
        const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(shown);
        return pem === null ? undefined : new X509Certificate(pem[0]).serialNumber;
      };
      const first = await spire.soon("a certificate is served", "mesh-proxy", served);
      await spire.soon("a certificate of the new CA is served", "mesh-identity", async () => {
        const serial = await served();
        const renewed = serial !== first && spireCa().serialNumber !== formerCa;
        return renewed && serial === new X509Certificate(identity("svid.pem")).serialNumber ? true : undefined;
      });
      const verified = openssl.verify(identity("svid.pem"), ourRoot(), "any", ["-verify_depth", "2"]);
      expect(verified).toBe("OK");
      expect(spire.log("mesh-proxy")).toContain("signal 1 (SIGHUP) received");
      expect(await answerTo("client")).toBe("502");
      expect(statSync(spire.path("identity/svid_key.pem")).mode & 0o777).toBe(0o600);
    });

    test("SPIRE has the metrics of the alerts", async () => {
      const metrics = async (which: "serverMetrics" | "agentMetrics") =>
        (await fetch(`http://127.0.0.1:${ports[which]}/metrics`)).text();
      const namesIn = (alerts: { expr: string }[]) =>
        new Set(alerts.flatMap(({ expr }) => expr.match(/spire_[a-z0-9_]+(?=\{)/g) ?? []));
      const id = filled(templates().spiffeIDTemplate, "web");
      type Entries = { entries: { id: string; parent_id: object }[] };
      const { entries } = await spire.cli<Entries>("spire-server", serverSocket(), "entry", "show", "-spiffeID", id);
      const args = ["-entryID", entries[0]!.id, "-parentID", agentId, "-spiffeID", id, "-selector", "unix:uid:1"];
      await spire.cli("spire-server", serverSocket(), "entry", "update", ...args);
      const text = { server: await metrics("serverMetrics"), agent: await metrics("agentMetrics") };
      const absent = (names: Set<string>, where: string) =>
        [...names].filter((name) => !new RegExp(`^${name}[{ ]`, "m").test(where));
      expect(absent(namesIn(serverAlerts("job", 360)), text.server)).toEqual([]);
      expect(
        await spire.soon("the agent has renewed its own certificate", "spire-agent", async () =>
          absent(namesIn(agentAlerts("job")), await metrics("agentMetrics")).length === 0 ? "all" : undefined,
        ),
      ).toBe("all");
      // The failure metric of the rejected agents.
      expect(text.server).toMatch(/^spire_server_rpc_agent_v1_agent_attest_agent\{.*status="PermissionDenied"/m);
    });

    test("the server's only rights are these: without them it attests no agent", async () => {
      await cluster().kubectl(["delete", "clusterrolebinding", `${the("ClusterRoleBinding", "spire-").metadata.name}`]);
      const place = new SpireProcesses();
      others.push(place);
      const [health, metrics] = [await freePort(), await freePort()];
      await startAgent(place, await podToken(cluster(), agentPod), `${health}`, `${metrics}`);
      const { name, namespace } = the("ServiceAccount", "spire-account").metadata;
      const missing = `User "system:serviceaccount:${namespace}:${name}" cannot create resource "tokenreviews"`;
      const said = () => place.log("spire-agent").split("\\").join("");
      await place.soon("the agent hears why", "spire-agent", () => said().includes(missing) || undefined);
    });
  },
  moduleMissing("spire"),
);
