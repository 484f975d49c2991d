import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CameraPrivacy, isPrivateLabel } from '../../../../src/agent/index.ts';
import { type Detection, Pipeline } from '../../../../src/perception/index.ts';
import { takeTrialPicture } from '../../../../src/runtime/device/camera-trial.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeDetector } from '../../../fakes/fake-pipeline.ts';
import { board, brightest, contrastIn, persons, seen } from './board.ts';

// Each picture is taken in a process of its own, on machines that may be busy.
vi.setConfig({ testTimeout: 120_000 });

const car = { x1: 200, y1: 60, x2: 300, y2: 120 };
const doubtful = { x1: 112, y1: 60, x2: 150, y2: 150 };
/** The lower right quarter. */
const masks = [
  [
    [0.5, 0.5],
    [1, 0.5],
    [1, 1],
    [0.5, 1],
  ],
] as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goshawk-trial-'));
  const { data, width, height } = board;
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(join(folder, '0.png'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Trial {
  readonly own?: Partial<CameraPrivacy>;
  readonly role?: 'viewer' | 'operator' | 'admin';
  readonly knows?: readonly string[];
  readonly sees?: () => readonly Detection[];
}

/** The picture of a camera that is tried, on a device whose model finds two persons and a car. */
async function tried({ own = {}, role = 'operator', knows = ['car', 'person'], sees }: Trial = {}) {
  const detector = new FakeDetector(
    ...(['a', '1', sees ?? (() => seen.filter(({ label }) => knows.includes(label)))] as const),
  );
  Object.assign(detector, { identity: { ...detector.identity, labels: knows } });
  const seeks = { label: isPrivateLabel, threshold: () => 0.1 };
  const pipeline = new Pipeline({ detector, clock: new FakeClock(), seeks, sinks: [] });
  await pipeline.start();
  try {
    const settings = { privacy: own } as never;
    const { privacy, jpeg } = await takeTrialPicture({ kind: 'mjpeg', source: folder }, role, {
      ...{ settings, live: () => pipeline },
    });
    return { privacy, picture: Buffer.from(jpeg, 'base64') };
  } finally {
    await pipeline.close();
  }
}

const contrasts = (picture: Uint8Array) =>
  Promise.all([...persons, doubtful, car].map((box) => contrastIn(picture, box)));

describe('The picture of a camera that is tried', () => {
  it('hides persons, and nothing else, where the rule is `blurred`', async () => {
    const { privacy, picture } = await tried();
    expect(privacy).toBe('blurred');
    const [near, far, , rest] = await contrasts(picture);
    expect(near).toBeLessThan(100);
    expect(far).toBeLessThan(100);
    expect(rest).toBeGreaterThan(200);
  });

  it('hides whom the score of the device hides, and shows who is below it', async () => {
    const lower = await contrasts((await tried({ own: { hideScore: 0.25 } })).picture);
    for (const contrast of lower.slice(0, 3)) expect(contrast).toBeLessThan(100);
    const [near, , tooDoubtful] = await contrasts((await tried({ own: { hideScore: 0.5 } })).picture);
    expect(near).toBeLessThan(100);
    expect(tooDoubtful).toBeGreaterThan(200);
  });

  it.each(['plain', 'blurred'] as const)('is black in the masks where the rule is `%s`', async (mode) => {
    const { privacy, picture } = await tried({ own: { operator: mode, masks } });
    expect(privacy).toBe(mode);
    expect(await brightest(picture, { x1: 160, y1: 90, x2: 320, y2: 180 })).toBeLessThan(16);
    expect(await brightest(picture, { x1: 200, y1: 8, x2: 300, y2: 56 })).toBeGreaterThan(200);
  });

  it.each([
    ['viewer', 'boxes'],
    ['operator', 'blurred'],
    ['admin', 'plain'],
  ] as const)('is that of the role: %s sees %s', async (role, mode) => {
    const own = { viewer: 'boxes', operator: 'blurred', admin: 'plain' } as const;
    const { privacy, picture } = await tried({ own, role });
    expect(privacy).toBe(mode);
    const [near, , , rest] = await contrasts(picture);
    expect(near! > 200).toBe(mode === 'plain');
    expect(rest! > 200).toBe(mode !== 'boxes');
  });

  it.each([
    ['knows no persons', { knows: ['car'] }],
    [
      'fails',
      {
        sees: () => {
          throw new Error('out of memory');
        },
      },
    ],
  ] as const)('shows nothing where it is to be blurred and the model %s', async (_, trial) => {
    const { privacy, picture } = await tried(trial);
    expect(privacy).toBe('boxes');
    for (const contrast of await contrasts(picture)) expect(contrast).toBeLessThan(40);
  });
});
