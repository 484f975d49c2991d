import { connect } from 'node:net';
import { defined, InputError, MissingError } from '../../base/index.ts';
import { cameraUnreachable, type FrameSource, networkReason } from '../../perception/index.ts';
import { readSecretFile } from '../secret-file.ts';
import { type CameraUrl, parseCameraUrl } from './camera-url.ts';
import type { LiveRequest } from './live-request.ts';
import { redactor } from './redact.ts';

const ports: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322, 'http:': 80, 'https:': 443 };
const reachMs = 1500;

/** One connection to a network camera; its password is read anew for each. */
export async function openNetworkCamera(spec: string, request: LiveRequest): Promise<FrameSource> {
  const { url, where, options } = await withCredentials(parseCameraUrl(spec, process.env), request);
  const { clock, camera, frameId, connectMs } = request;
  const { transport, keyFramesOnly, unverified } = options;
  const common = {
    ...{ camera, clock, url, where, transport, keyFramesOnly, unverified },
    ...defined({ frameId }),
    redact: redactor([decodeURIComponent(url.password), url.password]),
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
    const lacks = missing === undefined && request.packets !== undefined ? gst.streamProblem() : undefined;
    if (lacks !== undefined && options.decoder === 'gstreamer') throw noStream(where, lacks);
    // Without what writes the stream, ffmpeg reads the camera.
    if (missing === undefined && lacks === undefined) {
      const memories = request.memories?.() ?? [];
      const timeoutMs = options.stallMs;
      const pipeline = gst.cameraPipeline({ url, transport, unverified, timeoutMs, memories });
      const hadCredentials = url.username !== '';
      return new gst.GstreamerFrameSource({
        ...{ ...common, pipeline, memories, hadCredentials },
        ...defined({ connectMs, packets: request.packets }),
      });
    }
  }
  const { FfmpegFrameSource } = await import('../../adapters/ffmpeg/index.ts');
  return new FfmpegFrameSource({ ...common, ...defined({ packets: request.packets, connectMs }) });
}

function noStream(where: string, element: string): MissingError {
  return new MissingError(
    'clips-decoder',
    `Clips of ${where} can't be kept: GStreamer has no element ${element}.`,
    'Install `gstreamer1.0-plugins-bad`, or remove `#decoder=gstreamer` from its address.',
  );
}

async function withCredentials(
  camera: CameraUrl,
  { username, passwordFile }: LiveRequest,
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
  if (passwordFile !== undefined) url.password = encodeURIComponent(await readSecretFile(passwordFile));
  return { ...camera, url };
}

/**
 * Resolves when somebody takes connections there. A machine that is cut off is asked by one packet, not by a program that
 * is started for it. Rejects with a sentence.
 */
function reach(url: URL, where: string): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (ports[url.protocol] ?? 554) : Number(url.port);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: reachMs });
    const done = (why?: string) => {
      socket.destroy();
      if (why === undefined) resolve();
      else reject(cameraUnreachable(where, why));
    };
    socket.once('connect', () => done());
    socket.once('timeout', () => done(`no answer within ${reachMs / 1000} s`));
    socket.once('error', (error: NodeJS.ErrnoException) => done(networkReason(error.code) ?? error.message));
  });
}
