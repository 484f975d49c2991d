import type { MetricSeries } from '../../../api/index.ts';
import { metricNames } from '../../../protocol/index.ts';
import type { ShadowBlock } from '../gates/index.ts';
import type { BlockOptions } from './blocks.ts';

const names = {
  frames: metricNames.shadowFrames,
  disagreements: metricNames.shadowDisagreements,
  serveBoxes: metricNames.shadowServeBoxes,
  shadowBoxes: metricNames.shadowBoxes,
  recall: metricNames.shadowRecall,
  classFlips: metricNames.shadowClassFlips,
} as const;
type Column = keyof typeof names;

export interface ShadowCamera {
  readonly camera: string;
  readonly blocks: readonly ShadowBlock[];
}

/**
 * What a shadow and the model beside it found, block by block, for each camera. A device tells sums since the two are what they
 * are, so a block is the difference to the one before.
 */
export async function readShadow(
  slot: string,
  options: BlockOptions,
  read: (name: string) => Promise<readonly MetricSeries[]>,
): Promise<ShadowCamera[]> {
  const columns = new Map<Column, readonly MetricSeries[]>();
  for (const column of Object.keys(names) as Column[]) {
    const all = await read(names[column]);
    columns.set(
      column,
      all.filter(({ labels }) => labels.slot === slot),
    );
  }
  const cameras = new Set((columns.get('frames') ?? []).flatMap(({ labels }) => labels.camera ?? []));
  return [...cameras].sort().map((camera) => {
    const of = (column: Column) => columns.get(column)?.find(({ labels }) => labels.camera === camera);
    return { camera, blocks: blocksOf(of, options) };
  });
}

function blocksOf(
  of: (column: Column) => MetricSeries | undefined,
  { blockMs, clockMs }: BlockOptions,
): ShadowBlock[] {
  const at = (column: Column) => {
    const series = of(column);
    return new Map(series?.timeMs.map((timeMs, index) => [timeMs, series.last?.[index] ?? undefined]));
  };
  const [frames, differ, serve, shadow] = [
    at('frames'),
    at('disagreements'),
    at('serveBoxes'),
    at('shadowBoxes'),
  ];
  const [recall, flips] = [at('recall'), at('classFlips')];
  // The share is told, the number of boxes is its product.
  const agreed = new Map([...recall].map(([timeMs, share]) => [timeMs, product(share, serve.get(timeMs))]));
  return [...frames.keys()].flatMap((timeMs) => {
    const more = (sums: ReadonlyMap<number, number | undefined>) => {
      const [before, now] = [sums.get(timeMs - blockMs), sums.get(timeMs)];
      return before === undefined || now === undefined || now < before - 0.5
        ? undefined
        : Math.max(0, now - before);
    };
    const count = more(frames);
    const sums = { disagreements: more(differ), serveBoxes: more(serve), shadowBoxes: more(shadow) };
    const { disagreements, serveBoxes, shadowBoxes } = sums;
    if (count === undefined || count === 0 || disagreements === undefined) return [];
    if (serveBoxes === undefined || shadowBoxes === undefined) return [];
    const startMs = Math.floor((timeMs + clockMs + blockMs / 2) / blockMs) * blockMs;
    const own = { startMs, frames: count, disagreements, serveBoxes, shadowBoxes };
    return [{ ...own, agreedBoxes: more(agreed) ?? 0, classFlips: more(flips) ?? 0 }];
  });
}

function product(share: number | undefined, of: number | undefined): number | undefined {
  return share === undefined || of === undefined ? undefined : share * of;
}
