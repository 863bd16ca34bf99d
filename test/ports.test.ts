import { createServer } from "node:net";
import { freePort } from "../loopback/ports";

const random = jest.spyOn(require("node:crypto") as { randomInt(from: number, to: number): number }, "randomInt");
afterAll(() => random.mockRestore());

describe("a free port", () => {
  test("is given once, although no program listens on it yet", async () => {
    const [one, other] = [await freePort(), await freePort()];
    random.mockReturnValueOnce(one).mockReturnValueOnce(other);
    expect([one, other]).not.toContain(await freePort());
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(one, "127.0.0.1", resolve));
    server.close();
  });

  test("is none that a program listens on", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    random.mockReturnValueOnce(port);
    expect(await freePort()).not.toBe(port);
    server.close();
  });
});
