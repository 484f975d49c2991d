import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Detection, Mask } from '../../../../src/perception/index.ts';
import type { Truth } from '../../../../src/workbench/optimize/judges/judge.ts';
import { type JudgedTask, judgeOf } from '../../../../src/workbench/optimize/judges/judge-of.ts';
import type { PictureSet, PreparedPicture } from '../../../../src/workbench/optimize/pictures.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const size = { width: 8, height: 4 };
const picture = { path: 'a.png', ...size } as PreparedPicture;
const whole = { x1: 0, y1: 0, x2: 8, y2: 4 };
const left = { x1: 0, y1: 0, x2: 4, y2: 4 };
const mask = (values: readonly number[]): Mask => ({
  ...{ x: 0, y: 0, cellWidth: 4, cellHeight: 4, columns: 2, rows: 1 },
  values: Uint8Array.from(values),
});
const labels = ['road', 'sky'];
const says = (classId: number, score: number, rest: Partial<Detection> = {}): Detection => ({
  ...{ classId, label: labels[classId] ?? '', score, box: whole },
  ...rest,
});
const depth = (...values: readonly number[]) => [
  says(0, 1, { depth: { ...mask([]), gives: 'metres', values: Float32Array.from(values) } }),
];
const vector = (...values: readonly number[]) => [says(0, 1, { embedding: Float32Array.from(values) })];
const line = (label: string) => [{ ...says(0, 1), label }];
const half = [says(0, 0.9, { mask: mask([255, 0]), box: left }), says(1, 0.9, { mask: mask([0, 255]) })];
const point = (x: number) => [says(0, 0.9, { box: left, keypoints: [{ x, y: 2, score: 0.9 }] })];

/** A set of one picture with this truth: a text, a grey map, or the number of its folder. */
async function setWith(truth: string | readonly number[] | number): Promise<PictureSet> {
  const folder = temporaryFolder();
  if (typeof truth === 'string') writeFileSync(join(folder, 'a.txt'), truth);
  if (Array.isArray(truth)) {
    const grey = sharp(Uint8Array.from(truth), { raw: { ...size, channels: 1 } });
    await grey.toColourspace('b-w').png().toFile(join(folder, 'a.png'));
  }
  return { labels: folder, numberOf: () => truth } as unknown as PictureSet;
}

const classMap = Array.from({ length: 32 }, (_, i) => (i % 8 < 4 ? 0 : 1));

describe('The judge of a task', () => {
  it.each<[JudgedTask, string | readonly number[] | number, Detection[], Detection[], string]>([
    ['detection', '0 0.25 0.5 0.5 1', [says(0, 0.9, { box: left })], [says(1, 0.9, { box: left })], 'map'],
    [
      'instance-segmentation',
      '0 0 0 0.5 0 0.5 1 0 1',
      half.slice(0, 1),
      [says(0, 0.9, { mask: mask([0, 255]), box: left })],
      'map',
    ],
    ['pose', '0 0.25 0.5 0.5 1 0.25 0.5 2', point(2), point(60), 'map'],
    ['classification', 1, [says(1, 0.7), says(0, 0.3)], [says(0, 0.7), says(1, 0.3)], 'top1'],
    ['semantic-segmentation', classMap, half, [says(0, 0.9, { mask: mask([0, 0]) })], 'miou'],
    ['text', 'exit 9\n', line('exit 9'), line('exit'), 'wordAccuracy'],
  ])(
    'of %s gives all to what is right and nothing to what is wrong',
    async (task, truth, right, wrong, measure) => {
      const judge = judgeOf(task, labels);
      const one = await judge.read(await setWith(truth), 0, picture);
      expect(one.holds).toBe(true);
      const score = (found: Detection[]) => judge.score([one.compare(found)], 3);
      expect(score(right)).toMatchObject({ measure, value: 1, resampled: [1, 1, 1] });
      expect(score(wrong)).toMatchObject({ measure, value: 0, resampled: [0, 0, 0] });
    },
  );

  it.each<[JudgedTask, Detection[], Detection[], Detection[]]>([
    ['detection', [says(0, 0.9)], [says(0, 0.6)], [says(1, 0.6)]],
    ['pose', point(2), point(2), point(60)],
    ['classification', [says(0, 0.7), says(1, 0.3)], [says(0, 0.7), says(1, 0.3)], []],
    ['semantic-segmentation', half, half, [says(1, 0.9, { mask: mask([255, 0]) })]],
    ['depth', depth(2, 4), depth(2, 4), depth(9, 9)],
    ['embedding', vector(1, 0), vector(2, 0), vector(0, 1)],
    ['text', line('exit'), line('exit'), line('')],
  ])('of %s takes the float model at its word where nothing is written', (task, float, same, other) => {
    const judge = judgeOf(task, labels);
    const one = judge.standIn(float, picture);
    expect(one.holds).toBe(true);
    expect(judge.score([one.compare(same)], 0).value).toBeCloseTo(1, 6);
    expect(judge.score([one.compare(other)], 0).value).toBe(0);
    expect(judge.standIn([], picture).holds).toBe(false);
  });

  it('of classes tells one distribution from another where the likeliest class is the same', () => {
    const judge = judgeOf('classification', labels);
    const one = judge.standIn([says(0, 0.9), says(1, 0.1)], picture);
    expect(judge.score([one.compare([says(0, 0.6), says(1, 0.4)])], 0)).toMatchObject({
      value: expect.closeTo(0.7, 6),
      beside: { value: 1 },
    });
  });

  it('of depth measures what people measured', async () => {
    const folder = temporaryFolder();
    const metres = Uint16Array.from({ length: 32 }, () => 2000);
    await sharp(metres, { raw: { ...size, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toFile(join(folder, 'a.png'));
    const judge = judgeOf('depth', labels);
    const one = await judge.read({ labels: folder } as PictureSet, 0, picture);
    const score = judge.score([one.compare(depth(2, 2)), one.compare(depth(4, 4))], 0);
    expect(score).toMatchObject({ measure: 'delta1', value: 0.5, beside: { measure: 'absRel', value: 0.5 } });
  });

  it('of vectors asks whether the nearest is of the same folder', async () => {
    const judge = judgeOf('embedding', []);
    const truth: Truth<unknown>[] = [];
    for (const number of [1, 1, 2, 2]) truth.push(await judge.read(await setWith(number), 0, picture));
    const score = (...vectors: Detection[][]) =>
      judge.score(
        truth.map((one, i) => one.compare(vectors[i] ?? [])),
        2,
      );
    const [east, north] = [vector(1, 0), vector(0, 1)];
    expect(score(east, east, north, north)).toMatchObject({
      measure: 'recall1',
      value: 1,
      resampled: [1, 1],
    });
    expect(score(east, north, vector(0.9, 0.1), vector(0.1, 0.9)).value).toBe(0);
  });
});
