import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import * as mqtt from "mqtt-packet";
import { labels, type Path } from "./paths";

/** Types of MQTT packets, as they stand in the upper half of the first byte. */
export const PacketType = { connack: 2, publish: 3, puback: 4, suback: 9, pingresp: 13 } as const;

export const pingRequest = mqtt.generate({ cmd: "pingreq" });
const disconnect = mqtt.generate({ cmd: "disconnect" });

/** Called with each packet: where it begins and ends in bytes that are not kept. */
export type PacketReader = (bytes: Buffer, start: number, end: number) => void;

/** An MQTT 3.1.1 session over one of the paths, as thin as it can be: what is measured is the path. */
export class MqttConnection {
  onPacket: PacketReader = () => undefined;
  readonly socket: Socket;
  readonly #closed: Promise<void>;
  #failure: Error | undefined;
  #fail: (error: Error) => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket.setNoDelay();
    let rest: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      let start = 0;
      for (let end = packetEnd(bytes, start); end !== undefined; end = packetEnd(bytes, start)) {
        this.onPacket(bytes, start, end);
        start = end;
      }
      rest = bytes.subarray(start);
    });
    this.#closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("error", (error) => this.#failWith(error));
    socket.on("close", () => this.#failWith(new Error("the connection was closed")));
  }

  /** Connects and waits until the broker accepts. */
  static async open(path: Path, clientId: string): Promise<MqttConnection> {
    const address = { host: "127.0.0.1", port: path.port };
    const connection = new MqttConnection(path.tls ? connectTls({ ...address, ...path.tls }) : connectTcp(address));
    const packet = { cmd: "connect", clientId, protocolVersion: 4, clean: true, keepalive: 0, ...path.login } as const;
    const answer = await connection.request(mqtt.generate(packet), PacketType.connack);
    if (answer[3] !== 0)
      throw new Error(`${labels[path.name]}: the broker refused the connection with code ${answer[3]}`);
    return connection;
  }

  async subscribe(topic: string, qos: 0 | 1): Promise<void> {
    const packet = mqtt.generate({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos }] });
    const answer = await this.request(packet, PacketType.suback);
    if (answer[4] !== qos) throw new Error(`the broker answered a subscription with code ${answer[4]}`);
  }

  /** Sends a packet and resolves with the next of the type that answers it. */
  request(packet: Buffer, answer: number): Promise<Buffer> {
    return this.until((done) => {
      this.onPacket = (bytes, start, end) => {
        if (bytes[start]! >> 4 === answer) done(Buffer.from(bytes.subarray(start, end)));
      };
      this.socket.write(packet);
    });
  }

  /** A promise that `begin` may resolve, and that rejects when the connection ends before. */
  until<T>(begin: (done: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      if (this.#failure) reject(this.#failure);
      else begin(resolve);
    });
  }

  /** Writes, and waits where the path is slower than the writer. */
  async write(bytes: Buffer): Promise<void> {
    if (!this.socket.write(bytes)) await this.until<void>((done) => this.socket.once("drain", () => done()));
  }

  /** Says goodbye and waits until the other end has closed. */
  async close(): Promise<void> {
    this.socket.end(disconnect);
    await this.#closed;
  }

  #failWith(error: Error): void {
    this.#failure ??= error;
    this.#fail(this.#failure);
  }
}

/** Where the packet that begins at `start` ends; undefined while it is not complete. */
function packetEnd(bytes: Buffer, start: number): number | undefined {
  let length = 0;
  for (let at = start + 1; at < Math.min(start + 5, bytes.length); at++) {
    length += (bytes[at]! & 0x7f) * 128 ** (at - start - 1);
    if (bytes[at]! < 0x80) return at + 1 + length <= bytes.length ? at + 1 + length : undefined;
  }
  return undefined;
}
