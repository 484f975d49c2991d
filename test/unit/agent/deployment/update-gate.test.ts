import { beforeEach, describe, expect, it } from 'vitest';
import { watchHealth } from '../../../../src/agent/deployment/model-health.ts';
import type { DriftStatus } from '../../../../src/protocol/index.ts';
import { a, b, DeploymentUnderTest } from './deployment-under-test.ts';

describe('A model that is ready', () => {
  let under: DeploymentUnderTest;
  /** What the machine says; an error where it can't. */
  let unsafe: string | Error | undefined;
  const safety = {
    whyNot: async () => {
      if (unsafe instanceof Error) throw unsafe;
      return unsafe;
    },
  };
  beforeEach(() => {
    under = new DeploymentUnderTest();
    unsafe = undefined;
  });
  const ordered = { ...b, order: 'o1' };
  const start = async () => {
    under.device.safety = safety;
    await under.start();
  };

  it('waits while the machine says that it is not safe, and tells since when', async () => {
    await start();
    unsafe = 'It drives.';
    under.order(1, ordered);
    await under.run(20);
    const sinceMs = under.last()?.slots.main?.deployment.waits?.sinceMs;
    expect(under.last()?.slots.main?.deployment).toMatchObject({
      state: 'ready',
      waits: { for: 'safety', what: 'It drives.' },
    });
    expect(under.device.pipeline.served).toEqual([a.digest]);
    unsafe = 'It turns.';
    await under.run(20);
    expect(under.last()?.slots.main?.deployment.waits).toEqual({ for: 'safety', what: 'It turns.', sinceMs });
    unsafe = undefined;
    await under.run(40);
    expect(under.last()?.slots.main?.deployment).toMatchObject({ state: 'committed' });
    expect(under.last()?.slots.main?.deployment).not.toHaveProperty('waits');
  });

  it('does not switch where nobody can say whether it is safe', async () => {
    await start();
    unsafe = new Error('no answer');
    under.order(1, ordered);
    await under.run(60);
    expect(under.last()?.slots.main?.deployment.waits?.what).toContain('no answer');
    expect(under.device.pipeline.served).toEqual([a.digest]);
  });

  it('switches all the same where an admin overrides, by the same order', async () => {
    await start();
    unsafe = 'It drives.';
    under.order(1, ordered);
    await under.run(20);
    under.order(2, { ...ordered, overrideSafety: true });
    await under.run(40);
    expect(under.last()).toMatchObject({
      generation: 2,
      slots: { main: { deployment: { state: 'committed', order: 'o1' } } },
    });
    expect(under.device.models.downloads).toHaveLength(1);
  });

  it('waits for the fleet where it is held, whatever the machine says, and goes on when it is let go', async () => {
    await start();
    under.order(1, { ...ordered, hold: true });
    await under.run(30);
    expect(under.last()?.slots.main?.deployment).toMatchObject({ state: 'ready', waits: { for: 'fleet' } });
    under.order(2, ordered);
    await under.run(40);
    expect(under.state()).toBe('committed');
  });

  it('gives way to a newer order while it waits', async () => {
    await start();
    unsafe = 'It drives.';
    under.order(1, ordered);
    await under.run(20);
    under.order(2, { ...a, order: 'o2' });
    await under.run(10);
    expect(under.last()?.slots.main?.deployment).toMatchObject({
      state: 'committed',
      digest: a.digest,
      order: 'o2',
    });
  });

  it('is not blamed for the ends of the agent while it waits', async () => {
    await start();
    unsafe = 'It drives.';
    under.order(1, ordered);
    for (let life = 0; life < 4; life++) {
      await under.run(20);
      expect(under.state()).toBe('ready');
      under.device.kill();
      await under.start();
    }
    unsafe = undefined;
    await under.run(60);
    expect(under.state()).toBe('committed');
  });
});

describe('How a deployment ended', () => {
  it.each([
    ['failed', 'failed'],
    ['rolled-back', 'rolled-back'],
    ['refused', 'refused'],
  ])('%s is told apart', async (_, outcome) => {
    const under = new DeploymentUnderTest();
    await under.start();
    if (outcome === 'failed') under.device.onCheck = () => Promise.reject(new Error('It sees nothing.'));
    if (outcome === 'rolled-back') {
      under.frames = false;
      under.order(1);
      await under.run(6);
      // Every frame fails with the new one.
      for (let at = 0; at < 60; at++) {
        under.device.pipeline.received += 30;
        await under.clock.pass(1000);
      }
    } else {
      under.order(1);
      await under.run(60);
    }
    if (outcome === 'refused') {
      under.order(2, a, { expiresAtMs: under.clock.wallMs() - 1 });
      await under.run(5);
    }
    expect(under.last()?.slots.main?.deployment).toMatchObject({ state: 'failed', outcome });
  });
});

describe('The health of a model', () => {
  const alarm = (number: number, kind: string, grade = 'alarm') =>
    ({ incident: { number, verdict: { kind }, grade, sinceMs: 1 } }) as unknown as DriftStatus;
  const quiet = {} as DriftStatus;
  const judged = (before: DriftStatus, after: DriftStatus, answers = { right: 0, wrong: 0 }) => {
    let [status, answered] = [before, { right: 5, wrong: 3 }];
    const why = watchHealth({
      statuses: () => ({ front: status }),
      get answered() {
        return answered;
      },
    });
    status = after;
    answered = { right: 5 + answers.right, wrong: 3 + answers.wrong };
    return why();
  };
  it.each([
    ['a new alarm of the model', quiet, alarm(1, 'model-regression'), undefined, /front has a drift alarm/],
    ['another one than before', alarm(1, 'label-shift'), alarm(2, 'label-shift'), undefined, /label-shift/],
    [
      'an alarm that was there before',
      alarm(1, 'label-shift'),
      alarm(1, 'label-shift'),
      undefined,
      undefined,
    ],
    ['a fault of the sensor', quiet, alarm(1, 'sensor-fault'), undefined, undefined],
    ['another scene', quiet, alarm(1, 'scene-change'), undefined, undefined],
    ['a notice', quiet, alarm(1, 'model-regression', 'notice'), undefined, undefined],
    ['one wrong answer', quiet, quiet, { right: 0, wrong: 1 }, undefined],
    ['two wrong answers', quiet, quiet, { right: 1, wrong: 2 }, /2 of 3 frames with a known answer/],
    ['more right ones than wrong ones', quiet, quiet, { right: 4, wrong: 2 }, undefined],
  ])('%s', (_, before, after, answers, expected) => {
    if (expected === undefined) expect(judged(before, after, answers)).toBeUndefined();
    else expect(judged(before, after, answers)).toMatch(expected);
  });
});
