/** Where a secret can be found in a text, in any of the forms in which text is usually carried. */
export function tracesOf(secrets: Record<string, string>, text: string): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    Object.entries(formsOf(secret)).flatMap(([form, needles]) =>
      needles.some((needle) => text.includes(needle)) ? [`${name}, ${form}`] : [],
    ),
  );
}

function formsOf(secret: string): Record<string, string[]> {
  const bytes = Buffer.from(secret);
  const escaped = JSON.stringify(secret).slice(1, -1);
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset));
  return {
    raw: [secret],
    "JSON-escaped": [escaped, JSON.stringify(escaped).slice(1, -1)],
    base64,
    base64url: base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    hex: [bytes.toString("hex"), bytes.toString("hex").toUpperCase()],
  };
}

/** What base64 makes of the bytes inside a longer text: the characters that no neighbour shares. */
function base64At(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  return text.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3));
}
