import { type Clock, type Log, silentLog } from '../../base/index.ts';
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
import { type TfTarget, TransformQueue } from './transform-queue.ts';

/** What a camera with depth has. */
export interface CameraDepth {
  /** The depth picture of a stamp, or undefined where none is near. */
  at(stampNs: bigint): DepthPicture | undefined;
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
  readonly #queues = new Map<string, { readonly target: TfTarget; readonly queue: TransformQueue }>();
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
    const objects = this.#locate(result, depth);
    if (typeof objects === 'string') {
      this.#tell(camera, { about: objects, reason: objects });
      return;
    }
    const { placement, tf } = depth;
    const publish = (frameId: string, placed: readonly LocatedObject[]) => {
      this.#told.delete(camera);
      topic.publish(writeDetections3d(this.#writer, { stampNs, frameId }, placed));
    };
    if (tf !== undefined) {
      this.#queue(camera, tf).offer({
        ...{ stampNs, frameId: result.frameId },
        publish: (transform) =>
          publish(frameName(tf.frameId), moved(objects, { frameId: tf.frameId, ...transform })),
      });
    } else if (placement === undefined) publish(result.frameId, objects);
    else publish(placement.frameId, moved(objects, placement));
  }

  close(): void {
    for (const { queue } of this.#queues.values()) queue.close();
    this.#queues.clear();
  }

  #tell(camera: string, { about, ...why }: { about: string; reason: string; remedy?: string }): void {
    if (this.#told.get(camera) === about) return;
    this.#told.set(camera, about);
    this.#log.warn('No third dimension', { camera, ...why });
  }

  #queue(camera: string, target: TfTarget): TransformQueue {
    const known = this.#queues.get(camera);
    if (known?.target === target) return known.queue;
    known?.queue.close();
    const queue = new TransformQueue(target, this.#options.clock, (why) => this.#tell(camera, why));
    this.#queues.set(camera, { target, queue });
    return queue;
  }

  /** The objects, or why there are none. */
  #locate(result: PerceptionResult, depth: CameraDepth): LocatedObject[] | string {
    const picture = depth.at(result.stampNs);
    if (picture === undefined) return 'no depth picture came within 0.1 s of its stamp';
    const own = this.#options.cameraInfo(result.camera);
    if (own === undefined) return 'no camera_info came beside the camera’s topic';
    const lens = lensOf(own, result);
    if (lens === undefined) return 'the camera_info is of a picture of another form, or says no focal length';
    const theirs =
      depth.cameraInfo === undefined
        ? scaledLens(lens, picture.width, picture.height)
        : lensOf(depth.cameraInfo, picture);
    if (theirs === undefined)
      return `the depth picture of ${picture.width}x${picture.height} is not aligned to the camera, and no fitting camera_info came beside it`;
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
    const { node, cameras, qos = qosProfiles.standard } = this.#options;
    const known = this.#topics.get(camera);
    if (known !== undefined) return known;
    const name = `${cameraPrefix(camera, cameras)}/detections_3d`;
    const made = node.advertise(name, 'vision_msgs/msg/Detection3DArray', qos);
    this.#topics.set(camera, made);
    return made;
  }
}

/** Objects of the camera's frame in another one. */
function moved(objects: readonly LocatedObject[], placement: Placement): LocatedObject[] {
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
