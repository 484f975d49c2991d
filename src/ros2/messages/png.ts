const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Length and name of the first chunk, IHDR. */
const firstChunk = [0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52];

/** Size in the header of a PNG file; undefined for other bytes. */
export function pngSize(data: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  if (data.length < 24 || ![...signature, ...firstChunk].every((byte, at) => data[at] === byte)) return;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  return width === 0 || height === 0 ? undefined : { width, height };
}
