import vm from "node:vm";
import { njsProgram, quickJsEvaluator } from "../quickjs";

/** What identity.njs says of a client's certificate in PEM. */
export type Reader = (pem: string | undefined) => string;

const program = njsProgram("mesh/sidecar/identity.njs");

// The session that NGINX gives to js_set; a warning is no answer.
const script = `${program}
function read(pem) { return program.peer({ variables: { ssl_client_raw_cert: pem }, warn: () => undefined }); }
`;

/** Node's engine: for many cases. */
export function nodeEngine(): Reader {
  return vm.runInNewContext(`${script}read`, { Buffer }) as Reader;
}

/** QuickJS, the engine behind `js_engine qjs`, with a Buffer that has no more than the program needs. */
export async function quickJsEngine(): Promise<Reader> {
  // njs writes bytes in hex too, which the stand-in does not.
  const hex = `{
    const former = Buffer.prototype.toString;
    Buffer.prototype.toString = function (encoding) {
      return encoding === "hex"
        ? Array.from(this, (octet) => octet.toString(16).padStart(2, "0")).join("")
        : former.call(this, encoding);
    };
  }`;
  const evaluate = await quickJsEvaluator(hex, script);
  return (pem) => evaluate(`read(${JSON.stringify(pem)})`);
}
