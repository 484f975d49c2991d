import type { AgentEvent } from '../event-reporter.ts';
import type { RecoveryAction } from './recovery.ts';

/** Why an engine is mended. `lost`: it can't work in this process any more. */
export type EngineTrouble = 'stuck' | 'wrong' | 'failing' | 'lost';
/** What frames show of it; wrong answers show at known ones alone. */
export type FrameTrouble = Exclude<EngineTrouble, 'wrong'>;

const troubles: Readonly<Record<EngineTrouble, string>> = {
  stuck: 'gives no answers',
  wrong: 'gives wrong answers',
  failing: 'fails every frame',
  lost: 'cannot work in this process any more',
};

/** Why the process ends. */
export function troubleWords(trouble: EngineTrouble): string {
  return trouble === 'lost'
    ? `The engine ${troubles.lost}.`
    : `The engine ${troubles[trouble]}, and no other one helps.`;
}

/** Why a model on trial goes back. */
export function troubleOnTrial(trouble: EngineTrouble): string {
  return `The engine ${troubles[trouble]} with the new model.`;
}

/** A step of recovery, for the fleet. */
export function recoveryStepEvent(
  action: Exclude<RecoveryAction, 'none'>,
  trouble: EngineTrouble,
): AgentEvent {
  const data = { trouble };
  const why = `The engine ${troubles[trouble]}`;
  switch (action) {
    case 'rebuild':
      return {
        kind: 'engine.rebuild',
        severity: 'error',
        message: `${why}; the agent opens it again.`,
        data,
      };
    case 'change-engine':
      return {
        kind: 'engine.change',
        severity: 'error',
        message: `${why} also after it was opened again; the next engine takes its place.`,
        data,
      };
    case 'end-process':
      return {
        kind: 'engine.restart-process',
        severity: 'critical',
        message: `${troubleWords(trouble).slice(0, -1)}; the agent ends to be started again.`,
        data,
      };
    case 'tell':
      return {
        kind: 'engine.given-up',
        severity: 'critical',
        message: `${why} on every engine since the agent started; deploy another model.`,
        data,
      };
  }
}
