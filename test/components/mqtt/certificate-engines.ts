import vm from "node:vm";
import { certificateReader, njsProgram, quickJsEvaluator } from "../quickjs";

/** Values of the three variables that certificate.njs sets. */
export interface Names {
  dnsName: string;
  uri: string;
  emailAddress: string;
  /** `true`: the program warned that it cannot read the certificate. */
  warned: boolean;
}

/** Reads many certificates in PEM at once, because a call into an engine costs more than a certificate. */
export type Reader = (certificates: (string | undefined)[]) => Names[];

// The session that NGINX gives to js_set, in the oldest dialect. A warning must not contain text of the certificate.
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

const program = njsProgram(certificateReader, "mqtt/certificate.njs");

/**
 * Node's engine, for many cases.
 *
 * @param change makes the program wrong, to see that a test finds it
 */
export function nodeEngine(change: (program: string) => string = (text) => text): Reader {
  const read = vm.runInNewContext(`${change(program)}\n${driver}\nread`, { Buffer }) as (pem?: string) => Names;
  return (certificates) => certificates.map((pem) => ({ ...read(pem) }));
}

/** QuickJS, the engine behind `js_engine qjs`, with the Buffer that stands in for NGINX's. */
export async function quickJsEngine(): Promise<Reader> {
  const evaluate = await quickJsEvaluator(`${program}\n${driver}`);
  return (certificates) =>
    JSON.parse(evaluate(`JSON.stringify(${JSON.stringify(certificates.map((pem) => pem ?? ""))}.map(read))`));
}
