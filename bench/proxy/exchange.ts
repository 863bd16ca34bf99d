import { createHash } from "node:crypto";
import { chunkLength, encodeChunk, payloads, publishParts, type QualityOfService } from "./messages";
import { MqttConnection, PacketType } from "./mqtt-connection";
import type { Path } from "./paths";

let sessions = 0;

/** Sends chunks of messages from one client to another over a path, and resolves when all have arrived. */
export class Exchange {
  private constructor(
    private readonly publisher: MqttConnection,
    private readonly subscriber: MqttConnection,
    private readonly topic: string,
    private readonly qos: QualityOfService,
  ) {}

  static async open(path: Path, qos: QualityOfService): Promise<Exchange> {
    const topic = `bench/${++sessions}`;
    const subscriber = await MqttConnection.open(path, `bench-reader-${sessions}`);
    const publisher = await MqttConnection.open(path, `bench-writer-${sessions}`);
    await subscriber.subscribe(topic, qos);
    return new Exchange(publisher, subscriber, topic, qos);
  }

  /** The same chunk again and again. Quality of service 1 is a closed loop: a chunk is sent when the one before is acknowledged. */
  send(chunks: number, bytes: number): Promise<void> {
    const chunk = encodeChunk(this.topic, this.qos, payloads(bytes));
    return this.transfer(chunks, () => chunk);
  }

  /** Other payloads in each chunk; fails unless each arrives once, in order and unchanged. */
  async verify(chunks: number, bytes: number): Promise<void> {
    const sent = createHash("sha256");
    const received = createHash("sha256");
    const next = (chunk: number) => {
      const contents = payloads(bytes, chunk);
      for (const payload of contents) sent.update(payload);
      return encodeChunk(this.topic, this.qos, contents);
    };
    await this.transfer(chunks, next, (payload) => received.update(payload));
    if (sent.digest("hex") !== received.digest("hex"))
      throw new Error(`messages of quality of service ${this.qos} were lost, changed or out of order`);
  }

  async close(): Promise<void> {
    await Promise.all([this.publisher.close(), this.subscriber.close()]);
  }

  private async transfer(
    chunks: number,
    next: (chunk: number) => Buffer,
    onPayload?: (payload: Buffer) => void,
  ): Promise<void> {
    const { publisher, subscriber } = this;
    const expected = chunks * chunkLength;
    let arrived = 0;
    const complete = subscriber.until<void>((done) => {
      subscriber.onPacket = (bytes, start, end) => {
        if (bytes[start]! >> 4 !== PacketType.publish) return;
        const { acknowledgement, payload } = publishParts(bytes, start);
        if (acknowledgement.length > 0) corked(subscriber, acknowledgement);
        onPayload?.(bytes.subarray(payload, end));
        if (++arrived === expected) done();
        if (arrived > expected) subscriber.socket.destroy(new Error("a message arrived twice"));
      };
    });
    await Promise.all([complete, this.publish(publisher, chunks, next)]);
  }

  private async publish(publisher: MqttConnection, chunks: number, next: (chunk: number) => Buffer): Promise<void> {
    for (let chunk = 0; chunk < chunks; chunk++) {
      if (this.qos === 0) {
        await publisher.write(next(chunk));
        continue;
      }
      let acknowledged = 0;
      await publisher.until<void>((done) => {
        publisher.onPacket = (bytes, start) => {
          if (bytes[start]! >> 4 === PacketType.puback && ++acknowledged === chunkLength) done();
        };
        publisher.socket.write(next(chunk));
      });
    }
  }
}

/** All acknowledgements of one read go out in one write. */
function corked({ socket }: MqttConnection, bytes: Buffer): void {
  if (socket.writableCorked === 0) {
    socket.cork();
    process.nextTick(() => socket.uncork());
  }
  socket.write(bytes);
}
