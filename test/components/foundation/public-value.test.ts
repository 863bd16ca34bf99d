import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { publicValue } from "../../../components/foundation";
import { record, reveal } from "../../../engine";

const refuse = () => {
  throw new Error("holds a secret");
};

test("a plain value and a public Output pass", async () => {
  expect(publicValue("text", refuse)).toBe("text");
  const { outputs } = await record(() => ({ text: publicValue(pulumi.output("text"), refuse) }));
  expect(reveal(outputs.text!)).toBe("text");
});

test("a secret Output is refused, also in a preview that does not know it", async () => {
  await expect(record(() => ({ text: publicValue(pulumi.secret("text"), refuse) }))).rejects.toThrow("holds a secret");
  const program = () => {
    const { hex } = new random.RandomId("id", { byteLength: 4 });
    return { text: publicValue(pulumi.secret(hex), refuse) };
  };
  await expect(record(program, { preview: true })).rejects.toThrow("holds a secret");
});
