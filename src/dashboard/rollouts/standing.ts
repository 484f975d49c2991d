/** How an experiment stands against what is asked. */
export interface Standing {
  /** What is divided: cameras or devices. */
  readonly unit: 'camera' | 'device';
  readonly b: number;
  /** To be B, and not yet. */
  readonly waits: number;
  readonly all: number;
  /** Percent; undefined where labels say who is B. */
  readonly asked: number | undefined;
}

export function partOf(some: number, all: number): number {
  return all === 0 ? 0 : some / all;
}

/** `B has 5 of 12 cameras (42 %), 1 waits; 50 % asked`. */
export function standingWords({ unit, b, waits, all, asked }: Standing): string {
  const percent = Math.round(100 * partOf(b, all));
  const waiting = waits === 0 ? '' : `, ${waits} ${waits === 1 ? 'waits' : 'wait'}`;
  const wanted = asked === undefined ? '' : `; ${Math.round(asked * 10) / 10} % asked`;
  return `B has ${b} of ${all} ${unit}${all === 1 ? '' : 's'} (${percent} %)${waiting}${wanted}`;
}

/** What a person typed; undefined where it is no part of a whole. */
export function parsePart(text: string): number | undefined {
  const percent = text.trim() === '' ? Number.NaN : Number(text);
  return percent > 0 && percent < 100 ? percent : undefined;
}
