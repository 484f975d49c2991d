const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** By code of the character; what is no letter of it counts as nothing. */
const places = new Uint8Array(128);
for (let place = 0; place < alphabet.length; place++) places[alphabet.charCodeAt(place)] = place;

/** RFC 4648, with padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += alphabet[word >> 18]! + alphabet[(word >> 12) & 63]!;
    text += i + 1 < bytes.length ? alphabet[(word >> 6) & 63]! : '=';
    text += i + 2 < bytes.length ? alphabet[word & 63]! : '=';
  }
  return text;
}

/** With padding or without it. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const letters = text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  const bytes = new Uint8Array(Math.floor((letters * 3) / 4));
  const place = (at: number): number => (at < letters ? (places[text.charCodeAt(at)] ?? 0) : 0);
  for (let i = 0, o = 0; i < letters; i += 4) {
    const word = (place(i) << 18) | (place(i + 1) << 12) | (place(i + 2) << 6) | place(i + 3);
    bytes[o++] = word >> 16;
    bytes[o++] = (word >> 8) & 255;
    bytes[o++] = word & 255;
  }
  return bytes;
}
