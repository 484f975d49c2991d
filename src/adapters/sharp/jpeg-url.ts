import { moduleUrl } from '../../platform/index.ts';

/** Where the module with `decodeJpeg` lies, for a worker thread to load it. */
export const jpegDecoderUrl = moduleUrl('./jpeg', import.meta.url).href;
