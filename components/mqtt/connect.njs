// Reads an MQTT CONNECT packet and puts credentials into it, in open-source NGINX.
// It runs on the njs engine and on QuickJS, where contexts are pooled between sessions: no state outside the session's own callbacks.
// njs runs the whole file anew for each session, and each call and each object costs: so tables are made when they are asked for, positions
// are numbers, and what routes do not need is skipped, not copied.

const CONNECT = 0x10;
const USERNAME = 0x80;
const PASSWORD = 0x40;
const WILL_RETAIN = 0x20;
const WILL_QOS = 0x18;
const WILL = 0x04;
const RESERVED = 0x01;
const BRIDGE = 0x84;

// MQTT 5.0, 2.2.2.2: the properties that a CONNECT may have, and its will, by the kind of their value.
function connectProperties() {
  return {
    0x11: 'uint32', 0x15: 'text', 0x16: 'binary', 0x17: 'flag', 0x19: 'flag', 0x21: 'uint16', 0x22: 'uint16', 0x26: 'pair', 0x27: 'uint32',
  };
}
function willProperties() {
  return { 0x01: 'flag', 0x02: 'uint32', 0x03: 'text', 0x08: 'text', 0x09: 'binary', 0x18: 'uint32', 0x26: 'pair' };
}
const AUTHENTICATION_METHOD = 0x15;
const AUTHENTICATION_DATA = 0x16;
const RECEIVE_MAXIMUM = 0x21;
const MAXIMUM_PACKET_SIZE = 0x27;

// The position, unless it is beyond the end or, for the bytes ended before it was known, no number.
function within(position, end) {
  if (!(position <= end)) {
    throw new Error('a field is longer than its packet');
  }
  return position;
}

function uint16(bytes, at) {
  return bytes[at] * 256 + bytes[at + 1];
}

// The position behind a field that begins with its length, of two bytes.
function behindField(bytes, at, end) {
  return within(at + 2 + uint16(bytes, at), end);
}

// MQTT 5.0, 1.5.5: seven bits a byte, at most four bytes, in the shortest form. Undefined when it has no end before that of the bytes.
function variableInteger(bytes, at, end) {
  let value = 0;
  for (let unit = 1; at < end; unit *= 128) {
    const octet = bytes[at++];
    value += (octet & 0x7f) * unit;
    if (octet < 0x80) {
      if (octet === 0 && unit > 1) {
        throw new Error('a length is not in its shortest form');
      }
      return value;
    }
    if (unit === 0x200000) {
      throw new Error('a length has more than four bytes');
    }
  }
  return undefined;
}

// How many bytes that takes.
function variableIntegerLength(value) {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4;
}

// Where the first property of a list is, and where the list ends.
function propertiesOf(bytes, at, end) {
  const length = variableInteger(bytes, at, end);
  const first = at + variableIntegerLength(length);
  return { first, end: within(first + length, end) };
}

// Where the fields of a complete CONNECT begin; undefined when more bytes are needed; throws where versions or lengths are wrong.
function layout(bytes) {
  if (bytes.length > 0 && bytes[0] !== CONNECT) {
    throw new Error('the first packet is not a CONNECT');
  }
  const length = variableInteger(bytes, 1, bytes.length);
  if (length === undefined) {
    return undefined;
  }
  const start = 1 + variableIntegerLength(length);
  const end = start + length;
  if (bytes.length < end) {
    return undefined;
  }
  if (uint16(bytes, start) !== 4 || bytes.toString('utf8', start + 2, start + 6) !== 'MQTT') {
    throw new Error('the protocol name is not MQTT');
  }
  // Bridges of mosquitto set the first bit at level 4, unless their broker answers that it does not know such clients.
  const level = bytes[start + 6] === BRIDGE ? 4 : bytes[start + 6];
  if (level !== 4 && level !== 5) {
    throw new Error('the protocol level is neither 4 (3.1.1) nor 5 (5.0)');
  }
  const flagsAt = start + 7;
  const flags = bytes[flagsAt];
  const properties = within(start + 10, end); // behind the keep alive
  const clientId = level === 5 ? propertiesOf(bytes, properties, end).end : properties;
  const will = behindField(bytes, clientId, end);
  let willTopic = will;
  let credentials = will;
  if (flags & WILL) {
    willTopic = level === 5 ? propertiesOf(bytes, will, end).end : will;
    credentials = behindField(bytes, behindField(bytes, willTopic, end), end);
  }
  let at = credentials;
  if (flags & USERNAME) {
    at = behindField(bytes, at, end);
  }
  if (flags & PASSWORD) {
    at = behindField(bytes, at, end);
  }
  if (at !== end) {
    throw new Error('the packet is longer than its fields');
  }
  return { start, level, flagsAt, flags, properties, clientId, will, willTopic, credentials, end };
}

// The string in a field; throws where it is not what MQTT calls UTF-8: without NUL, without halves of surrogate pairs.
function utf8(bytes, at) {
  const start = at + 2;
  const end = start + uint16(bytes, at);
  const value = bytes.toString('utf8', start, end);
  if (value.length === end - start && value.search(/[^\x01-\x7f]/) < 0) {
    return value; // all of it ASCII, a character for each byte: it cannot have been anything else
  }
  const raw = bytes.slice(start, end);
  if (!Buffer.from(value).equals(raw)) {
    throw new Error('a string is not UTF-8');
  }
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === 0 || (raw[i] === 0xed && raw[i + 1] > 0x9f)) {
      throw new Error('a string has a character that MQTT forbids');
    }
  }
  return value;
}

// Control characters are refused too: no broker has a use for them, and logs and maps have a harm.
function text(bytes, at) {
  const value = utf8(bytes, at);
  if (value.search(/[\x00-\x1f\x7f]/) >= 0) {
    throw new Error('a string has a control character');
  }
  return value;
}

// Throws on properties that a broker would refuse: unknown ones, doubled ones, values that do not end where they should.
function checkProperties(bytes, position, packetEnd, known) {
  const list = propertiesOf(bytes, position, packetEnd);
  const seen = {};
  let at = list.first;
  while (at < list.end) {
    const id = bytes[at++];
    const kind = known[id];
    if (kind === undefined || (seen[id] && kind !== 'pair')) {
      throw new Error('a property is unknown or comes twice');
    }
    seen[id] = true;
    let value = 1;
    if (kind === 'flag') {
      value = bytes[at];
      at = within(at + 1, list.end);
    } else if (kind === 'uint16') {
      value = uint16(bytes, at);
      at = within(at + 2, list.end);
    } else if (kind === 'uint32') {
      value = uint16(bytes, at) + uint16(bytes, at + 2);
      at = within(at + 4, list.end);
    } else {
      for (let fields = kind === 'pair' ? 2 : 1; fields > 0; fields--) {
        const next = behindField(bytes, at, list.end);
        if (kind !== 'binary') {
          utf8(bytes, at);
        }
        at = next;
      }
    }
    if ((kind === 'flag' && value > 1) || (value === 0 && (id === RECEIVE_MAXIMUM || id === MAXIMUM_PACKET_SIZE))) {
      throw new Error('a property has a value that it cannot have');
    }
  }
  if (seen[AUTHENTICATION_DATA] && !seen[AUTHENTICATION_METHOD]) {
    throw new Error('authentication data comes without its method');
  }
}

// What routes and logs need of a complete CONNECT; undefined when more bytes are needed; throws on what is not MQTT 3.1.1 or 5.0.
function parse(bytes) {
  const fields = layout(bytes);
  if (fields === undefined) {
    return undefined;
  }
  const flags = fields.flags;
  const will = (flags & WILL) !== 0;
  if (flags & RESERVED) {
    throw new Error('the reserved flag is set');
  }
  if ((flags & WILL_QOS) === WILL_QOS || (!will && flags & (WILL_QOS | WILL_RETAIN))) {
    throw new Error('the will flags contradict each other');
  }
  if (fields.level === 4 && flags & PASSWORD && !(flags & USERNAME)) {
    throw new Error('a password comes without a user name');
  }
  if (fields.level === 5) {
    checkProperties(bytes, fields.properties, fields.end, connectProperties());
    if (will) {
      checkProperties(bytes, fields.will, fields.end, willProperties());
    }
  }
  if (will && text(bytes, fields.willTopic) === '') {
    throw new Error('the will has no topic');
  }
  return { clientId: text(bytes, fields.clientId), username: flags & USERNAME ? text(bytes, fields.credentials) : '' };
}

function encoded(value) {
  const raw = Buffer.from(value);
  if (raw.length === 0 || raw.length > 65535) {
    throw new Error('the configured credentials are empty or too long');
  }
  return raw;
}

// Writes a field; returns the position behind it.
function writeField(packet, at, raw) {
  packet.writeUInt16BE(raw.length, at);
  return at + 2 + raw.copy(packet, at + 2);
}

// Writes a variable byte integer; returns the position behind it.
function writeVariableInteger(packet, at, value) {
  for (; value > 0x7f; value >>= 7) {
    packet[at++] = (value & 0x7f) | 0x80;
  }
  packet[at++] = value;
  return at;
}

// The same CONNECT with these credentials in place of its own, and all bytes after it as they were.
function withCredentials(bytes, fields, username, password) {
  const ours = [encoded(username), encoded(password)];
  const length = fields.credentials - fields.start + 2 + ours[0].length + 2 + ours[1].length;
  const packet = Buffer.alloc(1 + variableIntegerLength(length) + length + bytes.length - fields.end);
  packet[0] = CONNECT;
  const start = writeVariableInteger(packet, 1, length);
  let at = start + bytes.copy(packet, start, fields.start, fields.credentials);
  packet[start + fields.flagsAt - fields.start] = fields.flags | USERNAME | PASSWORD;
  at = writeField(packet, at, ours[0]);
  at = writeField(packet, at, ours[1]);
  bytes.copy(packet, at, fields.end);
  return packet;
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
    const variables = s.variables;
    variables.mqtt_preread_clientid = connect.clientId;
    variables.mqtt_preread_username = connect.username;
    s.off('upstream');
    s.allow();
  });
}

// js_filter: sends the CONNECT on with the configured credentials; everything after it passes untouched.
function filter(s) {
  let held;
  s.on('upstream', (bytes, flags) => {
    const whole = held === undefined ? bytes : Buffer.concat([held, bytes]);
    const fields = layout(whole);
    if (fields === undefined) {
      held = Buffer.from(whole); // NGINX uses the memory of its bytes again
      return;
    }
    s.off('upstream');
    const variables = s.variables;
    s.send(withCredentials(whole, fields, variables.mqtt_connect_username, variables.mqtt_connect_password), flags);
  });
}

export default { preread, filter };
