import type { RolloutState, Severity } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import type { ControllerEvent } from '../fleet/controller-events.ts';
import type { Rollout } from './rollout.ts';
import { sayUnjudged } from './unjudged.ts';

const severities: Readonly<Partial<Record<RolloutState, Severity>>> = {
  paused: 'warning',
  'waiting-for-approval': 'info',
  aborting: 'warning',
  'rolling-back': 'error',
};

/** What a change of a rollout is worth telling: its state, or its wave. */
export function eventOfChange(before: Rollout | undefined, after: Rollout): ControllerEvent | undefined {
  const { id, name, state, wave, model, slot, pause, notes } = after;
  if (before?.state === state && before.wave === wave) return undefined;
  const said = notes.at(-1)?.what ?? '';
  const at = after.waves[wave]?.name ?? '';
  const left = sayUnjudged(after);
  const about = `Rollout ${name} (${model.name} ${model.version}) is ${state}, ${at}: `;
  return {
    kind: `rollout.${state}`,
    severity: left === '' ? (severities[state] ?? 'info') : 'error',
    message: `${about}${said.slice(0, 2000 - about.length - left.length)}${left}`,
    data: { rollout: id, name, state, wave, slot, model, ...defined({ pause }) },
  };
}
