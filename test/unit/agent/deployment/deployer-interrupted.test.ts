import { beforeEach, describe, expect, it } from 'vitest';
import { OpenTrustGate } from '../../../../src/agent/index.ts';
import type { DeploymentState } from '../../../../src/protocol/index.ts';
import { type FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { type FakeDevice, modelOf } from '../../../fakes/fake-device.ts';
import { a, b, c, DeploymentUnderTest, forever } from './deployment-under-test.ts';

describe('A deployment', () => {
  let under: DeploymentUnderTest;
  let clock: FakeClock;
  let device: FakeDevice;
  beforeEach(() => {
    under = new DeploymentUnderTest();
    ({ clock, device } = under);
  });
  const start = () => under.start();
  const run = (seconds: number) => under.run(seconds);
  const state = () => under.state();
  const order = (...given: Parameters<DeploymentUnderTest['order']>) => under.order(...given);
  const last = () => under.last();

  describe('that is overtaken by a newer order', () => {
    const cases: [DeploymentState, (device: FakeDevice) => void][] = [
      [
        'downloading',
        (one) => {
          one.models.onDownload = (model, _progress, signal) =>
            model.digest === c.digest
              ? Promise.resolve()
              : new Promise((_resolve, reject) => {
                  signal.addEventListener('abort', () => reject(new Error('stopped')));
                });
        },
      ],
      [
        'patching',
        (one) => {
          one.models.comesPacked.add(b.digest);
          one.models.onUnpack = (_digest, signal) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new Error('stopped')));
            });
        },
      ],
      [
        'decrypting',
        (one) => {
          one.models.liesSealed.add(b.digest);
          one.models.onDecrypt = (_bundle, signal) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new Error('stopped')));
            });
        },
      ],
      [
        'preparing',
        (one) => {
          one.onCreate = (bundle, signal) =>
            bundle.digest === c.digest
              ? Promise.resolve()
              : new Promise((_resolve, reject) => {
                  signal.addEventListener('abort', () => reject(new Error('stopped')));
                });
        },
      ],
      ['probation', () => {}],
    ];

    it.each(cases)('in %s gives way and leaves nothing behind', async (where, hold) => {
      await start();
      hold(device);
      order(1);
      await run(3);
      expect(state()).toBe(where);
      order(2, c);
      await run(40);
      expect(state()).toBe('committed');
      expect(device.pipeline.identity.digest).toBe(c.digest);
      expect(device.detectors.filter(({ closed }) => !closed).map(({ identity }) => identity.digest)).toEqual(
        [c.digest],
      );
      expect(device.memory.saved.at(-1)?.quarantined).toEqual([]);
    });

    it('in probation goes back when the model before it is wanted again', async () => {
      await start();
      order(1);
      await run(5);
      order(2, a);
      await run(5);
      expect(device.pipeline.served).toEqual([a.digest, b.digest, a.digest]);
      expect(last()).toMatchObject({
        generation: 2,
        slots: { main: { loaded: { digest: a.digest } } },
      });
    });

    it('while it is committed is replaced by the model before it, and not reported as that one', async () => {
      const written: (() => void)[] = [];
      const committed = () => new Promise<void>((resolve) => written.push(resolve));
      device.trust = Object.assign(new OpenTrustGate('unsigned'), { committed });
      await start();
      order(1);
      await run(60);
      expect(written).toHaveLength(1);
      order(2, a);
      await run(2);
      written[0]?.();
      await run(60);
      written[1]?.();
      await run(2);
      expect(device.pipeline.served).toEqual([a.digest, b.digest, a.digest]);
      expect(last()).toMatchObject({
        generation: 2,
        slots: {
          main: { loaded: { digest: a.digest }, deployment: { state: 'committed', digest: a.digest } },
        },
      });
    });

    it('skips orders that came and went meanwhile', async () => {
      await start();
      order(1);
      await run(3);
      order(2, c);
      order(3, modelOf('d'));
      order(4, b);
      await run(80);
      expect(device.pipeline.identity.digest).toBe(b.digest);
      expect(device.models.downloads).not.toContain(modelOf('d').digest);
    });
  });

  describe('while the agent is told to end', () => {
    const untilStopped = (_: unknown, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('stopped'))),
      );

    async function end(how: 'closed' | 'killed' | 'killed while closing'): Promise<void> {
      if (how === 'killed') return device.kill();
      const closed = device.agent.close();
      await settle();
      if (how === 'closed') await closed;
      device.kill();
    }

    it.each([
      [['closed', 'closed', 'closed'], 'committed'],
      [['killed while closing', 'killed while closing'], 'committed'],
      [['killed', 'closed', 'closed'], 'committed'],
      [['closed', 'killed'], 'committed'],
      [['killed', 'killed'], 'failed'],
      [['killed', 'closed', 'killed'], 'failed'],
    ] as const)('%j while an engine is being built ends %s', async (ends, outcome) => {
      device.onCreate = ends.includes('killed while closing' as never) ? forever : untilStopped;
      await start();
      order(1);
      for (const [i, how] of ends.entries()) {
        await run(3);
        expect(state()).toBe('preparing');
        await end(how);
        if (i === ends.length - 1) device.onCreate = async () => {};
        await start();
      }
      await run(40);
      expect(state()).toBe(outcome);
      expect(device.memory.saved.at(-1)?.quarantined).toHaveLength(outcome === 'failed' ? 1 : 0);
    });

    it('in probation is not the fault of its model', async () => {
      await start();
      order(1);
      for (let i = 0; i < 3; i++) {
        await run(5);
        expect(state()).toBe('probation');
        await device.agent.close();
        device.kill();
        await start();
      }
      await run(40);
      expect(state()).toBe('committed');
    });
  });

  describe('cut off by a power cut', () => {
    const holdAt: Record<string, (device: FakeDevice) => void> = {
      downloading: (one) => {
        one.models.onDownload = forever;
      },
      patching: (one) => {
        one.models.comesPacked.add(b.digest);
        one.models.onUnpack = forever;
      },
      verifying: (one) => {
        one.models.onVerify = forever;
      },
      decrypting: (one) => {
        one.models.liesSealed.add(b.digest);
        one.models.onDecrypt = forever;
      },
      preparing: (one) => {
        one.onCreate = forever;
      },
      checking: (one) => {
        one.onCheck = forever;
      },
    };
    const release = () => {
      device.models.onDownload = async () => {};
      device.models.onUnpack = async () => {};
      device.models.onDecrypt = async () => {};
      device.models.onVerify = async () => {};
      device.onCreate = async () => {};
      device.onCheck = async () => {};
    };

    it.each(Object.keys(holdAt))(
      'in %s begins with the old model and continues automatically',
      async (where) => {
        await start();
        holdAt[where]?.(device);
        order(1);
        await run(3);
        expect(state()).toBe(where);
        device.kill();
        release();
        await start();
        expect(device.pipeline.served[0]).toBe(a.digest);
        await run(40);
        expect(state()).toBe('committed');
        expect(device.pipeline.identity.digest).toBe(b.digest);
        expect(last()?.generation).toBe(1);
      },
    );

    it('in probation begins with the old model, tries once more, and gives up the second time', async () => {
      await start();
      order(1);
      await run(5);
      expect(state()).toBe('probation');
      device.kill();
      await start();
      expect(device.pipeline.served[0]).toBe(a.digest);
      await run(5);
      expect(state()).toBe('probation');
      device.kill();
      await start();
      await run(5);
      expect(state()).toBe('failed');
      expect(device.pipeline.served).toEqual([a.digest]);
      expect(last()?.slots.main?.deployment.reason).toMatch(/ended twice/);
      expect(device.memory.saved.at(-1)?.quarantined).toMatchObject([{ digest: b.digest }]);
    });

    it.each(['ready', 'swapping'] as const)('in %s continues automatically', async (where) => {
      await start();
      order(1);
      await run(5);
      device.kill();
      const at = device.memory.saved.find(({ slots }) => slots.main?.deployment.state === where);
      expect(at).toBeDefined();
      device.memory.stored = at;
      await start();
      await run(40);
      expect(state()).toBe('committed');
    });

    it('in rolling-back stays with the old model and says why', async () => {
      await start();
      order(1);
      await run(3);
      under.frames = false;
      device.pipeline.failed += 100;
      await run(2);
      device.kill();
      device.memory.stored = device.memory.saved.find(
        ({ slots }) => slots.main?.deployment.state === 'rolling-back',
      );
      await start();
      await run(5);
      expect(state()).toBe('failed');
      expect(device.pipeline.served).toEqual([a.digest]);
      expect(last()?.slots.main?.deployment.reason).toMatch(/frames failed/);
    });

    it('in committed begins with the new model', async () => {
      await start();
      order(1);
      await run(40);
      device.kill();
      await start();
      await run(5);
      expect(device.pipeline.served).toEqual([b.digest]);
      expect(state()).toBe('committed');
      expect(last()?.generation).toBe(1);
    });

    it('at any save whatever ends with one of the two models, reported as it is', async () => {
      await start();
      order(1);
      await run(40);
      const moments = [...device.memory.saved];
      for (const moment of moments) {
        device.kill();
        await clock.pass(6_000);
        device.memory.stored = structuredClone(moment);
        await start();
        order(1);
        await run(45);
        expect(state()).toBe('committed');
        expect(last()?.slots.main?.loaded).toMatchObject({ digest: b.digest });
      }
      expect(moments.length).toBeGreaterThanOrEqual(9);
    });
  });
});
