import {
  evaluateGate,
  type GateOutcome,
  type GateSubject,
} from '../../../src/controller/rollouts/gates/index.ts';
import { type Random, seededRandom } from '../../../src/drift/random.ts';

/**
 * A shadow beside what serves, on the same frames. How many objects a block has is that of street 61 (distinct objects in five
 * minutes against traffic); each is found by a model or not, for its whole life, which is the noisiest way to lose some.
 * That two models which are equally good differ on one object of twenty each was not measured: it is assumed.
 */
const objectsByTraffic: readonly (readonly [traffic: number, objects: number])[] = [
  [0.13, 37],
  [0.34, 92],
  [0.63, 163],
  [0.81, 197],
  [1.24, 261],
  [2.04, 341],
];
const missedByEither = 0.05;
const sampledFrames = 900;
const blockMs = 300_000;

export interface ShadowPlan {
  readonly cameras: number;
  readonly minutes: number;
  readonly harm: number;
}

export function simulateShadow(
  seed: number,
  { cameras, minutes, harm }: ShadowPlan,
  lost: number,
): GateOutcome {
  const random = seededRandom(seed);
  const [, usual] = objectsByTraffic[random.below(objectsByTraffic.length)]!;
  const subjects = Array.from({ length: cameras }, (_, index) =>
    camera(random, `c${index}`, usual, minutes, lost),
  );
  const gate = { comparison: 'shadow', metrics: [{ metric: 'detections', harm }] } as const;
  return evaluateGate(gate, { blockMinutes: 5, look: { number: 1, of: 1 }, subjects: subjects.flat() })
    .outcome;
}

function camera(random: Random, device: string, usual: number, minutes: number, lost: number): GateSubject[] {
  const busy = Math.exp(0.4 * random.normal());
  const blocks = Array.from({ length: Math.round(minutes / 5) }, (_, index) => {
    const objects = Math.max(1, Math.round(usual * busy * Math.exp(0.2 * random.normal())));
    let serve = 0;
    let shadow = 0;
    for (let object = 0; object < objects; object++) {
      // How long it stands in the picture.
      const seconds = -Math.log(1 - random.next());
      if (random.next() >= missedByEither) serve += seconds;
      if (random.next() >= missedByEither && random.next() >= lost) shadow += seconds;
    }
    return { startMs: index * blockMs, serve, shadow };
  });
  const of = (arm: GateSubject['arm'], count: 'serve' | 'shadow'): GateSubject => ({
    ...{ device, camera: 'front', arm, changedMs: -blockMs },
    blocks: blocks.map((block) => ({
      startMs: block.startMs,
      values: { detections: { value: block[count] / 30, weight: sampledFrames } },
    })),
  });
  return [of('treated', 'shadow'), of('control', 'serve')];
}
