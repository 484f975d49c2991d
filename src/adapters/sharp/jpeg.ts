/* Loaded by its URL inside the detector's worker (see `jpegDecoderUrl`): frames that come compressed are decoded there. */
import sharp from 'sharp';
import { decodePicture, type Picture } from './decode.ts';

// The worker itself is the parallelism; a pool of libvips threads beside it would take the cameras' cores.
sharp.concurrency(1);
sharp.cache(false);

export function decodeJpeg(bytes: Uint8Array): Promise<Picture> {
  return decodePicture(bytes, 'The compressed frame');
}
