import { beforeAll, describe, expect, it } from 'vitest';
import { type AgentEvent, DriftService } from '../../../../src/agent/index.ts';
import { ProfileBuilder, type ReferenceProfile } from '../../../../src/drift/index.ts';
import {
  type DetectionSettings,
  defaultCameraSettings,
  type PerceptionResult,
} from '../../../../src/perception/index.ts';
import { driftPorts } from '../../../fakes/fake-drift.ts';
import { digest, identityOf } from '../../drift/toy-camera.ts';
import { PipedCamera, type ToyModel } from './piped-camera.ts';

/** Finds the cars of the toy camera, and less surely when it is weak. */
class Cars implements ToyModel {
  readonly identity = identityOf(digest);
  weaker = 1;

  answer({ detections }: PerceptionResult, { scoreThreshold, classes }: DetectionSettings) {
    return detections
      .map(({ trackId: _, box, score, ...rest }) => ({
        ...rest,
        score: score * this.weaker,
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
    const device = await new PipedCamera(new Cars(), 1, true, (clock) => ({
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
    const cars = new Cars();
    const device = await new PipedCamera(cars, 2, isWatched, () => ({
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
    return { cars, device, told, published };
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
    const { cars, device, told } = await watched();
    device.pipeline.configure('front', filter);
    cars.weaker = 0.7;
    await device.run(120);
    expect(told.map(({ message }) => message)).toContain('model regression');
  });

  it('would be one to a watch that saw what is left of the answers', async () => {
    const { device, told } = await watched(false);
    device.pipeline.configure('front', filter);
    await device.run(240);
    expect(told).not.toEqual([]);
  });
});
