const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** By code of the character; what is no letter of it counts as nothing. */
const places = new Uint8Array(128);
for (let place = 0; place < alphabet.length; place++) places[alphabet.charCodeAt(place)] = place;

/** RFC 4648, for bytes whose number is a multiple of three. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i + 2 < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text +=
      alphabet[word >> 18]! +
      alphabet[(word >> 12) & 63]! +
      alphabet[(word >> 6) & 63]! +
      alphabet[word & 63]!;
  }
  return text;
}

export function fromBase64(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length / 4) * 3);
  for (let i = 0, o = 0; i < text.length; i += 4, o += 3) {
    let word = 0;
    for (let k = 0; k < 4; k++) word = (word << 6) | (places[text.charCodeAt(i + k)] ?? 0);
    bytes[o] = word >> 16;
    bytes[o + 1] = (word >> 8) & 255;
    bytes[o + 2] = word & 255;
  }
  return bytes;
}
