/*
 * Entry of the worker thread: owns one network, takes one frame at a time from shared memory, answers with detections.
 * `session.run` of onnxruntime-node blocks the thread that calls it, which is why it never runs on the main thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../../base/index.ts';
import { type Image, sampleThumbnail } from '../../perception/index.ts';
import { packError } from './error-message.ts';
import type { FromWorker, JpegDecoderModule, NetworkOptions, ToWorker } from './messages.ts';
import { Network } from './network.ts';

const options = workerData as NetworkOptions;
const port = parentPort;
if (port !== null) await serve((message) => port.postMessage(message));

async function serve(send: (message: FromWorker) => void): Promise<void> {
  const start = performance.now();
  let network: Network;
  let warmUpMs: number;
  try {
    network = await Network.load(options);
    warmUpMs = await network.warmUp();
  } catch (error) {
    send({ kind: 'failed', error: packError(error) });
    return;
  }
  const decoder = jpegDecoder();
  port?.on('message', async (message: ToWorker) => {
    if (message.kind === 'close') {
      await network.close();
      port.close();
      return;
    }
    const { id, image, settings } = message;
    try {
      const startMs = performance.now();
      const compressed = image.encoding === 'jpeg';
      const pixels = compressed ? await decoder(image.data) : image;
      const { result, invalid } = await network.detect(pixels, settings, startMs);
      const thumbnail = compressed ? sampleThumbnail(pixels) : undefined;
      send({
        kind: 'result',
        id,
        result: thumbnail === undefined ? result : { ...result, thumbnail },
        invalid,
      });
    } catch (error) {
      send({ kind: 'refused', id, error: packError(error) });
    }
  });
  send({ kind: 'ready', loadMs: performance.now() - start - warmUpMs, warmUpMs });
}

/** Loaded with the first JPEG: a device with raw cameras never pays for it. */
function jpegDecoder(): (bytes: Uint8Array) => Promise<Image> {
  let module: Promise<JpegDecoderModule> | undefined;
  return async (bytes) => {
    const url = options.jpegDecoderModule;
    if (url === undefined) {
      throw new InputError(
        'frame-encoding',
        'This detector was made without a JPEG decoder.',
        'Give raw frames, or pass jpegDecoderModule.',
      );
    }
    module ??= import(url) as Promise<JpegDecoderModule>;
    return (await module).decodeJpeg(bytes);
  };
}
