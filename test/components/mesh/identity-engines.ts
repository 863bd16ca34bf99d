import { readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import { newQuickJSWASMModuleFromVariant, type QuickJSSyncVariant } from "quickjs-emscripten-core";

/** What identity.njs says of a client's certificate in PEM. */
export type Reader = (pem: string | undefined) => string;

const program = readFileSync(join(__dirname, "../../../components/mesh/sidecar/identity.njs"), "utf8").replace(
  "export default",
  "const program =",
);

// The session that NGINX gives to js_set; a warning is no answer.
const script = `${program}
function read(pem) { return program.peer({ variables: { ssl_client_raw_cert: pem }, warn: () => undefined }); }
`;

/** Node's engine: for many cases. */
export function nodeEngine(): Reader {
  return vm.runInNewContext(`${script}read`, { Buffer }) as Reader;
}

// The package loads its parts by import(), which jest's module registry does not have.
const quickJs: QuickJSSyncVariant = {
  type: "sync",
  importFFI: async () => require("@jitl/quickjs-wasmfile-release-sync/ffi").QuickJSFFI,
  importModuleLoader: async () => require("@jitl/quickjs-wasmfile-release-sync/emscripten-module"),
};

/** QuickJS, the engine behind `js_engine qjs`, with a Buffer that has no more than the program needs. */
export async function quickJsEngine(): Promise<Reader> {
  const context = (await newQuickJSWASMModuleFromVariant(quickJs)).newContext();
  const evaluate = (code: string) => {
    const value = context.unwrapResult(context.evalCode(code));
    const text = context.typeof(value) === "string" ? context.getString(value) : "";
    value.dispose();
    return text;
  };
  evaluate(readFileSync(join(__dirname, "../mqtt/quickjs-buffer.js"), "utf8"));
  // njs writes bytes in hex too, which the stand-in does not.
  evaluate(`{
    const former = Buffer.prototype.toString;
    Buffer.prototype.toString = function (encoding) {
      return encoding === "hex"
        ? Array.from(this, (octet) => octet.toString(16).padStart(2, "0")).join("")
        : former.call(this, encoding);
    };
  }`);
  evaluate(script);
  return (pem) => evaluate(`read(${JSON.stringify(pem)})`);
}
