/*
 * Re-identification on the simulated street, whose truth says who is who: `node --import tsx test/bench/reid/main.ts`.
 * Boxes are those of the truth, moved by up to 6 % of their sides; one in five is missed, and every 10 s all are, for 2 s. The vector of
 * a box is what its pixels look like: mean colours of 4 x 8 parts, and what of them differs from all other boxes. No trained network:
 * the table says what looks give the tracker, not how good a network is.
 */
import { defaultReid } from '../../../src/perception/graph/node-settings.ts';
import { type Detection, Tracker } from '../../../src/perception/index.ts';
import { IdentityGallery, type Looks } from '../../../src/perception/tracker/index.ts';
import { createStreet, type Street } from '../../../src/simulation/index.ts';

const [columns, rows] = [4, 8];
const width = 640;
const seconds = 60;

interface Score {
  /** Times that an object got another id than it had. */
  switches: number;
  /** Ids that went to more than one object. */
  mixed: number;
  ids: number;
  objects: number;
  updateMs: number[];
}

function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** Mean colours of parts of the box, each around the mean of all. */
function lookOf(pixels: Uint8Array, { x1, y1, x2, y2 }: Detection['box']): Float32Array {
  const values = new Float32Array(columns * rows * 3);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [left, right] = [x1 + ((x2 - x1) * column) / columns, x1 + ((x2 - x1) * (column + 1)) / columns];
      const [top, bottom] = [y1 + ((y2 - y1) * row) / rows, y1 + ((y2 - y1) * (row + 1)) / rows];
      const sums = [0, 0, 0];
      let count = 0;
      for (let y = Math.floor(top); y < Math.max(Math.floor(top) + 1, Math.floor(bottom)); y++)
        for (let x = Math.floor(left); x < Math.max(Math.floor(left) + 1, Math.floor(right)); x++) {
          const at = (y * width + x) * 3;
          for (let c = 0; c < 3; c++) sums[c]! += pixels[at + c] ?? 0;
          count += 1;
        }
      for (let c = 0; c < 3; c++) values[(row * columns + column) * 3 + c] = sums[c]! / count / 255 - 0.42;
    }
  return values;
}

function scene(picture: ReturnType<Street['render']>, next: () => number, blind: boolean) {
  return picture.truth.flatMap((truth) => {
    if (truth.label === 'traffic_sign' || truth.label === 'traffic_light') return [];
    const jitter = () => (next() - 0.5) * 0.12;
    const { x1, y1, x2, y2 } = truth.box;
    const [w, h] = [x2 - x1, y2 - y1];
    const box = {
      x1: x1 + jitter() * w,
      y1: y1 + jitter() * h,
      x2: x2 + jitter() * w,
      y2: y2 + jitter() * h,
    };
    if (next() < 0.2 || blind) return [];
    const found: Detection = { classId: 0, label: truth.label, score: 0.9, box };
    return [{ id: truth.id, found, values: lookOf(picture.pixels, truth.box) }];
  });
}

function run(seed: number, fps: number, withLooks: boolean): Score {
  const street = createStreet({ seed });
  const tracker = new Tracker({}, new IdentityGallery());
  const next = random(seed * 7919);
  const last = new Map<number, number>();
  const owners = new Map<number, Set<number>>();
  const score: Score = { switches: 0, mixed: 0, ids: 0, objects: 0, updateMs: [] };
  for (let i = 0; i < seconds * fps; i++) {
    const time = i / fps;
    const seen = scene(street.render(time), next, time % 10 > 8);
    const of = new Map(seen.map(({ found, values }) => [found, { values, model: 'pixels' }]));
    const looks: Looks | undefined = withLooks
      ? { settings: { ...defaultReid, maxDistance }, of }
      : undefined;
    const startMs = performance.now();
    const tracked = tracker.update(
      seen.map(({ found }) => found),
      BigInt(Math.round(time * 1e9)),
      looks,
    );
    score.updateMs.push(performance.now() - startMs);
    for (const [at, { trackId }] of tracked.entries()) {
      if (trackId === undefined) continue;
      const { id } = seen[at]!;
      if ((last.get(id) ?? trackId) !== trackId) score.switches += 1;
      last.set(id, trackId);
      owners.set(trackId, (owners.get(trackId) ?? new Set()).add(id));
    }
  }
  score.objects = last.size;
  score.ids = owners.size;
  score.mixed = [...owners.values()].filter((of) => of.size > 1).length;
  return score;
}

const maxDistance = Number(process.argv[2] ?? 0.1);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
console.log(`maxDistance ${maxDistance}, ${seconds} s of streets 1 to 4`);
console.log(
  '| frames/s | looks | objects | ids | id switches | ids of more than one | tracker ms per frame |',
);
console.log('|---|---|---|---|---|---|---|');
for (const fps of [10, 5, 2])
  for (const withLooks of [false, true]) {
    const all = [1, 2, 3, 4].map((seed) => run(seed, fps, withLooks));
    const sum = (of: (score: Score) => number) => all.reduce((total, score) => total + of(score), 0);
    const ms = mean(all.flatMap(({ updateMs }) => updateMs)).toFixed(3);
    console.log(
      `| ${fps} | ${withLooks ? 'with' : 'without'} | ${sum(({ objects }) => objects)} | ${sum(({ ids }) => ids)} | ${sum(({ switches }) => switches)} | ${sum(({ mixed }) => mixed)} | ${ms} |`,
    );
  }
