// Reads the SPIFFE ID out of the certificate that a client has shown, in http and stream alike.
// NGINX has verified the certificate; whatever is not exactly as the X.509-SVID specification wants it has no ID here.

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;
const BOOLEAN = 0x01;
const OCTET_STRING = 0x04;
const EXTENSIONS = 0xa3;
const URI = 0x86;

// subjectAltName, 2.5.29.17.
const ALTERNATIVE_NAMES = '551d11';

// The elements between two positions: DER has definite lengths in their shortest form, and nothing is left over.
function elements(bytes, start, end) {
  const found = [];
  for (let at = start; at < end; ) {
    const tag = bytes[at++];
    if ((tag & 0x1f) === 0x1f || at >= end) {
      throw new Error('a tag has more than one byte, or no length');
    }
    let length = bytes[at++];
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count < 1 || count > 3 || at + count > end) {
        throw new Error('a length is not definite, or too long');
      }
      length = 0;
      for (let i = 0; i < count; i++) {
        length = length * 256 + bytes[at++];
      }
      if (length < 0x80 || (count > 1 && length < Math.pow(256, count - 1))) {
        throw new Error('a length is not in its shortest form');
      }
    }
    if (at + length > end) {
      throw new Error('an element is longer than what holds it');
    }
    found.push({ tag, start: at, end: at + length });
    at += length;
  }
  return found;
}

// The one element between two positions, which has this tag.
function only(bytes, start, end, tag) {
  const found = elements(bytes, start, end);
  if (found.length !== 1 || found[0].tag !== tag) {
    throw new Error('an element is not what it should be, or not alone');
  }
  return found[0];
}

const inside = (bytes, element) => elements(bytes, element.start, element.end);

function identifier(bytes, element) {
  if (element.tag !== OBJECT_IDENTIFIER) {
    throw new Error('an extension has no identifier');
  }
  return bytes.slice(element.start, element.end).toString('hex');
}

// The value of the extension with the alternative names; undefined when there is none.
function alternativeNames(bytes) {
  const certificate = inside(bytes, only(bytes, 0, bytes.length, SEQUENCE));
  if (certificate.length !== 3 || certificate[0].tag !== SEQUENCE) {
    throw new Error('it is no certificate');
  }
  const wrappers = inside(bytes, certificate[0]).filter((field) => field.tag === EXTENSIONS);
  if (wrappers.length !== 1) {
    return undefined;
  }
  const extensions = inside(bytes, only(bytes, wrappers[0].start, wrappers[0].end, SEQUENCE));
  const named = extensions.map((one) => inside(bytes, one)).filter((one) => identifier(bytes, one[0]) === ALTERNATIVE_NAMES);
  if (named.length !== 1) {
    return undefined;
  }
  const value = named[0][named[0].length - 1];
  const expected = named[0].length === 2 || (named[0].length === 3 && named[0][1].tag === BOOLEAN);
  if (!expected || value.tag !== OCTET_STRING) {
    throw new Error('the alternative names are not where they should be');
  }
  return value;
}

// The SPIFFE ID in a certificate in DER: its only URI, and a well-formed ID of a workload. Throws, or gives "", otherwise.
function spiffeId(bytes) {
  const value = alternativeNames(bytes);
  if (value === undefined) {
    return '';
  }
  const names = inside(bytes, only(bytes, value.start, value.end, SEQUENCE));
  const uris = names.filter((name) => name.tag === URI);
  if (uris.length !== 1 || uris[0].end - uris[0].start > 2048) {
    return '';
  }
  let text = '';
  for (let at = uris[0].start; at < uris[0].end; at++) {
    text += String.fromCharCode(bytes[at]);
  }
  return /^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)+$/.test(text) ? text : '';
}

// js_set: the SPIFFE ID of the client, "" when it has none.
function peer(session) {
  try {
    const pem = session.variables.ssl_client_raw_cert || '';
    const lines = pem.split('\n').filter((line) => line !== '');
    if (lines.length < 3 || lines[0].indexOf('-----BEGIN CERTIFICATE-----') !== 0) {
      return '';
    }
    return spiffeId(Buffer.from(lines.slice(1, -1).join(''), 'base64'));
  } catch (error) {
    session.warn(`the client's certificate cannot be read: ${error.message}`);
    return '';
  }
}

// js_preread: ends a session whose client is not allowed; the handshake is over by then.
function admit(session) {
  if (session.variables.mesh_allowed === 'yes') {
    session.allow();
  } else {
    session.deny();
  }
}

export default { spiffeId, peer, admit };
