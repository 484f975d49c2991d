import type { RolloutInfo } from '../../api/index.ts';
import type { AuditEntry, FleetEvent } from '../api/types.ts';
import { personOf } from '../drift/actor.ts';
import { formatRoute } from '../state/route.ts';
import { count, wordsOf } from '../ui/format.ts';

/** Something that was changed, by a person or on a device. */
export interface ChangeRow {
  readonly timeMs: number;
  readonly what: string;
  readonly who: string | undefined;
  readonly href: string | undefined;
}

export interface ChangeSources {
  readonly swaps: readonly FleetEvent[];
  readonly rollouts: readonly RolloutInfo[];
  /** For admins. */
  readonly audit: readonly AuditEntry[];
}

/** What changed since a time, newest first: swaps that say the same are one row. */
export function changesSince({ swaps, rollouts, audit }: ChangeSources, fromMs: number): ChangeRow[] {
  const byMessage = new Map<string, FleetEvent[]>();
  for (const event of swaps)
    if (event.timeMs >= fromMs)
      byMessage.set(event.message, [...(byMessage.get(event.message) ?? []), event]);
  const swapped = [...byMessage].map(([message, events]): ChangeRow => {
    const [first] = events;
    const devices = new Set(events.map(({ device }) => device));
    const one = devices.size === 1 ? first?.device : undefined;
    return {
      timeMs: Math.max(...events.map(({ timeMs }) => timeMs)),
      what: `${message} (${one ?? count(devices.size, 'device')})`,
      who: undefined,
      href: one === undefined ? undefined : formatRoute(['devices', one]),
    };
  });
  const rolled = rollouts
    .filter(({ sinceMs }) => sinceMs >= fromMs)
    .map(
      ({ id, name, state, sinceMs, createdBy }): ChangeRow => ({
        timeMs: sinceMs,
        what: `Rollout ${name}: ${state}`,
        who: personOf(createdBy),
        href: formatRoute(['rollouts', id]),
      }),
    );
  const ordered = audit
    .filter(({ timeMs, result }) => timeMs >= fromMs && result === 'ok')
    .map(
      ({ timeMs, action, target, actor }): ChangeRow => ({
        timeMs,
        what: `${wordsOf(action)}: ${target}`,
        who: personOf(actor),
        href: action.startsWith('device.') ? formatRoute(['devices', target]) : undefined,
      }),
    );
  return [...swapped, ...rolled, ...ordered].sort((a, b) => b.timeMs - a.timeMs);
}
