import { asGoshawkError, InputError, type Log } from '../../base/index.ts';
import type { DepthPicture } from '../../perception/index.ts';
import {
  type CameraInfo,
  type ImageMessage,
  qosProfiles,
  type RosEndpoint,
  type RosMessage,
  type RosNode,
  readImage,
} from '../../ros2/index.ts';
import { CameraInfoKeeper } from './camera-info-keeper.ts';

/** As many pictures are kept: a result comes some tens of milliseconds after its picture. */
const most = 4;
const maxBytes = 64 << 20;
const maxSide = 16_384;
/** A depth picture further from the result's stamp is another scene. */
const toleranceNs = 100_000_000n;

interface Kept {
  readonly stampNs: bigint;
  readonly picture: DepthPicture;
  release(): void;
}

/** The last depth pictures of a topic, and the calibration beside it. */
export class DepthKeeper {
  readonly #node: RosNode;
  readonly #log: Log;
  readonly #cameraInfo: CameraInfoKeeper;
  readonly #kept: Kept[] = [];
  #subscription: RosEndpoint | undefined;
  #told = false;

  constructor(node: RosNode, log: Log, camera: string) {
    this.#node = node;
    this.#log = log;
    this.#cameraInfo = new CameraInfoKeeper(node, log, `${camera} (depth)`);
  }

  get cameraInfo(): CameraInfo | undefined {
    return this.#cameraInfo.latest;
  }

  open(topic: string): void {
    this.#subscription = this.#node.subscribe({
      ...{ topic, type: 'sensor_msgs/msg/Image', qos: qosProfiles.sensorData, maxBytes, queue: most },
      onMessage: (message) => this.#take(message),
    });
    this.#cameraInfo.open(this.#subscription.topic);
  }

  close(): void {
    this.#subscription?.close();
    this.#subscription = undefined;
    this.#cameraInfo.close();
    for (const { release } of this.#kept.splice(0)) release();
  }

  /** The one nearest to this stamp, or undefined where none is near. */
  at(stampNs: bigint): DepthPicture | undefined {
    let nearest: Kept | undefined;
    for (const kept of this.#kept)
      if (nearest === undefined || distance(kept, stampNs) < distance(nearest, stampNs)) nearest = kept;
    return nearest === undefined || distance(nearest, stampNs) > toleranceNs ? undefined : nearest.picture;
  }

  #take(message: RosMessage): void {
    const release = () => message.release();
    try {
      const image = readImage(message.bytes, { maxBytes, maxString: 4096, maxElements: 1 });
      this.#kept.push({ stampNs: image.header.stampNs, picture: depthOf(image), release });
      this.#told = false;
    } catch (error) {
      release();
      if (!this.#told) {
        const { message: reason } = asGoshawkError(error, 'ros-message');
        this.#log.warn('A depth picture can’t be read', { topic: this.#subscription?.topic, reason });
      }
      this.#told = true;
    }
    while (this.#kept.length > most) this.#kept.shift()?.release();
  }
}

function distance({ stampNs }: Kept, from: bigint): bigint {
  return stampNs > from ? stampNs - from : from - stampNs;
}

/** Throws an InputError where it is none, or its header does not fit its bytes. */
export function depthOf(image: ImageMessage): DepthPicture {
  const { encoding, width, height, step, data, isBigendian } = image;
  const unit = encoding === '16UC1' || encoding === 'mono16' ? 'mm' : encoding === '32FC1' ? 'm' : undefined;
  const wrong = (what: string) =>
    new InputError(
      'ros-depth',
      `A depth picture ${what}.`,
      'Name a topic with 16UC1 (millimetres) or 32FC1 (metres), aligned to the camera or with a camera_info beside it.',
    );
  if (unit === undefined) throw wrong(`has the encoding "${encoding}"`);
  const row = width * (unit === 'mm' ? 2 : 4);
  if (width < 1 || height < 1 || width > maxSide || height > maxSide) throw wrong(`is ${width}x${height}`);
  if (step < row) throw wrong(`says ${step} bytes a row, but a row needs ${row}`);
  const need = (height - 1) * step + row;
  if (data.length < need) throw wrong(`needs ${need} bytes, but has ${data.length}`);
  return { data, width, height, step, unit, bigEndian: isBigendian };
}
