/** How a share of cameras stands against what is asked. */
export interface Standing {
  readonly b: number;
  /** To be B, and not yet. */
  readonly waits: number;
  readonly all: number;
  /** Percent; undefined where several orders ask for different shares. */
  readonly asked: number | undefined;
}

export function sharePart(some: number, all: number): number {
  return all === 0 ? 0 : some / all;
}

/** `B has 5 of 12 cameras (42 %), 1 waits; 50 % asked`. */
export function shareWords({ b, waits, all, asked }: Standing): string {
  const percent = Math.round(100 * sharePart(b, all));
  const waiting = waits === 0 ? '' : `, ${waits} ${waits === 1 ? 'waits' : 'wait'}`;
  const wanted = asked === undefined ? 'different shares asked' : `${round(asked)} % asked`;
  return `B has ${b} of ${all} camera${all === 1 ? '' : 's'} (${percent} %)${waiting}; ${wanted}`;
}

/** Of several orders the one share that all ask for. */
export function askedPercent(
  orders: readonly { readonly fromPercent: number; readonly toPercent: number }[],
): number | undefined {
  const sizes = new Set(orders.map(({ fromPercent, toPercent }) => round(toPercent - fromPercent)));
  const [only] = sizes;
  return sizes.size === 1 ? only : undefined;
}

export function rangeWords({
  fromPercent,
  toPercent,
}: {
  readonly fromPercent: number;
  readonly toPercent: number;
}): string {
  return `${round(fromPercent)} to ${round(toPercent)} %`;
}

/** What a person typed; undefined where it is no share. */
export function parseRange(from: string, to: string): { fromPercent: number; toPercent: number } | undefined {
  const [fromPercent, toPercent] = [from, to].map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (fromPercent === undefined || toPercent === undefined) return undefined;
  return fromPercent >= 0 && toPercent <= 100 && fromPercent < toPercent
    ? { fromPercent, toPercent }
    : undefined;
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10;
}
