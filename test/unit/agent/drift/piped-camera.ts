import {
  type Detection,
  type DetectionRequest,
  type DetectionSink,
  type Detector,
  type DetectorIdentity,
  type PerceptionResult,
  Pipeline,
  thumbnail,
} from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { ToyCamera } from '../../drift/toy-camera.ts';
import { FakeSource } from '../../perception/fakes.ts';

export const pictureSize = { width: 128, height: 72 };
const { width, height } = pictureSize;
const everyMs = 200;

/** What answers for a network: `seen` is what the toy camera shows, in pixels of its own picture, five times as large. */
export interface ToyModel {
  readonly identity: DetectorIdentity;
  answer(seen: PerceptionResult, asked: DetectionRequest): readonly Detection[];
}

/** A pipeline as a device runs it, before the toy camera. */
export class PipedCamera {
  readonly clock = new FakeClock();
  readonly #camera: ToyCamera;
  readonly #source = new FakeSource('front');
  readonly pipeline: Pipeline;
  #seen: PerceptionResult | undefined;
  #sequence = 0;

  constructor(model: ToyModel, seed: number, watched: boolean, sink: (clock: FakeClock) => DetectionSink) {
    this.#camera = new ToyCamera(seed);
    const detector: Detector = {
      identity: model.identity,
      capacity: 1,
      detect: async ({ pixels }, asked) => {
        const detections = model.answer(this.#seen!, asked);
        return {
          ...{ detections, candidates: 8 * detections.length },
          timings: { preprocessMs: 1, inferMs: 1, postprocessMs: 1 },
          thumbnail: thumbnail({ data: pixels.data, width, height, step: width, encoding: 'mono8' }),
        };
      },
      close: async () => {},
    };
    this.pipeline = new Pipeline({ detector, watched, sinks: [sink(this.clock)], clock: this.clock });
  }

  async start(): Promise<this> {
    await this.pipeline.add(this.#source, { policy: 'every' });
    await this.pipeline.start();
    return this;
  }

  async run(seconds: number): Promise<void> {
    for (let frame = 0; frame < (seconds * 1000) / everyMs; frame++) {
      const { thumbnail: seen, result } = this.#camera.next();
      this.#seen = result;
      const data = new Uint8Array(width * height);
      for (let y = 0, at = 0; y < height; y++)
        for (let x = 0; x < width; x++, at++) {
          const cell = (y >> 1) * 64 + (x >> 1);
          data[at] = Math.min(
            255,
            Math.max(0, seen.grey[cell]! + ((x & 1) - 0.5) * (seen.detail[cell]! / 4)),
          );
        }
      void this.#source.receiver!.frame({
        ...{ camera: 'front', sequence: this.#sequence++, stampNs: this.clock.wallNs(), frameId: 'front' },
        ...{ width, height, step: width, encoding: 'mono8', pixels: { data, release() {} } },
      });
      await settle();
      await this.clock.pass(everyMs);
    }
  }
}
