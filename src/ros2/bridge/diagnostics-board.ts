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
/** A reporter that was silent for this time is dropped. */
const silentMs = 30_000;
const forgottenMs = 600_000;
const mostParts = 128;
const maxName = 100;
const maxMessage = 300;

/**
 * How the parts of a robot do, by what their nodes say on `/diagnostics`.
 *
 * INVARIANTS
 * - No more than 128 parts are known. One that is well gives way to one that is not, where none is one that was silent for
 *   thirty seconds, else one that warns to an error; of further ones nothing is kept, and they are counted.
 * - What was told of a part is told until something else is, or that it is forgotten: by those that gave way too.
 * - A level counts when it has lasted for three seconds; who is silent for thirty is stale.
 */
export class DiagnosticsBoard {
  readonly #own: string;
  readonly #parts = new Map<string, Part>();
  /** Gave way, and were told as not well. */
  readonly #gone = new Set<string>();
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
    const none = { error: false, other: false };
    for (const { level, name: given, message: said } of statuses) {
      if (given.startsWith(this.#own)) continue;
      const name = given.slice(0, maxName);
      const now = levels[level] ?? 'error';
      const message = said.slice(0, maxMessage);
      const part = this.#parts.get(name);
      if (part === undefined) {
        // A message may have many parts: where none gives way it is not looked for again.
        const kind = now === 'error' ? 'error' : 'other';
        if (this.#parts.size >= mostParts && now !== 'ok' && !none[kind])
          none[kind] = !this.#giveWay(now, nowMs);
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
    const changed: BoardChange[] = [...this.#gone]
      .filter((name) => this.#parts.get(name)?.told === undefined)
      .map((name) => forgotten(name, 'parts that are worse took its place'));
    this.#gone.clear();
    for (const [name, part] of this.#parts) {
      if (nowMs - part.seenMs > forgottenMs) {
        this.#parts.delete(name);
        if (part.told !== undefined) changed.push(forgotten(name, 'it was not heard for ten minutes'));
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

  /**
   * False: there is none. Of those that are well the one that was heard last: of one that was not for a while it is to be told.
   * Of the others the one that was heard longest ago.
   */
  #giveWay(level: Part['level'], nowMs: number): boolean {
    const parts = [...this.#parts].sort(([, a], [, b]) => a.seenMs - b.seenMs);
    const found =
      parts.findLast(([, part]) => part.level === 'ok' && part.told === undefined) ??
      parts.find(([, { seenMs }]) => nowMs - seenMs > silentMs) ??
      (level === 'error' ? parts.find(([, part]) => part.level === 'warn') : undefined);
    if (found === undefined) return false;
    const [name, { told }] = found;
    if (told !== undefined && this.#gone.size < mostParts) this.#gone.add(name);
    return this.#parts.delete(name);
  }

  get parts(): number {
    return this.#parts.size;
  }
}

function forgotten(name: string, message: string): BoardChange {
  return { name, level: 'ok', message, forgotten: true };
}
