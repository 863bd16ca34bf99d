// Reads an MQTT CONNECT packet and puts credentials into it, in open-source NGINX.
// It runs on the njs engine and on QuickJS, where contexts are pooled between sessions: no state outside the session's own callbacks.

const CONNECT = 0x10;
const USERNAME = 0x80;
const PASSWORD = 0x40;
const WILL_RETAIN = 0x20;
const WILL_QOS = 0x18;
const WILL = 0x04;
const RESERVED = 0x01;

// MQTT 5.0, 2.2.2.2: the properties that a CONNECT may have, and its will, by the kind of their value.
const CONNECT_PROPERTIES = {
  0x11: 'uint32', 0x15: 'text', 0x16: 'binary', 0x17: 'flag', 0x19: 'flag', 0x21: 'uint16', 0x22: 'uint16', 0x26: 'pair', 0x27: 'uint32',
};
const WILL_PROPERTIES = { 0x01: 'flag', 0x02: 'uint32', 0x03: 'text', 0x08: 'text', 0x09: 'binary', 0x18: 'uint32', 0x26: 'pair' };
// Receive maximum and maximum packet size are never 0; authentication data (0x16) comes with its method (0x15).
const NEVER_ZERO = { 0x21: true, 0x27: true };

// A reader over bytes[position, end): each read moves on, and a read past the end throws.
function reader(bytes, position, end) {
  function take(length) {
    const start = position;
    if (start + length > end) {
      throw new Error('a field is longer than its packet');
    }
    position = start + length;
    return start;
  }
  function byte() {
    return bytes[take(1)];
  }
  function uint16() {
    const start = take(2);
    return bytes[start] * 256 + bytes[start + 1];
  }
  // MQTT 5.0, 1.5.5: seven bits a byte, at most four bytes, in the shortest form.
  function variableInteger() {
    let value = 0;
    for (let shift = 0; shift < 4; shift++) {
      const octet = byte();
      value += (octet & 0x7f) * Math.pow(128, shift);
      if (octet < 0x80) {
        if (octet === 0 && shift > 0) {
          throw new Error('a length is not in its shortest form');
        }
        return value;
      }
    }
    throw new Error('a length has more than four bytes');
  }
  function binary() {
    const length = uint16();
    const start = take(length);
    return bytes.slice(start, start + length);
  }
  function utf8() {
    const raw = binary();
    const again = Buffer.from(raw.toString('utf8'));
    if (again.length !== raw.length || !again.equals(raw) || raw.indexOf(0) >= 0) {
      throw new Error('a string is not UTF-8');
    }
    return raw;
  }
  // Control characters are refused too: no broker has a use for them, and logs and maps have a harm.
  function text() {
    const raw = utf8();
    for (let i = 0; i < raw.length; i++) {
      if (raw[i] < 0x20 || raw[i] === 0x7f) {
        throw new Error('a string has a control character');
      }
    }
    return raw.toString('utf8');
  }
  return { take, byte, uint16, variableInteger, binary, utf8, text, at: () => position };
}

// The length of the packet with its fixed header; undefined while the header itself is not complete.
function packetLength(bytes) {
  if (bytes.length > 0 && bytes[0] !== CONNECT) {
    throw new Error('the first packet is not a CONNECT');
  }
  const header = Math.min(bytes.length, 5);
  for (let i = 1; i < header; i++) {
    if (bytes[i] < 0x80) {
      const lengths = reader(bytes, 1, header);
      const remaining = lengths.variableInteger();
      return { start: lengths.at(), end: lengths.at() + remaining };
    }
  }
  if (header === 5) {
    throw new Error('a length has more than four bytes');
  }
  return undefined;
}

// Throws on properties that a broker would refuse: unknown ones, doubled ones, values that do not end where they should.
function checkProperties(fields, end, known) {
  const seen = {};
  while (fields.at() < end) {
    const id = fields.byte();
    const kind = known[id];
    if (kind === undefined || (seen[id] && kind !== 'pair')) {
      throw new Error('a property is unknown or comes twice');
    }
    seen[id] = true;
    let value = 1;
    if (kind === 'flag') {
      value = fields.byte();
    } else if (kind === 'uint16') {
      value = fields.uint16();
    } else if (kind === 'uint32') {
      value = fields.uint16() + fields.uint16();
    } else if (kind === 'binary') {
      fields.binary();
    } else {
      fields.utf8();
      if (kind === 'pair') {
        fields.utf8();
      }
    }
    if ((kind === 'flag' && value > 1) || (value === 0 && NEVER_ZERO[id])) {
      throw new Error('a property has a value that it cannot have');
    }
  }
  if (seen[0x16] && !seen[0x15]) {
    throw new Error('authentication data comes without its method');
  }
}

// The parts of a complete CONNECT; undefined when more bytes are needed; throws on what is not MQTT 3.1.1 or 5.0.
function parse(bytes) {
  const packet = packetLength(bytes);
  if (packet === undefined || bytes.length < packet.end) {
    return undefined;
  }
  const fields = reader(bytes, packet.start, packet.end);
  if (fields.binary().toString('utf8') !== 'MQTT') {
    throw new Error('the protocol name is not MQTT');
  }
  const level = fields.byte();
  if (level !== 4 && level !== 5) {
    throw new Error('the protocol level is neither 4 (3.1.1) nor 5 (5.0)');
  }
  const flagsAt = fields.at();
  const flags = fields.byte();
  const will = (flags & WILL) !== 0;
  if (flags & RESERVED) {
    throw new Error('the reserved flag is set');
  }
  if ((flags & WILL_QOS) === WILL_QOS || (!will && flags & (WILL_QOS | WILL_RETAIN))) {
    throw new Error('the will flags contradict each other');
  }
  if (level === 4 && flags & PASSWORD && !(flags & USERNAME)) {
    throw new Error('a password comes without a user name');
  }
  fields.uint16(); // keep alive
  function properties(known) {
    if (level === 5) {
      const length = fields.variableInteger();
      const start = fields.take(length);
      checkProperties(reader(bytes, start, start + length), start + length, known);
    }
  }
  properties(CONNECT_PROPERTIES);
  const clientId = fields.text();
  if (will) {
    properties(WILL_PROPERTIES);
    if (fields.text() === '') {
      throw new Error('the will has no topic');
    }
    fields.binary();
  }
  const credentialsAt = fields.at();
  const username = flags & USERNAME ? fields.text() : '';
  if (flags & PASSWORD) {
    fields.binary();
  }
  if (fields.at() !== packet.end) {
    throw new Error('the packet is longer than its fields');
  }
  return { clientId, username, flags, flagsAt, credentialsAt, start: packet.start, end: packet.end };
}

function encodedLength(value) {
  const octets = [];
  do {
    const octet = value % 128;
    value = (value - octet) / 128;
    octets.push(value > 0 ? octet + 128 : octet);
  } while (value > 0);
  return Buffer.from(octets);
}

function field(value) {
  const raw = Buffer.from(value);
  if (raw.length === 0 || raw.length > 65535) {
    throw new Error('the configured credentials are empty or too long');
  }
  return Buffer.concat([Buffer.from([raw.length >> 8, raw.length & 0xff]), raw]);
}

// The same CONNECT with these credentials in place of its own, and all bytes after it as they were.
function withCredentials(bytes, connect, username, password) {
  const body = Buffer.concat([
    bytes.slice(connect.start, connect.flagsAt),
    Buffer.from([connect.flags | USERNAME | PASSWORD]),
    bytes.slice(connect.flagsAt + 1, connect.credentialsAt),
    field(username),
    field(password),
  ]);
  return Buffer.concat([Buffer.from([CONNECT]), encodedLength(body.length), body, bytes.slice(connect.end)]);
}

// js_preread: waits for the whole CONNECT, fills the variables that routes and logs read, refuses what is not one.
function preread(s) {
  s.on('upstream', (bytes, flags) => {
    let connect;
    try {
      connect = parse(bytes);
    } catch (error) {
      s.warn('MQTT CONNECT refused: ' + error.message);
      s.off('upstream');
      s.deny();
      return;
    }
    if (connect === undefined) {
      if (flags.last) {
        s.off('upstream');
        s.deny();
      }
      return;
    }
    s.variables.mqtt_preread_clientid = connect.clientId;
    s.variables.mqtt_preread_username = connect.username;
    s.off('upstream');
    s.allow();
  });
}

// js_filter: sends the CONNECT on with the configured credentials; everything after it passes untouched.
function filter(s) {
  let held = Buffer.from('');
  s.on('upstream', (bytes, flags) => {
    held = Buffer.concat([held, bytes]);
    const connect = parse(held);
    if (connect === undefined) {
      return;
    }
    s.off('upstream');
    s.send(withCredentials(held, connect, s.variables.mqtt_connect_username, s.variables.mqtt_connect_password), flags);
  });
}

export default { parse, withCredentials, preread, filter };
