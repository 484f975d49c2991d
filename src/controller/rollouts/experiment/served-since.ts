import { metricNames } from '../../../protocol/index.ts';
import type { Device } from '../../fleet/device.ts';
import type { Store } from '../../store/store.ts';

const blockMs = 300_000;
const dayMs = 86_400_000;
/** At once. A slot without counts for this time has restarted. */
const windowMs = 30 * dayMs;
const mostWindows = 25;
/** A device hands its cameras over within it: one change for all of them. */
const togetherMs = 3_600_000;

/** Cameras that the slot began to serve together. */
export interface ServedSince {
  readonly cameras: readonly string[];
  /** The last of them has begun. */
  readonly changedMs: number;
  /** The first of them begins. */
  readonly beforeMs: number;
}

type Times = Map<string, number>;

/**
 * When the version that runs in a slot began to serve each camera: the first frame that it counted, as far back as there is
 * anything of it. A camera of which nothing is counted yet begins now.
 */
export async function servedSince(
  store: Pick<Store, 'metrics'>,
  { id, reported }: Pick<Device, 'id' | 'reported'>,
  slot: string,
  { cameras, nowMs }: { readonly cameras: readonly string[]; readonly nowMs: number },
): Promise<ServedSince[]> {
  const model = reported?.slots[slot]?.loaded;
  const firstOf = async (fromMs: number, toMs: number, stepMs: number): Promise<Times> => {
    const range = { fromMs, toMs, stepMs };
    const about = { devices: [id], name: metricNames.processed, labels: { slot } };
    const { series } = await store.metrics({ ...about, ...range });
    const found: Times = new Map();
    for (const { labels, timeMs } of series) {
      const { camera } = labels;
      if (camera === undefined || timeMs[0] === undefined) continue;
      // Another model may have the same version.
      if (model !== undefined && (labels.model !== model.name || labels.version !== model.version)) continue;
      found.set(camera, Math.min(found.get(camera) ?? timeMs[0], timeMs[0]));
    }
    return found;
  };
  const days = await firstDays(firstOf, nowMs);
  const exact = new Map<number, Times>();
  for (const day of new Set(cameras.flatMap((camera) => days.get(camera) ?? [])))
    exact.set(day, await firstOf(day, Math.min(nowMs, day + dayMs), blockMs));
  return together(
    cameras.map((camera) => {
      const day = days.get(camera);
      const sinceMs = day === undefined ? nowMs : (exact.get(day)?.get(camera) ?? day);
      return { camera, sinceMs: Math.min(nowMs, sinceMs) };
    }),
  );
}

/** Day by day back to where there is nothing of the slot. */
async function firstDays(
  firstOf: (fromMs: number, toMs: number, stepMs: number) => Promise<Times>,
  nowMs: number,
): Promise<Times> {
  const days: Times = new Map();
  let toMs = nowMs;
  for (let at = 0; at < mostWindows; at++) {
    const fromMs = Math.max(0, Math.floor((toMs - windowMs) / dayMs) * dayMs);
    const found = await firstOf(fromMs, toMs, dayMs);
    if (found.size === 0) break;
    for (const [camera, timeMs] of found) days.set(camera, timeMs);
    toMs = fromMs;
    if (toMs <= 0) break;
  }
  return days;
}

function together(found: readonly { readonly camera: string; readonly sinceMs: number }[]): ServedSince[] {
  const groups: { cameras: string[]; changedMs: number; beforeMs: number }[] = [];
  for (const { camera, sinceMs } of [...found].sort((a, b) => a.sinceMs - b.sinceMs)) {
    const last = groups.at(-1);
    if (last !== undefined && sinceMs - last.beforeMs <= togetherMs) {
      last.cameras.push(camera);
      last.changedMs = sinceMs;
    } else groups.push({ cameras: [camera], changedMs: sinceMs, beforeMs: sinceMs });
  }
  return groups;
}
