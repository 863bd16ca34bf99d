import type { KubernetesObject } from "../../engine";

/**
 * Reads a CONNECT of MQTT 3.1.1 without a will, and refuses nothing: no control character, no NUL. NGINX Plus may be like that; its
 * documentation does not say. What keeps clients apart has to hold with it.
 */
const program = `
function read(bytes) {
  let at = 1;
  while (bytes[at++] > 127);
  const start = at;
  function field() {
    const end = at + 2 + bytes[at] * 256 + bytes[at + 1];
    const raw = bytes.slice(at + 2, end);
    at = end;
    return raw.toString('utf8');
  }
  at += 10;
  const clientId = field();
  const behind = at;
  const username = bytes[start + 7] & 0x80 ? field() : '';
  if (bytes[start + 7] & 0x40) field();
  return { start, clientId, behind, username, end: at };
}
function preread(s) {
  s.on('upstream', (bytes) => {
    if (bytes.length < 14) return;
    const connect = read(bytes);
    s.variables.mqtt_preread_clientid = connect.clientId;
    s.variables.mqtt_preread_username = connect.username;
    s.off('upstream');
    s.allow();
  });
}
function text(value) {
  const raw = Buffer.from(value);
  return Buffer.concat([Buffer.from([raw.length >> 8, raw.length & 255]), raw]);
}
function filter(s) {
  s.on('upstream', (bytes, flags) => {
    if (bytes.length < 14) return; // NGINX since 1.25.5 calls it first without the bytes that are still in the socket.
    const connect = read(bytes);
    const head = Buffer.concat([bytes.slice(connect.start, connect.start + 7), Buffer.from([bytes[connect.start + 7] | 0xc0])]);
    const credentials = [text(s.variables.mqtt_connect_username), text(s.variables.mqtt_connect_password)];
    const body = Buffer.concat([head, bytes.slice(connect.start + 8, connect.behind)].concat(credentials));
    const length = body.length < 128 ? [body.length] : [128 + (body.length % 128), body.length >> 7];
    s.off('upstream');
    s.send(Buffer.concat([Buffer.from([0x10].concat(length)), body, bytes.slice(connect.end)]), flags);
  });
}
export default { preread, filter };
`;

/** Puts that reader into rendered objects in place of the library's. */
export function withOpenReader(objects: KubernetesObject[]): KubernetesObject[] {
  let taken = 0;
  for (const { kind, data } of objects)
    if (kind === "ConfigMap")
      for (const key of Object.keys(data as Record<string, string>))
        if (key.endsWith("connect.njs")) {
          taken++;
          (data as Record<string, string>)[key] = program;
        }
  if (taken !== 1) throw new Error(`${taken} readers of CONNECT were rendered`);
  return objects;
}
