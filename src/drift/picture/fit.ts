import {
  thumbnailCells as cells,
  thumbnailHeight as height,
  thumbnailWidth as width,
} from '../../perception/index.ts';
import type { ViewReference } from './view-reference.ts';

/** What a live picture is compared with the reference by. */
export interface LiveCells {
  readonly grey: Float32Array;
  readonly detail: Float32Array;
  /** 1 where the place is seen. */
  readonly visible: Uint8Array;
}

/**
 * How well each cause explains what the cells show. A cost is the mean over all cells of squared deviations, each at most
 * `most`: of the grey level, and of the fine detail. A gain is the cost that a cause takes away.
 */
export interface PictureFit {
  /** A curve of light from usual to live, that rises: of any shape. */
  readonly lightGain: number;
  /** Detail that is gone, or noise that came, everywhere alike. */
  readonly blurGain: number;
  readonly noiseGain: number;
  /** Something before the camera: of the parts of the picture that had edges, the share that lost them while others did not. */
  readonly hiddenGain: number;
  readonly hidden: number;
  /** Pieces that hang together, and how large the largest is among what is hidden. */
  readonly largest: number;
  /** Edges that are kept by the parts that kept theirs, 0..1. */
  readonly kept: number;
  /** The curve: live minus usual at the dark and at the bright end, and its slope between them; units of 255. */
  readonly dark: number;
  readonly bright: number;
  readonly slope: number;
  /** Factor of the fine detail, and the noise that came, grey levels of second difference. */
  readonly sharpness: number;
  readonly noise: number;
}

/** What is hidden is so by one thing: a cover, and not dirt or people here and there. */
export function isCovered({ hidden, largest }: PictureFit): boolean {
  return largest >= 0.75 && hidden >= 0.15;
}

/** Squared deviations beyond this are as bad. */
const most = 9;
const knots = 9;
/** Columns and rows of the parts in which edges are looked for. */
const partColumns = 8;
const partRows = 6;
const partWidth = width / partColumns;
const partHeight = height / partRows;
const parts = partColumns * partRows;
/** Mean squared gradient from which a part has edges. */
const hasEdges = 60;
/** Match of edges below which a part has lost them, of what the rest has. */
const lostBelow = 0.5;
/** Cost of calling a cell hidden. */
const hiddenCost = 1.5;
/** Of detail, in natural logs; and what is added to it, so that no detail is no minus infinity. */
const detailScale = 0.3;
const detailFloor = 4;

const residuals = new Float32Array(cells);
const details = new Float32Array(cells);
const curve = new Float64Array(256);
const slopes = new Float64Array(256);
const identity = Float64Array.from({ length: 256 }, (_, i) => i);
const flat = new Float64Array(256).fill(1);
/** Natural logs of detail, a quarter of a level apart. */
const logs = Float64Array.from({ length: 4 * 512 }, (_, i) => Math.log(i / 4 + detailFloor) / detailScale);
const logOf = (detail: number): number => logs[Math.min(logs.length - 1, (4 * detail) | 0)]!;

/** What of a reference is asked again and again. */
interface Prepared {
  readonly byGrey: Uint16Array;
  readonly byDetail: Uint16Array;
  /** Detail that noise alone gives, squared. */
  readonly noise2: number;
  readonly dark: number;
  readonly bright: number;
}
const prepared = new WeakMap<ViewReference, Prepared>();

function prepare(reference: ViewReference): Prepared {
  const known = prepared.get(reference);
  if (known !== undefined) return known;
  const orderBy = (values: Uint8Array) =>
    Uint16Array.from({ length: cells }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const byGrey = orderBy(reference.grey);
  const byDetail = orderBy(reference.detail);
  const at = (share: number) => reference.grey[byGrey[Math.floor(share * cells)]!]!;
  const made = {
    ...{ byGrey, byDetail, dark: at(0.05), bright: at(0.95) },
    noise2: reference.detail[byDetail[cells >> 3]!]! ** 2,
  };
  prepared.set(reference, made);
  return made;
}

/** Some 0.3 ms: asked only while something is wrong. */
export function fitPicture(live: LiveCells, reference: ViewReference, matches: Float32Array): PictureFit {
  const usual = prepare(reference);
  const part = partsOf(matches);
  const open = new Uint8Array(cells);
  for (let i = 0; i < cells; i++) open[i] = live.visible[i] === 1 && part.lost[partAt[i]!] === 0 ? 1 : 0;
  // Where little is open, all of the picture says what its light is.
  const judged = part.hidden < 0.9 ? open : live.visible;
  const greyUsual = greyCost(live, reference, identity);
  const noise2 = noiseOf(live, usual, judged);
  const before = detailCosts(live, reference, usual, flat, 1, usual.noise2);
  fitCurve(live, reference, usual, judged);
  const greyLit = greyCost(live, reference, curve);
  const sharpness = sharpnessOf(live, reference, usual, noise2, judged);
  const lit = detailCosts(live, reference, usual, slopes, 1, noise2);
  const all = detailCosts(live, reference, usual, slopes, sharpness, noise2);
  let hiddenGain = 0;
  for (let i = 0; i < cells; i++)
    if (live.visible[i] === 1 && open[i] === 0)
      hiddenGain += Math.max(0, residuals[i]! + details[i]! - hiddenCost);
  hiddenGain /= cells;
  const [dark, bright] = [curve[usual.dark]! - usual.dark, curve[usual.bright]! - usual.bright];
  const span = usual.bright - usual.dark;
  return {
    lightGain: greyUsual - greyLit,
    noiseGain: before.quiet - all.quiet,
    blurGain: lit.edges - all.edges,
    hiddenGain,
    hidden: part.hidden,
    largest: part.largest,
    kept: part.kept,
    dark: dark / 255,
    bright: bright / 255,
    slope: span > 0 ? (span + bright - dark) / span : 1,
    sharpness,
    noise: (Math.sqrt(noise2) - Math.sqrt(usual.noise2)) / 2,
  };
}

function greyCost({ grey, visible }: LiveCells, reference: ViewReference, through: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < cells; i++) {
    residuals[i] = 0;
    if (visible[i] === 0) continue;
    const z = (grey[i]! - through[reference.grey[i]!]!) / Math.max(5, 2.5 * reference.spread[i]!);
    residuals[i] = Math.min(most, z * z);
    sum += residuals[i]!;
  }
  return sum / cells;
}

/** Of cells that usually have edges, and of the others: detail is that of edges, times a factor and the slope, and noise. */
function detailCosts(
  { detail, visible }: LiveCells,
  { grey, detail: usualDetail }: ViewReference,
  usual: Prepared,
  slope: Float64Array,
  factor: number,
  noise2: number,
): { edges: number; quiet: number } {
  let edges = 0;
  let edgeCells = 0;
  let quiet = 0;
  let quietCells = 0;
  for (let i = 0; i < cells; i++) {
    details[i] = 0;
    if (visible[i] === 0) continue;
    const edge2 = Math.max(0, usualDetail[i]! ** 2 - usual.noise2);
    const wanted = Math.sqrt((factor * slope[grey[i]!]!) ** 2 * edge2 + noise2);
    const z = logOf(detail[i]!) - logOf(wanted);
    const cost = Math.min(most, z * z);
    details[i] = cost;
    if (edge2 > usual.noise2) {
      edges += cost;
      edgeCells++;
    } else {
      quiet += cost;
      quietCells++;
    }
  }
  return { edges: edges / Math.max(100, edgeCells), quiet: quiet / Math.max(100, quietCells) };
}

const counts = new Uint32Array(1024);

/** Medians of the live picture over ranges of the usual one, made to rise (pool adjacent violators), straight between. */
function fitCurve(
  { grey }: LiveCells,
  reference: ViewReference,
  { byGrey }: Prepared,
  judged: Uint8Array,
): void {
  let total = 0;
  for (let i = 0; i < cells; i++) total += judged[i]!;
  curve.set(identity);
  slopes.fill(1);
  if (total < 10 * knots) return;
  const [xs, ys, weights]: [number[], number[], number[]] = [[], [], []];
  for (let k = 0, at = 0, seen = 0; k < knots; k++) {
    counts.fill(0);
    let sum = 0;
    let count = 0;
    for (; at < cells && seen < ((k + 1) * total) / knots; at++) {
      const i = byGrey[at]!;
      if (judged[i] === 0) continue;
      seen++;
      count++;
      sum += reference.grey[i]!;
      counts[Math.round(grey[i]! - reference.grey[i]!) + 256]!++;
    }
    if (count === 0) continue;
    xs.push(sum / count);
    ys.push(sum / count + middle(count) - 256);
    weights.push(1);
  }
  for (let k = 1; k < ys.length; ) {
    if (ys[k]! >= ys[k - 1]!) {
      k++;
      continue;
    }
    const weight = weights[k]! + weights[k - 1]!;
    for (const list of [xs, ys])
      list[k - 1] = (list[k]! * weights[k]! + list[k - 1]! * weights[k - 1]!) / weight;
    weights[k - 1] = weight;
    for (const list of [xs, ys, weights]) list.splice(k, 1);
    k = Math.max(1, k - 1);
  }
  for (let level = 0, k = 0; level < 256; level++) {
    while (k < xs.length - 2 && level > xs[k + 1]!) k++;
    const [x0, x1] = [xs[k]!, xs[k + 1] ?? xs[k]! + 1];
    const [y0, y1] = [ys[k]!, ys[k + 1] ?? ys[k]! + 1];
    const slope = Math.min(4, (y1 - y0) / Math.max(1, x1 - x0));
    curve[level] = Math.min(255, Math.max(0, y0 + slope * (level - x0)));
  }
  for (let level = 0; level < 256; level++) {
    const [low, high] = [Math.max(0, level - 12), Math.min(255, level + 12)];
    slopes[level] = (curve[high]! - curve[low]!) / (high - low);
  }
}

/** Squared detail of the cells that usually have least. */
function noiseOf({ detail }: LiveCells, { byDetail, noise2 }: Prepared, judged: Uint8Array): number {
  counts.fill(0);
  let count = 0;
  for (let at = 0; at < cells >> 2; at++) {
    const i = byDetail[at]!;
    if (judged[i] === 0) continue;
    counts[Math.round(4 * Math.min(255, detail[i]!))]!++;
    count++;
  }
  return count < 20 ? noise2 : (middle(count) / 4) ** 2;
}

/** Factor of the edges of the cells that usually have most, noise taken out on both sides, light too. */
function sharpnessOf(
  { detail }: LiveCells,
  reference: ViewReference,
  usual: Prepared,
  noise2: number,
  judged: Uint8Array,
): number {
  counts.fill(0);
  let count = 0;
  for (let at = cells - 1; at > (7 * cells) / 8; at--) {
    const i = usual.byDetail[at]!;
    const edge2 = reference.detail[i]! ** 2 - usual.noise2;
    if (judged[i] === 0 || edge2 <= usual.noise2) continue;
    const now2 = Math.max(0, detail[i]! ** 2 - noise2);
    const factor = Math.sqrt(now2 / edge2) / Math.max(0.1, slopes[reference.grey[i]!]!);
    counts[Math.min(1023, Math.round(256 * factor))]!++;
    count++;
  }
  return count < 20 ? 1 : middle(count) / 256;
}

/** Bin of `counts` in which the middle one of `count` lies. */
function middle(count: number): number {
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    sum += counts[bin]!;
    if (2 * sum >= count) return bin;
  }
  return counts.length - 1;
}

const partAt = Uint8Array.from({ length: cells }, (_, i) => {
  const [x, y] = [i % width, Math.floor(i / width)];
  return Math.floor(y / partHeight) * partColumns + Math.floor(x / partWidth);
});

/**
 * Normalised correlation of the edges of every part, and NaN where it usually has none. `usual` and `live`: gradients as of
 * `gradients()`.
 */
export function partMatches(live: Float32Array, usual: Float32Array, visible: Uint8Array): Float32Array {
  const products = new Float64Array(parts);
  const usuals = new Float64Array(parts);
  const lives = new Float64Array(parts);
  const counts = new Float64Array(parts);
  for (let i = 0; i < cells; i++) {
    if (visible[i] !== 1) continue;
    const part = partAt[i]!;
    const [ax, ay, bx, by] = [usual[2 * i]!, usual[2 * i + 1]!, live[2 * i]!, live[2 * i + 1]!];
    products[part]! += ax * bx + ay * by;
    usuals[part]! += ax * ax + ay * ay;
    lives[part]! += bx * bx + by * by;
    counts[part]!++;
  }
  return Float32Array.from(products, (product, part) => {
    if (counts[part]! < 8 || usuals[part]! / counts[part]! < hasEdges) return Number.NaN;
    // A part that is flat now matches nothing, whatever its noise says.
    return (
      product / Math.sqrt(usuals[part]! * Math.max(lives[part]!, 0.0025 * usuals[part]!, counts[part]! * 4))
    );
  });
}

interface Parts {
  readonly lost: Uint8Array;
  readonly hidden: number;
  readonly largest: number;
  readonly kept: number;
}

/** Which parts have lost their edges while others have not. Those that never had any go with their neighbours. */
function partsOf(matches: Float32Array): Parts {
  const known = [...matches].filter((match) => !Number.isNaN(match));
  if (known.length < 6) return { lost: new Uint8Array(parts), hidden: 0, largest: 0, kept: 1 };
  known.sort((a, b) => b - a);
  // What the best have kept is what light, blur and noise have left.
  const kept = Math.max(0, known[2]!);
  const isLost = (match: number) => match < lostBelow * kept;
  const lost = Uint8Array.from(matches, (match) => (isLost(match) ? 1 : 0));
  const hidden = known.filter(isLost).length / known.length;
  for (let part = 0; part < parts; part++) {
    if (!Number.isNaN(matches[part]!)) continue;
    const near = around(part).filter((other) => !Number.isNaN(matches[other]!));
    const votes = near.reduce((sum, other) => sum + (isLost(matches[other]!) ? 1 : -1), 0);
    if (votes > 0) lost[part] = 1;
  }
  return { lost, hidden, largest: largestPiece(lost), kept };
}

function around(part: number): number[] {
  const [x, y] = [part % partColumns, Math.floor(part / partColumns)];
  return [
    [x - 1, y],
    [x + 1, y],
    [x, y - 1],
    [x, y + 1],
  ]
    .filter(([nx, ny]) => nx! >= 0 && ny! >= 0 && nx! < partColumns && ny! < partRows)
    .map(([nx, ny]) => ny! * partColumns + nx!);
}

/** Share of what is lost that hangs together in the largest piece. */
function largestPiece(lost: Uint8Array): number {
  const seen = new Uint8Array(parts);
  let largest = 0;
  let all = 0;
  for (let begin = 0; begin < parts; begin++) {
    all += lost[begin]!;
    if (lost[begin] === 0 || seen[begin] === 1) continue;
    const open = [begin];
    seen[begin] = 1;
    let size = 0;
    for (let part = open.pop(); part !== undefined; part = open.pop()) {
      size++;
      for (const other of around(part))
        if (lost[other] === 1 && seen[other] === 0) {
          seen[other] = 1;
          open.push(other);
        }
    }
    largest = Math.max(largest, size);
  }
  return all === 0 ? 0 : largest / all;
}
