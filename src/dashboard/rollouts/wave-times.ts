import type { RolloutDetail, RolloutWave } from '../../api/index.ts';

export interface TimelinePart {
  readonly kind: 'updating' | 'soaking' | 'passed' | 'planned';
  readonly startMs: number;
  readonly endMs: number;
}

export interface TimelineRow {
  readonly name: string;
  /** In their order; none of a wave that will not come. */
  readonly parts: readonly TimelinePart[];
}

export interface RolloutTimeline {
  readonly fromMs: number;
  readonly toMs: number;
  /** None before anything began. */
  readonly rows: readonly TimelineRow[];
}

const over = new Set(['aborted', 'rolling-back', 'rolled-back', 'superseded', 'finished']);
const leastMs = 60_000;

/** The waves over time. What is planned counts the soaks alone: how long devices take is not known before. */
export function timelineOf(
  { waves, state, sinceMs }: Pick<RolloutDetail, 'waves' | 'state' | 'sinceMs'>,
  nowMs: number,
): RolloutTimeline {
  const started = waves.flatMap(({ startedMs }) => startedMs ?? []);
  if (started.length === 0) return { fromMs: nowMs, toMs: nowMs, rows: [] };
  const fromMs = Math.min(...started);
  const isOver = over.has(state);
  const untilMs = isOver ? sinceMs : nowMs;
  let plannedMs = untilMs;
  const rows = waves.map((wave): TimelineRow => {
    const parts = [...donePart(wave, untilMs)];
    if (!isOver && wave.passedMs === undefined) {
      const soakMs = wave.soakMinutes * 60_000;
      const endMs = Math.max(plannedMs, (wave.settledMs ?? plannedMs) + soakMs);
      if (endMs > plannedMs) parts.push({ kind: 'planned', startMs: plannedMs, endMs });
      plannedMs = endMs;
    }
    return { name: wave.name, parts };
  });
  const ends = rows.flatMap(({ parts }) => parts.map(({ endMs }) => endMs));
  return { fromMs, toMs: Math.max(fromMs + leastMs, untilMs, ...ends), rows };
}

/** What a wave has done until now. */
function* donePart(
  { startedMs, settledMs, passedMs }: RolloutWave,
  untilMs: number,
): Generator<TimelinePart> {
  if (startedMs === undefined) return;
  const last = passedMs ?? untilMs;
  yield { kind: 'updating', startMs: startedMs, endMs: Math.max(startedMs, settledMs ?? last) };
  if (settledMs === undefined) return;
  const kind = passedMs === undefined ? ('soaking' as const) : ('passed' as const);
  yield { kind, startMs: settledMs, endMs: Math.max(settledMs, last) };
}

/** `canary: updating from 10:00 to 10:05, passed 11:05`, for who does not see the bars. */
export function timelineWords({ name, parts }: TimelineRow, format: (timeMs: number) => string): string {
  const words = parts.map(({ kind, startMs, endMs }) => {
    if (kind === 'passed') return `soaked from ${format(startMs)} and passed at ${format(endMs)}`;
    if (kind === 'soaking') return `soaking since ${format(startMs)}`;
    if (kind === 'planned') return `planned to end its soak at ${format(endMs)} at the earliest`;
    return `updating from ${format(startMs)} to ${format(endMs)}`;
  });
  return `${name}: ${words.join(', ') || 'not started'}.`;
}
