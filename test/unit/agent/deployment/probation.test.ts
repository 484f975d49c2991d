import { describe, expect, it } from 'vitest';
import { judge } from '../../../../src/agent/deployment/probation.ts';
import { statsOf } from '../../../fakes/fake-pipeline.ts';

describe('Probation', () => {
  const before = statsOf({ received: 1000, processed: 900, failed: 90 });

  it('lets a model pass that processes frames', () => {
    expect(
      judge(before, statsOf({ received: 1300, processed: 1200, failed: 90 }), undefined, true),
    ).toBeUndefined();
  });

  it('sends a model back as soon as too many frames fail', () => {
    expect(judge(before, statsOf({ received: 1040, processed: 910, failed: 110 }), undefined, false)).toMatch(
      /20 of 30 frames failed/,
    );
  });

  it('does not judge by a handful of frames', () => {
    expect(
      judge(before, statsOf({ received: 1003, processed: 900, failed: 93 }), undefined, false),
    ).toBeUndefined();
  });

  it('sends a model back that has processed nothing although frames came', () => {
    const stuck = statsOf({ received: 1400, processed: 900, failed: 90 });
    expect(judge(before, stuck, undefined, false)).toBeUndefined();
    expect(judge(before, stuck, undefined, true)).toMatch(/none was processed/);
  });

  it('does not blame a model for a camera that sends nothing', () => {
    expect(judge(before, before, { p95LatencyMs: 1 }, true)).toBeUndefined();
  });

  it('holds a model to its latency budget', () => {
    const slow = statsOf({ received: 1300, processed: 1200, failed: 90, p95Ms: 40 });
    expect(judge(before, slow, { p95LatencyMs: 100 }, true)).toMatch(/120\.0 ms per frame.*budget is 100 ms/);
    expect(judge(before, slow, { p95LatencyMs: 130 }, true)).toBeUndefined();
  });
});
