const form = /^(?:[0-9a-fA-F]{2})*$/;

/** Undefined for text that is not hex. */
export function fromHex(text: string): Uint8Array | undefined {
  if (!form.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) =>
    Number.parseInt(text.slice(at * 2, at * 2 + 2), 16),
  );
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
