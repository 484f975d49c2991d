/** A clip that is under way: what it is made for, and from when to when, in nanoseconds of the wall clock. */
export interface ClipWindow {
  readonly id: string;
  readonly reasons: readonly string[];
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

const mostReasons = 16;

/** One more reason for a clip that is under way: it goes on for that; undefined where it would be too long, or is another one. */
export function extended(
  window: ClipWindow,
  more: Omit<ClipWindow, 'id'>,
  mostSeconds: number,
): ClipWindow | undefined {
  if (more.fromNs > window.untilNs) return undefined;
  const isLonger = more.untilNs > window.untilNs;
  const { untilNs } = isLonger ? more : window;
  if (untilNs - window.fromNs > BigInt(Math.round(mostSeconds * 1e9))) return undefined;
  const reasons = [...new Set([...window.reasons, ...more.reasons])].slice(0, mostReasons);
  return { ...window, untilNs, reasons };
}

/** Whether an event begins a clip. `name`: of the zone or the line. */
export function triggers(on: readonly string[], kind: string, name: string | undefined): boolean {
  return on.includes(kind) || (name !== undefined && on.includes(`${kind}:${name}`));
}
