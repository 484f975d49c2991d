import type { Frame, Image } from '../../perception/index.ts';

/** A jpeg frame as rgb8, off the JavaScript thread, for nodes that look at pieces of it. */
export async function decodeFrame(frame: Frame): Promise<Frame> {
  const { decodePicture } = await import('../../adapters/sharp/index.ts');
  const { data, width, height, step, encoding } = await decodePicture(
    frame.pixels.data,
    'The compressed frame',
  );
  return { ...frame, width, height, step, encoding, pixels: { data, release: () => {} } };
}

/** A small picture of a jpeg frame, off the JavaScript thread, for nodes that wait for motion. */
export async function frameMiniature(frame: Frame): Promise<Image> {
  const { jpegMiniature } = await import('../../adapters/sharp/index.ts');
  return jpegMiniature(frame.pixels.data);
}
