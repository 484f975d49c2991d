import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { CancelledError, GoshawkError } from '../../../../src/base/index.ts';
import type { Bundle } from '../../../../src/model/index.ts';
import type { Detection, Inference } from '../../../../src/perception/index.ts';
import { GoldenAnswers } from '../../../../src/runtime/device/golden-answers.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';
import { identityOf } from '../../drift/toy-camera.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const car: Detection = { classId: 0, label: 'car', score: 0.9, box: { x1: 10, y1: 10, x2: 30, y2: 30 } };

async function bundleWith(frames: number): Promise<Bundle> {
  const folder = temporaryFolder();
  await mkdir(join(folder, 'golden'));
  const picture = sharp({ create: { width: 64, height: 64, channels: 3, background: '#888' } }).jpeg();
  const files = Array.from({ length: frames }, (_, i) => `golden/00${i}.jpg`);
  for (const file of files) await writeFile(join(folder, file), await picture.clone().toBuffer());
  const golden = {
    ...{ schema: 1, strongScore: 0.4, weakScore: 0.2, iou: 0.5, nmsIou: 0.45, minAgreement: { fp32: 0.95 } },
    frames: files.map((file) => ({
      file,
      detections: [{ label: 'car', score: 0.9, box: [10, 10, 30, 30] }],
    })),
  };
  await writeFile(join(folder, 'golden/golden.json'), JSON.stringify(golden));
  const manifest = tinyManifest({ attachments: [{ path: 'golden/golden.json', digest, size: 1 }] });
  return { digest, manifest, location: folder };
}

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

describe('Golden frames through the live engine', () => {
  it('are asked one at a time, another one each time, or all of them', async () => {
    const live = new Live();
    const bundle = await bundleWith(3);
    const answers = new GoldenAnswers(live, async () => bundle);
    const files = [];
    for (let i = 0; i < 4; i++) files.push((await answers.one())?.frame);
    expect(files).toEqual(['golden/000.jpg', 'golden/001.jpg', 'golden/002.jpg', 'golden/000.jpg']);
    expect(await answers.all()).toMatchObject({ agreement: 1, wanted: 0.95, modelDigest: digest });
    expect(live.asked).toBe(7);
  });

  it('that come out wrong have their agreement', async () => {
    const live = new Live();
    live.found = [];
    const bundle = await bundleWith(1);
    const answers = new GoldenAnswers(live, async () => bundle);
    expect(await answers.one()).toMatchObject({ agreement: 0, engine: 'onnxruntime-node' });
    live.found = [{ ...car, score: Number.NaN }];
    expect((await answers.one())?.agreement).toBeLessThan(0.95);
  });

  it('without an answer are no agreement; a pipeline that is closed says nothing of the engine', async () => {
    const live = new Live();
    const bundle = await bundleWith(1);
    const answers = new GoldenAnswers(live, async () => bundle);
    live.found = new GoshawkError('inference-timeout', 'Not answered within 5000 ms.', '');
    expect(await answers.one()).toEqual({
      ...{ modelDigest: digest, engine: 'onnxruntime-node', wanted: 0.95 },
      ...{ frame: 'golden/000.jpg', agreement: undefined },
    });
    live.found = new CancelledError('The question');
    await expect(answers.one()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('of a picture that is gone say nothing of the engine either', async () => {
    const bundle = await bundleWith(1);
    const answers = new GoldenAnswers(new Live(), async () => bundle);
    await rm(join(bundle.location, 'golden/000.jpg'));
    await expect(answers.one()).rejects.toThrow(/000\.jpg/);
  });

  it('are none where the bundle has none, or is not on the disk', async () => {
    const bundle = { ...(await bundleWith(1)), manifest: tinyManifest() };
    expect(await new GoldenAnswers(new Live(), async () => bundle).one()).toBeUndefined();
    expect(await new GoldenAnswers(new Live(), async () => bundle).all()).toBeUndefined();
    expect(await new GoldenAnswers(new Live(), async () => undefined).one()).toBeUndefined();
  });
});
