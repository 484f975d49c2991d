import type { RehearsalFleet } from './fleet.ts';
import type { RecoveryName } from './names.ts';

/** One row of docs/keys.md: what is gone, what it means until it is undone, how that is done, and doing it. */
export interface Recovery {
  readonly name: RecoveryName;
  readonly gone: string;
  /** What an attacker can do, or what is lost. */
  readonly harm: string;
  /** For how long. */
  readonly until: string;
  readonly command: string;
  /**
   * Lets it happen and undoes it. Gives the time from the owners' first command to the last device being right. Throws where it
   * is not undone.
   */
  rehearse(fleet: RehearsalFleet): Promise<number>;
}

/** Milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** What an attacker must be able to do before a recovery from it says anything, and must not be able to do afterwards. */
export async function refused(what: string, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch {
    return;
  }
  throw new Error(`It is still possible: ${what}.`);
}
