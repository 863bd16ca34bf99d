import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as mqtt from "mqtt-packet";
import { type Loopback, runOnLoopback } from "../../loopback";
import { missingPrograms } from "../../loopback/missing";
import { freePort } from "../../loopback/ports";
import { type RunningProcess, start, untilListening } from "../../loopback/process";
import { renderProxy } from "./mqtt-clients";

const missing = missingPrograms("nginx", "mosquitto");
const describeOnTheWire = missing ? describe.skip : describe;

describeOnTheWire(`MQTT over WebSocket to mosquitto${missing ? ` (${missing})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-websocket-"));
  let broker: RunningProcess;
  let stack: Loopback;
  beforeAll(async () => {
    const [tcp, web] = [await freePort(), await freePort()];
    // It does not start with WebSocket alone.
    const lines = [`listener ${tcp} 127.0.0.1`, `listener ${web} 127.0.0.1`, "protocol websockets"];
    const configuration = join(folder, "mosquitto.conf");
    writeFileSync(configuration, [...lines, "allow_anonymous true", "log_dest stderr", "user root", ""].join("\n"));
    broker = start("mosquitto", ["-c", configuration], join(folder, "log"));
    await untilListening(tcp, broker);
    await untilListening(web, broker);
    stack = await runOnLoopback(
      await renderProxy({
        upstreams: [{ name: "brokers", servers: [{ host: "127.0.0.1", port: tcp }] }],
        defaultRoute: { refuse: true },
        listeners: [{ name: "web", port: 9001, webSocket: { upstream: "brokers", brokerPort: web } }],
      }),
    );
  });
  afterAll(async () => {
    await stack?.stop();
    await broker?.stop();
    rmSync(folder, { recursive: true });
  });

  /** One binary frame of a client, which has to mask it: RFC 6455, 5.2. */
  function frame(bytes: Buffer): Buffer {
    const mask = randomBytes(4);
    const masked = Buffer.from(bytes.map((octet, index) => octet ^ mask[index % 4]!));
    return Buffer.concat([Buffer.from([0x82, 0x80 | bytes.length]), mask, masked]);
  }

  test.each([4, 5] as const)(
    "A7: a client with protocol level %d is admitted by the broker",
    async (protocolVersion) => {
      const clientId = `over-websocket-${protocolVersion}`;
      const connect = mqtt.generate({
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion,
        clientId,
        clean: true,
        keepalive: 60,
      });
      const packet = await new Promise<mqtt.Packet>((resolve, reject) => {
        const socket = createConnection({ port: stack.port("nginx", "web"), host: "127.0.0.1" });
        const parser = mqtt.parser({ protocolVersion });
        parser.on("packet", (one) => {
          resolve(one);
          socket.destroy();
        });
        let received = Buffer.alloc(0);
        let upgraded = false;
        socket.on("error", reject).on("close", () => reject(new Error(received.toString())));
        socket.on("data", (bytes) => {
          received = Buffer.concat([received, bytes]);
          const end = received.indexOf("\r\n\r\n");
          if (!upgraded && end > 0) {
            upgraded = true;
            received = received.subarray(end + 4);
            socket.write(frame(connect));
          }
          if (upgraded && received.length > 2) parser.parse(received.subarray(2));
        });
        socket.write(
          `GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`,
        );
      });
      expect(packet).toMatchObject({ cmd: "connack", sessionPresent: false });
      expect(broker.output()).toMatch(new RegExp(`New client connected from \\S+ as ${clientId} `));
    },
  );
});
