import vm from "node:vm";
import { certificateReader, njsProgram, quickJsEvaluator } from "../quickjs";

/** What identity.njs says of a client's certificate in PEM. */
export type Reader = (pem: string | undefined) => string;

const program = njsProgram(certificateReader, "mesh/sidecar/identity.njs");

// The session that NGINX gives to js_set; a warning is no answer.
const script = `${program}
function read(pem) { return program.peer({ variables: { ssl_client_raw_cert: pem }, warn: () => undefined }); }
`;

/**
 * Node's engine: for many cases.
 *
 * @param change takes a rule out of the program
 */
export function nodeEngine(change: (program: string) => string = (text) => text): Reader {
  return vm.runInNewContext(`${change(script)}read`, { Buffer }) as Reader;
}

/** QuickJS, the engine behind `js_engine qjs`, with a Buffer that has no more than the program needs. */
export async function quickJsEngine(): Promise<Reader> {
  const evaluate = await quickJsEvaluator(script);
  return (pem) => evaluate(`read(${JSON.stringify(pem)})`);
}
