import type { Row, StageReport, Verdict } from './measure.ts';

const columns: Readonly<Record<string, string>> = {
  fastestMs: 'fastest ms',
  medianMs: 'median ms',
  p50Ms: 'p50 ms',
  p99Ms: 'p99 ms',
  framesPerSecond: 'frames/s',
  cores: 'cores',
  framesPerCpuSecond: 'frames/CPU s',
  loopP50Ms: 'p50 ms',
  loopP99Ms: 'p99 ms',
  loopMaxMs: 'max ms',
  rssMb: 'RSS MiB',
  peakMb: 'peak MiB',
};

function shown(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
}

function verdictLine({ what, value, unit, sense, bound, met, comparison, spread }: Verdict): string {
  const end = unit === 'x' ? '' : ` ${unit}`;
  const range = spread === undefined ? '' : ` (rounds ${shown(spread[0])} to ${shown(spread[1])})`;
  const word = comparison ? (met ? 'reaches' : 'below') : met ? 'met' : 'MISSED';
  return `  ${word.padEnd(7)} ${what}: ${shown(value)}${end}, ${sense} ${bound}${end}${range}`;
}

function table(rows: readonly Row[]): string[] {
  const keys = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const widest = Math.max(...rows.map(({ name }) => name.length));
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(widest)}${cells.map((cell) => cell.padStart(14)).join('')}`;
  return [
    line(
      '',
      keys.map((key) => columns[key] ?? key),
    ),
    ...rows.map(({ name, values }) =>
      line(
        name,
        keys.map((key) => shown(values[key] ?? Number.NaN)),
      ),
    ),
  ];
}

/** One stage for people; what is only compared stands after the bounds. */
export function describeStage({ stage, rows, verdicts, notes }: StageReport, about: string): string {
  const bounds = verdicts.filter(({ comparison }) => !comparison);
  const compared = verdicts.filter(({ comparison }) => comparison);
  const parts = [`${stage}: ${about}`, ...table(rows), ...bounds.map(verdictLine)];
  if (compared.length > 0) parts.push('  for comparison:', ...compared.map(verdictLine));
  return [...parts, ...notes.map((note) => `  ${note}`), ''].join('\n');
}
