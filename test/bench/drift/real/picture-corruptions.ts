import sharp from 'sharp';
import { type Random, seededRandom } from '../../../../src/drift/random.ts';
import { blobs, blurred, covered, noisy, type Pixels, swept, throughCurve, warped } from './pixels.ts';

/** What a picture is made of besides the one at hand. */
export interface Surroundings {
  /** Median of the video: what is there when nobody is. */
  readonly background: Pixels;
  /** Another moment of the same video. */
  readonly other: Pixels;
  /** Frame of the stretch, and the first one of it. */
  readonly index: number;
  readonly first: Pixels;
  readonly random: Random;
}

export type Family =
  | 'cover'
  | 'focus'
  | 'noise'
  | 'light'
  | 'colour'
  | 'place'
  | 'coding'
  | 'scene'
  | 'time'
  | 'answers';

export interface Corruption {
  readonly name: string;
  readonly family: Family;
  /** Tuned on, or only reported. */
  readonly held: boolean;
  /** Messages that name it rightly; the first is the best one. */
  readonly right: readonly string[];
}

export interface PictureCorruption extends Corruption {
  /** Before the sensor adds its noise; `still`: no sensor adds any. */
  readonly optical: boolean;
  readonly still?: boolean;
  apply(picture: Pixels, severity: number, around: Surroundings): Pixels | Promise<Pixels>;
  /** Where a point of the clean picture is now, in shares of it; absent: where it was. `aspect`: width by height. */
  place?(x: number, y: number, severity: number, aspect: number): readonly [number, number];
}

const at = (severity: number, ...values: readonly number[]): number => values[severity - 1]!;
const sensor = (...names: string[]) => names.map((name) => `sensor fault: ${name}`);
const scene = (...names: string[]) => names.map((name) => `scene change: ${name}`);
const fixed = () => seededRandom(4711);

const angleOf = (severity: number) => (at(severity, 1, 2, 5, 10, 20) * Math.PI) / 180;
const zoomOf = (severity: number) => at(severity, 1.04, 1.08, 1.15, 1.3, 1.6);
const shiftOf = (severity: number) => at(severity, 0.02, 0.04, 0.08, 0.15, 0.3);

export const pictureCorruptions: readonly PictureCorruption[] = [
  {
    ...{ name: 'covered-part', family: 'cover', held: false, optical: true },
    right: sensor('covered'),
    apply(picture, severity) {
      const edge = at(severity, 0.15, 0.3, 0.45, 0.6, 0.8) * picture.width;
      return covered(
        picture,
        (x) => Math.min(1, Math.max(0, (edge - x) / 6)),
        () => 34,
      );
    },
  },
  {
    ...{ name: 'leaf', family: 'cover', held: true, optical: true },
    right: sensor('covered', 'dirty'),
    apply(picture, severity) {
      const radius = at(severity, 0.12, 0.2, 0.3, 0.42, 0.6) * picture.width;
      const [cx, cy] = [0.6 * picture.width, 0.55 * picture.height];
      const share = (x: number, y: number) => {
        const inside = radius - Math.hypot((x - cx) * 0.8, y - cy + 0.2 * (x - cx));
        return Math.min(1, Math.max(0, inside / 25));
      };
      const veins = (x: number, y: number) => 20 * Math.sin(x / 9 + y / 31) + 12 * Math.sin(y / 6);
      return covered(picture, share, (x, y, c) => [70, 105, 40][c]! + veins(x, y));
    },
  },
  {
    ...{ name: 'dirt', family: 'cover', held: false, optical: true },
    right: sensor('dirty'),
    apply(picture, severity) {
      const field = blobs(fixed(), at(severity, 6, 12, 20, 32, 50), picture, 0.055 * picture.width);
      const share = (x: number, y: number) => 0.75 * field[y * picture.width + x]!;
      return covered(picture, share, (_x, _y, c) => [96, 88, 76][c]!);
    },
  },
  {
    ...{ name: 'drops', family: 'cover', held: true, optical: true },
    right: sensor('dirty', 'blurred'),
    apply(picture, severity) {
      const field = blobs(fixed(), at(severity, 8, 16, 28, 45, 70), picture, 0.05 * picture.width);
      const soft = blurred(picture, 7);
      const { width, height } = picture;
      return covered(
        picture,
        (x, y) => field[y * width + x]!,
        (x, y, c) => {
          const over = Math.min(height - 1, Math.max(0, Math.round(y + 24 * field[y * width + x]!)));
          return 12 + soft.data[(over * width + x) * 3 + c]!;
        },
      );
    },
  },
  {
    ...{ name: 'defocus', family: 'focus', held: false, optical: true },
    right: sensor('blurred'),
    apply: (picture, severity) => blurred(picture, at(severity, 1, 2, 3, 5, 8)),
  },
  {
    ...{ name: 'motion-blur', family: 'focus', held: true, optical: true },
    right: sensor('blurred'),
    apply: (picture, severity) => swept(picture, at(severity, 2, 4, 6, 9, 14)),
  },
  {
    ...{ name: 'noise', family: 'noise', held: false, optical: false },
    right: sensor('noisy'),
    apply: (picture, severity, { random }) => noisy(picture, at(severity, 6, 12, 20, 32, 48), random),
  },
  {
    ...{ name: 'stripes', family: 'noise', held: true, optical: false },
    right: sensor('noisy'),
    apply(picture, severity, { random }) {
      const rows = Array.from(
        { length: picture.height },
        () => at(severity, 6, 12, 20, 32, 48) * random.normal(),
      );
      return covered(
        picture,
        () => 0.5,
        (x, y, c) => picture.data[(y * picture.width + x) * 3 + c]! + 2 * rows[y]!,
      );
    },
  },
  {
    ...{ name: 'gamma-dusk', family: 'light', held: false, optical: false },
    right: scene('darker'),
    apply: (picture, severity) =>
      throughCurve(picture, (v) => 255 * (v / 255) ** at(severity, 1.25, 1.6, 2.1, 2.8, 3.8)),
  },
  {
    ...{ name: 'under-exposed', family: 'light', held: false, optical: true },
    right: [...scene('darker'), ...sensor('black')],
    apply: (picture, severity) => throughCurve(picture, (v) => v * at(severity, 0.8, 0.6, 0.42, 0.27, 0.14)),
  },
  {
    ...{ name: 'over-exposed', family: 'light', held: false, optical: false },
    right: [...sensor('overexposed'), ...scene('brighter')],
    apply: (picture, severity) => throughCurve(picture, (v) => v * at(severity, 1.25, 1.55, 2, 2.7, 4)),
  },
  {
    ...{ name: 'gamma-bright', family: 'light', held: true, optical: false },
    right: scene('brighter'),
    apply: (picture, severity) =>
      throughCurve(picture, (v) => 255 * (v / 255) ** at(severity, 0.85, 0.72, 0.58, 0.45, 0.33)),
  },
  {
    ...{ name: 'haze', family: 'light', held: false, optical: true },
    right: scene('hazier'),
    apply: (picture, severity) => {
      const a = at(severity, 0.15, 0.3, 0.45, 0.62, 0.8);
      return throughCurve(picture, (v) => v * (1 - a) + 205 * a);
    },
  },
  {
    ...{ name: 'fog-deep', family: 'light', held: true, optical: true },
    right: scene('hazier'),
    apply(picture, severity) {
      const most = at(severity, 0.25, 0.45, 0.65, 0.8, 0.95);
      return covered(
        picture,
        (_x, y) => most * (1 - (0.7 * y) / picture.height),
        () => 200,
      );
    },
  },
  {
    ...{ name: 'cast', family: 'colour', held: false, optical: false },
    right: sensor('wrong colour'),
    apply(picture, severity) {
      const a = at(severity, 0.08, 0.16, 0.28, 0.42, 0.6);
      return throughCurve(picture, (v, c) => v * [1 + a, 1 - a / 3, 1 - a][c]!);
    },
  },
  {
    ...{ name: 'grey', family: 'colour', held: true, optical: false },
    right: sensor('wrong colour'),
    apply(picture, severity) {
      const a = at(severity, 0.3, 0.5, 0.7, 0.85, 1);
      const { data, width } = picture;
      return covered(
        picture,
        () => a,
        (x, y) => {
          const i = (y * width + x) * 3;
          return 0.3 * data[i]! + 0.59 * data[i + 1]! + 0.11 * data[i + 2]!;
        },
      );
    },
  },
  {
    ...{ name: 'shift', family: 'place', held: false, optical: true },
    right: sensor('moved'),
    apply(picture, severity) {
      const [dx, dy] = [shiftOf(severity) * picture.width, shiftOf(severity) * 0.5 * picture.height];
      return warped(picture, (x, y) => [mirrored(x - dx, picture.width), mirrored(y - dy, picture.height)]);
    },
    place: (x, y, severity) => [x + shiftOf(severity), y + 0.5 * shiftOf(severity)],
  },
  {
    ...{ name: 'rotation', family: 'place', held: false, optical: true },
    right: sensor('moved'),
    apply(picture, severity) {
      const { width, height } = picture;
      const [cos, sin] = [Math.cos(angleOf(severity)), Math.sin(angleOf(severity))];
      return warped(picture, (x, y) => {
        const [u, v] = [x - width / 2, y - height / 2];
        return [
          mirrored(cos * u + sin * v + width / 2, width),
          mirrored(cos * v - sin * u + height / 2, height),
        ];
      });
    },
    place(x, y, severity, aspect) {
      const [cos, sin] = [Math.cos(angleOf(severity)), Math.sin(angleOf(severity))];
      const [u, v] = [(x - 0.5) * aspect, y - 0.5];
      return [(cos * u - sin * v) / aspect + 0.5, cos * v + sin * u + 0.5];
    },
  },
  {
    ...{ name: 'zoom', family: 'place', held: true, optical: true },
    right: sensor('moved'),
    apply(picture, severity) {
      const { width, height } = picture;
      const zoom = zoomOf(severity);
      return warped(picture, (x, y) => [
        (x - width / 2) / zoom + width / 2,
        (y - height / 2) / zoom + height / 2,
      ]);
    },
    place: (x, y, severity) => [(x - 0.5) * zoomOf(severity) + 0.5, (y - 0.5) * zoomOf(severity) + 0.5],
  },
  {
    ...{ name: 'mirrored', family: 'place', held: true, optical: false },
    right: sensor('moved'),
    apply: (picture, severity) => {
      const { width, height } = picture;
      return warped(picture, (x, y) => [
        severity !== 2 ? width - 1.01 - x : x,
        severity >= 2 ? height - 1.01 - y : y,
      ]);
    },
    place: (x, y, severity) => [severity !== 2 ? 1 - x : x, severity >= 2 ? 1 - y : y],
  },
  {
    ...{ name: 'vibration', family: 'place', held: false, optical: true },
    right: sensor('moved'),
    apply(picture, severity, { random }) {
      const most = at(severity, 1, 2, 4, 8, 16);
      const [dx, dy] = [most * random.normal(), most * random.normal()];
      return warped(picture, (x, y) => [mirrored(x - dx, picture.width), mirrored(y - dy, picture.height)]);
    },
  },
  {
    ...{ name: 'cropped', family: 'place', held: true, optical: false },
    right: sensor('covered', 'moved'),
    apply(picture, severity) {
      const edge = at(severity, 0.06, 0.12, 0.18, 0.25, 0.33);
      const { width, height } = picture;
      const out = (x: number, y: number) =>
        x < edge * width || x > (1 - edge) * width || y < edge * height || y > (1 - edge) * height ? 1 : 0;
      return covered(picture, out, () => 0);
    },
  },
  {
    ...{ name: 'compression', family: 'coding', held: false, optical: false },
    right: sensor('blurred', 'noisy'),
    async apply({ data, width, height }, severity) {
      const raw = { raw: { width, height, channels: 3 as const } };
      const jpeg = await sharp(data, raw)
        .jpeg({ quality: at(severity, 30, 18, 10, 6, 3) })
        .toBuffer();
      return { width, height, data: new Uint8Array(await sharp(jpeg).raw().toBuffer()) };
    },
  },
  {
    ...{ name: 'tile-swaps', family: 'coding', held: true, optical: false },
    right: [...sensor('covered', 'dirty'), ...scene('unfamiliar')],
    apply(picture, severity, { index }) {
      const random = seededRandom(17 + Math.floor(index / 15));
      const side = 32;
      const [columns, rows] = [Math.floor(picture.width / side), Math.floor(picture.height / side)];
      const out = { ...picture, data: Uint8Array.from(picture.data) };
      const share = at(severity, 0.05, 0.12, 0.25, 0.45, 0.7);
      for (let n = 0; n < share * columns * rows; n++) {
        const [a, b] = [random.below(columns * rows), random.below(columns * rows)];
        for (let y = 0; y < side; y++) {
          const to = ((Math.floor(a / columns) * side + y) * picture.width + (a % columns) * side) * 3;
          const from = ((Math.floor(b / columns) * side + y) * picture.width + (b % columns) * side) * 3;
          out.data.set(picture.data.subarray(from, from + side * 3), to);
        }
      }
      return out;
    },
  },
  {
    ...{ name: 'crowd', family: 'scene', held: false, optical: true },
    right: scene('busier'),
    apply(picture, severity, { background, other }) {
      const share = at(severity, 0.3, 0.6, 1, 1, 1) * picture.width;
      const once = withObjects(picture, other, background, (x) => x < share);
      if (severity < 4) return once;
      // Those of the other half walk mirrored, so that they do not walk over those that are there.
      const wide = severity === 4 ? 0.5 * picture.width : picture.width;
      return withObjects(once, flipped(other), flipped(background), (x) => x < wide);
    },
  },
  {
    ...{ name: 'empty', family: 'scene', held: true, optical: true },
    right: scene('emptier'),
    apply(picture, severity, { background }) {
      const share = at(severity, 0.3, 0.5, 0.7, 0.85, 1) * picture.width;
      return covered(
        picture,
        (x) => (x < share ? 1 : 0),
        (x, y, c) => background.data[(y * picture.width + x) * 3 + c]!,
      );
    },
  },
  {
    ...{ name: 'frozen', family: 'time', held: false, optical: true, still: true },
    right: sensor('frozen'),
    apply: (_picture, _severity, { first }) => first,
  },
  {
    ...{ name: 'frozen-clock', family: 'time', held: false, optical: true, still: true },
    right: sensor('frozen'),
    apply(_picture, severity, { first, index }) {
      const random = seededRandom(Math.floor(index / 5));
      const [w, h] = [at(severity, 0.04, 0.08, 0.14, 0.2, 0.3) * first.width, 0.05 * first.height];
      const digits = Array.from({ length: 64 }, () => (random.next() < 0.5 ? 20 : 235));
      return covered(
        first,
        (x, y) => (x > 8 && x < 8 + w && y > 8 && y < 8 + h ? 1 : 0),
        (x) => digits[(x >> 2) & 63]!,
      );
    },
  },
  {
    ...{ name: 'frozen-recoded', family: 'time', held: true, optical: true, still: true },
    right: sensor('frozen'),
    apply: (_picture, severity, { first, random }) => noisy(first, at(severity, 0.4, 0.8, 1.4, 2, 3), random),
  },
];

/** The picture goes on beyond its border as in a mirror, so that a camera that moved shows no black edge. */
function mirrored(value: number, length: number): number {
  const most = length - 1.01;
  const positive = Math.abs(value);
  return positive > most ? Math.max(0, 2 * most - positive) : positive;
}

function flipped(picture: Pixels): Pixels {
  return warped(picture, (x, y) => [picture.width - 1.01 - x, y]);
}

/** Who is in the other picture stands in this one too. */
function withObjects(
  picture: Pixels,
  other: Pixels,
  background: Pixels,
  where: (x: number) => boolean,
): Pixels {
  const out = { ...picture, data: Uint8Array.from(picture.data) };
  const { width } = picture;
  for (let i = 0; i < out.data.length; i += 3) {
    if (!where((i / 3) % width)) continue;
    const apart =
      Math.abs(other.data[i]! - background.data[i]!) +
      Math.abs(other.data[i + 1]! - background.data[i + 1]!) +
      Math.abs(other.data[i + 2]! - background.data[i + 2]!);
    if (apart > 60) for (let c = 0; c < 3; c++) out.data[i + c] = other.data[i + c]!;
  }
  return out;
}
