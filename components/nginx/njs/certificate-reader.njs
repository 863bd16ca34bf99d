// Reads alternative names (SAN) out of the client certificate of a connection: functions for the njs programs of mqtt/ and mesh/.
// It runs on the njs engine and on QuickJS. NGINX has verified the certificate. A certificate that is not DER as in RFC 5280 has no name.

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const SEQUENCE = 0x30;
const VERSION = 0xa0;
const ISSUER_UNIQUE_ID = 0x81;
const SUBJECT_UNIQUE_ID = 0x82;
const EXTENSIONS = 0xa3;

// Fields of a TBSCertificate up to the key, and the version that has extensions: INTEGER 2.
const FIELDS = [VERSION, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE];
const VERSION_3 = [INTEGER, 1, 2];

// subjectAltName, 2.5.29.17.
const ALTERNATIVE_NAMES = [0x55, 0x1d, 0x11];

// GeneralName: rfc822Name, dNSName and URI, and all the others that there are.
const EMAIL_ADDRESS = 0x81;
const DNS_NAME = 0x82;
const URI = 0x86;
const OTHERS = [0xa0, 0xa3, 0xa4, 0xa5, 0x87, 0x88];

// The elements between two positions: definite lengths in their shortest form, and nothing left over. A tag of several bytes is none that is expected anywhere.
function elements(bytes, start, end) {
  const found = [];
  for (let at = start; at < end; ) {
    const tag = bytes[at];
    let length = bytes[at + 1];
    at += 2;
    if (length >= 0x80) {
      const count = length - 0x80;
      length = 0;
      for (let i = 0; i < count; i++) {
        length = length * 256 + bytes[at + i];
      }
      at += count;
      if (length < 0x80 || length < Math.pow(256, count - 1)) {
        throw new Error('a length is not definite, or not in its shortest form');
      }
    }
    // Written so that it is refused too where bytes end before their length does.
    if (!(at + length <= end)) {
      throw new Error('an element is longer than what holds it');
    }
    found.push({ tag, start: at, end: at + length });
    at += length;
  }
  return found;
}

const inside = (bytes, element) => elements(bytes, element.start, element.end);

// Whether the content of an element is these octets.
function holds(bytes, element, octets) {
  return element.end - element.start === octets.length && octets.every((octet, index) => bytes[element.start + index] === octet);
}

// The elements, which have to have these tags, in this order.
function expect(found, tags) {
  if (found.length !== tags.length || found.some((element, index) => element.tag !== tags[index])) {
    throw new Error('an element is not where it should be');
  }
  return found;
}

// The elements of the SEQUENCE that is all there is between two positions.
function sequence(bytes, start, end) {
  return inside(bytes, expect(elements(bytes, start, end), [SEQUENCE])[0]);
}

// The extensions of a certificate; none where it has none.
function extensions(bytes) {
  const certificate = expect(sequence(bytes, 0, bytes.length), [SEQUENCE, SEQUENCE, BIT_STRING]);
  const fields = inside(bytes, certificate[0]);
  if (fields.every((field) => field.tag !== EXTENSIONS)) {
    return [];
  }
  const optional = fields.slice(FIELDS.length).map((field) => field.tag);
  const unique = [ISSUER_UNIQUE_ID, SUBJECT_UNIQUE_ID].filter((tag) => optional.indexOf(tag) >= 0);
  const last = expect(fields, FIELDS.concat(unique, [EXTENSIONS]))[fields.length - 1];
  if (!holds(bytes, fields[0], VERSION_3)) {
    throw new Error('it is no certificate of version 3');
  }
  return sequence(bytes, last.start, last.end);
}

// The alternative names of a certificate, none where it has none. Throws on what is not DER, or has the extension twice.
function alternativeNames(bytes) {
  const values = [];
  extensions(bytes).forEach((extension) => {
    expect([extension], [SEQUENCE]);
    const parts = inside(bytes, extension);
    const critical = parts.length === 3 ? [BOOLEAN] : [];
    expect(parts, [OBJECT_IDENTIFIER].concat(critical, [OCTET_STRING]));
    if (holds(bytes, parts[0], ALTERNATIVE_NAMES)) {
      values.push(parts[parts.length - 1]);
    }
  });
  if (values.length > 1) {
    throw new Error('it has two lists of alternative names');
  }
  if (values.length === 0) {
    return [];
  }
  const names = sequence(bytes, values[0].start, values[0].end);
  if (names.some((name) => [EMAIL_ADDRESS, DNS_NAME, URI].concat(OTHERS).indexOf(name.tag) < 0)) {
    throw new Error('it has an alternative name of no kind');
  }
  return names;
}

// The only name of a kind in a certificate in DER, if it is printable ASCII without spaces and at most so long; "" otherwise. Throws if the bytes are not a certificate.
function onlyName(bytes, kind, longest) {
  const names = alternativeNames(bytes).filter((name) => name.tag === kind);
  if (names.length !== 1 || names[0].end - names[0].start > longest) {
    return '';
  }
  let text = '';
  for (let at = names[0].start; at < names[0].end; at++) {
    if (bytes[at] < 0x21 || bytes[at] > 0x7e) {
      return '';
    }
    text += String.fromCharCode(bytes[at]);
  }
  return text;
}

// The only name of a kind in the client certificate of a session or request; "" without one. Logs a warning if the certificate cannot be read.
function clientName(s, kind, longest) {
  try {
    const lines = (s.variables.ssl_client_raw_cert || '').split('\n').filter((line) => line !== '');
    if (lines.length === 0) {
      return '';
    }
    if (lines[0] !== '-----BEGIN CERTIFICATE-----' || lines[lines.length - 1] !== '-----END CERTIFICATE-----') {
      throw new Error('it is not in PEM');
    }
    return onlyName(Buffer.from(lines.slice(1, -1).join(''), 'base64'), kind, longest);
  } catch (error) {
    s.warn('alternative names of a client certificate cannot be read: ' + error.message);
    return '';
  }
}
