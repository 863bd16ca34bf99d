import vm from "node:vm";
import { njsProgram, quickJsEvaluator } from "../quickjs";

/** Result of a session of connect.njs. */
export interface SessionResult {
  decision: "allow" | "deny" | "wait";
  clientId?: string;
  username?: string;
  /** The bytes that were sent to the broker, joined; empty while the filter waits. */
  sent: string;
  /** Message of the error that the filter threw. */
  error?: string;
}

// The session that NGINX gives to js_preread and then to js_filter, written in the oldest dialect: it runs inside each engine.
const driver = `
function drive(program, chunks, credentials, cut) {
  const result = { decision: 'wait', sent: '' };
  const variables = { mqtt_connect_username: credentials.username, mqtt_connect_password: credentials.password };
  let callback;
  const out = [];
  const s = {
    variables,
    on: (_, f) => { callback = f; },
    off: () => { callback = undefined; },
    allow: () => { result.decision = 'allow'; },
    deny: () => { result.decision = 'deny'; },
    warn: () => {},
    send: (bytes) => { out.push(Buffer.from(bytes)); },
  };
  program.preread(s);
  let seen = Buffer.from('');
  let index = 0;
  for (; index < chunks.length && callback; index++) {
    seen = Buffer.concat([seen, Buffer.from(chunks[index], 'base64')]);
    callback(seen, { last: index === chunks.length - 1 });
  }
  result.clientId = variables.mqtt_preread_clientid;
  result.username = variables.mqtt_preread_username;
  if (result.decision !== 'allow') return result;
  program.filter(s);
  try {
    const first = cut === undefined ? [seen] : [seen.slice(0, cut), seen.slice(cut)];
    const rest = first.concat(chunks.slice(index).map((chunk) => Buffer.from(chunk, 'base64')));
    for (const part of rest) {
      const bytes = Buffer.from(part);
      if (callback) callback(bytes, { last: false });
      else out.push(Buffer.from(bytes));
      // NGINX reuses the memory.
      bytes.fill(0);
    }
  } catch (error) {
    result.error = error.message;
  }
  result.sent = Buffer.concat(out).toString('base64');
  return result;
}`;

const program = njsProgram("mqtt/connect.njs");

/** @param cut where the bytes that js_preread had are cut in two for js_filter */
export type Case = [chunks: Buffer[], credentials?: { username: string; password: string }, cut?: number];
export type Session = (...args: Case) => SessionResult;

const ours = { username: "mqttuser", password: "a word" };
const script = `${program}\n${driver}\n`;

/**
 * Node's engine, the fastest of the three: for many cases.
 *
 * @param change makes the program wrong, to see that a test finds it
 */
export function nodeEngine(change: (program: string) => string = (text) => text): Session {
  const drive = vm.runInNewContext(
    `${change(program)}\n${driver}\n((...args) => JSON.stringify(drive(program, ...args)))`,
    { Buffer },
  ) as (chunks: string[], credentials: object, cut?: number) => string;
  return (chunks, credentials = ours, cut) =>
    JSON.parse(
      drive(
        chunks.map((chunk) => chunk.toString("base64")),
        credentials,
        cut,
      ),
    );
}

/** QuickJS, the engine behind `js_engine qjs`. NGINX brings Buffer to it; here a minimal one stands in. */
export async function quickJsEngine(): Promise<Session> {
  const sessions = await quickJsSessions();
  return (...args) => sessions([args])[0]!;
}

/** Runs many separate sessions of QuickJS at once, because a call into the engine costs more than a session. */
export async function quickJsSessions(): Promise<(cases: Case[]) => SessionResult[]> {
  const evaluate = await quickJsEvaluator(script);
  return (cases) => {
    const all = JSON.stringify(
      cases.map(([chunks, credentials = ours, cut]) => [
        chunks.map((chunk) => chunk.toString("base64")),
        credentials,
        ...(cut === undefined ? [] : [cut]),
      ]),
    );
    return JSON.parse(evaluate(`JSON.stringify(${all}.map((args) => drive(program, ...args)))`));
  };
}
