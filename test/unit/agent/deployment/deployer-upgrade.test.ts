import { beforeEach, describe, expect, it } from 'vitest';
import { bundleOf, type FakeDevice } from '../../../fakes/fake-device.ts';
import { FakeDetector } from '../../../fakes/fake-pipeline.ts';
import { a, b, c, DeploymentUnderTest, forever } from './deployment-under-test.ts';

describe('A deployment', () => {
  let under: DeploymentUnderTest;
  let device: FakeDevice;
  beforeEach(() => {
    under = new DeploymentUnderTest();
    ({ device } = under);
  });
  const start = () => under.start();
  const run = (seconds: number) => under.run(seconds);
  const state = () => under.state();
  const steps = () => under.steps();
  const order = (...given: Parameters<DeploymentUnderTest['order']>) => under.order(...given);

  describe('of a better engine for the model that serves', () => {
    const bundle = bundleOf(a);

    it('is watched like a new model, then the old engine is closed', async () => {
      await start();
      const better = new FakeDetector(a.digest);
      const done = device.agent.upgrade(bundle, better, 'main');
      await run(5);
      expect(device.pipeline.detector).toBe(better);
      expect(device.detectors[0]!.closed).toBe(false);
      await run(30);
      expect(await done).toBe(true);
      expect(device.detectors[0]!.closed).toBe(true);
      expect(steps()).toEqual([]);
      await device.agent.close();
      expect(better.closed).toBe(true);
    });

    it('goes back to the engine before when frames fail, and says why', async () => {
      await start();
      const better = new FakeDetector(a.digest);
      const why = device.agent.upgrade(bundle, better, 'main').catch((error: unknown) => error);
      await run(2);
      under.frames = false;
      device.pipeline.failed += 100;
      await run(2);
      expect(await why).toMatchObject({
        code: 'deployment-probation',
        message: expect.stringMatching(/frames failed/),
      });
      expect(device.pipeline.detector).toBe(device.detectors[0]);
      expect([better.closed, device.detectors[0]!.closed]).toEqual([true, false]);
      expect(state()).toBe('idle');
    });

    it('gives way to an order that comes in its probation', async () => {
      await start();
      const better = new FakeDetector(a.digest);
      const done = device.agent.upgrade(bundle, better, 'main');
      await run(5);
      order(1);
      await run(1);
      expect(await done).toBe(false);
      expect(better.closed).toBe(true);
      await run(35);
      expect(state()).toBe('committed');
      expect(device.pipeline.served).toEqual([a.digest, a.digest, a.digest, b.digest]);
    });

    it('is closed when it comes while an order is being taken', async () => {
      await start();
      const first = device.agent.upgrade(bundle, new FakeDetector(a.digest), 'main');
      await run(5);
      const late = new FakeDetector(a.digest);
      let second: Promise<boolean> | undefined;
      // The order makes the first one go back, and in that moment the next one comes.
      const swap = device.pipeline.swap.bind(device.pipeline);
      device.pipeline.swap = (detector) => {
        second ??= device.agent.upgrade(bundle, late, 'main');
        return swap(detector);
      };
      order(1);
      await run(40);
      expect([await first, await second, late.closed]).toEqual([false, false, true]);
      expect(state()).toBe('committed');
      expect(device.pipeline.detector.identity.digest).toBe(b.digest);
    });

    it('leaves nothing open when the agent ends in its probation', async () => {
      await start();
      const better = new FakeDetector(a.digest);
      const done = device.agent.upgrade(bundle, better, 'main');
      await run(5);
      await device.agent.close();
      expect(await done).toBe(false);
      expect([better.closed, device.detectors[0]!.closed]).toEqual([true, true]);
    });

    it('is closed when it comes too late: for another model, or while one is under way', async () => {
      await start();
      const other = new FakeDetector(c.digest);
      expect(await device.agent.upgrade(bundleOf(c), other, 'main')).toBe(false);
      device.onCreate = forever;
      order(1);
      await run(2);
      const late = new FakeDetector(a.digest);
      expect(await device.agent.upgrade(bundle, late, 'main')).toBe(false);
      expect([other.closed, late.closed]).toEqual([true, true]);
      expect(device.pipeline.served).toEqual([a.digest]);
    });
  });

  describe('of a detector in place of one that gives no answers', () => {
    it('is at once, and the old one is closed without being waited for', async () => {
      await start();
      device.detectors[0]!.close = () => forever();
      const fresh = new FakeDetector(a.digest);
      expect(await device.agent.replace(fresh, 'main')).toBe(true);
      expect([device.pipeline.detector, steps()]).toEqual([fresh, []]);
    });

    it('is closed where another model serves meanwhile', async () => {
      await start();
      order(1);
      await run(2);
      const late = new FakeDetector(a.digest);
      expect([state(), await device.agent.replace(late, 'main'), late.closed]).toEqual([
        'probation',
        false,
        true,
      ]);
      expect(device.pipeline.detector.identity.digest).toBe(b.digest);
    });
  });
});
