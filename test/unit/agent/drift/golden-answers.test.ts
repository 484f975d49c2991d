import { describe, expect, it } from 'vitest';
import { GoldenAnswers } from '../../../../src/agent/index.ts';
import { CancelledError, GoshawkError } from '../../../../src/base/index.ts';
import type { Bundle } from '../../../../src/model/index.ts';
import type { Detection, Inference } from '../../../../src/perception/index.ts';
import { FakeGoldenFiles } from '../../../fakes/fake-golden-files.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';
import { identityOf } from '../../drift/toy-camera.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const car: Detection = { classId: 0, label: 'car', score: 0.9, box: { x1: 10, y1: 10, x2: 30, y2: 30 } };

const bundle: Bundle = {
  digest,
  manifest: tinyManifest({ attachments: [{ path: 'golden/golden.json', digest, size: 1 }] }),
  location: '/bundle',
};

class Live {
  readonly identity = { ...identityOf(digest), engine: 'onnxruntime-node' };
  found: readonly Detection[] | Error = [car];
  asked = 0;

  async probe(): Promise<Inference> {
    this.asked += 1;
    if (this.found instanceof Error) throw this.found;
    const timings = { preprocessMs: 1, inferMs: 1, postprocessMs: 1 };
    return {
      result: { detections: this.found, candidates: 1, timings },
      settings: {} as Inference['settings'],
      identity: this.identity,
    };
  }
}

function answersOf(
  live: Live | undefined,
  golden = new FakeGoldenFiles(),
  found: Bundle | undefined = bundle,
) {
  return new GoldenAnswers({ live: () => live, find: async () => found, golden });
}

describe('Golden frames through the live engine', () => {
  it('are asked one at a time, another one each time, or all of them', async () => {
    const live = new Live();
    const answers = answersOf(live, new FakeGoldenFiles(3));
    const files = [];
    for (let i = 0; i < 4; i++) files.push((await answers.one())?.frame);
    expect(files).toEqual(['golden/000.jpg', 'golden/001.jpg', 'golden/002.jpg', 'golden/000.jpg']);
    expect(await answers.all()).toMatchObject({ agreement: 1, wanted: 0.95, modelDigest: digest });
    expect(live.asked).toBe(7);
  });

  it('that come out wrong have their agreement', async () => {
    const live = new Live();
    live.found = [];
    const answers = answersOf(live);
    expect(await answers.one()).toMatchObject({ agreement: 0, engine: 'onnxruntime-node' });
    live.found = [{ ...car, score: Number.NaN }];
    expect((await answers.one())?.agreement).toBeLessThan(0.95);
  });

  it('without an answer are no agreement; a pipeline that is closed says nothing of the engine', async () => {
    const live = new Live();
    const answers = answersOf(live);
    live.found = new GoshawkError('inference-timeout', 'Not answered within 5000 ms.', '');
    expect(await answers.one()).toEqual({
      ...{ modelDigest: digest, engine: 'onnxruntime-node', wanted: 0.95 },
      ...{ frame: 'golden/000.jpg', agreement: undefined },
    });
    live.found = new CancelledError('The question');
    await expect(answers.one()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('of a picture that is gone say nothing of the engine either', async () => {
    const golden = new FakeGoldenFiles();
    golden.gone.add('golden/000.jpg');
    await expect(answersOf(new Live(), golden).one()).rejects.toThrow(/000\.jpg/);
  });

  it('are none where the bundle has none, is not on the disk, or nothing runs yet', async () => {
    const without = { ...bundle, manifest: tinyManifest() };
    expect(await answersOf(new Live(), new FakeGoldenFiles(), without).one()).toBeUndefined();
    expect(await answersOf(new Live(), new FakeGoldenFiles(), without).all()).toBeUndefined();
    expect(await answersOf(new Live(), new FakeGoldenFiles(0)).one()).toBeUndefined();
    expect(await answersOf(undefined).one()).toBeUndefined();
    const lost = new GoldenAnswers({
      live: () => new Live(),
      find: async () => undefined,
      golden: new FakeGoldenFiles(),
    });
    expect(await lost.one()).toBeUndefined();
  });
});

describe('Pictures that the controller chose', () => {
  const change = { mirrored: false, right: 5, down: 0, gain: 256 };
  const request = (frame = 'golden/000.jpg', modelDigest = digest) => ({
    modelDigest,
    pictures: [{ frame, ...change }],
  });

  it('are answered by the live model with what it finds, surest first', async () => {
    const live = new Live();
    live.found = [{ ...car, score: 0.5 }, car];
    const { answers } = await answersOf(live).challenge(request());
    expect(answers.map((found) => found.map(({ score }) => score))).toEqual([[0.9, 0.5]]);
  });

  it('are answered one request at a time', async () => {
    const answers = answersOf(new Live());
    const [first, second] = [answers.challenge(request()), answers.challenge(request())];
    await expect(second).rejects.toMatchObject({ code: 'challenge-refused' });
    expect((await first).answers).toHaveLength(1);
    expect((await answers.challenge(request())).answers).toHaveLength(1);
  });

  const refused: readonly [why: string, ask: () => Promise<unknown>][] = [
    [
      'of another model',
      () => answersOf(new Live()).challenge(request(undefined, `sha256:${'1'.repeat(64)}`)),
    ],
    ['before anything runs', () => answersOf(undefined).challenge(request())],
    ['of no golden frame', () => answersOf(new Live()).challenge(request('../../etc/passwd'))],
    [
      'of a model without a golden set',
      () =>
        answersOf(new Live(), new FakeGoldenFiles(), { ...bundle, manifest: tinyManifest() }).challenge(
          request(),
        ),
    ],
    [
      'that the engine fails on',
      () => {
        const live = new Live();
        live.found = new GoshawkError('inference-timeout', 'Not answered within 5000 ms.', '');
        return answersOf(live).challenge(request());
      },
    ],
  ];
  it.each(refused)('%s are refused', async (_, ask) => {
    await expect(ask()).rejects.toMatchObject({ code: 'challenge-refused' });
  });
});
