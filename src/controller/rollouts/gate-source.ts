import type { GateEvidence, GateSubject } from './gates/index.ts';
import type { Rollout } from './rollout.ts';
import { selects } from './selector.ts';
import type { DeviceFacts } from './world.ts';

/** Cameras of which devices are compared, and since when the new model serves on those that have it. */
export interface GateArms {
  readonly treated: readonly { readonly device: string; readonly changedMs: number }[];
  readonly control: readonly string[];
}

/** Port: what the fleet recorded of some devices, in blocks of minutes. */
export interface GateSource {
  evidence(
    arms: GateArms,
    gate: NonNullable<Rollout['policy']['gate']>,
    look: GateEvidence['look'],
  ): Promise<GateEvidence>;
}

/** Nothing is recorded: every gate says that it has no data. */
export const noGateSource: GateSource = {
  evidence: async (_arms, _gate, look) => ({ blockMinutes: 5, look, subjects: [] as GateSubject[] }),
};

/**
 * Treated are the devices that run it; control those that the policy names, else devices of the target whose wave has
 * not come. A device that has the new model, or had it and went back, is no control.
 */
export function armsOf(rollout: Rollout, fleet: ReadonlyMap<string, DeviceFacts>): GateArms {
  const { gate } = rollout.policy;
  const records = [...rollout.devices.values()];
  const touched = new Set(records.filter(({ order }) => order !== undefined).map(({ device }) => device));
  const control =
    gate?.control === undefined
      ? records.filter(({ device }) => !touched.has(device)).map(({ device }) => device)
      : [...fleet.values()]
          .filter((facts) => gate.control !== undefined && selects(gate.control, facts))
          .filter(({ id, loaded }) => !touched.has(id) && loaded?.digest !== rollout.model.digest)
          .map(({ id }) => id);
  return {
    treated: records.flatMap(({ device, state, committedMs }) =>
      state === 'committed' && committedMs !== undefined ? [{ device, changedMs: committedMs }] : [],
    ),
    control: control.filter((id) => fleet.get(id)?.online === true),
  };
}
