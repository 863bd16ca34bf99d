const { createRequire, isBuiltin } = require("node:module");
const { join, sep } = require("node:path");
const Runtime = require("jest-runtime").default;
const SharedRealm = require("./environment");

const tests = join(__dirname, "..") + sep;
/** Source map of each shared TypeScript file: the runtime of a later test file has not transformed it itself. */
const sourceMaps = new Map();
let current;

require.extensions[".ts"] = (module, file) => {
  module._compile(current.transformCache.transform(file), file);
  sourceMaps.set(file, current.getSourceMaps().get(file));
};

/**
 * Loads packages and the library once for all test files of a process, by Node's own `require`; files below test/ are
 * loaded anew for each test file. Jest would load all of it for each file, which takes longer than most tests. A file
 * that mocks modules is run by Jest alone: it names `@jest-environment node`.
 */
module.exports = class SharedModulesRuntime extends Runtime {
  constructor(config, environment, ...rest) {
    super(config, environment, ...rest);
    this.shares = environment instanceof SharedRealm;
    if (!this.shares) return;
    current = this;
    for (const [file, map] of sourceMaps) this.getSourceMaps().set(file, map);
  }

  requireModuleOrMock(from, name) {
    if (!this.shares || isBuiltin(name) || name.startsWith("@jest/")) return super.requireModuleOrMock(from, name);
    const file = createRequire(from).resolve(name);
    return file.startsWith(tests) ? super.requireModuleOrMock(from, name) : require(file);
  }
};
