import { basename } from 'node:path';
import { asGoshawkError, counted, type GoshawkError, InputError } from '../../base/index.ts';
import {
  checkCameraSize,
  type FrameReceiver,
  type FrameSource,
  type RecordedFrame,
  type ReplayOptions,
  ReplayStream,
} from '../../perception/index.ts';
import {
  checkCompressedPicture,
  checkPicture,
  convertedBytes,
  convertPicture,
  type RawPicture,
  readCompressedImage,
  readImage,
} from '../../ros2/index.ts';
import { type BagMessage, type BagTopic, mostBytes } from './bag.ts';
import { type Bag, openBag } from './open-bag.ts';

export interface BagSourceOptions extends ReplayOptions {
  /** Default: the one topic of pictures that the bag has. */
  readonly topic?: string;
}

const compressed = 'sensor_msgs/msg/CompressedImage';
const pictures = ['sensor_msgs/msg/Image', compressed];
const limits = { maxBytes: mostBytes, maxString: 4096, maxElements: 1 };

/** `FrameSource` over one topic of a recording of ROS: every picture once, with the stamp of its header. */
export class BagFrameSource implements FrameSource {
  readonly camera: string;
  readonly #path: string;
  readonly #options: BagSourceOptions;
  readonly #stream: ReplayStream;

  constructor(path: string, options: BagSourceOptions) {
    this.#path = path;
    this.#options = options;
    this.#stream = new ReplayStream(options);
    this.camera = this.#stream.camera;
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const play = this.#stream.begin();
    const bag = await openBag(this.#path);
    const topic = topicOf(this.#path, bag, this.#options.topic);
    play(() => this.#frames(bag, topic), receiver);
  }

  async close(): Promise<void> {
    await this.#stream.stop();
  }

  async *#frames(bag: Bag, topic: BagTopic): AsyncGenerator<RecordedFrame | GoshawkError> {
    const times = new RecordedTimes();
    const name = basename(this.#path);
    let index = 0;
    for (const open of bag.files) {
      const file = await open();
      try {
        for await (const message of file.messages(topic.name)) {
          try {
            yield frameOf(message, topic, { name, index }, times);
          } catch (error) {
            yield asGoshawkError(error, 'ros-message');
          }
          index += 1;
        }
      } finally {
        await file.close();
      }
    }
  }
}

function topicOf(path: string, { topics }: Bag, wanted: string | undefined): BagTopic {
  const found = topics.filter(({ type }) => pictures.includes(type));
  const names = found.map(({ name }) => name).join(', ');
  const remedy = names === '' ? 'It holds no topic of pictures.' : `Its topics of pictures are ${names}.`;
  if (wanted !== undefined) {
    const topic = found.find(({ name }) => name === wanted);
    if (topic !== undefined) return topic;
    throw new InputError('bag-topic', `The bag ${path} has no pictures on ${wanted}.`, remedy);
  }
  if (found.length === 1) return found[0]!;
  throw new InputError(
    'bag-topic',
    `The bag ${path} has ${counted(found.length, 'topic')} of pictures.`,
    found.length === 0 ? remedy : `Name one: ${path}?topic=${found[0]!.name}. ${remedy}`,
  );
}

/** Times from the first picture on, by the headers' stamps; by the recorder's clock where a header has none. */
class RecordedTimes {
  #firstNs: bigint | undefined;
  #lastNs = 0n;

  at(stampNs: bigint, loggedNs: bigint): bigint {
    const atNs = stampNs === 0n ? loggedNs : stampNs;
    this.#firstNs ??= atNs;
    const timeNs = atNs - this.#firstNs;
    // A recorder may write two of them in the wrong order, and time does not go back.
    if (timeNs > this.#lastNs) this.#lastNs = timeNs;
    return this.#lastNs;
  }
}

function frameOf(
  { bytes, loggedNs }: BagMessage,
  { type }: BagTopic,
  origin: { readonly name: string; readonly index: number },
  times: RecordedTimes,
): RecordedFrame {
  const { header, data, ...picture } = type === compressed ? ofCompressed(bytes) : ofRaw(bytes);
  checkCameraSize(origin.name, picture.width, picture.height);
  const timeNs = times.at(header.stampNs, loggedNs);
  return {
    ...picture,
    ...(header.frameId === '' ? {} : { frameId: header.frameId }),
    timeNs,
    origin: { ...origin, timeMs: Number(timeNs / 1000n) / 1000 },
    pixels: { data, release: () => {} },
  };
}

function ofRaw(bytes: Uint8Array) {
  const message = readImage(bytes, limits);
  const { raw, ...picture } = checkPicture(message);
  return {
    ...{ header: message.header, ...picture },
    data: raw === undefined ? message.data : converted(raw),
  };
}

function converted(raw: RawPicture): Uint8Array {
  const out = new Uint8Array(convertedBytes(raw.encoding, raw.width, raw.height));
  convertPicture(raw, out);
  return out;
}

function ofCompressed(bytes: Uint8Array) {
  const message = readCompressedImage(bytes, limits);
  const size = checkCompressedPicture(message);
  return { header: message.header, data: message.data, ...size, step: 0, encoding: 'jpeg' as const };
}
