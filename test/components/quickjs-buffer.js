// The few methods of Buffer that connect.njs uses, for QuickJS outside NGINX. Checked against Node's in connect.test.ts.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// As QuickJS writes bytes: halves of surrogate pairs as if they were characters.
function utf8Bytes(text) {
  return [...text].flatMap((letter) => {
    const code = letter.codePointAt(0);
    if (code < 0xd800 || code > 0xdfff) return characterBytes(letter);
    return [0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
  });
}

function characterBytes(letter) {
  const encoded = encodeURIComponent(letter);
  const bytes = [];
  for (let i = 0; i < encoded.length; i++) {
    if (encoded[i] === "%") {
      bytes.push(Number.parseInt(encoded.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(encoded.charCodeAt(i));
  }
  return bytes;
}

// As QuickJS reads bytes: surrogates go through, what else is not UTF-8 becomes U+FFFD.
function utf8Text(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const more = bytes[i] < 0x80 ? 0 : bytes[i] >= 0xf0 ? 3 : bytes[i] >= 0xe0 ? 2 : 1;
    let code = more === 0 ? bytes[i] : bytes[i] & (0x3f >> more);
    let valid = bytes[i] < 0x80 || (bytes[i] >= 0xc2 && bytes[i] <= 0xf4);
    for (let j = 1; j <= more; j++) {
      valid = valid && bytes[i + j] >= 0x80 && bytes[i + j] < 0xc0;
      code = code * 64 + (bytes[i + j] & 0x3f);
    }
    valid = valid && code >= [0, 0x80, 0x800, 0x10000][more] && code <= 0x10ffff;
    text += valid ? String.fromCodePoint(code) : "\ufffd";
    i += valid ? more + 1 : 1;
  }
  return text;
}

class Buffer extends Uint8Array {
  static from(value, encoding) {
    if (typeof value !== "string") return new Buffer(value);
    if (encoding !== "base64") return new Buffer(utf8Bytes(value));
    const bytes = [];
    let bits = 0;
    let held = 0;
    for (const letter of value.replace(/=+$/, "")) {
      held = (held << 6) | alphabet.indexOf(letter);
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        bytes.push((held >> bits) & 0xff);
      }
    }
    return new Buffer(bytes);
  }
  static alloc(size) {
    return new Buffer(size);
  }
  static concat(parts) {
    const whole = new Buffer(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
  slice(start, end) {
    return this.subarray(start, end);
  }
  equals(other) {
    return this.length === other.length && this.every((octet, i) => octet === other[i]);
  }
  copy(target, targetStart, start, end) {
    const part = this.subarray(start, end);
    target.set(part, targetStart);
    return part.length;
  }
  writeUInt16BE(value, at) {
    this.set([value >> 8, value & 0xff], at);
  }
  toString(encoding, start, end) {
    if (encoding !== "base64") return utf8Text(this.subarray(start, end));
    let text = "";
    for (let i = 0; i < this.length; i += 3) {
      const group = (this[i] << 16) | ((this[i + 1] ?? 0) << 8) | (this[i + 2] ?? 0);
      for (let j = 0; j < 4; j++) text += i + j <= this.length ? alphabet[(group >> (18 - 6 * j)) & 63] : "=";
    }
    return text;
  }
}

globalThis.Buffer = Buffer;
