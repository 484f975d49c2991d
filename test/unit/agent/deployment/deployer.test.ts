import { beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { type FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { bundleOf, type FakeDevice } from '../../../fakes/fake-device.ts';
import { a, b, c, DeploymentUnderTest } from './deployment-under-test.ts';

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

  it('takes every step, tells each, and serves the new model after it', async () => {
    await start();
    order(1);
    await run(40);
    expect(steps()).toEqual([
      'downloading',
      'verifying',
      'preparing',
      'checking',
      'ready',
      'swapping',
      'probation',
      'committed',
    ]);
    expect(device.pipeline.served).toEqual([a.digest, b.digest]);
    expect(last()).toMatchObject({
      generation: 1,
      slots: {
        main: {
          deployment: { state: 'committed', digest: b.digest },
          loaded: { digest: b.digest, version: '2' },
        },
      },
    });
    expect(device.detectors.map(({ closed }) => closed)).toEqual([true, false]);
    expect(device.models.kept).toEqual([[b.digest, a.digest]]);
  });

  it('tells the maker of engines what serves when it has ended, well or badly', async () => {
    await start();
    order(1);
    await run(40);
    device.onCheck = () => Promise.reject(new InputError('golden-parity', 'It sees nothing.', ''));
    order(2, c);
    await run(5);
    expect(device.settled).toEqual([b.digest, b.digest]);
  });

  it('does not download what the disk has', async () => {
    await start();
    device.models.there.set(b.digest, bundleOf(b));
    order(1);
    await run(40);
    expect(device.models.downloads).toEqual([]);
    expect(state()).toBe('committed');
  });

  it('reports how far a download is', async () => {
    await start();
    device.models.onDownload = async (_model, progress) => {
      for (const done of [0.02, 0.31, 0.33, 0.95]) {
        progress(done);
        await settle();
      }
    };
    order(1);
    await run(3);
    const seen = device.sent('reported').flatMap(({ slots }) => slots.main?.deployment.progress ?? []);
    expect([...new Set(seen)]).toEqual([0, 0.3, 0.9]);
  });

  it('keeps the old model serving until the swap', async () => {
    await start();
    device.onCheck = async () => {
      expect(device.pipeline.identity.digest).toBe(a.digest);
      expect(last()?.slots.main?.loaded).toMatchObject({ digest: a.digest });
    };
    order(1);
    await run(40);
    expect(state()).toBe('committed');
  });

  it('of an older generation is ignored', async () => {
    await start();
    order(5);
    await run(40);
    order(4, c);
    order(5, c);
    await run(40);
    expect(device.pipeline.identity.digest).toBe(b.digest);
    expect(last()?.generation).toBe(5);
  });

  it('that has expired is answered and not begun', async () => {
    await start();
    order(1, b, { expiresAtMs: clock.wallMs() - 1 });
    await run(3);
    expect(device.models.downloads).toEqual([]);
    expect(last()?.generation).toBe(1);
    expect(device.events().map(({ kind }) => kind)).toContain('desired.expired');
  });

  describe('settings', () => {
    it('are applied to one camera over those for all, and go back when the order leaves them out', async () => {
      await start();
      const own = device.pipeline.settings('front').scoreThreshold;
      device.order({
        generation: 1,
        timeMs: 0,
        pipelines: { '*': { scoreThreshold: 0.7, maxDetections: 5 }, front: { scoreThreshold: 0.6 } },
      });
      await run(1);
      expect(device.pipeline.settings('front')).toMatchObject({ scoreThreshold: 0.6, maxDetections: 5 });
      expect(last()?.pipelines.front).toMatchObject({ scoreThreshold: 0.6 });
      device.kill();
      await start();
      expect(device.pipeline.settings('front')).toMatchObject({ scoreThreshold: 0.6 });
      device.order({ generation: 2, timeMs: 0 });
      await run(1);
      expect(device.pipeline.settings('front').scoreThreshold).toBe(own);
    });

    it('for a camera that is not there are told', async () => {
      await start();
      device.order({ generation: 1, timeMs: 0, pipelines: { rear: { enabled: false } } });
      await run(1);
      await settle();
      expect(device.events().map(({ kind }) => kind)).toContain('desired.camera-unknown');
    });
  });
});
