import type { Frame } from '../../perception/index.ts';

/** A jpeg frame as rgb8, off the JavaScript thread, for nodes that look at pieces of it. */
export async function decodeFrame(frame: Frame): Promise<Frame> {
  const { decodePicture } = await import('../../adapters/sharp/index.ts');
  const { data, width, height, step, encoding } = await decodePicture(
    frame.pixels.data,
    'The compressed frame',
  );
  return { ...frame, width, height, step, encoding, pixels: { data, release: () => {} } };
}
