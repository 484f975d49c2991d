/** Size in the header of a JPEG file; undefined for other bytes, and for a header that says 0. */
export function jpegSize(data: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  if (data[0] !== 0xff || data[1] !== 0xd8) return undefined;
  for (let at = 2; at + 9 < data.length; ) {
    if (data[at] !== 0xff) return undefined;
    const marker = data[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    const word = (offset: number) => ((data[at + offset] ?? 0) << 8) | (data[at + offset + 1] ?? 0);
    if (isFrame) {
      const [height, width] = [word(5), word(7)];
      return width > 0 && height > 0 ? { width, height } : undefined;
    }
    at += 2 + word(2);
  }
  return undefined;
}
