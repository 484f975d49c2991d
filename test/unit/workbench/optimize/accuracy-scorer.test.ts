import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunTensors } from '../../../../src/optimize/index.ts';
import { letterboxGeometry } from '../../../../src/perception/preprocess/geometry.ts';
import { judgedSet, OutputDecoder } from '../../../../src/workbench/optimize/accuracy-scorer.ts';
import type { PictureSet, PreparedPicture } from '../../../../src/workbench/optimize/pictures.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const { input, output } = tinyManifest({ labels: ['car', 'person'] });
const contracts = { input, output };
const labels = ['car', 'person'];
const pictureAt = (index: number): PreparedPicture => ({
  ...{ path: `${index}.png`, width: 32, height: 32 },
  geometry: letterboxGeometry(input, 32, 32),
});
const picture = pictureAt(0);

/** What a YOLOX head of two classes says: a box of 16 x 16 pixels around (8, 8) with these scores. */
function outputs(car: number, person = 0): RunTensors {
  const data = new Float32Array(21 * 7);
  data.set([1, 1, Math.LN2, Math.LN2, 1, car, person]);
  return { output: { dataType: 1, dims: [1, 21, 7], data } };
}

/** `truth`: the classes of the objects in each picture, all of them that box. */
function set(truth: readonly (readonly number[])[], labelled = true): PictureSet {
  const labels = temporaryFolder();
  for (const [index, classes] of truth.entries())
    writeFileSync(join(labels, `${index}.txt`), classes.map((id) => `${id} 0.25 0.25 0.5 0.5\n`).join(''));
  return {
    ...{ name: 'street', count: truth.length, labelled, labels },
    picture: async (index: number) => pictureAt(index),
  } as unknown as PictureSet;
}
const car = 0;

async function score(pictures: PictureSet, answers: readonly RunTensors[], floats?: readonly RunTensors[]) {
  const { judge } = await judgedSet(
    pictures,
    contracts,
    labels,
    floats === undefined ? {} : { floatOutputs: async (index) => floats[index]! },
  );
  const scoring = judge.start();
  for (const [index, one] of answers.entries()) scoring.add(index, one);
  return scoring.score();
}

describe('The accuracy of raw outputs', () => {
  it('is all where every object is found, and none where none is', async () => {
    expect(await score(set([[car]]), [outputs(0.9)])).toMatchObject({
      ...{ measure: 'map', value: 1, beside: { measure: 'ap50', value: 1 } },
      perClass: [{ label: 'car', value: 1 }],
    });
    expect((await score(set([[car]]), [outputs(0)])).beside.value).toBe(0);
    expect((await score(set([[car]]), [outputs(0, 0.9)])).beside.value).toBe(0);
  });

  it('counts every class of a box, as COCO is evaluated; on a device the best one counts', async () => {
    const both = [[car, 1]];
    expect((await score(set(both), [outputs(0.9, 0.5)])).perClass.map(({ value }) => value)).toEqual([1, 1]);
    const settings = { scoreThreshold: 0.1, iouThreshold: 0.5, maxDetections: 10, classes: [] };
    const seen = (multiLabel: boolean) =>
      new OutputDecoder(contracts, labels, multiLabel)
        .detections(outputs(0.9, 0.5), picture, settings)
        .map(({ label }) => label);
    expect(seen(true).sort()).toEqual(['car', 'person']);
    expect(seen(false)).toEqual(['car']);
  });

  it('is agreement with the float model where there are no labels', async () => {
    const floats = [outputs(0.9), outputs(0.2)];
    // Of the second picture the float model is not sure enough to stand in for the truth.
    expect((await score(set([[], []], false), [outputs(0.8), outputs(0)], floats)).beside.value).toBe(1);
    expect((await score(set([[], []], false), [outputs(0), outputs(0)], floats)).beside.value).toBe(0);
  });

  it('cannot be told where there is nothing to find', async () => {
    await expect(score(set([[], []]), [])).rejects.toMatchObject({
      code: 'evaluation-empty',
      message: expect.stringContaining('street has a label'),
    });
    await expect(score(set([[]], false), [])).rejects.toMatchObject({
      code: 'evaluation-empty',
      message: 'street has no labels.',
    });
  });

  it('is not made up where the model gives another output than its bundle says', async () => {
    const fewer = { ...outputs(0.9).output!, dims: [1, 20, 7] };
    for (const wrong of [{}, { output: fewer }])
      await expect(score(set([[car]]), [wrong as RunTensors])).rejects.toMatchObject({
        code: 'model-output',
      });
  });
});
