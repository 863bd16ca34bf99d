// The SDK notes the stack of each promise that it makes, for a report of leaked ones. Jest looks up every frame in its
// source maps: without these stacks a test takes three quarters of the time.
const real = require("../../node_modules/@pulumi/pulumi/runtime/debuggable.js");

module.exports = {
  ...real,
  debuggablePromise(...args) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return real.debuggablePromise(...args);
    } finally {
      Error.stackTraceLimit = limit;
    }
  },
};
