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
}

interface Part {
  level: RobotLevel | 'ok';
  message: string;
  sinceMs: number;
  seenMs: number;
  told: RobotLevel | 'ok';
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
 * - No more than 128 parts are known; of further ones nothing is kept, and they are counted.
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
    for (const { level, name: given, message: said } of statuses) {
      if (given.startsWith(this.#own)) continue;
      const name = given.slice(0, maxName);
      const now = levels[level] ?? 'error';
      const message = said.slice(0, maxMessage);
      const part = this.#parts.get(name);
      if (part === undefined) {
        if (this.#parts.size >= mostParts) this.#leftOut += 1;
        else this.#parts.set(name, { level: now, message, sinceMs: nowMs, seenMs: nowMs, told: 'ok' });
        continue;
      }
      if (part.level !== now) part.sinceMs = nowMs;
      Object.assign(part, { level: now, message, seenMs: nowMs });
    }
  }

  /** Parts whose level is another for long enough to be told; each once. */
  changes(nowMs: number): BoardChange[] {
    const changed: BoardChange[] = [];
    for (const [name, part] of this.#parts) {
      if (nowMs - part.seenMs > forgottenMs) {
        this.#parts.delete(name);
        continue;
      }
      if (part.level !== 'stale' && nowMs - part.seenMs > silentMs)
        Object.assign(part, { level: 'stale', message: 'it is not heard any more', sinceMs: part.seenMs });
      if (part.level === part.told || nowMs - part.sinceMs < settledMs) continue;
      part.told = part.level;
      changed.push({ name, level: part.level, message: part.message });
    }
    return changed;
  }

  /** What was told and is not well, the worst first. */
  problems(): RobotProblem[] {
    const order: RobotLevel[] = ['error', 'stale', 'warn'];
    return [...this.#parts]
      .flatMap(([name, { told, message, sinceMs }]) =>
        told === 'ok' ? [] : [{ name, level: told, message, sinceMs }],
      )
      .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level) || (a.name < b.name ? -1 : 1));
  }

  get parts(): number {
    return this.#parts.size;
  }
}
