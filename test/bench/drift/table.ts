import type { Cell } from './detection.ts';

export type Row = Readonly<Record<string, string>>;

export function markdownTable(rows: readonly Row[]): string[] {
  const names = Object.keys(rows[0] ?? {});
  return [
    `| ${names.join(' | ')} |`,
    `|${names.map(() => '--').join('|')}|`,
    ...rows.map((row) => `| ${names.map((name) => row[name] ?? '').join(' | ')} |`),
  ];
}

/** A miss counts as longer than anything. */
export function quantileOfDelays(delays: readonly (number | undefined)[], q: number): string {
  const sorted = delays.map((delay) => delay ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  return value === undefined ? '-' : Number.isFinite(value) ? value.toFixed(0) : 'missed';
}

/** One line per corruption and onset, one column per severity: median / p95 delay in seconds, misses of all lead-ins. */
export function delayTable(cells: readonly Cell[]): string[] {
  const rows = new Map<string, Record<string, string>>();
  for (const { scenario, delays, verdicts } of cells) {
    const key = `${scenario.what} ${scenario.onset}`;
    const row = rows.get(key) ?? { corruption: scenario.what, onset: scenario.onset };
    const missed = delays.filter((delay) => delay === undefined).length;
    row[`severity ${scenario.severity}`] =
      `${quantileOfDelays(delays, 0.5)} / ${quantileOfDelays(delays, 0.95)}${missed > 0 ? ` (${missed} of ${delays.length} missed)` : ''}`;
    const names = new Set([
      ...(row.verdict?.split(', ') ?? []),
      ...verdicts.filter((name) => name !== 'missed'),
    ]);
    row.verdict = [...names].filter((name) => name !== '').join(', ');
    rows.set(key, row);
  }
  const order = ['corruption', 'onset', ...[1, 2, 3, 4, 5].map((s) => `severity ${s}`), 'verdict'];
  return markdownTable(
    [...rows.values()].map((row) => Object.fromEntries(order.map((name) => [name, row[name] ?? '-']))),
  );
}
