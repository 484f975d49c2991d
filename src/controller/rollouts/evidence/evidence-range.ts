import type { Range } from './evidence-spans.ts';
import type { WaveDevice } from './wave-device.ts';

const dayMs = 86_400_000;
/** What the days before have to be, for how far they stray to say anything. */
const leastBeforeMs = 2 * dayMs;

/** What is read of all devices together, by the controller's clock. */
export interface Reach {
  readonly historyMs: number;
  readonly nowMs: number;
  /** Before this blocks are not kept. Undefined: as far back as anything is asked. */
  readonly keptMs: number | undefined;
}

/** The earliest that is wanted. */
export function earliestMs(devices: readonly WaveDevice[], nowMs: number, historyMs: number): number {
  return Math.min(nowMs, ...devices.flatMap(({ changedMs }) => changedMs ?? [])) - historyMs;
}

/** Its change is so long ago that what was before is not kept any more. */
export function isBeforeGone({ changedMs, beforeMs = changedMs }: WaveDevice, { keptMs }: Reach): boolean {
  if (changedMs === undefined || beforeMs === undefined || keptMs === undefined) return false;
  return keptMs > Math.min(changedMs, beforeMs) - leastBeforeMs;
}

/** Of a device: its own change and all of what is read; of a control those of the wave, as far as they can be compared. */
export function rangeOf(
  one: WaveDevice,
  devices: readonly WaveDevice[],
  reach: Reach,
): { readonly range: Range; readonly changedMs: number | undefined } {
  const { historyMs, nowMs, keptMs = Number.NEGATIVE_INFINITY } = reach;
  const comparable = devices.filter((other) => !isBeforeGone(other, reach));
  const own = one.changedMs === undefined ? comparable : [one];
  const changes = own.flatMap(({ changedMs }) => changedMs ?? []);
  const fromMs = Math.min(nowMs, Math.max(keptMs, earliestMs(own, nowMs, historyMs)));
  return {
    range: { fromMs, toMs: nowMs },
    changedMs: changes.length === 0 ? undefined : Math.max(...changes),
  };
}
