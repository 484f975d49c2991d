import { describe, expect, it } from 'vitest';
import { type Judged, judge } from '../../../../src/runtime/selftest/judge.ts';
import { judgeReference } from '../../../../src/runtime/selftest/reference-bundle.ts';
import type { EngineOutcome } from '../../../../src/runtime/trials/job.ts';

type Found = EngineOutcome['answers'][number];
const car: Found = [{ label: 'car', score: 0.9, box: [10, 10, 50, 50] }];
const elsewhere: Found = [{ label: 'car', score: 0.9, box: [200, 10, 250, 50] }];
const outcome = (change: Partial<EngineOutcome> = {}): EngineOutcome => ({
  precision: 'fp32',
  openMs: 1000,
  batch: 1,
  frames: 20,
  framesPerSecond: 50,
  p50Ms: 20,
  p95Ms: 25,
  answers: [car, car, car, car],
  ...change,
});
const judged = (change: Partial<Judged> = {}): Judged => ({
  name: 'tensorrt fp32',
  outcome: outcome(),
  baseline: outcome({ framesPerSecond: 10 }),
  sameModel: true,
  quantized: false,
  wantedBatch: 1,
  ...change,
});

describe('An engine', () => {
  it('works where it sees what the processor sees, and is told beside it', () => {
    const row = judge(judged());
    expect(row).toMatchObject({ state: 'works', figures: { speedUp: 5, p50Ms: 20 } });
    expect(row.detail).toBe(
      'fp32, 20.0 ms (p95 25.0), 50.0 frames/s, 5.00 x the processor, agrees on 100.0 %',
    );
  });

  it('fails where it sees something else: plausible garbage is worse than nothing', () => {
    const wrong = outcome({ answers: [car, elsewhere, elsewhere, elsewhere] });
    const row = judge(judged({ outcome: wrong }));
    expect(row.state).toBe('fails');
    expect(row.detail).toContain('agrees on 25.0 %; 95.0 % is needed');
  });

  it('may differ more in integers than in floats', () => {
    const most = Array.from({ length: 10 }, (_, index) => (index === 0 ? elsewhere : car));
    const same = Array.from({ length: 10 }, () => car);
    const change = { outcome: outcome({ answers: most }), baseline: outcome({ answers: same }) };
    expect(judge(judged(change)).state).toBe('fails');
    expect(judge(judged({ ...change, quantized: true })).state).toBe('works');
  });

  it('is held to the golden set of its bundle, with its bound, where there is one', () => {
    const golden = { agreement: 0.9, least: 0.85 };
    const other = { outcome: outcome({ golden, answers: [elsewhere] }) };
    expect(judge(judged(other)).state).toBe('works');
    expect(judge(judged({ outcome: outcome({ golden: { agreement: 0.8, least: 0.85 } }) })).state).toBe(
      'fails',
    );
  });

  it('is not compared with what another model saw', () => {
    const row = judge(judged({ outcome: outcome({ answers: [elsewhere] }), sameModel: false }));
    expect(row.state).toBe('works');
    expect(row.detail).not.toContain('agrees');
  });

  it('says how long its plan took to build and to load', () => {
    const row = judge(judged({ outcome: outcome({ openMs: 61_000, reopenMs: 1200 }) }));
    expect(row.detail).toContain('built in 61.0 s, loaded in 1.2 s');
    expect(row.figures).toMatchObject({ openMs: 61_000, reopenMs: 1200 });
  });

  it('tells what the engine said of itself, and keeps that for the report', () => {
    const log = {
      notes: ['A frame is one CUDA graph.'],
      warnings: [],
      lines: ['G A frame is one CUDA graph.'],
    };
    const row = judge(judged({ log }));
    expect(row.detail).toMatch(/, A frame is one CUDA graph$/);
    expect(row.log).toEqual(log.lines);
  });

  it('fails where batches were asked for and it takes one frame', () => {
    expect(judge(judged({ wantedBatch: 4 })).state).toBe('fails');
    expect(judge(judged({ wantedBatch: 4, outcome: outcome({ batch: 4 }) })).state).toBe('works');
  });
});

describe('The reference plugin', () => {
  const person: Found = [{ label: 'person', score: 0.8, box: [60, 10, 70, 16] }];

  it('works where its answers are the known ones', () => {
    expect(judgeReference('x', outcome({ answers: [[...car, ...person]] })).state).toBe('works');
    expect(judgeReference('x', outcome({ answers: [[...car, ...person], car] })).state).toBe('fails');
    expect(judgeReference('x', outcome({ answers: [] })).state).toBe('fails');
  });
});
