import { useRef, useState } from 'preact/hooks';
import type { DeviceSummary } from '../api/types.ts';

export interface SteadyOrder {
  readonly rows: readonly DeviceSummary[];
  /** Values have changed since, so that another order would be right. */
  readonly isOld: boolean;
  readonly sortAgain: () => void;
}

/**
 * Keeps the order of the rows while `isHeld`, so that none moves under the pointer. It changes with another `key`, on
 * request, and with each update while it is not held.
 */
export function useSteadyOrder(
  sorted: readonly DeviceSummary[],
  key: string,
  isHeld: () => boolean,
): SteadyOrder {
  const last = useRef<{ readonly key: string; readonly ids: readonly string[] } | undefined>(undefined);
  const [, draw] = useState(0);
  if (last.current?.key !== key || !isHeld()) last.current = { key, ids: sorted.map(({ id }) => id) };
  const rows = inOrder(sorted, last.current.ids);
  return {
    rows,
    isOld: rows.some(({ id }, at) => id !== sorted[at]?.id),
    sortAgain: () => {
      last.current = undefined;
      draw((round) => round + 1);
    },
  };
}

/** Those of `ids` first, in that order, then the others as they come. */
export function inOrder(devices: readonly DeviceSummary[], ids: readonly string[]): DeviceSummary[] {
  const rest = new Map(devices.map((device) => [device.id, device]));
  const known = ids.flatMap((id) => rest.get(id) ?? []);
  for (const { id } of known) rest.delete(id);
  return [...known, ...rest.values()];
}
