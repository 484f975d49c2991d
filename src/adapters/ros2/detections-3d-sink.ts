import { type Log, silentLog } from '../../base/index.ts';
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
  type LocatedObject,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeDetections3d,
} from '../../ros2/index.ts';
import { cameraPrefix } from './camera-topics.ts';

/** What a camera with depth has. */
export interface CameraDepth {
  /** The depth picture of a stamp, or undefined where none is near. */
  at(stampNs: bigint): DepthPicture | undefined;
  /** The depth camera's calibration; absent: its pictures are aligned to the camera's. */
  readonly cameraInfo: CameraInfo | undefined;
  /** Where the camera stands in another frame; absent: results are in the camera's own. */
  readonly placement?: Placement;
}

export interface RosDetections3dSinkOptions {
  readonly node: RosNode;
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
    const why = typeof objects === 'string' ? objects : '';
    if ((this.#told.get(camera) ?? '') !== why) {
      if (why !== '') this.#log.warn('No third dimension', { camera, reason: why });
      this.#told.set(camera, why);
    }
    if (typeof objects === 'string') return;
    const frameId = depth.placement?.frameId ?? result.frameId;
    topic.publish(writeDetections3d(this.#writer, { stampNs, frameId }, objects));
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
    const { placement } = depth;
    return result.detections.flatMap(({ label, score, box, trackId }): LocatedObject[] => {
      const located = locate(box);
      if (located === undefined) return [];
      const { center, size } = located;
      const id = trackId === undefined ? '' : String(trackId);
      return placement === undefined
        ? [{ label, score, center, size, orientation: noRotation, id }]
        : [{ label, score, center: placed(placement, center), size, orientation: placement.rotation, id }];
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
