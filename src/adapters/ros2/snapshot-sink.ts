import {
  type Cancel,
  type Clock,
  describeError,
  InputError,
  LimitError,
  MissingError,
} from '../../base/index.ts';
import type { DetectionSink, Frame, Image, PerceptionResult } from '../../perception/index.ts';
import { Allowance, type Header, type RosEndpoint, type RosNode } from '../../ros2/index.ts';

/** Port: what of a picture may be seen, as a JPEG. Rejects where nothing may, or where it can't be made. */
export type TakeSnapshot = (
  image: Image,
  result: PerceptionResult,
  options: { readonly annotated: boolean },
) => Promise<Uint8Array>;

export interface RosSnapshotSinkOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  readonly cameras: readonly string[];
  readonly take: TakeSnapshot;
}

interface Snapshot {
  readonly header: Header;
  readonly format: string;
  readonly data: Uint8Array;
}

interface Waiting {
  readonly camera: string;
  readonly annotated: boolean;
  readonly cancel: Cancel;
  readonly resolve: (snapshot: Snapshot) => void;
  readonly reject: (error: unknown) => void;
}

const waitMs = 5_000;
/** Requests that wait at the same time: each costs a picture. */
const mostWaiting = 4;
/** One a second and a few at once: each costs a copy of a whole picture and a JPEG. */
const mostPerMinute = 60;

/**
 * `~/snapshot`: the next picture of a camera, with what was found in it. Nothing is copied while nobody asks, and who asks
 * for the same gets one picture.
 */
export class RosSnapshotSink implements DetectionSink {
  readonly #options: RosSnapshotSinkOptions;
  readonly #endpoint: RosEndpoint;
  readonly #allowed = new Allowance(mostPerMinute, 60_000);
  #waiting: Waiting[] = [];
  #taking = 0;

  constructor(options: RosSnapshotSinkOptions) {
    this.#options = options;
    this.#endpoint = options.node.serve('~/snapshot', 'goshawk_msgs/srv/Snapshot', async (request) => {
      try {
        const picture = await this.#next(request);
        return { success: true, message: '', picture };
      } catch (error) {
        return { success: false, message: describeError(error).slice(0, 2000) };
      }
    });
  }

  publish(result: PerceptionResult, frame: Frame): void {
    const asked = this.#waiting.filter(({ camera }) => camera === result.camera);
    if (asked.length === 0) return;
    this.#waiting = this.#waiting.filter(({ camera }) => camera !== result.camera);
    const { width, height, step, encoding } = frame;
    // The frame's pixels are valid during this call only.
    const image = { width, height, step, encoding, data: Uint8Array.from(frame.pixels.data) };
    for (const annotated of [true, false]) {
      const same = asked.filter((one) => one.annotated === annotated);
      if (same.length > 0) void this.#take(image, result, annotated, same);
    }
  }

  close(): void {
    this.#endpoint.close();
    for (const { cancel } of this.#waiting.splice(0)) cancel();
  }

  async #next({ camera, annotated }: { camera: string; annotated: boolean }): Promise<Snapshot> {
    const { cameras, clock } = this.#options;
    const [only, ...others] = cameras;
    const meant = camera === '' && others.length === 0 ? only : camera;
    if (meant === undefined || !cameras.includes(meant))
      throw new InputError(
        'ros-snapshot-camera',
        `There is no camera "${camera.slice(0, 64)}" to take a picture of.`,
        `Name one of ${cameras.join(', ')}.`,
      );
    if (this.#waiting.length + this.#taking >= mostWaiting)
      throw new LimitError(
        'ros-snapshot-busy',
        'Too many clients ask for pictures at once.',
        'Ask again in a moment.',
      );
    if (!this.#allowed.take(clock.monotonicMs()))
      throw new LimitError(
        'ros-snapshot-busy',
        `More than ${mostPerMinute} pictures a minute were requested.`,
        'Read ~/annotated/compressed for every picture.',
      );
    return new Promise((resolve, reject) => {
      const waiting = {
        ...{ camera: meant, annotated, resolve, reject },
        cancel: clock.after(waitMs, () => {
          this.#waiting = this.#waiting.filter((one) => one !== waiting);
          reject(
            new MissingError(
              'ros-snapshot-silent',
              `The camera ${meant} gave no picture in ${waitMs / 1000} s.`,
              'Switch it on (~/enable), activate the node, or see what is wrong with the camera.',
            ),
          );
        }),
      };
      this.#waiting.push(waiting);
    });
  }

  async #take(
    image: Image,
    result: PerceptionResult,
    annotated: boolean,
    asked: readonly Waiting[],
  ): Promise<void> {
    for (const { cancel } of asked) cancel();
    this.#taking += asked.length;
    try {
      const data = await this.#options.take(image, result, { annotated });
      const header = { stampNs: result.stampNs, frameId: result.frameId };
      for (const { resolve } of asked) resolve({ header, format: 'jpeg', data });
    } catch (error) {
      for (const { reject } of asked) reject(error);
    } finally {
      this.#taking -= asked.length;
    }
  }
}
