import { defined } from '../../base/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { BoardReadings } from '../ports.ts';
import type { Conditions } from './promise.ts';

export interface BoardChange {
  readonly conditions: Conditions;
  readonly events: readonly AgentEvent[];
}

/** A machine that slows down and recovers all the time is told of once. */
const quietMs = 60_000;

/** What readings of the board say about its speed: what slows it down now, and what changed. */
export class BoardConditions {
  #overcurrent: ReadonlyMap<string, number> | undefined;
  #powerMode: string | undefined;
  #slowedMs: number | undefined;

  /** `nowMs`: monotonic. `othersShare`: see `Conditions`. */
  next(board: BoardReadings, othersShare: number | undefined, nowMs: number): BoardChange {
    const { temperatures, slowedBy = [], tegra } = board;
    const celsius = temperatures.reduce(
      (most, zone) => Math.max(most, zone.celsius),
      Number.NEGATIVE_INFINITY,
    );
    const counts = new Map((tegra?.overcurrent ?? []).map(({ kind, count }) => [kind as string, count]));
    const grown = [...counts].filter(([kind, count]) => count > (this.#overcurrent?.get(kind) ?? count));
    this.#overcurrent = counts;
    const throttled: Conditions['throttled'] =
      slowedBy.length > 0 ? 'heat' : grown.length > 0 ? 'power' : undefined;
    const by = [
      ...slowedBy,
      ...grown.map(([kind]) => (kind === 'under-voltage' ? kind : `${kind} over-current`)),
    ];
    const mode = tegra?.powerMode;
    return {
      conditions: {
        ...(celsius === Number.NEGATIVE_INFINITY ? {} : { celsius }),
        ...defined({ throttled, othersShare, powerMode: mode }),
      },
      events: [...this.#modeEvents(mode), ...this.#slowEvents(by, celsius, nowMs)],
    };
  }

  #modeEvents(mode: string | undefined): AgentEvent[] {
    const before = this.#powerMode;
    this.#powerMode = mode ?? before;
    if (before === undefined || mode === undefined || mode === before) return [];
    return [
      {
        kind: 'board.power-mode',
        severity: 'info',
        message: `The power mode changed from ${before} to ${mode}.`,
        data: { from: before, to: mode },
      },
    ];
  }

  #slowEvents(by: readonly string[], celsius: number, nowMs: number): AgentEvent[] {
    if (by.length > 0) {
      const news = this.#slowedMs === undefined;
      this.#slowedMs = nowMs;
      if (!news) return [];
      const heat = Number.isFinite(celsius) ? `, its hottest zone has ${Math.round(celsius)} °C` : '';
      return [
        {
          kind: 'board.slowed',
          severity: 'warning',
          message: `The board slows itself down: ${by.join(', ')}${heat}. Give it air, a stronger supply or a lower power mode.`,
          data: { by },
        },
      ];
    }
    if (this.#slowedMs === undefined || nowMs - this.#slowedMs < quietMs) return [];
    this.#slowedMs = undefined;
    return [{ kind: 'board.full-speed', severity: 'info', message: 'The board runs at full speed again.' }];
  }
}
