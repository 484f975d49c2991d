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
  readonly verdicts: boolean[] = [];
  readonly probe: CanaryProbe;

  constructor(minutes = 10) {
    this.probe = new CanaryProbe(minutes, {
      clock: this.clock,
      log: silentLog,
      answers: {
        one: async () => this.#answer('one', this.one),
        all: async () => this.#answer('all', this.all),
      },
      reportEvent: (event) => void this.told.push(event),
      onAnswer: ({ right, agreement }) => {
        if (!right) this.suspected++;
        if (agreement !== undefined) this.verdicts.push(right);
      },
      onChange: () => {},
    });
    this.probe.start();
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
    const setup = new Asked();
    await setup.minutes(35);
    expect(setup.asked).toEqual(['one', 'one', 'one']);
    expect(setup.told).toEqual([]);
    expect(setup.probe.last).toMatchObject({ right: true, agreement: 1 });
    expect(setup.probe.counts).toEqual({ right: 3, wrong: 0, none: 0 });
  });

  it('that come out wrong are a suspicion; the whole set decides', async () => {
    const setup = new Asked();
    setup.one = 0.5;
    setup.all = 0.95;
    await setup.minutes(10);
    expect(setup.asked).toEqual(['one', 'all']);
    expect(setup.told).toEqual([]);
    setup.all = 0.4;
    await setup.minutes(10);
    expect(setup.told).toMatchObject([{ kind: 'model.wrong-answer', severity: 'error' }]);
    expect(setup.told[0]?.message).toMatch(
      /40\.0 % of the golden set comes out as it must, 90\.0 % is needed/,
    );
    expect(readKnownAnswer(setup.told[0]!)).toEqual({ ...about, frame: 'golden/003.jpg', agreement: 0.4 });
    expect(setup.suspected).toBe(1);
  });

  it('are told once while they stay wrong, and when they are right again', async () => {
    const setup = new Asked();
    setup.one = 0.5;
    setup.all = 0.4;
    await setup.minutes(30);
    setup.one = 1;
    await setup.minutes(20);
    expect(setup.told.map(({ kind }) => kind)).toEqual(['model.wrong-answer', 'model.answers-again']);
    expect(setup.probe.counts).toEqual({ right: 2, wrong: 3, none: 0 });
  });

  it('without any answer are told at once: the engine hangs while frames still flow', async () => {
    const setup = new Asked();
    setup.one = 'none';
    await setup.minutes(10);
    expect(setup.asked).toEqual(['one']);
    expect(setup.told).toMatchObject([{ kind: 'model.no-answer', severity: 'error' }]);
    expect(readKnownAnswer(setup.told[0]!)).toEqual({ ...about, frame: 'golden/003.jpg' });
    expect(setup.probe.last).toMatchObject({ right: false, agreement: 0 });
  });

  it('that can’t be read, or that the model has none of, say nothing', async () => {
    const setup = new Asked();
    setup.one = 'no-golden-set';
    await setup.minutes(10);
    setup.failure = new Error('golden/003.jpg is gone');
    await setup.minutes(10);
    expect(setup.told).toEqual([]);
    expect(setup.probe.last).toBeUndefined();
  });

  it('are not asked where the settings say 0', async () => {
    const setup = new Asked(0);
    await setup.minutes(600);
    expect(setup.asked).toEqual([]);
    expect(setup.clock.pending).toBe(0);
  });

  it('give a verdict each, except where the engine gives no answer', async () => {
    const setup = new Asked();
    await setup.minutes(10);
    setup.one = 0.5;
    setup.all = 0.4;
    await setup.minutes(10);
    setup.one = 'none';
    await setup.minutes(10);
    expect(setup.verdicts).toEqual([true, false]);
  });
});
