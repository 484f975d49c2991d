import type { GateBlock, GateEvidence } from '../gates/index.ts';
import type { ChallengeCount } from './challenger.ts';

/** The evidence of a gate with what was asked just now: it is of the newest block. */
export function withChallenges(
  evidence: GateEvidence,
  counts: ReadonlyMap<string, ChallengeCount>,
  nowMs: number,
): GateEvidence {
  const blockMs = evidence.blockMinutes * 60_000;
  const startMs = (Math.floor(nowMs / blockMs) - 1) * blockMs;
  return {
    ...evidence,
    subjects: evidence.subjects.map((subject) => {
      const count = subject.camera === '' ? counts.get(subject.device) : undefined;
      const weight = count === undefined ? 0 : count.right + count.wrong;
      if (count === undefined || weight === 0) return subject;
      const block: GateBlock = { startMs, values: { challenges: { value: count.wrong / weight, weight } } };
      return { ...subject, blocks: [...subject.blocks, block] };
    }),
  };
}
