import { type GateLookResult, type GateResult, lateMinutes, lookWords } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { fail, undecided } from './advance.ts';
import type { GateLook, GateOutcome, GateVerdict } from './gates/index.ts';
import { lastMade, lookTimeMs } from './looks.ts';
import { moveNext } from './move.ts';
import { type Rollout, type WaveRecord, withNote } from './rollout.ts';

/** Who asks: a look before the last, one that may pass early, the last one (and each after it), or the guard in between. */
export type AskedBy = 'early' | 'early-may-pass' | 'last' | 'guard';
export type Consequence = 'next' | 'fail' | 'pause' | 'wait';

/** What follows from a verdict. Only the last look can leave a rollout without an answer; the guard can only stop. */
export const consequences: Readonly<Record<AskedBy, Readonly<Record<GateOutcome, Consequence>>>> = {
  early: { pass: 'wait', fail: 'fail', inconclusive: 'wait', 'no-data': 'wait' },
  'early-may-pass': { pass: 'next', fail: 'fail', inconclusive: 'wait', 'no-data': 'wait' },
  last: { pass: 'next', fail: 'fail', inconclusive: 'pause', 'no-data': 'pause' },
  guard: { pass: 'wait', fail: 'fail', inconclusive: 'wait', 'no-data': 'wait' },
};

export function askedBy(look: GateLook, passEarly: boolean): AskedBy {
  if (look === 'always') return 'guard';
  if (look === 'again' || look.number >= look.of) return 'last';
  return passEarly ? 'early-may-pass' : 'early';
}

/** The verdict and that the look was made are one change. */
export function applyVerdict(rollout: Rollout, verdict: GateVerdict, look: GateLook, nowMs: number): Rollout {
  const wave = rollout.waves[rollout.wave];
  if (wave === undefined || !['running', 'soaking', 'comparing'].includes(rollout.state)) return rollout;
  if (isMade(wave, look)) return rollout;
  const { outcome, says, settle } = verdict;
  const gate = resultOf(verdict, rollout.wave, nowMs);
  const seen = { ...wave, gate, ...withLook(wave, gate, look) };
  const next = { ...rollout, waves: rollout.waves.map((one, at) => (at === rollout.wave ? seen : one)) };
  const name = look === 'always' || look === 'again' ? '' : nameOfLook(seen, look, nowMs);
  switch (consequences[askedBy(look, rollout.policy.gate?.passEarly === true)][outcome]) {
    case 'fail':
      return fail(next, nowMs, `The gate failed${name}: ${says}`);
    case 'next':
      return moveNext(next, nowMs, `The gate passed${name}: ${says}`);
    case 'pause': {
      const kind = outcome === 'no-data' ? outcome : 'inconclusive';
      const what = `The gate cannot say${name}: ${says}`;
      return undecided(next, nowMs, { kind, what, settle: [...settle] });
    }
    case 'wait':
      return look === 'always' ? next : withNote(next, nowMs, `The gate looked${name}, ${outcome}: ${says}`);
  }
}

/** Another look came first and has evaluated these minutes. */
function isMade(wave: WaveRecord, look: GateLook): boolean {
  return typeof look === 'object' && lastMade(wave) >= (look.from ?? look.number);
}

/** Once of once is not worth a word, unless it is late. */
function nameOfLook(wave: WaveRecord, look: Exclude<GateLook, string>, timeMs: number): string {
  const made = { ...whichOf(wave, look), timeMs };
  return look.of === 1 && lateMinutes(made) === 0 ? '' : ` (${lookWords(made, look.of)})`;
}

/** When it was due is said of the first of those that are made as one. */
function whichOf(
  wave: WaveRecord,
  { number, from }: Exclude<GateLook, string>,
): Pick<GateLookResult, 'number' | 'from' | 'dueMs'> {
  return {
    ...{ number, dueMs: lookTimeMs(wave, from ?? number) },
    ...defined({ from }),
  };
}

/** A person may let it look again as often as wanted; the newest of these are kept. */
const mostAgain = 12;

function withLook(wave: WaveRecord, gate: GateResult, look: GateLook): Pick<WaveRecord, 'looks'> {
  if (look === 'always') return {};
  const { of, made } = wave.looks ?? { of: 1, made: [] };
  const again = made.filter((one) => one.again === true);
  const result = lookResultOf(wave, gate, look, of);
  const kept = [...made.filter((one) => one.again !== true), ...again.slice(1 - mostAgain)];
  return { looks: { of, made: [...kept, result] } };
}

function lookResultOf(
  wave: WaveRecord,
  gate: GateResult,
  look: Exclude<GateLook, 'always'>,
  of: number,
): GateLookResult {
  const { timeMs, outcome, says, metrics } = gate;
  const which = look === 'again' ? { number: of, again: true, dueMs: timeMs } : whichOf(wave, look);
  return {
    ...which,
    ...{ timeMs, outcome, says },
    metrics: metrics.map(({ metric, label, outcome: own, estimate, interval }) => ({
      ...{ metric, outcome: own },
      ...defined({ label, estimate, interval }),
    })),
  };
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
