import { stat } from 'node:fs/promises';
import { type Clock, defined, describeError, InputError, MissingError } from '../../base/index.ts';
import {
  type DeviceMemory,
  type FrameSource,
  type PacketReceiver,
  SupervisedFrameSource,
} from '../../perception/index.ts';
import { systemCode } from '../../platform/index.ts';
import type { RosLink } from '../ros/ros-link.ts';
import { parseRosSource, rosScheme } from '../ros/ros-spec.ts';
import { checkLive, isLive, supervisionOf } from './live.ts';
import { redactSource } from './redact.ts';
import { isStreet, openStreet, parseStreet } from './street.ts';

export { isLive } from './live.ts';

const streamDecoder = /\b(?:avdec_h26[45]|openh264dec|[a-z0-9]*h26[45]dec|nvv4l2decoder)\b/g;

/** Its stream can be had as it comes, beside the pictures: of RTSP, and of a pipeline that names its one decoder of H.264 or H.265. */
export async function givesStream(spec: string): Promise<boolean> {
  if (/^rtsps?:\/\//i.test(spec)) return true;
  if (!spec.startsWith('gst:') || !/h26[45]/i.test(spec)) return false;
  if (spec.match(streamDecoder)?.length !== 1) return false;
  const { gstreamerReady, streamProblem } = await import('../../../device/gstreamer/index.ts');
  return gstreamerReady() === undefined && streamProblem() === undefined;
}

export interface SourceRequest {
  readonly clock: Clock;
  /** As a camera does, instead of waiting for the detector. */
  readonly realtime: boolean;
  /** Pictures per second of a folder played in real time, and of the simulated street. */
  readonly fps: number;
  readonly loop: boolean;
  readonly limit?: number;
  readonly camera?: string;
  readonly seed?: number;
  /** ROS frame_id of the frames. */
  readonly frameId?: string;
  /** What `ros:` sources are reached by. */
  readonly ros?: RosLink;
  /** Of a network camera, where its address has none. */
  readonly username?: string;
  readonly passwordFile?: string;
  /** Memory that pictures may stay in, asked for every connection of a live camera; default: none. */
  readonly memories?: () => readonly DeviceMemory[];
  /** Takes what a camera sends before it is decoded; of one that `givesStream`. */
  readonly packets?: PacketReceiver;
  /** How long the first picture may take after the camera answers; default: as each kind of camera says. */
  readonly connectMs?: number;
  /** Default Math.random. */
  readonly random?: () => number;
}

export interface OpenedSource {
  readonly source: FrameSource;
  /** True when the source has as many frames as there are, and none may be lost. */
  readonly lossless: boolean;
  /** Frames that will come, where that is known before. */
  readonly total?: number;
  /** Frames per second of a recording that says so. */
  readonly fps?: number;
  readonly kind: 'folder' | 'video' | 'bag' | 'sim' | 'ros' | 'camera';
}

/** Throws an InputError for what can never become a source; whether it is there is seen when it is opened. */
export function checkSource(spec: string): void {
  if (isStreet(spec)) parseStreet(spec);
  else if (spec.startsWith(rosScheme)) parseRosSource(spec);
  else if (isLive(spec)) checkLive(spec);
  else if (bagScheme.test(spec)) bagSpec(spec);
  else if (/^[a-z][a-z0-9+.-]*:\//i.test(spec)) {
    throw new InputError('source-kind', `The source ${redactSource(spec)} has an unknown scheme.`, kinds);
  }
}

const kinds =
  'Name a folder of pictures, a video file, rtsp://, http:// (MJPEG), v4l2:/dev/video0, csi:0, gst:<pipeline>, ros:<topic>, a bag (mcap:<file>, rosbag2:<folder>, each with ?topic=<topic>), or sim for the simulated street.';

/** A source that is opened behind the port and opened again when it is lost. Throws as `checkSource` does. */
export function superviseSource(
  spec: string,
  request: SourceRequest & { readonly camera: string; readonly random: () => number },
): FrameSource {
  checkSource(spec);
  const { camera, clock, random, loop } = request;
  const live = supervisionOf(spec, request);
  return new SupervisedFrameSource({
    camera,
    clock,
    random,
    endless: live !== undefined || loop || isStreet(spec) || spec.startsWith(rosScheme),
    make: async () => (await openSource(spec, request)).source,
    ...live,
  });
}

const pictureEnding = /\.(jpe?g|png|webp|tiff?|gif)$/i;

/** It has an end: a folder, a file, or a bag. */
export function isRecording(spec: string): boolean {
  return !isStreet(spec) && !spec.startsWith(rosScheme) && !isLive(spec);
}

/** Where a recording lies; undefined for what is none. Throws an InputError for a bag that is not named. */
export function recordingPath(spec: string): string | undefined {
  if (!isRecording(spec)) return undefined;
  return bagScheme.test(spec) ? bagSpec(spec).path : spec;
}

/** `sim`, `ros:<topic>`, a live camera, a folder of pictures, one picture, a recording of ROS, or a video file. */
export async function openSource(spec: string, request: SourceRequest): Promise<OpenedSource> {
  const { clock, realtime, loop, limit } = request;
  if (isStreet(spec)) return { source: await openStreet(spec, request), lossless: false, kind: 'sim' };
  if (spec.startsWith(rosScheme) && request.ros !== undefined) {
    const source = await request.ros.source(spec, request.camera ?? 'camera', request.frameId);
    return { source, lossless: false, kind: 'ros' };
  }
  checkSource(spec);
  const { camera = 'camera', random = Math.random } = request;
  const live = supervisionOf(spec, { ...request, camera });
  if (live !== undefined) {
    const supervised = { camera, clock, random, endless: true, firstMustOpen: true };
    return { source: new SupervisedFrameSource({ ...supervised, ...live }), lossless: false, kind: 'camera' };
  }
  if (bagScheme.test(spec)) return openBagSource(bagSpec(spec), request);
  const found = await stat(spec).catch((error: unknown) => {
    throw new MissingError(
      'source-missing',
      systemCode(error) === 'ENOENT'
        ? `There is no file or folder ${spec}.`
        : `The source ${spec} can't be read: ${describeError(error)}.`,
      kinds,
      { cause: error },
    );
  });
  const shared = replayOptions(request);
  const { isBag } = await import('../../adapters/rosbag/index.ts');
  if (await isBag(spec)) return openBagSource({ path: spec }, request);
  if (found.isDirectory() || pictureEnding.test(spec)) {
    const replay = await import('../../adapters/replay/index.ts');
    const { decodePicture } = await import('../../adapters/sharp/index.ts');
    const total = (await replay.listPictures(spec)).length;
    const pace = { kind: realtime ? 'realtime' : 'every', fps: request.fps } as const;
    const source = new replay.FolderFrameSource(spec, decodePicture, { ...shared, pace });
    return { source, lossless: !realtime, kind: 'folder', ...ending(total, loop, limit) };
  }
  if (!found.isFile()) {
    throw new InputError(
      'source-kind',
      `${spec} is neither a folder nor a file.`,
      'Name a folder or a video file.',
    );
  }
  const { probeVideo, VideoFrameSource } = await import('../../adapters/ffmpeg/index.ts');
  const info = await probeVideo(spec);
  const pace = { kind: realtime ? 'realtime' : 'every', fps: info.fps } as const;
  const source = new VideoFrameSource(spec, { ...shared, pace });
  return { source, lossless: !realtime, kind: 'video', fps: info.fps, ...ending(info.frames, loop, limit) };
}

const bagScheme = /^(?:mcap|rosbag2):/i;

interface BagSpec {
  readonly path: string;
  readonly topic?: string;
}

/** `mcap:run.mcap?topic=/camera/image_raw` */
function bagSpec(spec: string): BagSpec {
  const [, path = '', topic] = /^[a-z0-9]+:(.*?)(?:\?topic=(.*))?$/i.exec(spec) ?? [];
  if (path === '' || topic === '') {
    throw new InputError(
      'source-kind',
      `The source ${spec} names no bag or no topic.`,
      'Write it so: mcap:run.mcap?topic=/camera/image_raw.',
    );
  }
  return { path, ...defined({ topic }) };
}

async function openBagSource({ path, topic }: BagSpec, request: SourceRequest): Promise<OpenedSource> {
  const { BagFrameSource } = await import('../../adapters/rosbag/index.ts');
  const { realtime, fps } = request;
  const pace = { kind: realtime ? 'realtime' : 'every', fps } as const;
  const which = defined({ topic });
  const source = new BagFrameSource(path, { ...replayOptions(request), ...which, pace });
  return { source, lossless: !realtime, kind: 'bag', ...ending(undefined, request.loop, request.limit) };
}

function replayOptions({ clock, loop, camera = 'camera', limit, frameId }: SourceRequest) {
  return {
    ...{ clock, loop, camera },
    ...defined({ limit, frameId }),
  };
}

function ending(total: number | undefined, loop: boolean, limit: number | undefined) {
  if (loop || total === undefined) return defined({ total: limit });
  return { total: Math.min(total, limit ?? total) };
}
