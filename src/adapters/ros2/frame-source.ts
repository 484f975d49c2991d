import {
  asGoshawkError,
  type Cancel,
  type Clock,
  defined,
  GoshawkError,
  InputError,
  LimitError,
  type Log,
  silentLog,
} from '../../base/index.ts';
import {
  type Frame,
  type FrameReceiver,
  type FrameSource,
  type Image,
  isStaleStamp,
  type Pixels,
} from '../../perception/index.ts';
import {
  type CameraInfo,
  type ConvertPicture,
  type ConvertPictureAside,
  convertPicture,
  type Qos,
  qosProfiles,
  type RosLosses,
  type RosMessage,
  type RosNode,
} from '../../ros2/index.ts';
import { CameraInfoKeeper } from './camera-info-keeper.ts';
import { ConvertedPixels } from './converted-pixels.ts';
import { type DecodePng, LatestDecode } from './latest-decode.ts';
import { LossCounter, type PictureLosses } from './picture-losses.ts';
import { PictureSubscription } from './picture-subscription.ts';
import { type ReadPicture, readPicture } from './read-picture.ts';
import { Spares } from './spares.ts';

export interface RosFrameSourceOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  readonly camera: string;
  /** `/camera/image_raw`. */
  readonly topic: string;
  /** sensor_msgs/msg/CompressedImage; default: as the publisher announces, or where the topic ends in `/compressed`. */
  readonly compressed?: boolean;
  /** Default: the sensor-data profile, which every publisher matches. */
  readonly qos?: Qos;
  /** Instead of the header's frame_id. */
  readonly frameId?: string;
  /** A camera without a picture for so long is told as a fault; default 5000 ms. */
  readonly silentAfterMs?: number;
  /** Largest message; default 64 MiB. */
  readonly maxBytes?: number;
  /** Of encodings that no preprocessor reads; default: in JavaScript. */
  readonly convert?: ConvertPicture;
  /** The same on another thread, for whoever can wait. */
  readonly convertAside?: ConvertPictureAside;
  /** Stamps are those of a simulation: latency counts from when a picture came. */
  readonly simulated?: () => boolean;
  /** Absent: a PNG is a fault. */
  readonly decodePng?: DecodePng;
  readonly log?: Log;
}

export interface RosSourceCounts {
  readonly received: number;
  /** Messages that could not be read. */
  readonly damaged: number;
  /** Stamps that went back by less than `clockResetNs`: an old picture, dropped. */
  readonly outOfOrder: number;
  /** Stamps that are zero, old or far ahead: their latency counts from when they came. */
  readonly stale: number;
  /** All of `losses`. */
  readonly lost: number;
  readonly losses: PictureLosses;
  readonly publishers: number;
}

function pixelsOf(data: Uint8Array, release: () => void, scattered: RosMessage['scattered']): Pixels {
  if (scattered === undefined) return { data, release };
  return {
    get data() {
      scattered.gather();
      return data;
    },
    scattered: { bytes: data, pieces: scattered.pieces },
    release,
  };
}

/** The log is told of losses no more often. */
const tellLossesEveryMs = 60_000;

/** A stamp that goes back further is a camera that started anew, not an old picture. */
const clockResetNs = 1_000_000_000n;

/** Pictures of a ROS 2 topic. They stay where the node has them: only the header is looked at here. */
export class RosFrameSource implements FrameSource {
  readonly camera: string;
  readonly #options: RosFrameSourceOptions;
  readonly #maxBytes: number;
  readonly #log: Log;
  readonly #cameraInfo: CameraInfoKeeper;
  readonly #spares = new Spares();
  readonly #decoder: LatestDecode<Image>;
  #receiver: FrameReceiver | undefined;
  #subscription: PictureSubscription | undefined;
  #cancelWatch: Cancel | undefined;
  #sequence = 0;
  #lastStampNs: bigint | undefined;
  #lastMessageMs = 0;
  #silent = false;
  readonly #losses: LossCounter;
  #lost = 0;
  #tooLarge = 0;
  #toldOnTheWay = 0;
  #riskTold = false;
  #tellAgainMs = 0;
  #received = 0;
  #damaged = 0;
  #outOfOrder = 0;
  #stale = 0;
  #publishers = 0;

  constructor(options: RosFrameSourceOptions) {
    this.camera = options.camera;
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? 64 << 20;
    this.#log = options.log ?? silentLog;
    this.#cameraInfo = new CameraInfoKeeper(options.node, this.#log, options.camera);
    this.#decoder = new LatestDecode(options.decodePng, unreadablePng);
    this.#losses = new LossCounter(options.node.tellsLosses);
  }

  /** What its `camera_info` said last. */
  get cameraInfo(): CameraInfo | undefined {
    return this.#cameraInfo.latest;
  }

  get counts(): RosSourceCounts {
    return {
      received: this.#received,
      damaged: this.#damaged,
      outOfOrder: this.#outOfOrder,
      stale: this.#stale,
      lost: this.#losses.total,
      losses: this.#losses.losses,
      publishers: this.#publishers,
    };
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const { node, clock, topic, qos = qosProfiles.sensorData, compressed } = this.#options;
    this.#receiver = receiver;
    this.#lastMessageMs = clock.monotonicMs();
    this.#silent = false;
    this.#subscription = new PictureSubscription({
      ...{ node, log: this.#log, camera: this.camera, topic, qos, maxBytes: this.#maxBytes },
      ...defined({ compressed }),
      onOpen: (name, isCompressed) => this.#subscribed(name, isCompressed),
      onMessage: (message, isCompressed) => this.#take(message, isCompressed),
      onPublishers: (count) => this.#count(count),
      onLosses: (losses) => this.#note(losses),
      onProblem: (problem) => this.#receiver?.fault(problem),
    });
    this.#subscription.open();
    this.#cameraInfo.open(this.#subscription.topic ?? topic);
    this.#cancelWatch = clock.every(500, () => this.#watch());
  }

  async close(): Promise<void> {
    this.#receiver = undefined;
    this.#decoder.clear();
    this.#cameraInfo.close();
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
    this.#subscription?.close();
    this.#subscription = undefined;
    this.#losses.restart();
  }

  #subscribed(topic: string, compressed: boolean): void {
    const { node, qos = qosProfiles.sensorData } = this.#options;
    const { reliability, durability, depth } = qos;
    this.#losses.restart();
    this.#log.info('subscribed', {
      ...{ camera: this.camera, topic, through: node.carrier, reliability, durability, depth },
    });
    if (compressed) return;
    const risk = reliability === 'best_effort' ? node.largeMessageRisk() : undefined;
    if (risk !== undefined && !this.#riskTold) this.#log.warn(risk, { camera: this.camera });
    this.#riskTold = true;
  }

  #take(message: RosMessage, compressed: boolean): void {
    const release = () => message.release();
    const receiver = this.#receiver;
    if (receiver === undefined) {
      release();
      return;
    }
    // Its publisher does send something, whether it can be used or not.
    this.#lastMessageMs = this.#options.clock.monotonicMs();
    this.#silent = false;
    try {
      const read = readPicture(message.bytes, compressed, this.#maxBytes);
      if (!this.#isNew(read.header.stampNs)) release();
      else if (read.png === true) this.#decode(read, release, receiver);
      else void receiver.frame({ ...this.#frame(read), pixels: this.#pixels(message, read, release) });
    } catch (error) {
      release();
      this.#damaged += 1;
      receiver.fault(asGoshawkError(error, 'ros-message'));
    }
  }

  #isNew(stampNs: bigint): boolean {
    const last = this.#lastStampNs;
    if (last !== undefined && stampNs < last && last - stampNs < clockResetNs) {
      this.#outOfOrder += 1;
      return false;
    }
    this.#lastStampNs = stampNs;
    return true;
  }

  #pixels(message: RosMessage, { raw, data }: ReadPicture, release: () => void): Pixels {
    if (raw === undefined) return pixelsOf(data, release, message.scattered);
    const { convert = convertPicture, convertAside: aside } = this.#options;
    return new ConvertedPixels(raw, message, { convert, aside, spares: this.#spares });
  }

  /** Its frame comes when it is decoded, unless the camera was closed meanwhile. */
  #decode(read: ReadPicture, release: () => void, receiver: FrameReceiver): void {
    const frame = this.#frame(read);
    const ifOpen = (act: () => void) => {
      if (this.#receiver === receiver) act();
    };
    this.#decoder.offer({
      ...{ bytes: read.data, release },
      done: ({ data, width, height, step, encoding }: Image) =>
        ifOpen(() => {
          const pixels = { data, release: () => {} };
          void receiver.frame({ ...frame, width, height, step, encoding, pixels });
        }),
      failed: (error) =>
        ifOpen(() => {
          this.#damaged += 1;
          receiver.fault(error);
        }),
    });
  }

  #frame({ header, picture }: ReadPicture): Omit<Frame, 'pixels'> {
    const { stampNs } = header;
    this.#losses.picture(stampNs);
    this.#skipLost();
    this.#received += 1;
    const sequence = this.#sequence;
    this.#sequence += 1;
    return {
      camera: this.camera,
      sequence,
      stampNs,
      frameId: this.#options.frameId ?? header.frameId,
      ...picture,
      ...this.#since(stampNs),
    };
  }

  /** What latency counts from, where that is not the stamp. */
  #since(stampNs: bigint): Pick<Frame, 'handedOverNs' | 'staleStamp'> {
    const { simulated, clock } = this.#options;
    const handedOverNs = clock.wallNs();
    if (simulated?.() === true) return { handedOverNs };
    if (!isStaleStamp(stampNs, handedOverNs)) return {};
    this.#stale += 1;
    if (this.#stale === 1)
      this.#log.warn(
        'The stamps of a camera differ from the current time: latency counts from the arrival of its pictures',
        {
          ...{ camera: this.camera, stampNs: String(stampNs) },
          remedy: 'Let the driver stamp its pictures; for a bag play it with --clock and set use_sim_time.',
        },
      );
    return { handedOverNs, staleStamp: true };
  }

  #count(publishers: number): void {
    if (publishers === this.#publishers) return;
    this.#publishers = publishers;
    const topic = this.#subscription?.topic ?? this.#options.topic;
    this.#log.info('publishers of a camera', { camera: this.camera, topic, publishers });
  }

  #note(losses: RosLosses): void {
    this.#losses.note(losses);
    const { largest } = losses;
    const { tooLarge } = this.#losses.losses;
    if (tooLarge > this.#tooLarge) {
      this.#tooLarge = tooLarge;
      this.#receiver?.fault(
        new LimitError(
          'ros-image-too-large',
          `A message on ${this.#subscription?.topic ?? this.#options.topic} has ${largest} bytes, at most ${this.#maxBytes} are taken.`,
          'Publish smaller or compressed pictures.',
        ),
      );
    }
  }

  /** A gap of the sequence says that frames were lost before us. */
  #skipLost(): void {
    const lost = this.#losses.total;
    this.#sequence += Math.max(0, lost - this.#lost);
    this.#lost = Math.max(lost, this.#lost);
  }

  /** Says once in a while how many were lost before us, and why where that is known. */
  #tellLosses(): void {
    const { clock, node } = this.#options;
    const { onTheWay, onTheWayBy } = this.#losses.losses;
    const more = onTheWay - this.#toldOnTheWay;
    if (more <= 0 || clock.monotonicMs() < this.#tellAgainMs) return;
    this.#tellAgainMs = clock.monotonicMs() + tellLossesEveryMs;
    this.#toldOnTheWay = onTheWay;
    const cause = node.lossCause();
    this.#log.warn('Pictures were lost on the way', {
      ...{ camera: this.camera, more, all: onTheWay, by: onTheWayBy },
      ...defined({ cause }),
    });
  }

  #watch(): void {
    this.#tellLosses();
    this.#subscription?.look();
    const { clock, topic, silentAfterMs = 5000 } = this.#options;
    if (this.#silent || clock.monotonicMs() - this.#lastMessageMs < silentAfterMs) return;
    this.#silent = true;
    const why = this.#publishers === 0 ? 'it has no publishers' : 'its publisher sends no pictures';
    this.#receiver?.fault(
      new GoshawkError(
        'ros-camera-silent',
        `No picture came on ${topic} for ${(silentAfterMs / 1000).toFixed(1)} s: ${why}.`,
        'Check that the camera’s node runs, the name of the topic, and ROS_DOMAIN_ID.',
      ),
    );
  }
}

function unreadablePng(reason: string): InputError {
  return new InputError(
    'ros-encoding',
    `A compressed image of format png can't be read: ${reason}.`,
    'Check the camera, or let image_transport publish JPEG (format: jpeg).',
  );
}
