import type { Experiment, RolloutPolicy, Wave } from '../../api/index.ts';
import { rankOf } from '../fleet/name-rank.ts';
import { hasLabels, resolveTarget, type Selectable } from '../fleet/selector.ts';
import { experimentWaves, waveOf } from './experiment/stage.ts';

export interface PlannedWave {
  readonly name: string;
  readonly devices: readonly string[];
  readonly soakMinutes: number;
  readonly approval?: true;
}

/**
 * Which device comes in which wave. Devices that a wave only counts are taken in the order of `rank` (a hash of their
 * names with that of the rollout), so that not the same ones are the first of every rollout. A wave without a device is
 * left out, but for the first: a rollout over none shows that.
 */
export function planWaves(
  policy: Pick<RolloutPolicy, 'target' | 'waves' | 'growth' | 'soakMinutes' | 'experiment'>,
  fleet: readonly Selectable[],
  name: string,
): PlannedWave[] {
  const rank = rankOf(name);
  const { experiment } = policy;
  if (experiment !== undefined) return planExperiment({ ...policy, experiment }, fleet, name);
  // In order of their ids where two have the same rank.
  const rest = resolveTarget(policy.target, fleet).sort((a, b) => rank(a.id) - rank(b.id));
  const total = rest.length;
  const planned: PlannedWave[] = [];
  const add = (wave: Wave, devices: readonly string[]) => {
    if (devices.length === 0) return;
    planned.push({
      name: wave.name ?? `wave ${planned.length + 1}`,
      devices: [...devices].sort(),
      soakMinutes: wave.soakMinutes ?? policy.soakMinutes ?? 0,
      ...(wave.approval === true ? { approval: true } : {}),
    });
  };
  const take = (fits: (device: Selectable, at: number) => boolean): string[] => {
    const taken = rest.filter(fits).map(({ id }) => id);
    const gone = new Set(taken);
    rest.splice(0, rest.length, ...rest.filter(({ id }) => !gone.has(id)));
    return taken;
  };
  const growing = growingWaves(policy.growth, total);
  for (const wave of policy.waves ?? growing) {
    const named = new Set(wave.devices ?? []);
    const chosen = take(
      (device) => named.has(device.id) || (wave.labels !== undefined && hasLabels(device, wave.labels)),
    );
    const before = total - rest.length;
    const upTo = wave.percent === undefined ? 0 : Math.ceil((wave.percent / 100) * total) - before;
    const more = Math.max(wave.count ?? 0, upTo);
    add(wave, [...chosen, ...take((_, at) => at < more)]);
  }
  add(
    { name: planned.length === 0 ? 'all' : 'the rest' },
    take(() => true),
  );
  return planned;
}

/** B, then everybody: nobody watches the second but for its failures, the first was compared. */
function planExperiment(
  {
    target,
    experiment,
    soakMinutes = 0,
  }: Pick<RolloutPolicy, 'target' | 'soakMinutes'> & { readonly experiment: Experiment },
  fleet: readonly Selectable[],
  name: string,
): PlannedWave[] {
  const own = resolveTarget(target, fleet);
  if (own.length === 0) return [];
  return experimentWaves.map((wave, at) => ({
    name: wave,
    devices: own.filter((device) => waveOf(device, experiment, name) === at).map(({ id }) => id),
    soakMinutes: at === 0 ? soakMinutes : 0,
  }));
}

/** 1, 2, 4 ... until everybody had a turn. */
function growingWaves(growth: RolloutPolicy['growth'], total: number): Wave[] {
  if (growth === undefined) return [];
  const { first, factor, most = Number.POSITIVE_INFINITY } = growth;
  const waves: Wave[] = [];
  let left = total;
  // A factor of 1 has as many waves as it takes; what is left then comes in a last one.
  for (let size = first; left > 0 && waves.length < 50; size *= factor) {
    const now = Math.min(most, Math.floor(size + 1e-9));
    waves.push({ count: now });
    left -= now;
  }
  return waves;
}
