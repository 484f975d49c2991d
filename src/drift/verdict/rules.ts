import type { Tick } from '../signals/assembler.ts';
import type { SensorFault } from './verdict.ts';

/** Faults of a sensor that a picture shows by itself, without a reference. */
export const ruleNames = ['frame-rate-lost', 'frozen', 'black', 'overexposed', 'covered'] as const;
export type RuleName = (typeof ruleNames)[number];

interface RuleReference {
  /** Frames per second of the reference. */
  readonly framesPerSecond: number;
  /** Longest time that the reference repeated one picture, milliseconds. */
  readonly longestRepeatMs: number;
  /** Rules that the reference itself breaks: a camera that is dark every night. */
  readonly muted: readonly RuleName[];
}

const frozenMs = 2500;
const slowShare = 0.6;
/** Of a rate that was lost: it is back when it is so much above. */
const backAbove = 1.25;
/** Below this a camera has stopped, whatever it was before. */
const leastFramesPerSecond = 0.5;

/**
 * The rules that a tick breaks, the surest cause first: a black picture may be frozen too, but it is black. `before`: the one
 * whose incident goes on.
 */
export function brokenRules(
  tick: Tick,
  reference: RuleReference | undefined,
  before?: SensorFault,
): RuleName[] {
  const broken: RuleName[] = [];
  const { picture } = tick;
  const wanted = reference === undefined ? leastFramesPerSecond : reference.framesPerSecond * slowShare;
  if (picture !== undefined) {
    const { brightness, contrast, bright } = picture;
    const plain = contrast < 0.03;
    if (brightness < 0.06 ? contrast < 0.04 : brightness < 0.14 && plain) broken.push('black');
    else if (bright > 0.6 || (brightness > 0.9 && plain)) broken.push('overexposed');
    else if (plain) broken.push('covered');
    if (tick.repeatMs > Math.max(frozenMs, 3 * (reference?.longestRepeatMs ?? 0))) broken.push('frozen');
  }
  const least = before === 'frame-rate-lost' ? backAbove * wanted : wanted;
  if (tick.frames / tick.seconds < least) broken.push('frame-rate-lost');
  return reference === undefined ? broken : broken.filter((name) => !reference.muted.includes(name));
}
