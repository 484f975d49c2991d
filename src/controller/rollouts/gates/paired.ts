import type { Finding, Look, Sides } from './finding.ts';
import { harmOf } from './finding.ts';
import type { Series } from './series.ts';
import { countBlocks } from './series.ts';
import { studentBounds, studentPValue } from './student.ts';
import type { Comparison } from './table.ts';

/** Blocks are put together into so many spans of each camera, whose means hardly depend on each other any more. */
const spans = 4;
const leastSpans = 6;

/**
 * A shadow and the model that serves, on the same frames: the difference of one span of one camera is one observation, so
 * what the street did is in both and goes out. `agreement` has no partner: it is a share by itself, held to the harm.
 */
export function comparePaired(comparison: Comparison, all: readonly Series[], leastBlocks: number): Look {
  const shadows = all.filter(
    ({ subject, changed, value }) => subject.arm === 'treated' && changed < value.length,
  );
  const observations: number[] = [];
  let subjects = 0;
  let blocks = 0;
  for (const shadow of shadows) {
    const serving = all.find(
      ({ subject }) =>
        subject.arm === 'control' &&
        subject.device === shadow.subject.device &&
        subject.camera === shadow.subject.camera,
    );
    const own =
      comparison.rule.kind === 'bound' ? sharesOf(shadow) : differencesOf(comparison, shadow, serving);
    if (own.length === 0) continue;
    subjects++;
    blocks += countBlocks(shadow, shadow.changed, shadow.value.length);
    observations.push(...own);
  }
  const sides: Sides = { treated: { subjects, blocks }, control: { subjects, blocks } };
  if (blocks < leastBlocks || observations.length === 0)
    return {
      kind: 'missing',
      outcome: 'nothing',
      why: `There are ${blocks} blocks of frames that both models saw, ${leastBlocks} are needed.`,
      settle: 'A shadow on these cameras, with frames to spare.',
      sides,
    };
  if (observations.length < leastSpans)
    return {
      kind: 'missing',
      outcome: 'thin',
      why: `There are ${observations.length} spans of time, ${leastSpans} are needed.`,
      settle: 'More minutes, or more cameras with a shadow.',
      sides,
    };
  return found(comparison, observations, sides);
}

function found(comparison: Comparison, observations: readonly number[], sides: Sides): Finding {
  const n = observations.length;
  const mean = observations.reduce((sum, value) => sum + value, 0) / n;
  const variance = observations.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const deviation = Math.max(1e-4, Math.sqrt(variance / n));
  const estimate = comparison.rule.kind === 'bound' ? mean : harmOf(comparison, mean);
  const found = { estimate, deviation, freedom: n - 1 };
  // A share of frames that differ is never zero: what is refused is that it is within the harm.
  const beyond = comparison.rule.kind === 'bound' ? estimate - comparison.harm : estimate;
  return {
    kind: 'found',
    ...studentBounds(found),
    pValue: studentPValue(comparison, found, beyond),
    method: `same frames, ${n} spans`,
    sides,
  };
}

function sharesOf({ value, weight, changed }: Series): number[] {
  return spansOf(changed, value.length).flatMap(([from, to]) => {
    const { sum, total } = add(value, weight, from, to);
    return total > 0 ? [sum / total] : [];
  });
}

function differencesOf({ rule }: Comparison, shadow: Series, serving: Series | undefined): number[] {
  if (serving === undefined) return [];
  // Both end now; they may begin at different times.
  const shift = serving.value.length - shadow.value.length;
  return spansOf(shadow.changed, shadow.value.length).flatMap(([from, to]) => {
    const ours = add(shadow.value, shadow.weight, from, to);
    const theirs = add(serving.value, serving.weight, from + shift, to + shift);
    if (!(ours.total > 0) || !(theirs.total > 0)) return [];
    const [a, b] = [ours.sum / ours.total, theirs.sum / theirs.total];
    if (rule.scale === 'linear') return [a - b];
    return a > 0 || b > 0 ? [Math.log((a + 0.01 * b + 1e-9) / (1.01 * b + 1e-9))] : [];
  });
}

function spansOf(from: number, to: number): [number, number][] {
  const length = to - from;
  const count = Math.min(spans, length);
  return Array.from({ length: count }, (_, index) => [
    from + Math.floor((index * length) / count),
    from + Math.floor(((index + 1) * length) / count),
  ]);
}

function add(value: Float64Array, weight: Float64Array, from: number, to: number) {
  let sum = 0;
  let total = 0;
  for (let at = Math.max(0, from); at < to; at++) {
    sum += value[at]! * weight[at]!;
    total += weight[at]!;
  }
  return { sum, total };
}
