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
  setupFiles: ["<rootDir>/test/property-seed.js"],
  testTimeout: 60_000,
  reporters: ["default", "<rootDir>/test/summary-reporter.js"],
};
