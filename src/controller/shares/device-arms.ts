import { defined } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import { usualHistoryDays, type WaveDevice } from '../rollouts/evidence/index.ts';
import type { Side } from './device-sides.ts';

const historyMs = usualHistoryDays * 86_400_000;

/** Of the second version. */
export function treatedOf(b: Side): WaveDevice[] {
  return armOf(b, 'treated');
}

/**
 * The second version is treated, the first one is its control. A device of the first that changed before anything that is
 * read of the second is steady: it counts in the same time as the second, not from its own change, which may be kept no more.
 * `comparable`: those treated of which what was before is kept; of the others nothing is read.
 */
export function armsOf(
  a: Side,
  treated: readonly WaveDevice[],
  comparable: readonly WaveDevice[],
): WaveDevice[] {
  const read = comparable.length === 0 ? treated : comparable;
  const sinceMs = Math.min(...read.flatMap(({ changedMs }) => changedMs ?? [])) - historyMs;
  return [
    ...treated,
    ...armOf(a, 'control').map(({ changedMs, beforeMs, ...steady }): WaveDevice => {
      if (changedMs === undefined || changedMs < sinceMs) return steady;
      return { ...steady, changedMs, ...defined({ beforeMs }) };
    }),
  ];
}

function armOf({ devices, rollout: { slot } }: Side, arm: WaveDevice['arm']): WaveDevice[] {
  return devices.flatMap(({ device, state, orderedMs, committedMs }): WaveDevice[] =>
    state === 'committed' && committedMs !== undefined
      ? [
          {
            ...{ device, arm, changedMs: committedMs },
            ...defined({ beforeMs: orderedMs }),
            ...(slot === mainSlot ? {} : { anySlot: true as const }),
          },
        ]
      : [],
  );
}
