import {
  asGoshawkError,
  type Cancel,
  type Clock,
  type GoshawkError,
  InputError,
  type Log,
} from '../../base/index.ts';
import type { DepthPicture } from '../../perception/index.ts';
import {
  type CameraInfo,
  checkCompressedDepth,
  type ImageMessage,
  qosProfiles,
  type RosMessage,
  type RosNode,
  readCompressedImage,
  readImage,
} from '../../ros2/index.ts';
import { CameraInfoKeeper } from './camera-info-keeper.ts';
import { LatestDecode } from './latest-decode.ts';
import { Listeners } from './listeners.ts';
import { PictureSubscription } from './picture-subscription.ts';

/** As many pictures are kept: a result comes some tens of milliseconds after its picture. */
const most = 4;
const maxBytes = 64 << 20;
/** Of all that are kept; the newest one always is. */
const maxKeptBytes = 2 * maxBytes;
const limits = { maxBytes, maxString: 4096, maxElements: 1 };
const maxSide = 16_384;
/** A depth picture further from the result's stamp is another scene. */
const toleranceNs = 100_000_000n;
const lookEveryMs = 500;

/** Port: a PNG's 16-bit values, decoded on another thread. */
export type DecodeDepth = (
  png: Uint8Array,
) => Promise<{ readonly data: Uint8Array; readonly width: number; readonly height: number }>;

export interface DepthKeeperOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  readonly log: Log;
  /** The camera that the depth belongs to. */
  readonly camera: string;
  /** Absent: compressed depth is not read. */
  readonly decode?: DecodeDepth;
}

interface Kept {
  readonly stampNs: bigint;
  readonly picture: DepthPicture;
  release(): void;
}

/** The last depth pictures of a topic, raw or compressed, and the calibration beside it. */
export class DepthKeeper {
  readonly #options: DepthKeeperOptions;
  readonly #cameraInfo: CameraInfoKeeper;
  readonly #decoder: LatestDecode<Awaited<ReturnType<DecodeDepth>>>;
  readonly #kept: Kept[] = [];
  readonly #changed: Listeners;
  #subscription: PictureSubscription | undefined;
  #publishers = 0;
  #cancelLook: Cancel | undefined;
  #told = false;

  constructor(options: DepthKeeperOptions) {
    this.#options = options;
    const { node, log, camera, decode } = options;
    this.#changed = new Listeners(log, 'a depth picture');
    this.#cameraInfo = new CameraInfoKeeper(node, log, `${camera} (depth)`);
    this.#decoder = new LatestDecode(decode, (reason) => wrongDepth(`can’t be decoded: ${reason}`));
  }

  get cameraInfo(): CameraInfo | undefined {
    return this.#cameraInfo.latest;
  }

  open(topic: string): void {
    const { node, log, camera, clock } = this.#options;
    const subscription = new PictureSubscription({
      ...{ node, log, camera: `${camera} (depth)`, topic, qos: qosProfiles.sensorData },
      ...{ maxBytes, whole: true },
      onOpen: () => {},
      onMessage: (message, compressed) => this.#take(message, compressed),
      onPublishers: (count) => {
        this.#publishers = count;
      },
      onLosses: () => {},
      onProblem: (problem) => this.#tell(problem),
    });
    subscription.open();
    this.#subscription = subscription;
    this.#cameraInfo.open(subscription.topic ?? topic);
    this.#cancelLook = clock.every(lookEveryMs, () => subscription.look());
  }

  close(): void {
    this.#cancelLook?.();
    this.#subscription?.close();
    this.#subscription = undefined;
    this.#publishers = 0;
    this.#decoder.clear();
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

  /** Whether one of this stamp, or after it, is not there and may still come or be decoded. */
  awaits(stampNs: bigint): boolean {
    if (this.#subscription === undefined || (this.#publishers === 0 && !this.#decoder.busy)) return false;
    return this.#kept.every((kept) => kept.stampNs < stampNs);
  }

  /** Whenever a picture is kept. */
  onChange(changed: () => void): Cancel {
    return this.#changed.add(changed);
  }

  #take(message: RosMessage, compressed: boolean): void {
    const release = () => message.release();
    try {
      if (compressed) {
        this.#decode(message, release);
        return;
      }
      const image = readImage(message.bytes, limits);
      this.#keep({ stampNs: image.header.stampNs, picture: depthOf(image), release });
    } catch (error) {
      release();
      this.#tell(asGoshawkError(error, 'ros-message'));
    }
  }

  /** It is kept when it is decoded, unless it was closed meanwhile. */
  #decode(message: RosMessage, release: () => void): void {
    const image = readCompressedImage(message.bytes, limits);
    const { png, unit, width, height } = checkCompressedDepth(image);
    const opened = this.#subscription;
    this.#decoder.offer({
      ...{ bytes: png, release },
      done: (decoded) => {
        if (opened !== this.#subscription || opened === undefined) return;
        if (decoded.width !== width || decoded.height !== height) this.#tell(wrongDepth('has two sizes'));
        else
          this.#keep({
            stampNs: image.header.stampNs,
            picture: { data: decoded.data, width, height, step: width * 2, unit, bigEndian: false },
            release: () => {},
          });
      },
      failed: (error) => this.#tell(error),
    });
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept);
    this.#told = false;
    while (this.#kept.length > 1 && this.#isTooMuch()) this.#kept.shift()?.release();
    this.#changed.call();
  }

  #isTooMuch(): boolean {
    const bytes = this.#kept.reduce((sum, { picture }) => sum + picture.data.length, 0);
    return this.#kept.length > most || bytes > maxKeptBytes;
  }

  /** Once until one can be read again. */
  #tell({ message: reason, remedy }: GoshawkError): void {
    if (!this.#told)
      this.#options.log.warn('A depth picture can’t be read', {
        ...{ topic: this.#subscription?.topic, reason, remedy },
      });
    this.#told = true;
  }
}

function distance({ stampNs }: Kept, from: bigint): bigint {
  return stampNs > from ? stampNs - from : from - stampNs;
}

function wrongDepth(what: string): InputError {
  return new InputError(
    'ros-depth',
    `A depth picture ${what}.`,
    'Name a topic with 16UC1 (millimetres) or 32FC1 (metres), raw or as .../compressedDepth, aligned to the camera or with a camera_info beside it.',
  );
}

/** Throws an InputError where it is none, or its header does not fit its bytes. */
export function depthOf(image: ImageMessage): DepthPicture {
  const { encoding, width, height, step, data, isBigendian } = image;
  const unit = encoding === '16UC1' || encoding === 'mono16' ? 'mm' : encoding === '32FC1' ? 'm' : undefined;
  if (unit === undefined) throw wrongDepth(`has the encoding "${encoding}"`);
  const row = width * (unit === 'mm' ? 2 : 4);
  if (width < 1 || height < 1 || width > maxSide || height > maxSide)
    throw wrongDepth(`is ${width}x${height}`);
  if (step < row) throw wrongDepth(`says ${step} bytes a row, but a row needs ${row}`);
  const need = (height - 1) * step + row;
  if (data.length < need) throw wrongDepth(`needs ${need} bytes, but has ${data.length}`);
  return { data, width, height, step, unit, bigEndian: isBigendian };
}
