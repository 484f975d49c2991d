import {
  evaluateGate,
  type GateOutcome,
  type GateSpec,
  type GateSubject,
} from '../../../src/controller/rollouts/gates/index.ts';
import { seededRandom } from '../../../src/drift/random.ts';
import type { OtherGate } from './others.ts';
import { blockMinutes, blocksPerDay, type ModelChange, SimulatedCamera, Weather } from './street-counts.ts';

export interface RolloutPlan {
  /** Cameras of each wave, one on each device. */
  readonly waves: readonly number[];
  /** Devices that never get it, as long as there are waves. */
  readonly heldBack: number;
  readonly soakMinutes: number;
  readonly looks: number;
  readonly historyDays: number;
  readonly gate: GateSpec;
}

export type RolloutEnd = 'rolled-out' | 'aborted' | 'paused';

export interface RolloutResult {
  readonly end: RolloutEnd;
  /** Devices that had it by then, and hours since the first did. */
  readonly devices: number;
  readonly hours: number;
  readonly wave: number;
  /** What it was aborted for. */
  readonly why: readonly string[];
  readonly undecided: readonly string[];
}

const settleMs = 300_000;

interface Running {
  readonly camera: SimulatedCamera;
  readonly blocks: GateSubject['blocks'][number][];
  changedAt: number | undefined;
  treated: boolean;
}

/**
 * One rollout, wave after wave, until a gate stops it or the fleet has it. The devices of later waves and those held back are
 * the control: they restart when a wave begins. `other`: instead of the gate.
 */
export function simulateRollout(
  seed: number,
  plan: RolloutPlan,
  change: ModelChange | undefined,
  other?: OtherGate,
): RolloutResult {
  const random = seededRandom(seed);
  const size = plan.waves.reduce((sum, count) => sum + count, plan.heldBack);
  const weather = new Weather(random, plan.historyDays + 2);
  const fleet = Array.from(
    { length: size },
    (_, index): Running => ({
      camera: new SimulatedCamera(`camera-${index}`, seededRandom(seed * 1009 + index), weather),
      blocks: [],
      changedAt: undefined,
      treated: false,
    }),
  );
  const begin = plan.historyDays * blocksPerDay + random.below(blocksPerDay);
  let at = begin - plan.historyDays * blocksPerDay;
  const runUntil = (end: number) => {
    for (; at < end; at++)
      for (const { camera, blocks, changedAt, treated } of fleet)
        blocks.push(
          camera.block(
            at,
            treated ? change : undefined,
            changedAt === undefined ? undefined : at - changedAt,
          ),
        );
  };
  runUntil(begin);
  let had = 0;
  for (const [wave, count] of plan.waves.entries()) {
    const began = at;
    const fresh = fleet.slice(had, had + count);
    const controls = fleet.slice(had + count).slice(-Math.max(8, count));
    for (const one of fresh) one.treated = true;
    for (const one of [...fresh, ...controls]) one.changedAt = began;
    had += count;
    let outcome: GateOutcome | undefined;
    let undecided: string[] = [];
    for (let look = 1; look <= plan.looks; look++) {
      runUntil(began + Math.round((plan.soakMinutes * look) / plan.looks / blockMinutes));
      const subjects = [...subjectsOf(fresh, 'treated', began), ...subjectsOf(controls, 'control', began)];
      const hours = ((at - begin) * blockMinutes) / 60;
      if (other !== undefined) {
        if (other(subjects, settleMs))
          return { end: 'aborted', devices: had, hours, wave, why: [], undecided: [] };
        outcome = 'pass';
        continue;
      }
      const verdict = evaluateGate(plan.gate, {
        blockMinutes,
        look: { number: look, of: plan.looks },
        subjects,
      });
      outcome = verdict.outcome;
      const named = (which: GateOutcome) =>
        verdict.metrics
          .filter((metric) => metric.outcome === which)
          .map(({ metric, label }) => (label === undefined ? metric : `${metric} ${label}`));
      undecided = [...named('inconclusive'), ...named('no-data')];
      if (outcome === 'fail')
        return { end: 'aborted', devices: had, hours, wave, why: named('fail'), undecided: [] };
    }
    if (outcome !== 'pass')
      return {
        end: 'paused',
        devices: had,
        hours: ((at - begin) * blockMinutes) / 60,
        wave,
        why: [],
        undecided,
      };
  }
  return {
    end: 'rolled-out',
    devices: had,
    hours: ((at - begin) * blockMinutes) / 60,
    wave: plan.waves.length - 1,
    why: [],
    undecided: [],
  };
}

function subjectsOf(fleet: readonly Running[], arm: GateSubject['arm'], began: number): GateSubject[] {
  return fleet.flatMap(({ camera, blocks }) => {
    const changedMs = began * blockMinutes * 60_000;
    const about = { device: camera.name, arm, changedMs, blocks };
    return [
      { ...about, camera: camera.name },
      { ...about, camera: '' },
    ];
  });
}
