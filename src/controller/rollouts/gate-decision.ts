import type { GateResult } from '../../api/index.ts';
import { fail, pause } from './advance.ts';
import type { GateVerdict } from './gates/index.ts';
import { moveNext } from './move.ts';
import type { Rollout } from './rollout.ts';

/** What follows from a verdict: only pass goes on, and the guard can only stop. */
export function applyVerdict(
  rollout: Rollout,
  verdict: GateVerdict,
  ask: 'look' | 'guard',
  nowMs: number,
): Rollout {
  if (rollout.state !== 'soaking' && rollout.state !== 'running') return rollout;
  const gate = resultOf(verdict, rollout.wave, nowMs);
  const waves = rollout.waves.map((wave, at) => (at === rollout.wave ? { ...wave, gate } : wave));
  const next = { ...rollout, waves };
  const { outcome, says, settle } = verdict;
  if (outcome === 'fail') return fail(next, nowMs, `The gate failed: ${says}`);
  if (ask === 'guard') return next;
  if (outcome === 'pass') return moveNext(next, nowMs, `The gate passed: ${says}`);
  return pause(next, nowMs, { kind: outcome, what: `The gate can not say: ${says}`, settle: [...settle] });
}

export function resultOf(verdict: GateVerdict, wave: number, timeMs: number): GateResult {
  const { outcome, says, settle, metrics } = verdict;
  return {
    ...{ timeMs, wave, outcome, says, settle: [...settle] },
    metrics: metrics.map(({ interval, ...metric }) => ({
      ...metric,
      treated: { ...metric.treated },
      control: { ...metric.control },
      ...(interval === undefined ? {} : { interval: [...interval] }),
    })),
  };
}
