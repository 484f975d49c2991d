import type { GateSubject } from '../../../src/controller/rollouts/gates/index.ts';

/*
 * The gates as others have them, on the same blocks: all of them look at detections per frame and nothing else, at the same
 * looks, and leave out the same minutes.
 */

export type OtherGate = (subjects: readonly GateSubject[], settleMs: number) => boolean;

interface Side {
  readonly values: readonly number[];
  readonly frames: number;
}

function side(subject: GateSubject, settleMs: number, when: 'before' | 'after'): Side {
  const changed = subject.changedMs ?? 0;
  const after = subject.blocks.filter(({ startMs }) => startMs >= changed + settleMs);
  const blocks =
    when === 'after'
      ? after
      : subject.blocks.filter(({ startMs }) => startMs < changed).slice(-Math.max(12, after.length));
  const measured = blocks.map(({ values }) => values.detections!);
  return {
    values: measured.map(({ value }) => value),
    frames: measured.reduce((sum, { weight }) => sum + weight, 0),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function pooled(
  subjects: readonly GateSubject[],
  arm: GateSubject['arm'],
  settleMs: number,
  when: 'before' | 'after',
): Side {
  const sides = subjects
    .filter((subject) => subject.arm === arm)
    .map((subject) => side(subject, settleMs, when));
  return {
    values: sides.flatMap(({ values }) => values),
    frames: sides.reduce((sum, { frames }) => sum + frames, 0),
  };
}

/** Less than nine tenths of the hour before. */
export const thresholdBefore: OtherGate = (subjects, settleMs) =>
  mean(pooled(subjects, 'treated', settleMs, 'after').values) <
  0.9 * mean(pooled(subjects, 'treated', settleMs, 'before').values);

/** Lost a tenth more than the control devices did. */
export const thresholdControl: OtherGate = (subjects, settleMs) => {
  const change = (arm: GateSubject['arm']) =>
    mean(pooled(subjects, arm, settleMs, 'after').values) /
    mean(pooled(subjects, arm, settleMs, 'before').values);
  return change('treated') < 0.9 * change('control');
};

/** A t-test on frames, one-sided 5 %, after against before; a frame's count strays about as a Poisson's, as the street's do. */
export const framesTTest: OtherGate = (subjects, settleMs) => {
  const before = pooled(subjects, 'treated', settleMs, 'before');
  const after = pooled(subjects, 'treated', settleMs, 'after');
  const [a, b] = [mean(before.values), mean(after.values)];
  return (a - b) / Math.sqrt(a / before.frames + b / after.frames) > 1.645;
};

/** Mann and Whitney's test of the blocks of treated and control, each over its own hour before, one-sided 5 %. */
export const rankTest: OtherGate = (subjects, settleMs) => {
  const relative = (arm: GateSubject['arm']) =>
    subjects
      .filter((subject) => subject.arm === arm)
      .flatMap((subject) => {
        const usual = mean(side(subject, settleMs, 'before').values);
        return side(subject, settleMs, 'after').values.map((value) => value / usual);
      });
  const treated = relative('treated');
  const control = relative('control');
  if (treated.length === 0 || control.length === 0) return false;
  const all = [
    ...treated.map((value) => ({ value, own: true })),
    ...control.map((value) => ({ value, own: false })),
  ];
  all.sort((a, b) => a.value - b.value);
  const ranks = all.reduce((sum, { own }, index) => (own ? sum + index + 1 : sum), 0);
  const [n, m] = [treated.length, control.length];
  const u = ranks - (n * (n + 1)) / 2;
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12) < -1.645;
};
