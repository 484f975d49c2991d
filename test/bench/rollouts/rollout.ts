import {
  evaluateGate,
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
  /** Metrics for which it was aborted, or that stayed open. */
  readonly why: readonly string[];
}

const settleMs = 300_000;

interface Running {
  readonly camera: SimulatedCamera;
  readonly blocks: GateSubject['blocks'][number][];
  changedAt: number | undefined;
  treated: boolean;
}

/** What a gate says at a look; at the last one of a wave only `go` goes on, and `pass` ends a wave before. */
export type Judge = (
  look: number,
  subjects: readonly GateSubject[],
) => { says: 'go' | 'stop' | 'wait' | 'pass'; why: string[] };

export function ourGate({ gate, looks }: RolloutPlan): Judge {
  return (look, subjects) => {
    const { outcome, metrics } = evaluateGate(gate, {
      blockMinutes,
      look: { number: look, of: looks },
      subjects,
    });
    const why = metrics
      .filter((metric) => metric.outcome === outcome)
      .map(({ metric, label }) => (label === undefined ? metric : `${metric} ${label}`));
    return { says: outcome === 'fail' ? 'stop' : outcome === 'pass' ? 'go' : 'wait', why };
  };
}

export function otherGate(stops: OtherGate): Judge {
  return (_, subjects) => ({ says: stops(subjects, settleMs) ? 'stop' : 'go', why: [] });
}

/**
 * One rollout, wave after wave, and where each of the gates would have ended it: all see the same street. The devices of later
 * waves and those held back are the control: they restart when a wave begins.
 */
export function simulateRollout(
  seed: number,
  plan: RolloutPlan,
  change: ModelChange | undefined,
  judges: readonly Judge[],
): RolloutResult[] {
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
  const results: (RolloutResult | undefined)[] = judges.map(() => undefined);
  /** Of each judge, the hours of the waves that it passed: one that passes early would have begun the next one sooner. */
  const spent = judges.map(() => 0);
  let had = 0;
  for (const count of plan.waves) {
    const began = at;
    const fresh = fleet.slice(had, had + count);
    const controls = fleet.slice(had + count).slice(-Math.max(8, count));
    for (const one of fresh) one.treated = true;
    for (const one of [...fresh, ...controls]) one.changedAt = began;
    had += count;
    const passed = new Set<number>();
    for (let look = 1; look <= plan.looks; look++) {
      runUntil(began + Math.round((plan.soakMinutes * look) / plan.looks / blockMinutes));
      const subjects = [...subjectsOf(fresh, 'treated', began), ...subjectsOf(controls, 'control', began)];
      const here = ((at - began) * blockMinutes) / 60;
      for (const [index, judge] of judges.entries()) {
        if (results[index] !== undefined || passed.has(index)) continue;
        const { says, why } = judge(look, subjects);
        const hours = spent[index]! + here;
        if (says === 'pass' || (says === 'go' && look === plan.looks)) {
          passed.add(index);
          spent[index] = hours;
        } else if (says === 'stop') results[index] = { end: 'aborted', devices: had, hours, why };
        else if (says === 'wait' && look === plan.looks)
          results[index] = { end: 'paused', devices: had, hours, why };
      }
    }
    if (results.every((result) => result !== undefined)) break;
  }
  return results.map(
    (result, index) => result ?? { end: 'rolled-out', devices: had, hours: spent[index]!, why: [] },
  );
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
