import { extname } from 'node:path';
import { agreement, type GoldenDetection, type GoldenSet, goldenRules } from '../../model/index.ts';
import { chooseGolden, type GraphRunner, goldenFrames, goldenMargin } from '../../optimize/index.ts';
import { goldenDetection, goldenSettings } from '../../perception/index.ts';
import { type Contracts, OutputDecoder } from './accuracy-scorer.ts';
import type { PictureSet } from './pictures.ts';

export interface MadeGolden {
  readonly set: GoldenSet;
  /** Path in the bundle -> picture that is copied there. */
  readonly pictures: ReadonlyMap<string, string>;
}

/** Chooses frames of the evaluation set, and measures how near every variant comes to fp32 on them. */
export async function makeGolden(
  pictures: PictureSet,
  contracts: Contracts,
  labels: readonly string[],
  models: ReadonlyMap<string, Uint8Array>,
  runner: GraphRunner,
): Promise<MadeGolden> {
  const reference = models.get('fp32');
  if (reference === undefined) throw new RangeError('a bundle has an fp32 variant');
  const all = Array.from({ length: pictures.count }, (_, i) => i);
  const expected = await detections(reference, all, pictures, contracts, labels, runner);
  const chosen = chooseGolden(expected, Math.min(goldenFrames, pictures.count));
  const minAgreement: Record<string, number> = {};
  for (const [kind, model] of models) {
    const found = await detections(model, chosen, pictures, contracts, labels, runner);
    const measured = agreement(chosen.map((index, i) => ({ expected: expected[index]!, found: found[i]! })));
    minAgreement[kind] = Math.max(0, Math.round((measured - goldenMargin) * 1000) / 1000);
  }
  const files = new Map<string, string>();
  const frames = chosen.map((index, i) => {
    const path = pictures.files[index] ?? '';
    const file = `golden/${String(i).padStart(3, '0')}${extname(path).toLowerCase()}`;
    files.set(file, path);
    return { file, detections: expected[index] ?? [] };
  });
  return { set: { schema: 1, ...goldenRules, minAgreement, frames }, pictures: files };
}

async function detections(
  model: Uint8Array,
  indices: readonly number[],
  pictures: PictureSet,
  contracts: Contracts,
  labels: readonly string[],
  runner: GraphRunner,
): Promise<GoldenDetection[][]> {
  const decoder = new OutputDecoder(contracts, labels, false);
  const loaded = await runner.load(model);
  try {
    const results: GoldenDetection[][] = [];
    for (const index of indices) {
      const { outputs } = await loaded.run(await pictures.input(index));
      results.push(
        decoder
          .detections(outputs, await pictures.picture(index), goldenSettings(goldenRules))
          .map(goldenDetection),
      );
    }
    return results;
  } finally {
    await loaded.close();
  }
}
