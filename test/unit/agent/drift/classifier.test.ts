import { beforeAll, describe, expect, it } from 'vitest';
import { type AgentEvent, DriftService } from '../../../../src/agent/index.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import type {
  DetectionRequest,
  DetectorIdentity,
  PerceptionResult,
} from '../../../../src/perception/index.ts';
import { driftPorts } from '../../../fakes/fake-drift.ts';
import { digest, identityOf } from '../../drift/toy-camera.ts';
import { Classifier, classified } from '../../perception/answer/task-models.ts';
import { PipedCamera, pictureSize, type ToyModel } from './piped-camera.ts';

/** A classifier of whole pictures, its logits read as a device reads them. */
class WholePictures implements ToyModel {
  readonly identity: DetectorIdentity = { ...identityOf(digest), task: 'classification' };
  readonly #classifier = new Classifier(seededRandom(9));
  fault: string | undefined;

  answer({ stampNs }: PerceptionResult, asked: DetectionRequest) {
    return classified(this.#classifier.logits(Number(stampNs / 1_000_000n), this.fault), asked, pictureSize);
  }
}

describe('A device whose camera has a classifier', () => {
  const told: AgentEvent[] = [];
  const model = new WholePictures();
  let camera: PipedCamera;
  let service: DriftService | undefined;
  const status = () => service!.statuses().front!;

  beforeAll(async () => {
    camera = await new PipedCamera(model, 1, true, () => ({
      publish: (result, frame) => service?.publish(result, frame),
    })).start();
    const learn = { order: 'one', hours: 0.7 };
    service = await DriftService.start(
      { cameras: { front: { learn } }, utcOffsetHours: 0, knownAnswerMinutes: 0 },
      driftPorts(camera.clock, told),
    );
    await camera.run(2700);
  }, 240_000);

  it('learns what its task says, and watches it in silence', async () => {
    expect(told.map(({ kind }) => kind)).toEqual(['drift.learned']);
    await camera.run(300);
    expect(told.splice(0)).toHaveLength(1);
    expect(status()).toMatchObject({ state: 'watching', watched: ['sensor', 'scene', 'model'] });
    const names = status().signals.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['class_log_odds', 'unanswered', 'mix_distance']));
  });

  it('says that the model got worse when it is no longer sure, and when that is over', async () => {
    model.fault = 'unsure';
    await camera.run(60);
    expect(told[0]).toMatchObject({ kind: 'drift.alarm', message: 'model regression' });
    const { signals } = told[0]!.data as { signals: readonly { name: string }[] };
    expect(signals.map(({ name }) => name)).toContain('score');
    model.fault = undefined;
    await camera.run(120);
    expect(told.splice(0).at(-1)?.kind).toBe('drift.cleared');
  });
});
