import { beforeAll, describe, expect, it } from 'vitest';
import {
  DriftMonitor,
  formatProfile,
  ProfileBuilder,
  parseProfile,
  type ReferenceProfile,
  type WatchedAreas,
  WatchedObjects,
} from '../../../../src/drift/index.ts';
import type { PerceptionResult } from '../../../../src/perception/index.ts';
import { digest, ToyCamera } from '../toy-camera.ts';

const rectangle = (top: number, bottom: number): [number, number][] => [
  [0, top],
  [1, top],
  [1, bottom],
  [0, bottom],
];
/** The lower lanes of the toy street. */
const lower: WatchedAreas = { within: [{ points: rectangle(0.65, 1) }], outside: [] };
const isLower = ({ box }: PerceptionResult['detections'][number]) => box.y2 / 360 >= 0.65;

/** Objects of some lanes are of another class. */
const relabelled = (result: PerceptionResult, which: (lower: boolean) => boolean): PerceptionResult => ({
  ...result,
  detections: result.detections.map((one) => (which(isLower(one)) ? { ...one, label: 'tractor' } : one)),
});

describe('Objects that are watched', () => {
  const { result } = new ToyCamera(1).next();
  const boxOf = (x1: number, y1: number, x2: number, y2: number) => ({
    ...result,
    detections: [{ classId: 0, label: 'car', score: 1, box: { x1, y1, x2, y2 } }],
  });
  const rows: readonly [string, WatchedAreas, PerceptionResult, boolean][] = [
    ['in a zone', lower, boxOf(0, 200, 100, 300), true],
    ['above it', lower, boxOf(0, 100, 100, 200), false],
    ['cut off by the border of the picture', lower, boxOf(600, 300, 700, 420), true],
    [
      'by its middle',
      { within: [{ points: rectangle(0.65, 1), anchor: 'center' }], outside: [] },
      boxOf(0, 100, 100, 300),
      false,
    ],
    [
      'by its head',
      { within: [{ points: rectangle(0, 0.5), anchor: 'top-center' }], outside: [] },
      boxOf(0, 100, 100, 350),
      true,
    ],
    ['in a zone that is left out', { within: [], outside: lower.within }, boxOf(0, 200, 100, 300), false],
    [
      'outside of a zone that is left out',
      { within: [], outside: lower.within },
      boxOf(0, 100, 100, 200),
      true,
    ],
    ['in both', { ...lower, outside: lower.within }, boxOf(0, 200, 100, 300), false],
    ['nowhere, as a broken model says', lower, boxOf(Number.NaN, 0, 1, 1), true],
  ];
  it.each(rows)('%s', (_, areas, seen, watched) => {
    const [detection] = new WatchedObjects(areas).mark(seen).detections;
    expect(detection?.unwatched !== true).toBe(watched);
  });
});

describe('Drift within a zone', () => {
  let profile: ReferenceProfile;
  const objects = new WatchedObjects(lower);
  beforeAll(() => {
    const options = { modelDigest: digest, camera: 'toy', viewSeconds: 60, areas: lower };
    const builder = new ProfileBuilder(options);
    const camera = new ToyCamera(1);
    for (let i = 0; i < 1500 * camera.fps; i++) {
      const { thumbnail, result, atMs } = camera.next();
      builder.observe(thumbnail, objects.mark(result), atMs);
    }
    profile = parseProfile(formatProfile(builder.finish()), 'it');
  }, 120_000);

  /** What is raised in five minutes of other classes. */
  function raised(which: (lower: boolean) => boolean): string[] {
    const monitor = new DriftMonitor(profile);
    const camera = new ToyCamera(2);
    const messages: string[] = [];
    for (let i = 0; i < 420 * camera.fps; i++) {
      const { thumbnail, result, atMs } = camera.next();
      const seen = i < 120 * camera.fps ? result : relabelled(result, which);
      for (const { message } of monitor.observe(thumbnail, objects.mark(seen), atMs)) messages.push(message);
    }
    return messages;
  }

  it('is bound to its zones', () => {
    expect(profile.areas).toEqual(lower);
  });

  it('does not see what changes elsewhere, and sees what changes there', () => {
    expect(raised((isIn) => !isIn)).toEqual([]);
    expect(raised((isIn) => isIn)[0]).toBe('model regression');
  });

  it('sees a model that gives no numbers anywhere', () => {
    const monitor = new DriftMonitor(profile);
    const camera = new ToyCamera(2);
    const messages: string[] = [];
    for (let i = 0; i < 90 * camera.fps; i++) {
      const { thumbnail, result, atMs } = camera.next(i < 60 * camera.fps ? {} : { nan: true });
      for (const { message } of monitor.observe(thumbnail, objects.mark(result), atMs))
        messages.push(message);
    }
    expect(messages[0]).toBe('model regression');
  });
});
