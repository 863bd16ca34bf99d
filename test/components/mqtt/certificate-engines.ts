import { readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import { newQuickJSWASMModuleFromVariant, type QuickJSSyncVariant } from "quickjs-emscripten-core";

/** What certificate.njs gives to the three variables. */
export interface Names {
  dnsName: string;
  uri: string;
  emailAddress: string;
  /** Whether it warned that the certificate cannot be read. */
  warned: boolean;
}

/** Reads many certificates in PEM: what crosses into an engine and back costs more than a certificate. */
export type Reader = (certificates: (string | undefined)[]) => Names[];

// The session that NGINX gives to js_set, in the oldest dialect. A warning is no answer, and has nothing of the certificate in it.
const driver = `
function read(pem) {
  let warned = false;
  const warn = (text) => {
    if (!/^[a-zA-Z0-9:, ]+$/.test(text)) throw new Error(text);
    warned = true;
  };
  const s = { variables: { ssl_client_raw_cert: pem }, warn };
  return { dnsName: program.dnsName(s), uri: program.uri(s), emailAddress: program.emailAddress(s), warned };
}`;

const program = readFileSync(join(__dirname, "../../../components/mqtt/certificate.njs"), "utf8").replace(
  "export default",
  "const program =",
);

/**
 * Node's engine, for many cases.
 *
 * @param change makes the program wrong, to see that a test finds it
 */
export function nodeEngine(change: (program: string) => string = (text) => text): Reader {
  const read = vm.runInNewContext(`${change(program)}\n${driver}\nread`, { Buffer }) as (pem?: string) => Names;
  return (certificates) => certificates.map((pem) => ({ ...read(pem) }));
}

// The package loads its parts by import(), which jest's module registry does not have.
const quickJs: QuickJSSyncVariant = {
  type: "sync",
  importFFI: async () => require("@jitl/quickjs-wasmfile-release-sync/ffi").QuickJSFFI,
  importModuleLoader: async () => require("@jitl/quickjs-wasmfile-release-sync/emscripten-module"),
};

/** QuickJS, the engine behind `js_engine qjs`, with the Buffer that stands in for NGINX's. */
export async function quickJsEngine(): Promise<Reader> {
  const context = (await newQuickJSWASMModuleFromVariant(quickJs)).newContext();
  const evaluate = (code: string) => {
    const value = context.unwrapResult(context.evalCode(code));
    const text = context.typeof(value) === "string" ? context.getString(value) : "";
    value.dispose();
    return text;
  };
  evaluate(readFileSync(join(__dirname, "quickjs-buffer.js"), "utf8"));
  evaluate(`${program}\n${driver}`);
  return (certificates) =>
    JSON.parse(evaluate(`JSON.stringify(${JSON.stringify(certificates.map((pem) => pem ?? ""))}.map(read))`));
}
