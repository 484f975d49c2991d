import { describe, expect, it } from 'vitest';
import { CanaryProbe } from '../../../../src/agent/drift/canary-probe.ts';
import type { AgentEvent, Answer } from '../../../../src/agent/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import { readKnownAnswer } from '../../../../src/protocol/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const about = { modelDigest: `sha256:${'a'.repeat(64)}`, engine: 'onnxruntime', wanted: 0.9 };

class Asked {
  readonly clock = new FakeClock();
  readonly told: AgentEvent[] = [];
  /** Agreements of a single frame and of the whole set; `none` where the engine hangs. */
  one: number | 'none' | 'no-golden-set' = 1;
  all = 1;
  failure: Error | undefined;
  asked: string[] = [];
  suspected = 0;
  readonly desk: CanaryProbe;

  constructor(minutes = 10) {
    this.desk = new CanaryProbe(minutes, {
      clock: this.clock,
      log: silentLog,
      answers: {
        one: async () => this.#answer('one', this.one),
        all: async () => this.#answer('all', this.all),
      },
      reportEvent: (event) => void this.told.push(event),
      onWrong: () => void this.suspected++,
      onChange: () => {},
    });
    this.desk.start();
  }

  async #answer(which: string, agreement: number | 'none' | 'no-golden-set'): Promise<Answer | undefined> {
    this.asked.push(which);
    if (this.failure !== undefined) throw this.failure;
    if (agreement === 'no-golden-set') return undefined;
    return { ...about, frame: 'golden/003.jpg', agreement: agreement === 'none' ? undefined : agreement };
  }

  minutes(count: number): Promise<void> {
    return this.clock.pass(count * 60_000);
  }
}

describe('Frames with a known answer', () => {
  it('go through the live engine every some minutes, and a right answer is no event', async () => {
    const desk = new Asked();
    await desk.minutes(35);
    expect(desk.asked).toEqual(['one', 'one', 'one']);
    expect(desk.told).toEqual([]);
    expect(desk.desk.last).toMatchObject({ right: true, agreement: 1 });
    expect(desk.desk.counts).toEqual({ right: 3, wrong: 0, none: 0 });
  });

  it('that come out wrong are a suspicion; the whole set decides', async () => {
    const desk = new Asked();
    desk.one = 0.5;
    desk.all = 0.95;
    await desk.minutes(10);
    expect(desk.asked).toEqual(['one', 'all']);
    expect(desk.told).toEqual([]);
    desk.all = 0.4;
    await desk.minutes(10);
    expect(desk.told).toMatchObject([{ kind: 'model.wrong-answer', severity: 'error' }]);
    expect(desk.told[0]?.message).toMatch(
      /40\.0 % of the golden set comes out as it must, 90\.0 % is needed/,
    );
    expect(readKnownAnswer(desk.told[0]!)).toEqual({ ...about, frame: 'golden/003.jpg', agreement: 0.4 });
    expect(desk.suspected).toBe(1);
  });

  it('are told once while they stay wrong, and when they are right again', async () => {
    const desk = new Asked();
    desk.one = 0.5;
    desk.all = 0.4;
    await desk.minutes(30);
    desk.one = 1;
    await desk.minutes(20);
    expect(desk.told.map(({ kind }) => kind)).toEqual(['model.wrong-answer', 'model.answers-again']);
    expect(desk.desk.counts).toEqual({ right: 2, wrong: 3, none: 0 });
  });

  it('without any answer are told at once: the engine hangs while frames still flow', async () => {
    const desk = new Asked();
    desk.one = 'none';
    await desk.minutes(10);
    expect(desk.asked).toEqual(['one']);
    expect(desk.told).toMatchObject([{ kind: 'model.no-answer', severity: 'error' }]);
    expect(readKnownAnswer(desk.told[0]!)).toEqual({ ...about, frame: 'golden/003.jpg' });
    expect(desk.desk.last).toMatchObject({ right: false, agreement: 0 });
  });

  it('that can’t be read, or that the model has none of, say nothing', async () => {
    const desk = new Asked();
    desk.one = 'no-golden-set';
    await desk.minutes(10);
    desk.failure = new Error('golden/003.jpg is gone');
    await desk.minutes(10);
    expect(desk.told).toEqual([]);
    expect(desk.desk.last).toBeUndefined();
  });

  it('are not asked where the settings say 0', async () => {
    const desk = new Asked(0);
    await desk.minutes(600);
    expect(desk.asked).toEqual([]);
    expect(desk.clock.pending).toBe(0);
  });
});
