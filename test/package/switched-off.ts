import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boot, type Step } from './boot.ts';

/** What is ordered, and in which state of the update helper the machine is switched off then. */
const cuts = [
  ['cut-good', 'taking'],
  ['cut-good', 'installing'],
  ['cut-good', 'trial'],
  ['cut-bad', 'reverting'],
] as const;
/** Into the state, so that its work has begun. */
const afterMs = 1_000;

/** Switches the machine off in the middle of updates of its agent, and on again. */
export async function switchedOff(root: string, onStep: (step: Step, state: string) => void): Promise<void> {
  for (const [chapter, state] of cuts) {
    let seenMs: number | undefined;
    const isTime = () => {
      if (stateOf(root) === state) seenMs ??= performance.now();
      return seenMs !== undefined && performance.now() - seenMs > afterMs;
    };
    await boot(root, [chapter], (step) => onStep(step, state), isTime);
    await boot(root, ['cut-after'], (step) => onStep(step, state));
  }
}

function stateOf(root: string): string | undefined {
  try {
    const status = readFileSync(join(root, 'var/lib/goshawk-update/status'), 'utf8');
    return /^state=(.*)$/m.exec(status)?.[1];
  } catch {
    return undefined;
  }
}
