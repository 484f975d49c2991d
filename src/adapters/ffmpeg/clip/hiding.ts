import {
  type CellGrid,
  type ClipPart,
  cellsUnderPolygons,
  coverBoxes,
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

/** For every tick a grey picture of the cells, white where the camera's picture is hidden; longer than the part, so that its end is. */
export function* hidingPictures(
  { moments, firstNs, lastNs }: Pick<ClipPart, 'moments' | 'firstNs' | 'lastNs'>,
  grid: CellGrid,
): Generator<Uint8Array> {
  const tickNs = BigInt(Math.round(1e9 / hidingFps));
  for (let atNs = firstNs; atNs < lastNs + 2_000_000_000n; atNs += tickNs) {
    const cells = new Uint8Array(grid.columns * grid.rows);
    const boxes = hiddenDuring(moments, atNs, atNs + tickNs < lastNs ? atNs + tickNs : lastNs);
    if (boxes === 'all' || atNs > lastNs) cells.fill(1);
    else coverBoxes(cells, boxes, grid);
    yield cells.map((cell) => cell * 255);
  }
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
