// Applications and clients of the mesh tests, as a process inside a network namespace.
const dgram = require("node:dgram");
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const net = require("node:net");
const tls = require("node:tls");
const grpc = require("@grpc/grpc-js");

const bytes = { serialize: (value) => value, deserialize: (value) => value };
const method = (path) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes.serialize,
  requestDeserialize: bytes.deserialize,
  responseSerialize: bytes.serialize,
  responseDeserialize: bytes.deserialize,
});

/** Size of headers that applications and clients take: more than the sidecar does. */
const largeHeader = 1 << 20;
const largeMetadata = { "grpc.max_metadata_size": largeHeader, "grpc-node.max_session_memory": 100 };

/** An application that answers with its name, the request and the client. */
async function serve({ name, listeners }) {
  for (const { protocol, host, port } of listeners) {
    if (protocol === "http") {
      const server = http.createServer({ maxHeaderSize: largeHeader }, (request, response) => {
        let length = 0;
        request.on("data", (chunk) => (length += chunk.length));
        request.on("end", () => {
          const { method, url, headers, socket } = request;
          const size = /^\/header\?(\d+)$/.exec(url)?.[1];
          if (size) response.setHeader("x-large", "r".repeat(size));
          response.end(JSON.stringify({ name, method, url, headers, length, from: socket.remoteAddress }));
        });
      });
      server.on("upgrade", (_, socket) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
        socket.pipe(socket);
      });
      await new Promise((resolve) => server.listen(port, host, resolve));
    } else if (protocol === "udp") {
      const socket = dgram.createSocket("udp6");
      socket.on("message", (bytes, { address, port }) => socket.send(bytes, port, address));
      await new Promise((resolve) => socket.bind(port, host, resolve));
    } else if (protocol === "tcp") {
      // The server sends first, like MySQL.
      const server = net.createServer((socket) => {
        socket.on("error", () => undefined);
        socket.write(`${name}\n`);
        socket.pipe(socket);
      });
      await new Promise((resolve) => server.listen(port, host, resolve));
    } else {
      const server = new grpc.Server(largeMetadata);
      // The caller's metadata come back before the answer and behind it.
      const answer = (call, callback) => {
        const metadata = call.metadata.clone();
        for (const header of ["user-agent", "x-forwarded-for"]) metadata.remove(header);
        call.sendMetadata(metadata);
        callback(null, Buffer.from(`${name} ${call.request}`), metadata);
      };
      const paths = { check: "/grpc.health.v1.Health/Check", say: "/test.Service/Say" };
      server.addService(Object.fromEntries(Object.entries(paths).map(([key, path]) => [key, method(path)])), {
        check: answer,
        say: answer,
      });
      await new Promise((resolve, reject) =>
        server.bindAsync(
          net.isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`,
          grpc.ServerCredentials.createInsecure(),
          (error) => (error ? reject(error) : resolve()),
        ),
      );
    }
  }
  process.stdout.write("ready\n");
}

/** A name server that knows the names of a file like /etc/hosts, as it is at each question, alone or below cluster.local. */
async function names(file) {
  const server = dgram.createSocket("udp4");
  server.on("message", (query, { port, address }) => {
    const labels = [];
    let at = 12;
    for (; query[at] > 0; at += query[at] + 1) labels.push(query.toString("utf8", at + 1, at + 1 + query[at]));
    const asked = labels.join(".");
    const family = query.readUInt16BE(at + 1) === 28 ? 6 : 4;
    const known = fs
      .readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([, name]) => name && (name === asked || `${name}.cluster.local` === asked));
    const addresses = known.map(([one]) => one).filter((one) => net.isIP(one) === family);
    // NXDOMAIN, or a name without an address of that family.
    const header = Buffer.from([
      ...query.subarray(0, 2),
      0x85,
      known.length > 0 ? 0x80 : 0x83,
      0,
      1,
      0,
      addresses.length,
      0,
      0,
      0,
      0,
    ]);
    const answers = addresses.map((one) => {
      const bytes = family === 4 ? one.split(".").map(Number) : ipv6Bytes(one);
      return Buffer.from([0xc0, 12, 0, family === 4 ? 1 : 28, 0, 1, 0, 0, 0, 1, 0, bytes.length, ...bytes]);
    });
    server.send(Buffer.concat([header, query.subarray(12, at + 5), ...answers]), port, address);
  });
  await new Promise((resolve) => server.bind(53, "127.0.0.1", resolve));
  process.stdout.write("ready\n");
}

function ipv6Bytes(address) {
  const [before, after = ""] = address.split("::").map((part) => part.split(":").filter(Boolean));
  const groups = [...before, ...Array(8 - before.length - after.length).fill("0"), ...after];
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
}

/** Sends one request, and resolves with a status, bytes, or the code of an error. */
const ask = {
  http: ({ host, port, path = "/", method = "GET", headers, body, identity }) =>
    new Promise((resolve) => {
      const options = {
        host,
        port,
        path,
        method,
        headers,
        agent: false,
        timeout: 60000,
        maxHeaderSize: largeHeader,
        ...(identity && { ...identity, rejectUnauthorized: false }),
      };
      const request = (identity ? https : http).request(options, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        const large = response.headers["x-large"]?.length;
        response.on("end", () =>
          resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString(), ...(large && { large }) }),
        );
        response.on("error", (error) => resolve({ error: error.code ?? error.message }));
      });
      request.on("upgrade", (response, socket) => {
        socket.end();
        resolve({ status: response.statusCode });
      });
      request.on("timeout", () => request.destroy(new Error("timeout")));
      request.on("error", (error) => resolve({ error: error.code ?? error.message }));
      request.end(body);
    }),
  tcp: ({ host, port, identity, say = "hello\n", mayTalk, heard = () => undefined }) =>
    new Promise((resolve) => {
      let received = "";
      const opened = async () => {
        await mayTalk;
        socket.write(say);
      };
      const socket = identity
        ? tls.connect({ host, port, ...identity, rejectUnauthorized: false }, opened)
        : net.connect({ host, port }, opened);
      const end = (result) => {
        socket.destroy();
        resolve({ received, ...result });
      };
      socket.setTimeout(60000, () => end({ error: "timeout" }));
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1");
        heard();
        if (received.endsWith(say)) end({});
      });
      socket.on("end", () => end({}));
      socket.on("error", (error) => end({ error: error.code ?? error.message }));
    }),
  grpc: ({ host, port, path = "/test.Service/Say", authority, metadata }) =>
    new Promise((resolve) => {
      const options = {
        // A pod of these tests has no name server.
        "grpc.service_config_disable_resolution": 1,
        ...largeMetadata,
        ...(authority && { "grpc.default_authority": authority }),
      };
      const client = new grpc.Client(
        net.isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`,
        grpc.credentials.createInsecure(),
        options,
      );
      const deadline = Date.now() + 60000;
      const sent = new grpc.Metadata();
      for (const [key, value] of Object.entries(metadata ?? {})) sent.set(key, value);
      const echoed = (received) => Object.entries(metadata).every(([key, value]) => received?.get(key)[0] === value);
      const seen = {};
      const call = client.makeUnaryRequest(
        path,
        bytes.serialize,
        bytes.deserialize,
        Buffer.from("hello"),
        sent,
        { deadline },
        (error, reply) => {
          if (error) finish({ code: error.code, error: error.details });
          else seen.body = reply.toString();
        },
      );
      const finish = (result) => {
        client.close();
        resolve(result);
      };
      if (metadata) call.on("metadata", (received) => (seen.first = echoed(received)));
      call.on("status", ({ code, metadata: trailers }) => {
        if (code === 0) finish({ code, ...seen, ...(metadata && { last: echoed(trailers) }) });
      });
    }),
  udp: ({ host, port }) =>
    new Promise((resolve) => {
      const socket = dgram.createSocket(net.isIPv6(host) ? "udp6" : "udp4");
      const end = (result) => {
        clearTimeout(timer);
        socket.removeAllListeners().on("error", () => undefined);
        socket.close();
        resolve(result);
      };
      const timer = setTimeout(() => end({ error: "timeout" }), 5000);
      socket.on("error", (error) => end({ error: error.code }));
      socket.on("message", (bytes) => end({ received: bytes.toString() }));
      socket.connect(port, host, () => socket.send("hello", (error) => error && end({ error: error.code })));
    }),
};

/** Sends requests without a pause, the last of each worker after its input has ended, and counts successes and failures. */
async function load({ workers, requests }) {
  let stopped = false;
  let good = 0;
  const bad = [];
  process.stdin.on("end", () => (stopped = true)).resume();
  process.stdout.write("ready\n");
  const one = async (request) => {
    for (let last = false; !last; ) {
      last = stopped;
      const result = await ask[request.protocol](request);
      if (result.status === 200 || result.received?.endsWith("hello\n") || result.code === 0) good++;
      else bad.push(result);
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, index) => one(requests[index % requests.length])));
  process.stdout.write(JSON.stringify({ good, bad }));
}

/** Opens connections that switch protocols, holds them all until each is answered, and counts the answers. */
async function open({ count, request: { host, port } }) {
  const sockets = [];
  const counts = {};
  const one = () =>
    new Promise((resolve) => {
      const headers = { connection: "upgrade", upgrade: "echo" };
      const request = http.get({ host, port, headers, agent: false }, (response) => resolve(response.statusCode));
      request.on("upgrade", (response, socket) => {
        sockets.push(socket.on("error", () => undefined));
        resolve(response.statusCode);
      });
      request.on("error", (error) => resolve(error.code ?? error.message));
    });
  for (let left = count; left > 0; left -= 20)
    for (const outcome of await Promise.all(Array.from({ length: Math.min(left, 20) }, one)))
      counts[outcome] = (counts[outcome] ?? 0) + 1;
  process.stdout.write("ready\n");
  await new Promise((resolve) => process.stdin.on("end", resolve).resume());
  for (const socket of sockets) socket.destroy();
  process.stdout.write(JSON.stringify(counts));
}

/** A tcp connection that sends once its input ends. It is open once the application has sent. */
async function hold(request) {
  const mayTalk = new Promise((resolve) => process.stdin.on("end", resolve).resume());
  let first = true;
  const heard = () => {
    if (first) process.stdout.write("ready\n");
    first = false;
  };
  process.stdout.write(JSON.stringify(await ask.tcp({ ...request, mayTalk, heard })));
}

async function main() {
  const [, , command, json] = process.argv;
  const argument = JSON.parse(json === "-" ? fs.readFileSync(0, "utf8") : json);
  if (command === "serve") await serve(argument);
  else if (command === "names") await names(argument);
  else if (command === "load") await load(argument);
  else if (command === "hold") await hold(argument);
  else if (command === "open") await open(argument);
  else {
    const results = [];
    for (const request of argument) results.push(await ask[request.protocol](request));
    process.stdout.write(JSON.stringify(results));
  }
}

main();
