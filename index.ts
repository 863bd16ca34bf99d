/// <reference types="node" />
import * as components from "./components";

export * from "./components";

// Pulumi runs this folder as a plugin for programs in other languages. No other program loads what serves it.
if (require.main?.filename.includes("run-plugin")) {
  const { servePlugin }: typeof import("./plugin") = require("./plugin");
  void servePlugin(components);
}
