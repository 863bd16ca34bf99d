import fc from "fast-check";
import { sha512Crypt } from "../../../components/manager/instance-manager/sha512-crypt";
import { missingPrograms } from "../../../loopback/missing";
import { OpenSsl } from "../../dataplane/openssl";

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

// From "Unix crypt using SHA-256 and SHA-512": the first, and the one with a salt of 16 characters, whose rounds=5000 is the default.
test.each([
  [
    "Hello world!",
    "saltstring",
    "svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
  ],
  [
    "This is just a test",
    "toolongsaltstrin",
    "lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0",
  ],
])("the specification's own vector: %s", (password, salt, hash) => {
  expect(sha512Crypt(password, salt)).toBe(`$6$${salt}$${hash}`);
});

const missing = missingPrograms("openssl");
(missing ? test.skip : test)(`any password is hashed as openssl does${missing ? ` (${missing})` : ""}`, () => {
  // What a command line cannot carry is no password.
  const password = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }).filter((text) => !/[\0\n]/.test(text));
  const salt = fc.stringMatching(/^[./0-9A-Za-z]{1,16}$/);
  fc.assert(
    fc.property(password, salt, (text, random) => {
      const theirs = openssl.run(["passwd", "-6", "-salt", random, "--", text]).trim();
      expect(sha512Crypt(text, random)).toBe(theirs);
    }),
    {
      numRuns: 40,
      examples: [
        ["a", "."],
        ["x".repeat(64), "/".repeat(16)],
        ["€".repeat(43), "salt"],
      ],
    },
  );
});
