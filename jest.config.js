/** Real parts take time: the bound of one test is generous, the budget of a ring is not. */
module.exports = {
  testEnvironment: "<rootDir>/test/runner/environment.js",
  runtime: "<rootDir>/test/runner/runtime.js",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  setupFiles: ["<rootDir>/test/runner/property-seed.js"],
  setupFilesAfterEnv: ["<rootDir>/test/runner/wire-nginx.ts", "<rootDir>/test/runner/faults-clock.ts"],
  // Much of a test is waiting for something real: one process a core, where Jest would leave a core free.
  maxWorkers: "100%",
  testSequencer: "<rootDir>/test/runner/longest-first.js",
  // The limit only ends a test that hangs. On a busy machine, programs take minutes to start.
  testTimeout: 300_000,
  reporters: ["default", "<rootDir>/test/runner/summary-reporter.js"],
};
