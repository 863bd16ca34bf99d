import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newQuickJSWASMModuleFromVariant, type QuickJSSyncVariant } from "quickjs-emscripten-core";

// The package loads its parts by import(), which jest's module registry does not have.
const quickJs: QuickJSSyncVariant = {
  type: "sync",
  importFFI: async () => require("@jitl/quickjs-wasmfile-release-sync/ffi").QuickJSFFI,
  importModuleLoader: async () => require("@jitl/quickjs-wasmfile-release-sync/emscripten-module"),
};

/**
 * QuickJS, the engine behind `js_engine qjs`, with the scripts run in it. NGINX brings Buffer to it; here a minimal one stands in.
 *
 * @returns evaluates code; gives its value where that is a string, "" otherwise
 */
export async function quickJsEvaluator(...scripts: string[]): Promise<(code: string) => string> {
  const context = (await newQuickJSWASMModuleFromVariant(quickJs)).newContext();
  const evaluate = (code: string) => {
    const value = context.unwrapResult(context.evalCode(code));
    const text = context.typeof(value) === "string" ? context.getString(value) : "";
    value.dispose();
    return text;
  };
  for (const script of [readFileSync(join(__dirname, "quickjs-buffer.js"), "utf8"), ...scripts]) evaluate(script);
  return evaluate;
}

/** An njs program by its path below components/, after the programs that stand before it, as a script that defines `program`. */
export const njsProgram = (...paths: string[]): string =>
  paths
    .map((path) => readFileSync(join(__dirname, "../../components", path), "utf8"))
    .join("\n")
    .replace("export default", "const program =");

/** The functions that read certificates, by their path below components/. */
export const certificateReader = "nginx/njs/certificate-reader.njs";
