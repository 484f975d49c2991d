import { beforeEach, describe, expect, it } from 'vitest';
import { InputError, MissingError, RefusedError } from '../../../../src/base/index.ts';
import type { DeploymentState } from '../../../../src/protocol/index.ts';
import type { FakeClock } from '../../../fakes/fake-clock.ts';
import { type FakeDevice, modelOf } from '../../../fakes/fake-device.ts';
import { a, b, DeploymentUnderTest } from './deployment-under-test.ts';

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
  const steps = () => under.steps();
  const order = (...given: Parameters<DeploymentUnderTest['order']>) => under.order(...given);
  const last = () => under.last();

  describe('that fails', () => {
    const fail = new RefusedError('x', 'It does not work.', 'Mend it.');
    const cases: [DeploymentState, (device: FakeDevice) => void][] = [
      [
        'downloading',
        (one) => {
          one.models.onDownload = () => Promise.reject(new InputError('x', 'Not there.', 'Name another.'));
        },
      ],
      [
        'patching',
        (one) => {
          one.models.comesPacked.add(b.digest);
          one.models.onUnpack = () => Promise.reject(new InputError('x', 'No room.', 'Make room.'));
        },
      ],
      [
        'verifying',
        (one) => {
          one.models.onVerify = () => Promise.reject(fail);
        },
      ],
      [
        'decrypting',
        (one) => {
          one.models.liesSealed.add(b.digest);
          one.models.onDecrypt = () => Promise.reject(fail);
        },
      ],
      [
        'preparing',
        (one) => {
          one.onCreate = () => Promise.reject(fail);
        },
      ],
      [
        'checking',
        (one) => {
          one.onCheck = () => Promise.reject(fail);
        },
      ],
    ];

    it.each(cases)('in %s keeps the old model, says why, and is not tried again', async (where, breakIt) => {
      await start();
      breakIt(device);
      order(1);
      await run(5);
      expect(steps().slice(-2)).toEqual([where, 'failed']);
      expect(device.pipeline.served).toEqual([a.digest]);
      expect(last()?.slots.main?.deployment).toMatchObject({
        state: 'failed',
        digest: b.digest,
        reason: expect.any(String),
      });
      expect(device.detectors.slice(1).every(({ closed }) => closed)).toBe(true);
      const tried = device.models.downloads.length;
      device.kill();
      await start();
      order(1);
      await run(5);
      expect(device.models.downloads).toHaveLength(tried);
      expect(state()).toBe('failed');
    });

    it('is refused in later generations, tried again for an order of its own, and forgiven when it works', async () => {
      await start();
      device.onCheck = () => Promise.reject(fail);
      order(1, { ...b, order: 'first' });
      await run(5);
      expect(device.memory.saved.at(-1)?.quarantined).toMatchObject([
        { digest: b.digest, generation: 1, order: 'first' },
      ]);
      device.onCheck = async () => {};
      const threshold = { pipelines: { front: { scoreThreshold: 0.6 } } };
      order(2, { ...b, order: 'first' }, threshold);
      await run(5);
      expect(last()).toMatchObject({
        generation: 2,
        slots: {
          main: {
            deployment: {
              ...{ state: 'failed', digest: b.digest },
              reason: expect.stringMatching(/quarantined.*order/),
            },
          },
        },
        pipelines: threshold.pipelines,
      });
      expect(device.pipeline.served).toEqual([a.digest]);
      order(3, { ...b, order: 'second' });
      await run(40);
      expect(state()).toBe('committed');
      expect(device.memory.saved.at(-1)?.quarantined).toEqual([]);
    });

    it('in swapping goes back', async () => {
      await start();
      device.pipeline.failSwap = fail;
      order(1);
      await clock.pass(10);
      device.pipeline.failSwap = undefined;
      await run(2);
      expect(steps().slice(-2)).toEqual(['rolling-back', 'failed']);
      expect(device.pipeline.identity.digest).toBe(a.digest);
    });

    it('in probation, by frames that fail, goes back at once', async () => {
      await start();
      order(1);
      await run(3);
      expect(state()).toBe('probation');
      under.frames = false;
      device.pipeline.failed += 100;
      await run(2);
      expect(steps().slice(-2)).toEqual(['rolling-back', 'failed']);
      expect(device.pipeline.served).toEqual([a.digest, b.digest, a.digest]);
      expect(last()?.slots.main).toMatchObject({
        loaded: { digest: a.digest },
        deployment: { reason: expect.stringMatching(/frames failed/) },
      });
      expect(device.detectors.map(({ closed }) => closed)).toEqual([false, true]);
    });

    it('in probation, by processing nothing, goes back at its end', async () => {
      await start();
      under.frames = false;
      order(1);
      for (let i = 0; i < 32; i++) {
        device.pipeline.received += 30;
        await clock.pass(1000);
      }
      expect(state()).toBe('failed');
      expect(last()?.slots.main?.deployment.reason).toMatch(/processed none of/);
    });

    it('by its latency budget goes back', async () => {
      await start();
      device.models.budgets = { p95LatencyMs: 50 };
      order(1);
      device.pipeline.p95Ms = 40;
      await run(40);
      expect(state()).toBe('failed');
      expect(last()?.slots.main?.deployment.reason).toMatch(/budget is 50 ms/);
    });

    it('because the model is unknown says what to do', async () => {
      await start();
      device.models.onDownload = () =>
        Promise.reject(new InputError('model-unknown', 'No model street 9.', 'Import it on the controller.'));
      order(1, modelOf('d', '9'));
      await run(2);
      expect(last()?.slots.main?.deployment).toMatchObject({
        state: 'failed',
        reason: 'No model street 9. Import it on the controller.',
      });
    });
  });

  it('tries a download again while only the network is at fault', async () => {
    await start();
    let tries = 0;
    device.models.onDownload = async () => {
      if (++tries < 4) throw new MissingError('offline', 'No network.', '');
    };
    order(1);
    await run(60);
    expect(tries).toBe(4);
    expect(state()).toBe('committed');
  });
});
