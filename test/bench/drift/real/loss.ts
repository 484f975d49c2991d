import { type Box, boxIou, evaluate } from '../../../../src/perception/index.ts';
import type { TraceDetection } from '../trace.ts';
import { truthScore } from './record.ts';

export interface Found {
  readonly classId: number;
  readonly score: number;
  readonly box: Box;
}

export function foundOf(detections: readonly TraceDetection[]): Found[] {
  return detections.map(({ classId, score, box: [x1, y1, x2, y2] }) => ({
    ...{ classId, score, box: { x1, y1, x2, y2 } },
  }));
}

export interface Accuracy {
  readonly f1: number;
  readonly map: number;
}

/** Against the sure answers to the clean picture. Both count from the same score on. */
export function accuracy(
  pairs: readonly { readonly truth: readonly Found[]; readonly found: readonly Found[] }[],
): Accuracy {
  let right = 0;
  let wanted = 0;
  let given = 0;
  for (const { truth, found } of pairs) {
    const sure = found.filter(({ score }) => score >= truthScore).toSorted((a, b) => b.score - a.score);
    wanted += truth.length;
    given += sure.length;
    const open = new Set(truth);
    for (const { classId, box } of sure) {
      const match = [...open]
        .filter((one) => one.classId === classId && boxIou(one.box, box) >= 0.5)
        .toSorted((a, b) => boxIou(b.box, box) - boxIou(a.box, box))[0];
      if (match === undefined) continue;
      open.delete(match);
      right++;
    }
  }
  // An empty scene, or an old view that is gone.
  if (wanted === 0) return given === 0 ? { f1: 1, map: 1 } : { f1: 0, map: 0 };
  const f1 = (2 * right) / (wanted + given);
  const map = evaluate(
    pairs.map(({ truth, found }) => ({
      truth: truth.map(({ classId, box }) => ({ classId, box })),
      detections: found.map(({ classId, score, box }) => ({ classId, score, box })),
    })),
  ).map;
  return { f1, map };
}
