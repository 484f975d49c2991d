import type { PauseReason } from '../../api/index.ts';
import { canonicalJson, MissingError, RefusedError } from '../../base/index.ts';
import type { FleetView } from '../fleet/fleet-view.ts';
import type { Rollout } from './rollout.ts';

/** Everything that it changes, and everything that it is compared with, is in the view. */
export function isWithinView(view: FleetView, { devices, policy }: Rollout): boolean {
  if (view.scope === undefined) return true;
  const { control } = policy.gate ?? {};
  const compares =
    control === undefined || canonicalJson(control.within ?? null) === canonicalJson(view.scope);
  return compares && [...devices.keys()].every(view.has);
}

/**
 * A rollout as a view shows it: of one that also has devices elsewhere its own devices, and nothing that was counted,
 * measured or written about all of them. Undefined where it has none.
 */
export function rolloutIn(view: FleetView, rollout: Rollout): Rollout | undefined {
  if (isWithinView(view, rollout)) return rollout;
  const devices = new Map([...rollout.devices].filter(([id]) => view.has(id)));
  if (devices.size === 0) return undefined;
  const { reason: _, pause, policy, waves, ...rest } = rollout;
  const { model, slot, experiment } = policy;
  const said = pause && { kind: pause.kind, what: words[pause.kind] };
  return {
    ...rest,
    devices,
    policy: {
      ...{ model, target: { devices: [...devices.keys()].sort() } },
      ...(slot === undefined ? {} : { slot }),
      ...(experiment === undefined ? {} : { experiment }),
    },
    waves: waves.map(({ gate: _gate, looks: _looks, approvedBy: _by, ...wave }) => wave),
    notes: [],
    partly: true,
    ...(said === undefined ? {} : { pause: said }),
  };
}

/** RefusedError `rollout-wider` for one that also has devices elsewhere. */
export function expectWithinView(view: FleetView, rollout: Rollout): void {
  if (isWithinView(view, rollout)) return;
  throw new RefusedError(
    'rollout-wider',
    `${rollout.name} also concerns devices that your token cannot see.`,
    'Use a token for the whole fleet: an admin can create one.',
  );
}

/** As of one that never was. MissingError `rollout-unknown`. */
export function rolloutUnknown(idOrName: string): MissingError {
  return new MissingError(
    'rollout-unknown',
    `There is no rollout ${idOrName}.`,
    'goshawk rollout list shows those that there are.',
  );
}

/** What it waits for says more about devices elsewhere than its kind. */
const words: Readonly<Record<PauseReason['kind'], string>> = {
  'by-hand': 'A person paused it.',
  inconclusive: 'Its gate could not decide.',
  'no-data': 'Its gate has no data.',
  failed: 'It failed.',
  deadline: 'It did not end in time.',
  frozen: 'Rollouts are frozen.',
  'model-gone': 'The controller does not hold its model any more.',
  fault: 'The controller could not continue it.',
};
