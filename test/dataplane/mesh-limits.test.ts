import type { MeshPod } from "./mesh-pod";
import { describeInNamespaces, grpc, http, startServerAndClient, title, World } from "./mesh-world";

const host = "orders.shop.svc";
const kibibyte = 1024;

describeInNamespaces(title("Limits of sidecars"), () => {
  let world: World;
  let client: MeshPod;
  beforeAll(async () => {
    world = new World();
    ({ client } = await startServerAndClient(world, host));
  });
  afterAll(() => world?.remove());

  test("a request header of 60 KiB passes, as one line and as many", () => {
    const lines = Object.fromEntries(
      Array.from({ length: 59 }, (_, index) => [`x-${index}`, "v".repeat(kibibyte - 8)]),
    );
    const one = { "x-large": "v".repeat(59 * kibibyte) };
    const results = client.ask([
      http(host, 8080, { headers: one }),
      http(host, 8080, { headers: lines }),
      http(host, 8081, { headers: one }),
    ]);
    expect(results.map((result) => result.status)).toEqual([200, 200, 200]);
    expect(JSON.parse(results[0]!.body!).headers).toMatchObject(one);
    expect(JSON.parse(results[1]!.body!).headers).toMatchObject(lines);
  });

  test("a URL of 59 KiB passes, and one of 70 KiB gets 414", () => {
    const path = (kibibytes: number) => `/${"u".repeat(kibibytes * kibibyte)}`;
    const results = client.ask([http(host, 8080, { path: path(59) }), http(host, 8080, { path: path(70) })]);
    expect(results.map((result) => result.status)).toEqual([200, 414]);
    expect(JSON.parse(results[0]!.body!).url).toBe(path(59));
  });

  test("a response header of 60 KiB passes, and one of 70 KiB becomes 502", () => {
    const [large, small] = client.ask([60, 70].map((size) => http(host, 8080, { path: `/header?${size * kibibyte}` })));
    expect(large).toMatchObject({ status: 200, large: 60 * kibibyte });
    expect(small!.status).toBe(502);
  });

  test("header names with dots and underscores pass, and a name with a space or a control character does not", () => {
    const headers = { "x.dot": "1", x_underscore: "2", "x-dash": "3" };
    const [seen] = client.ask([http(host, 8080, { headers })]);
    expect(JSON.parse(seen!.body!).headers).toMatchObject(headers);
    const raw = (line: string) => `GET / HTTP/1.1\r\nHost: ${host}:8080\r\n${line}\r\nConnection: close\r\n\r\n`;
    const answer = (line: string) =>
      /^HTTP\/1\.1 (\d+)/.exec(client.ask([{ protocol: "tcp", host, port: 8080, say: raw(line) }])[0]!.received!)?.[1];
    expect(answer("x.dot: 1")).toBe("200");
    for (const line of ["Content-Length : 4", "Transfer-Encoding\u000b: chunked", " folded: 1"])
      expect([line, answer(line)]).toEqual([line, "400"]);
    expect(answer("Content-Length: 0\r\nTransfer-Encoding: chunked")).toBe("400");
  });

  test("gRPC metadata of 60 KiB, with dots and binary values, pass in both directions, as trailers too", () => {
    const metadata = {
      "large-line": "v".repeat(40 * kibibyte),
      ...Object.fromEntries(Array.from({ length: 18 }, (_, index) => [`line-${index}`, "w".repeat(kibibyte)])),
      "io.opentelemetry.trace_state": "dots",
    };
    expect(client.ask([grpc(host, 9090, { metadata })])).toEqual([
      { code: 0, body: "orders hello", first: true, last: true },
    ]);
  });

  test("1,500 connections that switched protocols are open at once", async () => {
    const stop = await client.open(1500, http(host, 8080));
    const [meanwhile] = client.ask([http(host, 8080)]);
    expect(await stop()).toEqual({ 101: 1500 });
    expect(meanwhile!.status).toBe(200);
  });
});
