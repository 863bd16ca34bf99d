const vm = require("node:vm");
const { ModuleMocker } = require("jest-mock");
const debuggable = require("@pulumi/pulumi/runtime/debuggable");

/** Stands for this realm where Jest wants a context of its own. */
const context = vm.createContext();
const { compileFunction } = vm;
vm.compileFunction = (source, names, options) =>
  compileFunction(
    source,
    names,
    options?.parsingContext === context ? { ...options, parsingContext: undefined } : options,
  );

// The SDK notes the stack of each promise for its report of leaked promises at the process's exit. Jest looks up every
// frame in its source maps, and ends with an error where a program that was made to fail leaves promises.
debuggable.debuggablePromise = (promise) => promise;

/**
 * Runs the test files of one process in its own realm, where they share modules (see runtime.js). Variables of the
 * environment, the console and `process.exit` are put back after each file.
 */
module.exports = class SharedRealm {
  constructor() {
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.saved = { env: { ...process.env }, exit: process.exit, console: globalThis.console };
  }

  exportConditions() {
    return ["node", "node-addons"];
  }

  getVmContext() {
    return context;
  }

  async setup() {}

  async teardown() {
    const { env, exit, console } = this.saved;
    this.moduleMocker.restoreAllMocks();
    process.exit = exit;
    globalThis.console = console;
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
  }
};
