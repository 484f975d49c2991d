import {
  type CellGrid,
  type ClipPart,
  cellsUnderPolygons,
  coverBoxes,
  type HiddenMoment,
  hiddenDuring,
  type Polygon,
} from '../../../agent/index.ts';

/** Fine enough that little more than what is meant is hidden. */
const columns = 160;
/** How often what is hidden may change. */
export const hidingFps = 25;
/** Squares along the longer side of the picture: somebody who fills it is a few of them. */
const squares = 16;

export function gridOf(width: number, height: number): CellGrid {
  return { columns, rows: Math.max(1, Math.round((columns * height) / width)) };
}

/** Of which pictures of the camera something is hidden at a tick. */
export interface Span {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

/**
 * A stream's own pictures: those from one tick to the next. ffmpeg counts from the earliest picture, which may come after the
 * keyframe and be shown before it.
 */
export function* spansOfStream({ packets, lastNs }: Pick<ClipPart, 'packets' | 'lastNs'>): Generator<Span> {
  let firstNs = lastNs;
  for (const { timeNs } of packets) if (timeNs < firstNs) firstNs = timeNs;
  const tickNs = BigInt(Math.round(1e9 / hidingFps));
  for (let fromNs = firstNs; fromNs <= lastNs; fromNs += tickNs)
    yield { fromNs, untilNs: fromNs + tickNs < lastNs ? fromNs + tickNs : lastNs };
}

/** Ticks after the last one, at which all is hidden: no picture may outlive what hides it. */
const spareTicks = 60;

/** For every tick a grey picture of the cells, white where the camera's picture is hidden. */
export function* hidingPictures(
  moments: readonly HiddenMoment[],
  spans: Iterable<Span>,
  grid: CellGrid,
): Generator<Uint8Array> {
  const count = grid.columns * grid.rows;
  for (const { fromNs, untilNs } of spans) {
    const cells = new Uint8Array(count);
    const boxes = hiddenDuring(moments, fromNs, untilNs);
    if (boxes === 'all') cells.fill(1);
    else coverBoxes(cells, boxes, grid);
    yield cells.map((cell) => cell * 255);
  }
  for (let tick = 0; tick < spareTicks; tick++) yield new Uint8Array(count).fill(255);
}

/** One picture with red, green, blue and opacity: black where it is always black. */
export function maskPicture(masks: readonly Polygon[], grid: CellGrid): Uint8Array {
  const cells = cellsUnderPolygons(masks, grid);
  const picture = new Uint8Array(cells.length * 4);
  for (const [i, cell] of cells.entries()) picture[4 * i + 3] = cell * 255;
  return picture;
}

export interface HidingInputs {
  readonly width: number;
  readonly height: number;
  readonly blurred: boolean;
  readonly masked: boolean;
}

/** Filters from the camera's picture `[0:v]`, what is hidden `[1:v]` and what is black (the last input) to `[out]`. */
export function hidingFilters({ width, height, blurred, masked }: HidingInputs): string {
  const whole = `scale=${width}:${height}`;
  const chains = [`[0:v]${whole},format=yuv420p[seen]`];
  let last = 'seen';
  if (blurred) {
    const scale = squares / Math.max(width, height);
    const small = `${Math.max(1, Math.round(width * scale))}:${Math.max(1, Math.round(height * scale))}`;
    chains.push(
      '[seen]split[sharp][soft]',
      `[soft]scale=${small}:flags=area,${whole}:flags=neighbor,format=yuva420p[squares]`,
      `[1:v]${whole}:flags=neighbor,format=gray[where]`,
      '[squares][where]alphamerge[hidden]',
      '[sharp][hidden]overlay=shortest=1[blurred]',
    );
    last = 'blurred';
  }
  if (masked) {
    chains.push(
      `[${blurred ? 2 : 1}:v]${whole}:flags=neighbor[black]`,
      `[${last}][black]overlay=eof_action=repeat[masked]`,
    );
    last = 'masked';
  }
  return [...chains, `[${last}]format=yuv420p[out]`].join(';');
}
