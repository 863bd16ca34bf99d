// Makes connections from a pod's network, each with one exchange, and reports each second's count. Lines of the input are servers for one exchange
// at once; its end is the end of the traffic.

import { request as requestPlain } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { connect as connectTls } from "node:tls";
import { generate, parser } from "mqtt-packet";
import type { Exchange, TrafficReport } from "./traffic";

const exchange: Exchange = JSON.parse(process.argv[2]!);
const timeoutMilliseconds = 10_000;

let clients = 0;

/** Connects with MQTT and ends once the broker has accepted. */
const mqtt = (host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    const { tls } = exchange;
    // A broker ends the session of a client whose id comes again.
    clients += 1;
    const clientId = `${exchange.clientId}-${clients}`;
    const socket = tls ? connectTls({ host, port, ...tls }) : connect({ host, port });
    const incoming = parser();
    incoming.on("packet", (packet) => {
      if (packet.cmd !== "connack" || packet.returnCode !== 0) reject(new Error(JSON.stringify(packet)));
      socket.end(generate({ cmd: "disconnect" }));
      resolve();
    });
    incoming.on("error", reject);
    socket.on("data", (data) => incoming.parse(data));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed without an answer")));
    socket.setTimeout(timeoutMilliseconds, () => socket.destroy(new Error("no answer in time")));
    socket.write(generate({ cmd: "connect", clientId, clean: true, keepalive: 60, protocolVersion: 4 }));
  });

/** Makes one request on a connection of its own. */
const https = (host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    const { tls, path } = exchange;
    const headers = { host: tls!.servername! };
    const sent = request({ host, port, path, headers, agent: false, ...tls }, (response) => {
      let body = "";
      response.on("data", (data) => (body += data));
      response.on("end", () => {
        if (response.statusCode === exchange.status) resolve();
        else reject(new Error(`${response.statusCode} ${body}`));
      });
      response.on("error", reject);
    });
    sent.setTimeout(timeoutMilliseconds, () => sent.destroy(new Error("no answer in time")));
    sent.on("error", reject);
    sent.end();
  });

/** Makes one request in plaintext on a connection of its own. */
const http = (host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    const { path, status, hostHeader = host } = exchange;
    const sent = requestPlain({ host, port, path, headers: { host: hostHeader }, agent: false }, (response) => {
      response.resume();
      response.on("end", () =>
        response.statusCode === status ? resolve() : reject(new Error(`${response.statusCode}`)),
      );
      response.on("error", reject);
    });
    sent.setTimeout(timeoutMilliseconds, () => sent.destroy(new Error("no answer in time")));
    sent.on("error", reject);
    sent.end();
  });

/** Makes one gRPC call, and takes the status 0 for success. */
const grpc = (host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    const { tls, path } = exchange;
    const session = connectHttp2(`https://${tls!.servername}:${port}`, {
      createConnection: () => connectTls({ host, port, ALPNProtocols: ["h2"], ...tls }),
    });
    session.on("error", reject);
    const call = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    call.setTimeout(timeoutMilliseconds, () => call.destroy(new Error("no answer in time")));
    call.on("error", reject);
    call.on("response", (headers) => {
      session.close();
      if (headers["grpc-status"] === "0") resolve();
      else reject(new Error(`grpc-status ${headers["grpc-status"]}`));
    });
    call.end();
  });

const once = { mqtt, http, https, grpc }[exchange.protocol];
const report: TrafficReport = { done: 0, failed: 0, reasons: [], firstAt: undefined };
const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
const since = Date.now();

let open = 0;
async function one(): Promise<void> {
  open += 1;
  const begun = Date.now();
  try {
    await once(exchange.host, exchange.port);
    report.done += 1;
    report.firstAt ??= begun;
  } catch (error) {
    // Before the Service has an endpoint there is no one who could answer.
    if (report.firstAt !== undefined || !exchange.waits) {
      report.failed += 1;
      if (report.reasons.length < 20) report.reasons.push(`after ${begun - since} ms: ${error}`);
    }
  } finally {
    open -= 1;
  }
}

const tick = setInterval(() => {
  for (let index = 0; index < exchange.rate / 100 && open < (exchange.atOnce ?? 100); index++) void one();
}, 10);
const regularly = setInterval(() => say(report), 500);

const input = createInterface({ input: process.stdin });
input.on("line", async (line) => {
  const { host, port } = JSON.parse(line);
  const error = await once(host, port).then(() => undefined, String);
  say({ host, error });
});
input.on("close", async () => {
  clearInterval(tick);
  while (open > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  clearInterval(regularly);
  say({ ...report, last: true });
});
