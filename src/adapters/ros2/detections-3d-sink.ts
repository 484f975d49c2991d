import { type Cancel, type Clock, type Log, silentLog } from '../../base/index.ts';
import {
  boxLocator,
  type DepthPicture,
  type DetectionSink,
  type Lens,
  noRotation,
  type PerceptionResult,
  type Placement,
  placed,
  scaledLens,
} from '../../perception/index.ts';
import {
  type CameraInfo,
  CdrWriter,
  frameName,
  type LocatedObject,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeDetections3d,
} from '../../ros2/index.ts';
import { cameraPrefix } from './camera-topics.ts';
import { type MissingPlace, missingPlace } from './missing-place.ts';
import type { TfTarget } from './tf-listener.ts';
import { type Postponed, WaitingResults } from './waiting-results.ts';

/** What a camera with depth has. */
export interface CameraDepth {
  /** The depth picture of a stamp, or undefined where none is near. */
  at(stampNs: bigint): DepthPicture | undefined;
  /** Whether one of this stamp, or after it, is not there and may still come; absent: none does. */
  awaits?(stampNs: bigint): boolean;
  /** Whenever a picture came. */
  onChange?(changed: () => void): Cancel;
  /** The depth camera's calibration; absent: its pictures are aligned to the camera's. */
  readonly cameraInfo: CameraInfo | undefined;
  /** Where the camera stands in another frame; absent, and no `tf`: results are in the camera's own. */
  readonly placement?: Placement;
  /** The frame in which tf says where the camera is. */
  readonly tf?: TfTarget;
}

export interface RosDetections3dSinkOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  /** Cameras that are published. */
  readonly cameras: readonly string[];
  readonly depth: (camera: string) => CameraDepth | undefined;
  /** The camera's own calibration. */
  readonly cameraInfo: (camera: string) => CameraInfo | undefined;
  /** Default: reliable, depth 10, as the detections beside it. */
  readonly qos?: Qos;
  readonly log?: Log;
}

/** `~/detections_3d` of cameras with depth, from the first result on; what can't be located is left out. */
export class RosDetections3dSink implements DetectionSink {
  readonly #options: RosDetections3dSinkOptions;
  readonly #log: Log;
  readonly #writer = new CdrWriter({ capacity: 64 << 10 });
  readonly #topics = new Map<string, RosPublisher>();
  readonly #waiting = new Map<string, WaitingCamera>();
  /** Why a camera's results have no third dimension: told when it changes. */
  readonly #told = new Map<string, string>();

  constructor(options: RosDetections3dSinkOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
  }

  publish(result: PerceptionResult): void {
    const { camera, stampNs } = result;
    const { cameras, depth: depthOf } = this.#options;
    const depth = result.further === true || !cameras.includes(camera) ? undefined : depthOf(camera);
    if (depth === undefined) return;
    const topic = this.#topic(camera);
    if (topic.subscribers() === 0) return;
    let objects: readonly LocatedObject[] | undefined;
    this.#queue(camera, depth).offer((last) => {
      if (objects === undefined) {
        const found = this.#locate(result, depth, last);
        if (!isLocated(found)) return found;
        objects = found;
      }
      const placement = placementOf(depth, result);
      if (placement !== undefined && 'why' in placement) return placement;
      this.#told.delete(camera);
      const header = { stampNs, frameId: placement?.frameId ?? result.frameId };
      topic.publish(writeDetections3d(this.#writer, header, moved(objects, placement)));
      return undefined;
    });
  }

  close(): void {
    for (const { close } of this.#waiting.values()) close();
    this.#waiting.clear();
  }

  #tell(camera: string, { about, ...why }: MissingPlace): void {
    if (this.#told.get(camera) === about) return;
    this.#told.set(camera, about);
    this.#log.warn('No third dimension', { camera, ...why });
  }

  /** Another source of the camera has other pictures, and another queue. */
  #queue(camera: string, depth: CameraDepth): WaitingResults {
    const known = this.#waiting.get(camera);
    if (known?.depth === depth) return known.results;
    known?.close();
    const results = new WaitingResults({
      clock: this.#options.clock,
      waitMs: depth.tf?.waitMs ?? depthWaitMs,
      refused: (why) => this.#tell(camera, why),
    });
    const look = () => results.look();
    const cancels = [depth.onChange?.(look), depth.tf?.listener.onChange(look)];
    const close = () => {
      for (const cancel of cancels) cancel?.();
      results.close();
    };
    this.#waiting.set(camera, { depth, results, close });
    return results;
  }

  /** The objects, or why there are none. What is near is not taken while its own depth may come, but for the last time. */
  #locate(result: PerceptionResult, depth: CameraDepth, last: boolean): LocatedObject[] | Postponed {
    if (!last && depth.awaits?.(result.stampNs) === true) return unlocated(noDepth, false);
    const picture = depth.at(result.stampNs);
    if (picture === undefined) return unlocated(noDepth);
    const own = this.#options.cameraInfo(result.camera);
    if (own === undefined) return unlocated('no camera_info came beside the camera’s topic');
    const lens = lensOf(own, result);
    if (lens === undefined)
      return unlocated('the camera_info is of a picture of another form, or says no focal length');
    const theirs =
      depth.cameraInfo === undefined
        ? scaledLens(lens, picture.width, picture.height)
        : lensOf(depth.cameraInfo, picture);
    if (theirs === undefined)
      return unlocated(
        `the depth picture of ${picture.width}x${picture.height} is not aligned to the camera, and no fitting camera_info came beside it`,
      );
    const locate = boxLocator(picture, theirs, lens);
    return result.detections.flatMap(({ label, score, box, trackId }): LocatedObject[] => {
      const located = locate(box);
      if (located === undefined) return [];
      const { center, size } = located;
      const id = trackId === undefined ? '' : String(trackId);
      return [{ label, score, center, size, orientation: noRotation, id }];
    });
  }

  #topic(camera: string): RosPublisher {
    const { node, qos = qosProfiles.standard } = this.#options;
    const known = this.#topics.get(camera);
    if (known !== undefined) return known;
    const name = `${cameraPrefix(camera)}/detections_3d`;
    const made = node.advertise(name, 'vision_msgs/msg/Detection3DArray', qos);
    this.#topics.set(camera, made);
    return made;
  }
}

interface WaitingCamera {
  readonly depth: CameraDepth;
  readonly results: WaitingResults;
  readonly close: () => void;
}

/** About as long as a depth picture comes after the camera's, or is decoded. */
const depthWaitMs = 100;
const noDepth = 'no depth picture came within 0.1 s of its stamp';

function unlocated(reason: string, final = true): Postponed {
  return { why: { about: reason, reason }, final };
}

function isLocated(found: LocatedObject[] | Postponed): found is LocatedObject[] {
  return Array.isArray(found);
}

/** Undefined where results stay in the camera's own frame. */
function placementOf(
  { placement, tf }: CameraDepth,
  { frameId, stampNs }: PerceptionResult,
): Placement | Postponed | undefined {
  if (tf === undefined) return placement;
  const toleranceNs = BigInt(Math.round(tf.toleranceMs * 1e6));
  const found = tf.listener.lookup(tf.frameId, frameId, stampNs, toleranceNs);
  if ('missing' in found) return { why: missingPlace(found.missing), final: found.missing.kind === 'past' };
  return { frameId: frameName(tf.frameId), ...found.transform };
}

/** Objects of the camera's frame in another one. */
function moved(
  objects: readonly LocatedObject[],
  placement: Placement | undefined,
): readonly LocatedObject[] {
  if (placement === undefined) return objects;
  return objects.map((object) => ({
    ...object,
    center: placed(placement, object.center),
    orientation: placement.rotation,
  }));
}

/** By the matrix K: lens distortion is left out. */
function lensOf(
  info: CameraInfo,
  size: { readonly width: number; readonly height: number },
): Lens | undefined {
  const { k, roi, width, height } = info;
  if (roi.width > 0 && (roi.width !== width || roi.height !== height)) return undefined;
  const [fx = 0, , cx = 0, , fy = 0, cy = 0] = k;
  return scaledLens({ width, height, fx, fy, cx, cy }, size.width, size.height);
}
