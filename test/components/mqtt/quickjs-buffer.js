// The few methods of Buffer that connect.njs uses, for QuickJS outside NGINX. Checked against Node's in connect.test.ts.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function utf8Bytes(text) {
  const encoded = encodeURIComponent(text);
  const bytes = [];
  for (let i = 0; i < encoded.length; i++) {
    if (encoded[i] === "%") {
      bytes.push(Number.parseInt(encoded.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(encoded.charCodeAt(i));
  }
  return bytes;
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
  toString(encoding) {
    if (encoding !== "base64") {
      try {
        return decodeURIComponent(Array.from(this, (octet) => `%${octet.toString(16).padStart(2, "0")}`).join(""));
      } catch {
        return "\ufffd"; // not UTF-8
      }
    }
    let text = "";
    for (let i = 0; i < this.length; i += 3) {
      const group = (this[i] << 16) | ((this[i + 1] ?? 0) << 8) | (this[i + 2] ?? 0);
      for (let j = 0; j < 4; j++) text += i + j <= this.length ? alphabet[(group >> (18 - 6 * j)) & 63] : "=";
    }
    return text;
  }
}

globalThis.Buffer = Buffer;
