/** Real parts take time: the bound of one test is generous, the budget of a ring is not. */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  moduleNameMapper: {
    "/typescript-shim$": "<rootDir>/test/sdk/typescript.js",
    "/debuggable$": "<rootDir>/test/sdk/debuggable.js",
    "^@npmcli/arborist$": "<rootDir>/test/sdk/arborist.js",
  },
  setupFiles: ["<rootDir>/test/property-seed.js"],
  setupFilesAfterEnv: ["<rootDir>/test/wire-nginx.ts"],
  // Much of a test is waiting for something real: one process a core, where Jest would leave a core free.
  maxWorkers: "100%",
  testSequencer: "<rootDir>/test/longest-first.js",
  // The limit only ends a test that hangs. On a busy machine, programs take minutes to start.
  testTimeout: 300_000,
  reporters: ["default", "<rootDir>/test/summary-reporter.js"],
};
