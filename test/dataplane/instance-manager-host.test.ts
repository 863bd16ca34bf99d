import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { writeManifests } from "../../engine";
import { exampleStacks, runExample } from "../example-stacks";
import { grpcClients, prepareGrpcClients } from "./grpc-clients";
import { type Machine, machineMissing, startMachine } from "./machine";
import { methods } from "./manager-stack";

const missing = machineMissing();
const describeMachine = missing ? describe.skip : describe;

const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-host-"));
// The workers of the machine's NGINX, which are not root, go to the sockets in it.
chmodSync(folder, 0o711);
afterAll(() => rmSync(folder, { recursive: true }));

/** As systemd does for NGINX's unit; notes every call. */
const systemctl = `echo "$*" >>/var/log/systemctl
case "$*" in *" nginx") nginx -s reload 2>/dev/null || nginx ;; esac`;
const accounts = ["nginx-agent", "nginx-manager"];

/** Renders a stack of the example, with its keys: the folder of its hosts, and a file with the root that it puts out. */
async function render(stack: string): Promise<{ hosts: string; root: string }> {
  const example = exampleStacks().find(({ name }) => name === `instance-manager-host/${stack}`)!;
  const [out, root] = [join(folder, stack, "out"), join(folder, stack, "root.pem")];
  const run = await runExample(example, join(folder, stack, "state"));
  writeManifests(run, out, { secrets: "show" });
  writeFileSync(root, String(run.outputs.rootCertificate));
  return { hosts: join(out, "hosts"), root };
}

/** What Instance Manager has behind NGINX, on sockets that both machines see: its gateway, which says its name, and a gRPC service. */
async function backends(stack: string) {
  const sockets = join(folder, `${stack}-sockets`);
  mkdirSync(sockets);
  const gateway: Server = createServer((_request, response) => response.end("instance manager"));
  await new Promise<void>((resolve) => gateway.listen(join(sockets, "gateway.sock"), resolve));
  const service = new grpc.Server();
  const bytes = (value: Buffer) => value;
  const definition = {
    path: methods.download,
    ...{ requestStream: false, responseStream: false, requestSerialize: bytes, requestDeserialize: bytes },
    ...{ responseSerialize: bytes, responseDeserialize: bytes },
  };
  service.addService(
    { download: definition },
    { download: (_call: unknown, callback: grpc.sendUnaryData<Buffer>) => callback(null, Buffer.from("for agents")) },
  );
  await new Promise<void>((resolve, reject) =>
    service.bindAsync(`unix:${join(sockets, "grpc.sock")}`, grpc.ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    ),
  );
  for (const name of ["gateway.sock", "grpc.sock"]) chmodSync(join(sockets, name), 0o777);
  return {
    gateway: join(sockets, "gateway.sock"),
    grpc: join(sockets, "grpc.sock"),
    stop: () => {
      gateway.close();
      service.forceShutdown();
    },
  };
}

interface Stack {
  /** Lets the machine's NGINX find what is behind it. */
  connect(machine: Machine, sockets: { gateway: string; grpc: string }): Promise<unknown>;
  agents: { port: number; serverName: string };
  /** File of the server's certificate, and folder of the agent's. */
  certificates: { server: string; agent: string };
  /** File of the root that the agent's host comes to trust. */
  trust?: string;
  /** Every file of both hosts, with mode and owner. */
  files: string[];
  /** What the first run of each host's script says to systemd. */
  calls: { manager: string[]; agent: string[] };
}

const stacks: Record<string, Stack> = {
  v2: {
    connect: (machine, { gateway, grpc }) =>
      machine.shell(`mkdir -p /run/nms; ln -s ${gateway} /run/nms/apigw.sock
for part in am ingestion; do ln -s ${grpc} /run/nms/$part.sock; done`),
    agents: { port: 443, serverName: "agents.nim.example.com" },
    certificates: { server: "/etc/nms/certs/server.crt", agent: "/etc/nms/certs" },
    files: [
      "644 root:root /etc/nginx-agent/nginx-agent.conf",
      "644 root:root /etc/nginx/conf.d/manager-common.conf",
      "644 root:root /etc/nginx/conf.d/manager-servers.conf",
      "644 root:root /etc/nginx/conf.d/manager-upstreams.conf",
      "644 root:root /etc/nginx/nginx.conf",
      "644 root:root /etc/nms/certs/agent.crt",
      "640 root:root /etc/nms/certs/agent.key",
      "644 root:root /etc/nms/certs/ca.pem",
      "644 root:root /etc/nms/certs/server.crt",
      "640 root:root /etc/nms/certs/server.key",
    ],
    calls: { manager: ["reload-or-restart nginx"], agent: ["restart nginx-agent"] },
  },
  v1: {
    connect: async (machine, { gateway, grpc }) => {
      machine.lead(11_000, gateway);
      machine.lead(10_000, grpc);
    },
    agents: { port: 10_443, serverName: "nim.example.com" },
    certificates: { server: "/etc/ssl/nginx-manager/nginx-manager.crt", agent: "/etc/nginx-agent/certs" },
    trust: "/usr/local/share/ca-certificates/nginx-management-plane.crt",
    files: [
      "644 root:root /etc/nginx-agent/certs/agent.crt",
      "640 root:root /etc/nginx-agent/certs/agent.key",
      "644 root:root /etc/nginx-agent/nginx-agent.conf",
      "644 root:root /etc/nginx-manager/nginx-manager.conf",
      "644 root:root /etc/nginx/conf.d/nginx-manager-api.conf",
      "644 root:root /etc/nginx/conf.d/nginx-manager-grpc.conf",
      "644 root:root /etc/nginx/conf.d/nginx-manager-status.conf",
      "644 root:root /etc/nginx/conf.d/nginx-manager-upstreams.conf",
      "644 root:root /etc/nginx/nginx.conf",
      "644 root:root /etc/ssl/nginx-manager/ca.pem",
      "644 root:root /etc/ssl/nginx-manager/nginx-manager.crt",
      "640 root:root /etc/ssl/nginx-manager/nginx-manager.key",
      "644 root:root /usr/local/share/ca-certificates/nginx-management-plane.crt",
    ],
    calls: { manager: ["restart nginx-manager", "reload-or-restart nginx"], agent: ["restart nginx-agent"] },
  },
};

const title = `examples/instance-manager-host/%s on a machine${missing ? ` (${missing})` : ""}`;

describeMachine.each(Object.keys(stacks))(title, (name) => {
  const stack = stacks[name]!;
  let machine: Machine;
  let rendered: Awaited<ReturnType<typeof render>>;
  let behind: Awaited<ReturnType<typeof backends>>;

  beforeAll(async () => {
    prepareGrpcClients();
    rendered = await render(name);
    behind = await backends(name);
    machine = await startMachine({ accounts, programs: { systemctl } });
    await stack.connect(machine, behind);
    // What a package left behind.
    await machine.shell("echo 'server { listen 8099; }' >/etc/nginx/conf.d/default.conf");
    await machine.shell("echo 127.0.0.1 nim.example.com >>/etc/hosts");
  });
  afterAll(async () => {
    behind?.stop();
    await machine?.stop();
  });

  const nothing = { status: 0, stdout: "", stderr: "" };
  const apply = (host: string, hosts = rendered.hosts) => machine.run(join(hosts, host, "apply.sh"));
  /** What systemd was asked for since the last time. */
  const calls = async () =>
    (await machine.shell("cat /var/log/systemctl 2>/dev/null; rm -f /var/log/systemctl")).split("\n").filter(Boolean);
  const curl = (...words: string[]) => machine.run("curl", "-sS", "--max-time", "10", ...words);
  const paths = () =>
    [...installedPaths(rendered.hosts), ...(stack.trust ? [stack.trust] : [])].sort((a, b) => (a < b ? -1 : 1));
  const facts = () => machine.shell(`sha256sum ${paths().join(" ")}; stat -c '%a %U:%G %Y %n' ${paths().join(" ")}`);

  test("B19: apply.sh puts every file in place, with its owner and mode, and tells systemd what changed", async () => {
    expect(await curl("https://nim.example.com/")).toMatchObject({ status: 7 });
    expect(await apply("nim.example.com")).toMatchObject({ status: 0 });
    expect(await calls()).toEqual(stack.calls.manager);
    expect(await apply("web-1.example.com")).toMatchObject({ status: 0 });
    expect(await calls()).toEqual(stack.calls.agent);
    expect((await machine.shell(`stat -c '%a %U:%G %n' ${paths().join(" ")}`)).split("\n")).toEqual(stack.files);
  });

  test("B19: a second run changes nothing", async () => {
    const before = await facts();
    for (const host of ["nim.example.com", "web-1.example.com"]) expect(await apply(host)).toEqual(nothing);
    expect(await calls()).toEqual([]);
    expect(await facts()).toBe(before);
  });

  test("people reach the interface over HTTPS, and what a package left behind is not open", async () => {
    const asked = await curl("--cacert", rendered.root, "https://nim.example.com/");
    expect(asked).toEqual({ ...nothing, stdout: "instance manager" });
    expect(await curl("http://127.0.0.1:8099/")).toMatchObject({ status: 7 });
  });

  test("B19: the agent's host trusts the root where its agent has no file for it, and only there", async () => {
    expect(await curl("https://nim.example.com/")).toMatchObject({ status: stack.trust ? 0 : 60 });
    if (!stack.trust) return;
    await machine.shell(`mv ${stack.trust} ${stack.trust}.away; update-ca-certificates --fresh`);
    expect(await curl("https://nim.example.com/")).toMatchObject({ status: 60 });
    expect(await apply("web-1.example.com")).toMatchObject({ status: 0 });
    expect(await curl("https://nim.example.com/")).toMatchObject({ status: 0 });
  });

  const clients = grpcClients.filter(([, , why]) => !why);
  test.each(clients)("an agent with its files is served, one without is not: %s", async (_, client) => {
    const { port, serverName } = stack.agents;
    const read = (file: string) => machine.shell(`cat ${stack.certificates.agent}/${file}`);
    const identity = { certificate: await read("agent.crt"), key: await read("agent.key") };
    const roots = readFileSync(rendered.root, "utf8");
    const call = { port: await machine.port(port), serverName, roots, method: methods.download };
    expect(await client({ ...call, ...identity })).toEqual({ code: 0, message: "", reply: "for agents" });
    expect(await client(call)).toMatchObject({ code: 16, reply: "" });
  });

  test("B19: what NGINX refuses is taken back, and the former configuration goes on answering", async () => {
    const before = await facts();
    const broken = join(folder, name, "broken");
    const file = (path: string) => join(broken, "nim.example.com/files", path);
    cpSync(rendered.hosts, broken, { recursive: true });
    appendFileSync(file("/etc/nginx/nginx.conf"), "serve me;\n");
    appendFileSync(file(stack.certificates.server), "\n");
    const { status, stdout, stderr } = await apply("nim.example.com", broken);
    expect(status).toBe(1);
    expect(stdout.trim().split("\n").sort()).toEqual(
      [`changed ${stack.certificates.server}`, "changed /etc/nginx/nginx.conf"].sort(),
    );
    expect(stderr).toContain('unknown directive "serve" in /etc/nginx/nginx.conf');
    expect(stderr).toContain("apply.sh: NGINX refuses its configuration; every file is as it was before");
    expect(await calls()).toEqual([]);
    expect(await facts()).toBe(before);
    expect(await apply("nim.example.com")).toEqual(nothing);
    expect(await curl("--cacert", rendered.root, "https://nim.example.com/")).toMatchObject({ status: 0 });
  });
});

/** The paths that the files of all hosts have on theirs. */
function installedPaths(hosts: string): string[] {
  const files = readdirSync(hosts, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => /\/files(\/.*)$/.exec(join(parentPath, name))?.[1]);
  return [...new Set(paths.filter((path) => path !== undefined))];
}
