import { type Backoff, type Clock, type GoshawkError, InputError } from '../../base/index.ts';
import type { FrameSource } from '../../perception/index.ts';
import { readSecretFile } from '../secret-file.ts';
import { type CameraUrl, parseCameraUrl } from './camera-url.ts';
import { reach } from './reach.ts';
import { redactor } from './redact.ts';

export interface CameraRequest {
  readonly clock: Clock;
  readonly camera: string;
  readonly frameId?: string;
  readonly username?: string;
  /** File that holds nothing but the password. */
  readonly passwordFile?: string;
}

/** One connection to a network camera; password and certificate are read anew for each. */
export async function openCamera(spec: string, request: CameraRequest): Promise<FrameSource> {
  const { url, where, options } = await withCredentials(parseCameraUrl(spec, process.env), request);
  const { clock, camera, frameId } = request;
  const common = {
    ...{ camera, clock, url, where },
    ...(frameId === undefined ? {} : { frameId }),
    redact: redactor([decodeURIComponent(url.password), url.password]),
    transport: options.transport,
    keyFramesOnly: options.keyFramesOnly,
    unverified: options.unverified,
  };
  if (url.protocol.startsWith('http')) {
    const { MjpegFrameSource } = await import('../../adapters/mjpeg/index.ts');
    return new MjpegFrameSource(common);
  }
  await reach(url, where);
  if (options.decoder !== 'ffmpeg') {
    const gst = await import('../../../device/gstreamer/index.ts');
    const missing = gst.gstreamerReady();
    if (missing !== undefined && options.decoder === 'gstreamer') throw missing;
    if (missing === undefined) {
      const pipeline = gst.cameraPipeline({ ...options, url, timeoutMs: options.stallMs });
      return new gst.GstreamerFrameSource({ ...common, pipeline, hadCredentials: url.username !== '' });
    }
  }
  const { FfmpegFrameSource } = await import('../../adapters/ffmpeg/index.ts');
  return new FfmpegFrameSource(common);
}

/**
 * How long is waited before a camera is tried again. One that was switched off is back within three seconds of its return;
 * one that refuses the password is not asked so often that it locks.
 */
export function cameraRetry(after: GoshawkError): Backoff {
  return after.code === 'camera-refused'
    ? { firstMs: 30_000, maxMs: 600_000 }
    : { firstMs: 250, maxMs: 1500 };
}

async function withCredentials(
  camera: CameraUrl,
  { username, passwordFile }: CameraRequest,
): Promise<CameraUrl> {
  if (username === undefined && passwordFile === undefined) return camera;
  const url = new URL(camera.url);
  if (username !== undefined) url.username = encodeURIComponent(username);
  if (url.username === '') {
    throw new InputError(
      'camera-address',
      `The camera ${camera.where} has a password and no user name.`,
      'Give `username` beside `passwordFile`.',
    );
  }
  if (passwordFile !== undefined) {
    const password = await readSecretFile(passwordFile);
    url.password = encodeURIComponent(password);
  }
  return { ...camera, url };
}
