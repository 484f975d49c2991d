/**
 * What an embedding adds where detections say little: real pictures, and a model of which only people count.
 *
 *   node --import tsx test/bench/drift/embedding-coco.ts --bundle DIR [--data DIR] [--learned street,sport] [--seeds 8]
 *
 * `--bundle` names a bundle of COCO's classes with an embedding (YOLOX-Nano: `model import ... --embedding 886`, FastestDet:
 * `--embedding input.504`); `--data` holds coco-calibration/ and coco-evaluation/. A stream
 * shows pictures of one kind in ever other crops; then a share of them is of another kind. Some five minutes of a core.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { readBundle } from '../../../src/adapters/filesystem/index.ts';
import { OnnxruntimeDetector } from '../../../src/adapters/onnxruntime/index.ts';
import { DriftMonitor, ProfileBuilder, type ReferenceProfile } from '../../../src/drift/index.ts';
import { pictureFeatures } from '../../../src/drift/picture/features.ts';
import { type Random, seededRandom } from '../../../src/drift/random.ts';
import {
  type Detection,
  defaultDetectionSettings,
  type PerceptionResult,
  type Thumbnail,
  Tracker,
  thumbnail,
} from '../../../src/perception/index.ts';
import { startOf } from './replay.ts';

const { values } = parseArgs({
  options: {
    bundle: { type: 'string', default: '' },
    data: { type: 'string', default: '../shared/data' },
    learned: { type: 'string', default: 'street,sport' },
    seeds: { type: 'string', default: '8' },
  },
});
const seeds = Number(values.seeds);
const [width, height] = [640, 480];
const crops = 8;
const learnS = 3 * 3600;
const cleanS = 2 * 3600;
const leadS = 240;
const shiftS = 900;

/** COCO's numbers of the pictures, by what they show. */
const kinds = {
  street: [
    64, 71, 74, 86, 94, 109, 149, 151, 247, 257, 260, 328, 349, 359, 1353, 1532, 2006, 5037, 6040, 7816, 8211,
    11149, 11511, 11699, 13177,
  ],
  sport: [
    49, 77, 192, 201, 322, 357, 360, 368, 885, 1490, 2153, 2261, 2532, 3255, 3553, 5193, 5586, 6460, 6954,
    7281, 7511, 8690, 9378, 12120, 12748,
  ],
  indoor: [
    110, 113, 164, 241, 294, 308, 338, 139, 2431, 4134, 6763, 8844, 9590, 9772, 10707, 12576, 30, 89, 133,
    138, 208, 632, 776, 802, 1675, 4495, 4795, 5503, 6818, 10977, 11813,
  ],
} as const;
type Kind = keyof typeof kinds;

/** One crop as the model sees it. */
interface Look {
  readonly thumbnail: Thumbnail;
  readonly detections: readonly Detection[];
  readonly candidates: number;
  readonly embedding: NonNullable<PerceptionResult['embedding']>;
}
/** Crops of one picture. */
type Picture = readonly Look[];

const bundle = await readBundle(values.bundle, 'digests');
const detector = await OnnxruntimeDetector.create(bundle, {});
const { identity } = detector;

async function cropsOf(file: string, number: number): Promise<Picture> {
  const whole = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(width, height, { fit: 'cover' })
    .png()
    .toBuffer();
  const looks: Look[] = [];
  for (let crop = 0; crop < crops; crop++) looks.push(await lookAt(whole, seededRandom(31 * number + crop)));
  // People are what this camera is for; a picture where none is found says nothing of them.
  return looks.filter(({ detections }) => detections.some(({ score }) => score > 0.4));
}

/** A random part, perhaps mirrored, a little brighter or darker. */
async function lookAt(whole: Buffer, random: Random): Promise<Look> {
  const share = 0.82 + 0.18 * random.next();
  const part = { width: Math.round(width * share), height: Math.round(height * share) };
  const picture = sharp(whole)
    .extract({
      ...part,
      left: random.below(width - part.width + 1),
      top: random.below(height - part.height + 1),
    })
    .resize(width, height)
    .linear(0.92 + 0.16 * random.next(), 0);
  const data = new Uint8Array(await (random.next() < 0.5 ? picture.flop() : picture).raw().toBuffer());
  const image = { data, width, height, step: width * 3, encoding: 'rgb8' as const };
  const { embedding, ...found } = await detector.detect(
    {
      ...image,
      ...{ camera: 'coco', sequence: 0, stampNs: 0n, frameId: '' },
      pixels: { data, release() {} },
    },
    { ...defaultDetectionSettings, scoreThreshold: 0.1 },
  );
  if (embedding === undefined) throw new Error(`${values.bundle} has no embedding.`);
  return {
    thumbnail: thumbnail(image),
    detections: found.detections.filter(({ label }) => label === 'person'),
    candidates: found.candidates,
    embedding: Float32Array.from(embedding),
  };
}

async function picturesOf(kind: Kind): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const set of ['coco-calibration', 'coco-evaluation']) {
    const folder = join(values.data, set, 'images');
    for (const name of readdirSync(folder).sort()) {
      const number = Number.parseInt(name, 10);
      if (!(kinds[kind] as readonly number[]).includes(number)) continue;
      const picture = await cropsOf(join(folder, name), number);
      if (picture.length >= 3) pictures.push(picture);
    }
  }
  return pictures;
}

/** One frame a second; a picture stays for some seconds, in another crop every second. */
class Stream {
  readonly #random: Random;
  readonly #tracker = new Tracker();
  #second = 0;
  #left = 0;
  #picture: Picture = [];
  #crop = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** `share` of the pictures are among the `others`. */
  play(
    seconds: number,
    usual: readonly Picture[],
    others: readonly Picture[],
    share: number,
    take: (thumbnail: Thumbnail, result: PerceptionResult, atMs: number) => void,
  ): void {
    for (const until = this.#second + seconds; this.#second < until; this.#second++) {
      if (this.#left-- <= 0) {
        const from = this.#random.next() < share ? others : usual;
        this.#picture = from[this.#random.below(from.length)]!;
        this.#left = 3 + this.#random.below(6);
      }
      // Never the same crop twice in a row: that would be a frozen camera.
      this.#crop = (this.#crop + 1 + this.#random.below(this.#picture.length - 1)) % this.#picture.length;
      const { thumbnail, detections, candidates, embedding } = this.#picture[this.#crop]!;
      const stampNs = startOf.day + BigInt(this.#second) * 1_000_000_000n;
      const result: PerceptionResult = {
        ...{ camera: 'coco', sequence: this.#second, stampNs, frameId: '', width, height },
        ...{ identity, candidates, embedding, captureToPublishMs: 15 },
        detections: this.#tracker.update(detections, stampNs),
        timings: { preprocessMs: 1, inferMs: 10, postprocessMs: 1 },
      };
      take(thumbnail, result, this.#second * 1000);
    }
  }
}

const ways = {
  without: ({ embedding: _, ...result }: PerceptionResult): PerceptionResult => result,
  with: (result: PerceptionResult): PerceptionResult => result,
};
type Way = keyof typeof ways;
const wayNames = ['without', 'with'] as const;

function learn(way: Way, pictures: readonly Picture[]): ReferenceProfile {
  const builder = new ProfileBuilder({ modelDigest: identity.digest, camera: 'coco' });
  new Stream(1).play(learnS, pictures, [], 0, (thumbnail, result, atMs) =>
    builder.observe(thumbnail, ways[way](result), atMs),
  );
  return builder.finish();
}

function falseAlarms(
  way: Way,
  profile: ReferenceProfile,
  pictures: readonly Picture[],
  arl0Ms: number,
): number {
  let raised = 0;
  for (let seed = 0; seed < seeds / 2; seed++) {
    const monitor = new DriftMonitor(profile, { arl0Ms });
    new Stream(100 + seed).play(cleanS, pictures, [], 0, (thumbnail, result, atMs) => {
      for (const { phase } of monitor.observe(thumbnail, ways[way](result), atMs))
        if (phase === 'raised') raised++;
    });
  }
  return raised;
}

/** Seconds until the first alarm, one per stream, rising; infinite where there was none. */
function delays(
  way: Way,
  profile: ReferenceProfile,
  usual: readonly Picture[],
  others: readonly Picture[],
  share: number,
): number[] {
  const found = Array.from({ length: seeds }, (_, seed) => {
    const monitor = new DriftMonitor(profile);
    const stream = new Stream(1000 + seed);
    let delay = Number.POSITIVE_INFINITY;
    const watch =
      (from: number) =>
      (thumbnail: Thumbnail, result: PerceptionResult, atMs: number): void => {
        const raised = monitor
          .observe(thumbnail, ways[way](result), atMs)
          .some(({ phase }) => phase === 'raised');
        if (raised) delay = Math.min(delay, atMs / 1000 - from);
      };
    stream.play(leadS, usual, [], 0, watch(Number.NEGATIVE_INFINITY));
    stream.play(shiftS, usual, others, share, watch(leadS));
    return delay;
  });
  return found.sort((a, b) => a - b);
}

/** What the picture's statistics and the boxes say of one crop. */
function statistics({ thumbnail, detections, candidates }: Look): number[] {
  const sure = detections.filter(({ score }) => score >= 0.3);
  const score = sure.reduce((sum, detection) => sum + detection.score / sure.length, 0);
  return [
    ...Object.values(pictureFeatures(thumbnail)),
    Math.sqrt(sure.length),
    score,
    Math.log1p(candidates),
  ];
}

/** Crops whose every statistic lies within two deviations of what is usual. */
function unremarkable(usual: readonly Picture[], others: readonly Picture[]): Picture[] {
  const rows = usual.flat().map(statistics);
  const columns = rows[0]!.map((_, i) => rows.map((row) => row[i]!));
  const means = columns.map((column) => column.reduce((sum, value) => sum + value / column.length, 0));
  const deviations = columns.map((column, i) =>
    Math.sqrt(column.reduce((sum, value) => sum + (value - means[i]!) ** 2 / column.length, 0)),
  );
  return others
    .map((picture) =>
      picture.filter((look) =>
        statistics(look).every((value, i) => Math.abs(value - means[i]!) <= 2 * deviations[i]!),
      ),
    )
    .filter((picture) => picture.length >= 2);
}

const described = (found: readonly number[]): string => {
  const hits = found.filter(Number.isFinite).length;
  const median = found[seeds >> 1]!;
  return `${hits} of ${seeds}, ${Number.isFinite(median) ? `${median} s` : '-'}`;
};

const all = new Map<Kind, Picture[]>();
for (const kind of Object.keys(kinds) as Kind[]) all.set(kind, await picturesOf(kind));
for (const kind of values.learned.split(',') as Kind[]) {
  const own = all.get(kind)!;
  const usual = own.filter((_, i) => i % 4 !== 3);
  const unseen = own.filter((_, i) => i % 4 === 3);
  const profiles = new Map(wayNames.map((way) => [way, learn(way, usual)]));
  console.log(
    `\n${bundle.manifest.name}, learned ${kind}: ${usual.length} pictures, ${learnS / 3600} h; ${profiles.get('with')?.embedding?.source}.`,
  );
  for (const hours of [2, 720]) {
    const found = wayNames.map(
      (way) => `${way} ${falseAlarms(way, profiles.get(way)!, usual, hours * 3_600_000)}`,
    );
    const watchedH = (Math.ceil(seeds / 2) * cleanS) / 3600;
    console.log(`False alarms in ${watchedH} h where one in ${hours} h is asked for: ${found.join(', ')}.`);
  }
  const others = ([...all.keys()] as Kind[]).filter((other) => other !== kind);
  const alike = unremarkable(
    usual,
    others.flatMap((other) => all.get(other)!),
  );
  const scenarios = [
    [`unseen pictures of ${kind}`, unseen],
    ...others.map((other) => [other, all.get(other)!] as const),
    ['others whose every statistic is usual', alike],
  ] as const;
  console.log('\n| mixed in | share | without: alarms, median | with: alarms, median |\n|--|--|--|--|');
  for (const [name, pictures] of scenarios)
    for (const share of [0.15, 0.3, 1]) {
      if (pictures.length < 3) continue;
      const cells = wayNames.map((way) => described(delays(way, profiles.get(way)!, usual, pictures, share)));
      console.log(`| ${name}, ${pictures.length} pictures | ${100 * share} % | ${cells.join(' | ')} |`);
    }
}
await detector.close();
