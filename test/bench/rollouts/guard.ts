import {
  type BlockKey,
  evaluateGate,
  type GateBlock,
  type GateSpec,
  type GateSubject,
  type Measured,
} from '../../../src/controller/rollouts/gates/index.ts';
import { seededRandom } from '../../../src/drift/random.ts';
import { blockMinutes, blocksPerDay, type ModelChange, SimulatedCamera, Weather } from './street-counts.ts';

export interface GuardPlan {
  readonly treated: number;
  readonly controls: number;
  readonly historyDays: number;
  readonly days: number;
  /** When the model becomes worse. */
  readonly worseFromDay: number;
  /** What cameras, and devices, send of all that is simulated. */
  readonly cameraKeys: readonly BlockKey[];
  readonly deviceKeys: readonly BlockKey[];
}

/** Hours after the swap at which it said stop, and what for; undefined: never. */
export interface GuardResult {
  readonly hours: number | undefined;
  readonly why: string;
}

/** Undefined: it goes on. */
export type Watch = (subjects: readonly GateSubject[]) => string | undefined;

export function ourGuard(gate: GateSpec): Watch {
  return (all) => {
    const subjects = all.map((subject) => ({ ...subject, blocks: asRead(subject) }));
    const verdict = evaluateGate({ ...gate, guarded: true }, { blockMinutes, look: 'always', subjects });
    if (verdict.outcome !== 'fail') return undefined;
    const failed = verdict.metrics.filter(({ outcome }) => outcome === 'fail');
    return failed
      .map(({ metric, label }) => (label === undefined ? metric : `${metric} ${label}`))
      .join(', ');
  };
}

/** The reader of evidence gives a guard what is before, the first hours and what is newest. */
function asRead({ blocks, changedMs = 0 }: GateSubject): GateSubject['blocks'] {
  const at = Math.round((changedMs - (blocks[0]?.startMs ?? 0)) / (blockMinutes * 60_000));
  const [first, newest] = [at + 6.5 * hourBlocks, blocks.length - 49 * hourBlocks];
  return newest <= first ? blocks : [...blocks.slice(0, first), ...blocks.slice(newest)];
}

const settleMs = 300_000;
const hourBlocks = 60 / blockMinutes;

/** Of each camera the logarithm of a window over its hour before the swap. */
function changes(
  subjects: readonly GateSubject[],
  key: 'detections' | 'latency',
  arm: GateSubject['arm'],
  newest: number,
) {
  return subjects
    .filter((subject) => subject.arm === arm && subject.camera !== '')
    .map(({ blocks, changedMs = 0 }) => {
      const at = blocks.findIndex(({ startMs }) => startMs >= changedMs);
      const from = Math.max(at + settleMs / (blockMinutes * 60_000), blocks.length - newest);
      const mean = (begin: number, end: number) => {
        let sum = 0;
        for (let index = begin; index < end; index++) sum += blocks[index]!.values[key]!.value;
        return sum / Math.max(1, end - begin);
      };
      return {
        change: Math.log(mean(from, blocks.length) / mean(at - hourBlocks, at)),
        blocks: blocks.length - from,
      };
    });
}

/** The last hour a tenth worse than that of the control, each over its own hour before the swap: detections or latency. */
export const fixedThreshold: Watch = (subjects) => {
  for (const [key, sign] of [
    ['detections', -1],
    ['latency', 1],
  ] as const) {
    const of = (arm: GateSubject['arm']) => {
      const list = changes(subjects, key, arm, hourBlocks);
      return list.reduce((sum, { change }) => sum + change, 0) / list.length;
    };
    if (sign * (of('treated') - of('control')) > Math.log(1.1)) return key;
  }
  return undefined;
};

/**
 * Welch's t-test of the cameras' blocks since the swap, treated against control, one-sided 5 %, at every look, as if blocks
 * were independent.
 */
export const repeatedTTest: Watch = (subjects) => {
  for (const [key, sign] of [
    ['detections', -1],
    ['latency', 1],
  ] as const) {
    const of = (arm: GateSubject['arm']) => {
      const all: number[] = [];
      for (const { blocks, changedMs = 0, camera, arm: own } of subjects) {
        if (own !== arm || camera === '') continue;
        const at = blocks.findIndex(({ startMs }) => startMs >= changedMs);
        let usual = 0;
        for (let index = at - hourBlocks; index < at; index++) usual += blocks[index]!.values[key]!.value;
        for (let index = at + 1; index < blocks.length; index++)
          all.push(blocks[index]!.values[key]!.value / (usual / hourBlocks));
      }
      const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
      const variance = all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, all.length - 1);
      return { mean, error: variance / all.length };
    };
    const [a, b] = [of('treated'), of('control')];
    if ((sign * (a.mean - b.mean)) / Math.sqrt(a.error + b.error) > 1.645) return key;
  }
  return undefined;
};

/** Looks close together at first, when most of a confidence sequence is decided, then one an hour. */
function isLook(since: number): boolean {
  if (since < hourBlocks / 2) return false;
  return since <= 6 * hourBlocks ? since % 3 === 0 : since % hourBlocks === 0;
}

/**
 * A version on some of the cameras for days: when each of the watches stops it. All see the same street. It is as good as the one
 * before until `worseFromDay`.
 */
export function simulateGuard(
  seed: number,
  plan: GuardPlan,
  change: GuardChange,
  watches: readonly Watch[],
): GuardResult[] {
  const random = seededRandom(seed);
  const weather = new Weather(random, plan.historyDays + plan.days + 2);
  const begin = plan.historyDays * blocksPerDay + random.below(blocksPerDay);
  const changedMs = begin * blockMinutes * 60_000;
  const fleet = Array.from({ length: plan.treated + plan.controls }, (_, index) => {
    const sent = { camera: [] as GateBlock[], device: [] as GateBlock[] };
    const camera = new SimulatedCamera(`camera-${index}`, seededRandom(seed * 1009 + index), weather);
    return { camera, sent, treated: index < plan.treated };
  });
  const subjects = fleet.flatMap(({ camera, sent, treated }): GateSubject[] => {
    const arm = treated ? 'treated' : 'control';
    const about = { device: camera.name, arm, changedMs } as const;
    return [
      { ...about, camera: camera.name, blocks: sent.camera },
      { ...about, camera: '', blocks: sent.device },
    ];
  });
  const results: (GuardResult | undefined)[] = watches.map(() => undefined);
  const worseFrom = begin + plan.worseFromDay * blocksPerDay;
  const end = begin + plan.days * blocksPerDay;
  for (let at = begin - plan.historyDays * blocksPerDay; at < end; at++) {
    for (const { camera, sent, treated } of fleet) {
      const worse = treated && at >= worseFrom ? grown(change, at - worseFrom) : undefined;
      const block = camera.block(at, worse, at < begin ? undefined : at - begin);
      sent.camera.push(only(block, plan.cameraKeys));
      sent.device.push(only(block, plan.deviceKeys));
    }
    const since = at + 1 - begin;
    if (!isLook(since)) continue;
    for (const [index, watch] of watches.entries()) {
      if (results[index] !== undefined) continue;
      const why = watch(subjects);
      if (why !== undefined) results[index] = { hours: since / hourBlocks, why };
    }
    if (results.every((result) => result !== undefined)) break;
  }
  return results.map((result) => result ?? { hours: undefined, why: '' });
}

function only({ startMs, values }: GateBlock, keys: readonly BlockKey[]): GateBlock {
  const kept: Partial<Record<BlockKey, Measured>> = {};
  for (const key of keys) {
    const value = values[key];
    if (value !== undefined) kept[key] = value;
  }
  return { startMs, values: kept };
}

/** `slowerPerDay` counts from when the model became worse. */
function grown({ slowerPerDay, ...change }: GuardChange, since: number): ModelChange {
  return slowerPerDay === undefined ? change : { ...change, slower: (slowerPerDay * since) / blocksPerDay };
}

export interface GuardChange extends ModelChange {
  /** A slow leak: each day the frames take so much longer. */
  readonly slowerPerDay?: number;
}
