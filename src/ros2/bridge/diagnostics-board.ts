import { type DiagnosticStatus, diagnosticLevels } from '../messages/diagnostics.ts';

export type RobotLevel = 'warn' | 'error' | 'stale';

/** One part of the robot that is not well. */
export interface RobotProblem {
  readonly name: string;
  readonly level: RobotLevel;
  readonly message: string;
  /** Monotonic. */
  readonly sinceMs: number;
}

export interface BoardChange {
  readonly name: string;
  readonly level: RobotLevel | 'ok';
  readonly message: string;
  /** It was told as not well, and is known no more: nobody said that it is well. */
  readonly forgotten?: true;
}

interface Part {
  level: RobotLevel | 'ok';
  message: string;
  sinceMs: number;
  seenMs: number;
  /** Undefined: that it is well. The message is the last one that it gave with this level. */
  told: { readonly level: RobotLevel; message: string; readonly sinceMs: number } | undefined;
}

const levels: Readonly<Record<number, Part['level']>> = {
  [diagnosticLevels.ok]: 'ok',
  [diagnosticLevels.warn]: 'warn',
  [diagnosticLevels.error]: 'error',
  [diagnosticLevels.stale]: 'stale',
};
/** A part is as it says once it has said so for this long: what flickers is no news. */
const settledMs = 3_000;
/** Who was not heard for so long says nothing any more. */
const silentMs = 30_000;
const forgottenMs = 600_000;
const mostParts = 128;
const maxName = 100;
const maxMessage = 300;

/**
 * How the parts of a robot do, by what their nodes say on `/diagnostics`.
 *
 * INVARIANTS
 * - No more than 128 parts are known. One that is well gives way to one that is not; of further ones nothing is kept, and they are
 *   counted.
 * - What was told of a part is told until something else is, or that it is forgotten.
 * - A level counts when it has lasted for three seconds; who is silent for thirty is stale.
 */
export class DiagnosticsBoard {
  readonly #own: string;
  readonly #parts = new Map<string, Part>();
  #leftOut = 0;

  /** `own`: what the names of our own statuses begin with. */
  constructor(own: string) {
    this.#own = own;
  }

  /** Statuses of parts that there was no room for. */
  get leftOut(): number {
    return this.#leftOut;
  }

  take(statuses: readonly DiagnosticStatus[], nowMs: number): void {
    let noneGivesWay = false;
    for (const { level, name: given, message: said } of statuses) {
      if (given.startsWith(this.#own)) continue;
      const name = given.slice(0, maxName);
      const now = levels[level] ?? 'error';
      const message = said.slice(0, maxMessage);
      const part = this.#parts.get(name);
      if (part === undefined) {
        // A message may have many parts: where none gives way it is not looked for again.
        if (this.#parts.size >= mostParts && now !== 'ok' && !noneGivesWay) noneGivesWay = !this.#giveWay();
        if (this.#parts.size >= mostParts) this.#leftOut += 1;
        else this.#parts.set(name, { level: now, message, sinceMs: nowMs, seenMs: nowMs, told: undefined });
        continue;
      }
      if (part.level !== now) part.sinceMs = nowMs;
      if (part.told?.level === now) part.told.message = message;
      Object.assign(part, { level: now, message, seenMs: nowMs });
    }
  }

  /** Parts whose level is another for long enough to be told, and those that were told and are forgotten; each once. */
  changes(nowMs: number): BoardChange[] {
    const changed: BoardChange[] = [];
    for (const [name, part] of this.#parts) {
      if (nowMs - part.seenMs > forgottenMs) {
        this.#parts.delete(name);
        if (part.told !== undefined) changed.push({ name, level: 'ok', message: '', forgotten: true });
        continue;
      }
      if (part.level !== 'stale' && nowMs - part.seenMs > silentMs)
        Object.assign(part, { level: 'stale', message: 'it is not heard any more', sinceMs: part.seenMs });
      const { level, message, sinceMs } = part;
      if (level === (part.told?.level ?? 'ok') || nowMs - sinceMs < settledMs) continue;
      part.told = level === 'ok' ? undefined : { level, message, sinceMs };
      changed.push({ name, level, message });
    }
    return changed;
  }

  /** What was told and is not well, the worst first. */
  problems(): RobotProblem[] {
    const order: RobotLevel[] = ['error', 'stale', 'warn'];
    return [...this.#parts]
      .flatMap(([name, { told }]) => (told === undefined ? [] : [{ name, ...told }]))
      .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level) || (a.name < b.name ? -1 : 1));
  }

  /** Of those that are well the one that was heard last: of one that was not for a while it is to be told. False: there is none. */
  #giveWay(): boolean {
    let last: [name: string, seenMs: number] | undefined;
    for (const [name, { level, told, seenMs }] of this.#parts)
      if (level === 'ok' && told === undefined && seenMs > (last?.[1] ?? Number.NEGATIVE_INFINITY))
        last = [name, seenMs];
    return last !== undefined && this.#parts.delete(last[0]);
  }

  get parts(): number {
    return this.#parts.size;
  }
}
