import { type Backoff, defined, type GoshawkError, InputError } from '../../base/index.ts';
import type { FrameSource } from '../../perception/index.ts';
import { isCameraUrl, parseCameraUrl, usualStallMs } from './camera-url.ts';
import type { LiveRequest } from './live-request.ts';
import { openNetworkCamera } from './network-camera.ts';
import { redactSource } from './redact.ts';
import { parseV4l2 } from './v4l2-spec.ts';

/** One kind of live camera, by what its source begins with. */
interface LiveKind {
  readonly begins: (spec: string) => boolean;
  /** Throws an InputError for what can never be opened. */
  readonly check: (spec: string) => void;
  readonly stallMs: (spec: string) => number;
  /** One connection. */
  readonly open: (spec: string, request: LiveRequest) => Promise<FrameSource>;
}

const kinds: () => readonly LiveKind[] = () => [
  v4l2,
  {
    begins: isCameraUrl,
    check: (spec) => void parseCameraUrl(spec, process.env),
    stallMs: (spec) => parseCameraUrl(spec, process.env).options.stallMs,
    open: openNetworkCamera,
  },
  {
    begins: (spec) => spec.startsWith('gst:'),
    check: (spec) => void pipelineOf(spec),
    stallMs: () => usualStallMs,
    open: openPipeline,
  },
  {
    begins: (spec) => spec.startsWith('csi:'),
    check: (spec) => void sensorOf(spec),
    stallMs: () => usualStallMs,
    open: openPipeline,
  },
];

const v4l2: LiveKind = {
  begins: (spec) => spec.startsWith('v4l2:'),
  check: (spec) => void parseV4l2(spec),
  stallMs: () => usualStallMs,
  open: async (spec, { clock, camera, frameId }) => {
    const { V4l2FrameSource } = await import('../../../device/v4l2/index.ts');
    return new V4l2FrameSource({
      ...{ clock, camera, ...parseV4l2(spec), monotonicNs: process.hrtime.bigint },
      ...defined({ frameId }),
    });
  },
};

const kindOf = (spec: string) => kinds().find(({ begins }) => begins(spec));

/** A camera that is connected to, and connected anew by itself. */
export function isLive(spec: string): boolean {
  return kindOf(spec) !== undefined;
}

/** Throws an InputError for a live camera that can never be opened. */
export function checkLive(spec: string): void {
  kindOf(spec)?.check(spec);
}

/** How a supervisor keeps a live camera; undefined for what is none. Throws an InputError. */
export function supervisionOf(spec: string, request: LiveRequest) {
  const kind = kindOf(spec);
  if (kind === undefined) return undefined;
  kind.check(spec);
  return { make: () => kind.open(spec, request), retry: cameraRetry, stallMs: kind.stallMs(spec) };
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

function pipelineOf(spec: string): string {
  const text = spec.slice('gst:'.length).trim();
  if (text !== '' && text.length <= 4000) return text;
  throw new InputError(
    'gst-pipeline',
    text === '' ? 'The source gst: names no pipeline.' : 'The pipeline is longer than 4000 characters.',
    'Write what gst-launch-1.0 takes, up to the pictures: gst:v4l2src device=/dev/video0 ! jpegdec',
  );
}

function sensorOf(spec: string): number {
  const match = /^csi:(\d{1,2})$/.exec(spec);
  if (match !== null) return Number(match[1]);
  throw new InputError(
    'csi-source',
    `The source ${spec} names no camera connector.`,
    'Write csi:0 for the first camera of a Jetson.',
  );
}

async function openPipeline(spec: string, request: LiveRequest): Promise<FrameSource> {
  const { clock, camera, frameId, connectMs, packets } = request;
  const memories = request.memories?.() ?? [];
  const gst = await import('../../../device/gstreamer/index.ts');
  const pipeline = spec.startsWith('csi:')
    ? gst.csiPipeline(sensorOf(spec), memories)
    : gst.ownPipeline(pipelineOf(spec), memories);
  return new gst.GstreamerFrameSource({
    ...{ camera, clock, pipeline, memories },
    ...defined({ frameId, connectMs, packets }),
    where: redactSource(spec).slice(0, 200),
    redact: redactSource,
  });
}
