import { beforeAll, describe, expect, it } from 'vitest';
import { type AgentEvent, DriftService } from '../../../../src/agent/index.ts';
import { ProfileBuilder, type ReferenceProfile } from '../../../../src/drift/index.ts';
import {
  type DetectionSettings,
  type DetectionSink,
  type Detector,
  defaultCameraSettings,
  Pipeline,
  thumbnail,
} from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { driftPorts } from '../../../fakes/fake-drift.ts';
import { digest, identityOf, ToyCamera } from '../../drift/toy-camera.ts';
import { FakeSource } from '../../perception/fakes.ts';

const [width, height] = [128, 72];
const everyMs = 200;

/** A pipeline as a device runs it, before the toy camera, whose model answers what it is asked for. */
class Device {
  readonly clock = new FakeClock();
  readonly #camera: ToyCamera;
  readonly #source = new FakeSource('front');
  readonly pipeline: Pipeline;
  #answers: ReturnType<ToyCamera['next']>['result']['detections'] = [];
  #weaker = 1;
  #sequence = 0;

  constructor(seed: number, watched: boolean, sink: (clock: FakeClock) => DetectionSink) {
    this.#camera = new ToyCamera(seed);
    const detector: Detector = {
      identity: identityOf(digest),
      capacity: 1,
      detect: async ({ pixels }, settings) => ({
        detections: this.#asked(settings),
        candidates: 8 * this.#asked(settings).length,
        timings: { preprocessMs: 1, inferMs: 1, postprocessMs: 1 },
        thumbnail: thumbnail({ data: pixels.data, width, height, step: width, encoding: 'mono8' }),
      }),
      close: async () => {},
    };
    this.pipeline = new Pipeline({ detector, watched, sinks: [sink(this.clock)], clock: this.clock });
  }

  async start(): Promise<this> {
    await this.pipeline.add(this.#source, { policy: 'every' });
    await this.pipeline.start();
    return this;
  }

  async run(seconds: number, weaker = 1): Promise<void> {
    this.#weaker = weaker;
    for (let frame = 0; frame < (seconds * 1000) / everyMs; frame++) {
      const { thumbnail: seen, result } = this.#camera.next();
      this.#answers = result.detections;
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

  #asked({ scoreThreshold, classes }: DetectionSettings) {
    return this.#answers
      .map(({ trackId: _, box, score, ...rest }) => ({
        ...rest,
        score: score * this.#weaker,
        box: { x1: box.x1 / 5, y1: box.y1 / 5, x2: box.x2 / 5, y2: box.y2 / 5 },
      }))
      .filter(
        ({ label, score }) => score >= scoreThreshold && (classes.length === 0 || classes.includes(label)),
      );
  }
}

const filter = { ...defaultCameraSettings, classes: ['car'], scoreThreshold: 0.78 };

describe('A filter that the fleet sets on a camera', () => {
  let profile: ReferenceProfile;

  beforeAll(async () => {
    const builder = new ProfileBuilder({ modelDigest: digest, camera: 'front', viewSeconds: 60 });
    const device = await new Device(1, true, (clock) => ({
      publish: (result) => builder.observe(result.thumbnail!, result, clock.monotonicMs()),
    })).start();
    await device.run(1200);
    await device.pipeline.close();
    profile = builder.finish();
  }, 120_000);

  async function watched(isWatched = true) {
    const told: AgentEvent[] = [];
    const published: number[] = [];
    let service: DriftService | undefined;
    const device = await new Device(2, isWatched, () => ({
      publish(result, frame) {
        published.push(result.detections.length);
        service?.publish(result, frame);
      },
    })).start();
    const ports = driftPorts(device.clock, told);
    ports.profiles.shipped = profile;
    service = await DriftService.start(
      { cameras: { front: {} }, utcOffsetHours: 0, knownAnswerMinutes: 0 },
      ports,
    );
    await device.run(120);
    expect(service.statuses().front?.state).toBe('watching');
    expect(told).toEqual([]);
    return { device, told, published };
  }

  it('is no drift, neither while it is set nor when it is taken off', async () => {
    const { device, told, published } = await watched();
    const sum = () => published.splice(0).reduce((all, count) => all + count, 0);
    sum();
    device.pipeline.configure('front', filter);
    await device.run(240);
    const filtered = sum();
    device.pipeline.configure('front', defaultCameraSettings);
    await device.run(240);
    // It did filter what is published.
    expect(filtered).toBeLessThan(0.7 * sum());
    expect(told).toEqual([]);
  });

  it('hides no change of the model', async () => {
    const { device, told } = await watched();
    device.pipeline.configure('front', filter);
    await device.run(120, 0.7);
    expect(told.map(({ message }) => message)).toContain('model regression');
  });

  it('would be one to a watch that saw what is left of the answers', async () => {
    const { device, told } = await watched(false);
    device.pipeline.configure('front', filter);
    await device.run(240);
    expect(told).not.toEqual([]);
  });
});
