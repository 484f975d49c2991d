/* The table that `npm run bench -- ros2-latency` prints, and what it says of a row. */

export interface Reading {
  readonly frames: number;
  readonly latencyMs: readonly [number, number];
}

/** Undefined for a program that hung and had said nothing. */
export type Turn = Reading | undefined;

export interface Compared {
  /** plain, ours, pictures, p50, verdict */
  readonly cells: readonly string[];
  readonly met: boolean;
}

export const tableHead = [
  '| | load | plain | `device/dds` | pictures, ours to its | p50, ours to its | |',
  '| --- | --- | --- | --- | --- | --- | --- |',
];

const bounds = { share: 0.99, latency: 1.2, comparable: 0.1 };

/** `sent`: pictures of a turn. A turn in which the plain program hung is not compared; one in which ours hung is missed. */
export function compareTurns(plain: readonly Turn[], ours: readonly Turn[], sent: number): Compared {
  const cells = [told(plain, sent), told(ours, sent)];
  if (ours.includes(undefined)) return { cells: [...cells, '-', '-', 'MISSED: ours hung'], met: false };
  const turns = plain.flatMap((its, turn) => {
    const own = ours[turn];
    return its === undefined || own === undefined ? [] : [{ its, own }];
  });
  if (turns.length === 0) return { cells: [...cells, '-', '-', 'the plain program hung'], met: true };
  const its = turns.map((each) => each.its);
  const own = turns.map((each) => each.own);
  const share = arrived(own, sent) / arrived(its, sent);
  const latency = p50(own) / p50(its);
  // A few that came by chance are nothing to compare.
  const tooFew = Math.max(arrived(its, sent), arrived(own, sent)) < bounds.comparable;
  const met = tooFew || (share >= bounds.share && latency <= bounds.latency);
  const hung = plain.length - turns.length;
  const verdict = tooFew ? 'too few to compare' : met ? 'met' : 'MISSED';
  const words = hung === 0 ? verdict : `${verdict}, without ${hung} in which the plain program hung`;
  return { cells: [...cells, share.toFixed(3), latency.toFixed(2), words], met };
}

/** Also of a camera that hardly anything comes from, where there are no gaps to count. */
function arrived(readings: readonly Reading[], sent: number): number {
  return readings.reduce((sum, { frames }) => sum + Math.min(1, frames / sent), 0) / readings.length;
}

function p50(readings: readonly Reading[]): number {
  const sorted = readings
    .filter(({ frames }) => frames > 0)
    .map(({ latencyMs }) => latencyMs[0])
    .sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function told(turns: readonly Turn[], sent: number): string {
  const whole = turns.filter((turn) => turn !== undefined);
  const share = whole.length === 0 ? '-' : `${(100 * arrived(whole, sent)).toFixed(1)} %`;
  return `${share} (${turns.map(oneTurn).join('; ')})`;
}

function oneTurn(turn: Turn): string {
  if (turn === undefined) return 'hung';
  if (turn.frames === 0) return '-';
  return turn.latencyMs.map((each) => each.toFixed(each < 10 ? 1 : 0)).join(', ');
}
