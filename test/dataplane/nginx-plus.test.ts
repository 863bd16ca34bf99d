import { mkdirSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { NginxPlus, type NginxPlusArgs } from "../../components/nginx";
import { manifests, record } from "../../engine";
import { type Loopback, runOnLoopback } from "../../loopback";
import { nginxModules } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { type RunningProcess, start, untilListening } from "../../loopback/process";
import { nginxFolder, nginxMissing, testNginx, until } from "./conf-nginx";

const missing = nginxMissing();
const suite = missing === undefined ? describe : describe.skip;

const render = async (args: Partial<NginxPlusArgs>) =>
  manifests(
    await record(
      () =>
        void new NginxPlus("edge", {
          namespace: "edge",
          edition: "oss",
          ports: [{ name: "mqtt", port: 1883 }],
          configuration: {},
          ...args,
        }),
    ),
    { secrets: "show" },
  );

suite(missing === undefined ? "open-source NGINX" : `open-source NGINX: ${missing}`, () => {
  describe("with the rendered files, as the user of its pods", () => {
    let loopback: Loopback;
    const get = (path: string) => fetch(`http://127.0.0.1:${loopback.port("nginx", "management")}${path}`);

    beforeAll(async () => {
      const greet = { name: "listen", args: ["1883"] };
      loopback = await runOnLoopback(
        await render({
          configuration: { stream: [{ name: "server", block: [greet, { name: "return", args: ["5$ each\n"] }] }] },
          monitoring: {},
        }),
      );
    });
    afterAll(() => loopback.stop());

    test("is ready", async () => {
      const response = await get("/healthz");
      expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
        200,
        "text/plain",
        "ok\n",
      ]);
    });

    test("tells its status to this pod, and nothing else to anybody", async () => {
      expect(await (await get("/stub_status")).text()).toMatch(/^Active connections: \d+ \n/);
      expect((await get("/")).status).toBe(404);
      expect((await get("/")).headers.get("server")).toBe("nginx");
    });

    test("serves what it was configured for", async () => {
      expect(await received(loopback.port("nginx", "mqtt"))).toBe("5$ each\n");
    });
  });

  describe("drains its connections", () => {
    let upstream: Server;
    let nginx: RunningProcess | undefined;
    let port: number;

    /** NGINX with one proxied connection through which bytes have gone. */
    async function connected(drainSeconds: number): Promise<{ socket: Socket; nginx: RunningProcess }> {
      upstream = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
      await new Promise((resolve) => upstream.once("listening", resolve));
      const { port: upstreamPort } = upstream.address() as { port: number };
      port = await freePort();
      const management = await freePort();
      const objects = await render({
        drainSeconds,
        ports: [{ name: "mqtt", port }],
        configuration: {
          main: [{ name: "load_module", args: [`${nginxModules()}/ngx_stream_module.so`] }],
          stream: [
            {
              name: "server",
              block: [
                { name: "listen", args: [`127.0.0.1:${port}`] },
                { name: "proxy_pass", args: [`127.0.0.1:${upstreamPort}`], variables: true },
              ],
            },
          ],
        },
      });
      const folder = nginxFolder();
      mkdirSync(join(folder, "cache"));
      const configMap = objects.find(({ kind }) => kind === "ConfigMap")!;
      const text = (configMap.data as Record<string, string>)
        ["nginx.conf"]!.replaceAll("/tmp/nginx.pid", `${folder}/nginx.pid`)
        .replaceAll("/var/cache/nginx/", `${folder}/cache/`)
        .replace("listen 8080;", `listen 127.0.0.1:${management};`);
      expect(testNginx(folder, text)).toBeUndefined();
      const args = ["-e", "stderr", "-c", join(folder, "nginx.conf"), "-g", "daemon off;"];
      nginx = start("nginx", args, join(folder, "log"));
      await untilListening(port, nginx);
      const socket = createConnection({ port, host: "127.0.0.1" });
      expect(await echoed(socket, "before")).toBe("before");
      return { socket, nginx };
    }

    afterEach(async () => {
      upstream.close();
      await nginx?.stop();
    });

    test("which go on for as long as they like within the time, while no new one is taken", async () => {
      const { socket, nginx } = await connected(3600);
      process.kill(nginx.pid, "SIGQUIT");
      await until(() => nginx.output().includes("gracefully shutting down"), nginx);
      while (await accepts(port));
      expect(await echoed(socket, "after")).toBe("after");
      socket.end();
      await until(() => ended(nginx), nginx);
    });

    test("which end when the time is over", async () => {
      const { socket, nginx } = await connected(1);
      const closed = new Promise((resolve) => socket.once("close", resolve));
      process.kill(nginx.pid, "SIGQUIT");
      await closed;
      await until(() => ended(nginx), nginx);
    });
  });
});

function received(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    createConnection({ port, host: "127.0.0.1" })
      .on("data", (chunk) => chunks.push(chunk))
      .on("end", () => resolve(Buffer.concat(chunks).toString()))
      .on("error", reject);
  });
}

function echoed(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once("data", (data) => resolve(data.toString()));
    socket.once("close", () => reject(new Error("closed")));
    socket.write(text);
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function ended({ pid }: RunningProcess): boolean {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
}
