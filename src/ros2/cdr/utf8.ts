/* Text as bytes; TextEncoder and TextDecoder compute and touch nothing, but no ECMAScript library names them. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (label: string) => { decode(bytes: Uint8Array): string };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8');

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Bytes that are not UTF-8 become the replacement character: a name in Latin-1 must not cost a frame. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
