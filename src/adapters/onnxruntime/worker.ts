/*
 * The worker thread: owns one network, takes one frame at a time from shared memory, answers with detections.
 * `session.run` of onnxruntime-node blocks the thread that calls it, which is why it never runs on the main thread.
 */
import { describeError, GoshawkError, InputError, InternalError } from '../../base/index.ts';
import { type DetectionSettings, type Image, sampleThumbnail } from '../../perception/index.ts';
import { serve, type ThreadContract } from '../../platform/index.ts';
import { Network, type NetworkOptions, type NetworkResult } from './network.ts';

export interface NetworkThread extends ThreadContract {
  readonly data: NetworkOptions;
  readonly calls: {
    /** `image.data` lies in shared memory. */
    detect(frame: { readonly image: Image; readonly settings: DetectionSettings }): NetworkResult;
  };
}

/** What a JPEG decoder module exports. */
interface JpegDecoderModule {
  decodeJpeg(bytes: Uint8Array): Promise<Image>;
}

serve<NetworkThread>(
  async (options) => {
    const network = await Network.load(options);
    await network.warmUp();
    const decode = jpegDecoder(options.jpegDecoderModule);
    return {
      answers: {
        detect: async ({ image, settings }) => {
          const startMs = performance.now();
          if (image.encoding !== 'jpeg') return network.detect(image, settings, startMs);
          const pixels = await decode(image.data);
          const { result, invalid } = await network.detect(pixels, settings, startMs);
          const thumbnail = sampleThumbnail(pixels);
          return { result: thumbnail === undefined ? result : { ...result, thumbnail }, invalid };
        },
      },
      close: () => network.close(),
    };
  },
  (error) =>
    new InternalError(
      'detector-failed',
      `The network failed on this frame: ${describeError(error)}.`.replace(/\.+$/, '.'),
      'If every frame fails, import the model again and try `goshawk model evaluate`.',
    ),
);

/** A picture that is too large, or can't be read for any other reason, says nothing of the network. */
function faultOfFrame(error: unknown): unknown {
  if (!(error instanceof GoshawkError) || error instanceof InputError) return error;
  return new InputError(error.code, error.message, error.remedy, { cause: error });
}

/** Loaded with the first JPEG: a device with raw cameras never pays for it. */
function jpegDecoder(url: string | undefined): (bytes: Uint8Array) => Promise<Image> {
  let module: Promise<JpegDecoderModule> | undefined;
  return async (bytes) => {
    if (url === undefined) {
      throw new InputError(
        'frame-encoding',
        'This detector was made without a JPEG decoder.',
        'Give raw frames, or pass jpegDecoderModule.',
      );
    }
    module ??= import(url) as Promise<JpegDecoderModule>;
    const { decodeJpeg } = await module;
    return decodeJpeg(bytes).catch((error: unknown) => {
      throw faultOfFrame(error);
    });
  };
}
