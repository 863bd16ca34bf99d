// The SDK loads the compiler to write functions down, which no program of ours asks of it.
module.exports = new Proxy({}, { get: (_, name) => require("typescript")[name] });
