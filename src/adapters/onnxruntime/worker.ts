/*
 * The worker thread: owns one network, takes the frames of one run at a time from shared memory, answers with detections.
 * `session.run` of onnxruntime-node blocks the thread that calls it, which is why it never runs on the main thread.
 */
import { describeError, GoshawkError, InputError, InternalError } from '../../base/index.ts';
import {
  type DetectionRequest,
  type DetectorResult,
  type Image,
  leastThumbnailWidth,
  thumbnail,
} from '../../perception/index.ts';
import { type PackedError, packError, serve, type ThreadContract } from '../../platform/index.ts';
import { Network, type NetworkJob, type NetworkOptions, type NetworkResult } from './network.ts';

export interface NetworkThread extends ThreadContract {
  readonly data: NetworkOptions;
  readonly calls: {
    /** Pictures that one run takes at most. */
    batch(request: undefined): number;
    /** The pictures of one run; `image.data` lies in shared memory. Answers in their order. */
    detect(pictures: readonly SharedPicture[]): readonly PictureAnswer[];
  };
}

export interface SharedPicture {
  readonly image: Image;
  readonly settings: DetectionRequest;
}

export type PictureAnswer = NetworkResult | { readonly failed: PackedError };

/** What a JPEG decoder module exports. */
interface JpegDecoderModule {
  decodeJpeg(bytes: Uint8Array): Promise<Image>;
}

serve<NetworkThread>(async (options) => {
  const network = await Network.load(options);
  await network.warmUp();
  const decode = jpegDecoder(options.jpegDecoderModule);
  return {
    answers: {
      batch: () => network.batch,
      detect: (pictures) => detect(network, decode, pictures),
    },
    close: () => network.close(),
  };
}, explained);

async function detect(
  network: Network,
  decode: (bytes: Uint8Array) => Promise<Image>,
  pictures: readonly SharedPicture[],
): Promise<readonly PictureAnswer[]> {
  const answers: PictureAnswer[] = [];
  const places: number[] = [];
  const jobs: NetworkJob[] = [];
  for (const [index, { image, settings }] of pictures.entries()) {
    const startMs = performance.now();
    try {
      jobs.push({ image: image.encoding === 'jpeg' ? await decode(image.data) : image, settings, startMs });
      places.push(index);
    } catch (error) {
      answers[index] = { failed: packError(explained(error)) };
    }
  }
  for (const [i, answer] of (await network.detect(jobs)).entries()) {
    const index = places[i]!;
    if ('refused' in answer) answers[index] = { failed: packError(explained(answer.refused)) };
    else answers[index] = { ...answer, result: withThumbnail(answer.result, pictures[index]!, jobs[i]!) };
  }
  return answers;
}

/** Of the pixels that the network saw: a compressed picture is decoded by now. */
function withThumbnail(
  result: DetectorResult,
  { settings }: SharedPicture,
  { image }: NetworkJob,
): DetectorResult {
  if (settings.thumbnail !== true || image.width < leastThumbnailWidth) return result;
  return { ...result, thumbnail: thumbnail(image) };
}

function explained(error: unknown): GoshawkError {
  if (error instanceof GoshawkError) return error;
  return new InternalError(
    'detector-failed',
    `The network failed on this frame: ${describeError(error)}.`.replace(/\.+$/, '.'),
    'If every frame fails, import the model again and try `goshawk model evaluate`.',
  );
}

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
