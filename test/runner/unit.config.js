const config = require("../../jest.config");

/**
 * The fast loop: ring 1 without what looks at every example or every component at once, the thousands of inputs of the
 * njs readers, and programs in processes of their own.
 */
module.exports = {
  ...config,
  rootDir: "../..",
  roots: ["<rootDir>/test/components", "<rootDir>/test/engine"],
  testPathIgnorePatterns: [
    "/test/components/argument-mutations.test.ts$",
    "/test/components/examples.test.ts$",
    "/test/components/options.test.ts$",
    "/test/components/platform.test.ts$",
    "/test/components/resolved-once.test.ts$",
    "/test/components/schema(-path)?.test.ts$",
    "/test/components/mqtt/certificate.test.ts$",
    "/test/components/mqtt/connect-fuzz.test.ts$",
    "/test/engine/apply-interrupted.test.ts$",
    "/test/engine/program.test.ts$",
    "/test/engine/stack-references.test.ts$",
  ],
};
