import type { MetricSeries } from '../../../api/index.ts';
import { metricNames } from '../../../protocol/index.ts';
import type { GateBlock, GateSubject } from '../gates/index.ts';
import type { BlockOptions } from './blocks.ts';
import type { WaveDevice } from './wave-device.ts';

const names = {
  frames: metricNames.shadowFrames,
  disagreements: metricNames.shadowDisagreements,
  serve: metricNames.shadowServeBoxes,
  shadow: metricNames.shadowBoxes,
} as const;
type Sum = keyof typeof names;

/**
 * A shadow and the model beside it, for each camera: sums since the two are what they are, so what a block adds is the
 * difference to the block before. The treated subject is the shadow, its control what serves on the same frames.
 */
export async function shadowSubjects(
  { device, changedMs, cameras }: WaveDevice,
  slot: string,
  options: BlockOptions,
  read: (name: string) => Promise<readonly MetricSeries[]>,
): Promise<GateSubject[]> {
  const sums = new Map<Sum, readonly MetricSeries[]>();
  for (const sum of Object.keys(names) as Sum[])
    sums.set(
      sum,
      (await read(names[sum])).filter(({ labels }) => labels.slot === slot),
    );
  const all = new Set((sums.get('frames') ?? []).flatMap(({ labels }) => labels.camera ?? []));
  const chosen = [...all].filter((camera) => cameras === undefined || cameras.includes(camera)).sort();
  return chosen.flatMap((camera) => {
    const of = (sum: Sum) => sums.get(sum)?.find(({ labels }) => labels.camera === camera);
    const { serving, shadow } = shadowBlocks(of, options);
    const beganMs = changedMs ?? shadow[0]?.startMs;
    const about = { device, camera, changedMs: beganMs };
    return [
      { ...about, arm: 'treated' as const, blocks: shadow },
      { ...about, arm: 'control' as const, blocks: serving },
    ];
  });
}

function shadowBlocks(of: (sum: Sum) => MetricSeries | undefined, { blockMs, clockMs }: BlockOptions) {
  const serving: GateBlock[] = [];
  const shadow: GateBlock[] = [];
  const at = (sum: Sum) => {
    const series = of(sum);
    return new Map(series?.timeMs.map((timeMs, index) => [timeMs, series.last?.[index] ?? undefined]));
  };
  const [frames, disagreements, served, shadowed] = (
    ['frames', 'disagreements', 'serve', 'shadow'] as const
  ).map(at);
  for (const timeMs of frames!.keys()) {
    const more = (sum: Map<number, number | undefined> | undefined) => {
      const [before, now] = [sum?.get(timeMs - blockMs), sum?.get(timeMs)];
      return before === undefined || now === undefined || now < before ? undefined : now - before;
    };
    const [count, differ, a, b] = [more(frames), more(disagreements), more(served), more(shadowed)];
    if (count === undefined || count === 0) continue;
    const startMs = Math.floor((timeMs + clockMs + blockMs / 2) / blockMs) * blockMs;
    const value = (sum: number) => ({ value: sum / count, weight: count });
    if (a !== undefined) serving.push({ startMs, values: { detections: value(a) } });
    const values = {
      ...(b === undefined ? {} : { detections: value(b) }),
      ...(differ === undefined ? {} : { agreement: value(differ) }),
    };
    shadow.push({ startMs, values });
  }
  return { serving, shadow };
}
