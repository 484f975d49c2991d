import { metricNames } from '../../../protocol/index.ts';
import type { Store } from '../../store/store.ts';

const hourMs = 3_600_000;

/**
 * Since when the store has steps this fine: `fromMs`, or later where what is older is kept in coarser ones only. Hours are no
 * blocks: of twelve blocks one would be filled.
 */
export async function keptSince(
  store: Pick<Store, 'metrics'>,
  device: string,
  { fromMs, toMs, stepMs }: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
): Promise<number> {
  const isFine = async (hours: number) => {
    const startMs = fromMs + hours * hourMs;
    const range = { fromMs: startMs, toMs: startMs + stepMs, stepMs };
    const request = { devices: [device], name: metricNames.memory, labels: {}, ...range };
    return (await store.metrics(request)).stepMs <= stepMs;
  };
  if (await isFine(0)) return fromMs;
  let [coarse, fine] = [0, Math.ceil((toMs - fromMs) / hourMs)];
  while (fine - coarse > 1) {
    const middle = Math.floor((coarse + fine) / 2);
    if (await isFine(middle)) fine = middle;
    else coarse = middle;
  }
  // An hour more: the oldest ones go while it is read.
  return Math.min(toMs, fromMs + (fine + 1) * hourMs);
}
