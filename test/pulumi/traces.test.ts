import { tracesOf } from "./traces";

describe("the search for secrets", () => {
  const secret = 'p"ä/?>\\w0rd-p"ä/?>\\w0rd';

  test("finds each form, wherever the secret stands in a longer text", () => {
    const carried = {
      raw: `x${secret}y`,
      "JSON-escaped": JSON.stringify({ deep: JSON.stringify({ secret }) }),
      base64: Buffer.from(`password=${secret};`).toString("base64"),
      base64url: Buffer.from(`${secret}.`).toString("base64url"),
      hex: Buffer.from(`-${secret}`).toString("hex"),
    };
    for (const [form, text] of Object.entries(carried))
      expect(tracesOf({ planted: secret }, text)).toContain(`planted, ${form}`);
  });

  test("finds nothing where there is nothing", () => {
    expect(tracesOf({ planted: secret }, JSON.stringify({ ciphertext: "v1:abc", hash: "00ff" }))).toEqual([]);
  });
});
