import { createConnection, type Socket } from "node:net";
import * as mqtt from "mqtt-packet";

/** A device: it connects until it is accepted, and again whenever it is cut off. */
export class MqttSession {
  /** Payloads that it got, in their order, repeated ones too. */
  readonly received: string[] = [];
  /** How long it was without a connection, each time, in milliseconds. */
  readonly absences: number[] = [];
  /** Whether the broker had a session of it, at each connection. */
  readonly sessionsPresent: boolean[] = [];
  /** Deliveries and publications that were made again. */
  repeated = 0;
  /** Attempts to connect that came to nothing. */
  failures = 0;
  #socket: Socket | undefined;
  #connected = false;
  #left = false;
  #lostAt: number | undefined;
  #nextId = 1;
  #whenConnected: (() => void)[] = [];
  /** Publications without an acknowledgement. */
  readonly unacknowledged = new Map<number, mqtt.IPublishPacket>();

  /** @param options `clean`: whether the broker forgets it when it is cut off. */
  constructor(
    private readonly clientId: string,
    private readonly options: { port: number; clean: boolean; acknowledgeAfter: number },
  ) {
    this.#connect();
  }

  get connected(): boolean {
    return this.#connected;
  }

  connection(): Promise<void> {
    return this.#connected ? Promise.resolve() : new Promise((resolve) => this.#whenConnected.push(resolve));
  }

  publish(topic: string, payload: string): void {
    const messageId = this.#nextId;
    this.#nextId = (this.#nextId % 65535) + 1;
    const packet: mqtt.IPublishPacket = {
      cmd: "publish",
      topic,
      payload,
      qos: 1,
      messageId,
      dup: false,
      retain: false,
    };
    this.unacknowledged.set(messageId, packet);
    if (this.#connected) this.#send(packet);
  }

  /** As if the network had cut it off. */
  cut(): void {
    this.#socket?.destroy();
  }

  leave(): void {
    this.#left = true;
    this.#socket?.destroy();
  }

  #send(packet: mqtt.Packet): void {
    this.#socket!.write(mqtt.generate(packet));
  }

  #connect(): void {
    if (this.#left) return;
    const socket = createConnection({ port: this.options.port, host: "127.0.0.1" });
    const parser = mqtt.parser();
    this.#socket = socket;
    parser.on("packet", (packet) => this.#handle(packet, socket));
    socket.on("data", (bytes) => parser.parse(bytes));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (this.#connected) this.#lostAt = performance.now();
      else this.failures++;
      this.#connected = false;
      // As every device should: not all at the same moment.
      if (!this.#left) setTimeout(() => this.#connect(), 50 + Math.random() * 450);
    });
    this.#send({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clientId: this.clientId,
      clean: this.options.clean,
      keepalive: 60,
    });
  }

  #handle(packet: mqtt.Packet, socket: Socket): void {
    if (packet.cmd === "connack") {
      this.sessionsPresent.push(packet.sessionPresent);
      this.#send({
        cmd: "subscribe",
        messageId: 65535,
        subscriptions: [{ topic: `to/${this.clientId}`, qos: 1 }],
      } as mqtt.ISubscribePacket);
    } else if (packet.cmd === "suback") {
      this.#connected = true;
      if (this.#lostAt !== undefined) this.absences.push(performance.now() - this.#lostAt);
      for (const publication of this.unacknowledged.values()) {
        this.repeated++;
        this.#send({ ...publication, dup: true });
      }
      for (const done of this.#whenConnected.splice(0)) done();
    } else if (packet.cmd === "puback") {
      this.unacknowledged.delete(packet.messageId!);
    } else if (packet.cmd === "publish") {
      if (packet.dup) this.repeated++;
      this.received.push(packet.payload.toString());
      // What is acknowledged late is in flight meanwhile.
      setTimeout(() => {
        if (this.#socket === socket && !socket.destroyed)
          socket.write(mqtt.generate({ cmd: "puback", messageId: packet.messageId! } as mqtt.IPubackPacket));
      }, this.options.acknowledgeAfter);
    }
  }
}
