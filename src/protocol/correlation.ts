/** Ids of calls as MQTT's correlation data: ASCII. Nobody of ours makes a longer one. */
const longest = 128;

export function correlationBytes(id: string): Uint8Array {
  return Uint8Array.from(id, (character) => character.charCodeAt(0));
}

/** The empty text for what is too long to be an id. */
export function correlationId(bytes: Uint8Array): string {
  return bytes.byteLength > longest ? '' : String.fromCharCode(...bytes);
}
