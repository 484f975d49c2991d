/** Where the module with `decodeJpeg` lies, for a worker thread to load it. */
export const jpegDecoderUrl = new URL(
  import.meta.url.endsWith('.ts') ? './jpeg.ts' : './jpeg.js',
  import.meta.url,
).href;
