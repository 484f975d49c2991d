import { beforeEach, describe, expect, it } from 'vitest';
import { InputError, MissingError, RefusedError } from '../../../../src/base/index.ts';
import type { DeploymentState } from '../../../../src/protocol/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { bundleOf, FakeDevice, modelOf } from '../../../fakes/fake-device.ts';
import { FakeDetector } from '../../../fakes/fake-pipeline.ts';
import { FakeBroker } from '../../../fakes/fake-transport.ts';

const a = modelOf('a');
const b = modelOf('b', '2');
const c = modelOf('c', '3');
const forever = () => new Promise<void>(() => {});

describe('A deployment', () => {
  let clock: FakeClock;
  let broker: FakeBroker;
  let device: FakeDevice;
  let frames: boolean;

  beforeEach(async () => {
    clock = new FakeClock();
    broker = new FakeBroker(clock);
    device = new FakeDevice(broker, clock);
    frames = true;
  });

  async function start(): Promise<void> {
    await device.start();
    await clock.pass(100);
  }

  /** Lets time pass while the camera runs. */
  async function run(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      if (frames) {
        device.pipeline.received += 30;
        device.pipeline.processed += 30;
      }
      await clock.pass(1000);
    }
  }

  const state = () => device.agent.deployment.state;
  const steps = () =>
    // Nobody acknowledges here, so every event comes again and again; its id says so.
    [...new Map(device.events().map((event) => [event.id, event])).values()]
      .filter(({ kind }) => kind.startsWith('deployment.'))
      .map(({ kind }) => kind.slice('deployment.'.length));
  const order = (generation: number, model = b, more: object = {}) =>
    device.order({ generation, timeMs: clock.wallMs(), model, ...more });
  const last = () => device.sent('reported').at(-1);

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
      deployment: { state: 'committed', digest: b.digest },
      models: [{ digest: b.digest, version: '2' }],
    });
    expect(device.detectors.map(({ closed }) => closed)).toEqual([true, false]);
    expect(device.models.kept).toEqual([[b.digest, a.digest]]);
  });

  describe('of a better engine for the model that serves', () => {
    const bundle = bundleOf(a);

    it('is watched like a new model, then the old engine is closed', async () => {
      await start();
      const better = new FakeDetector(a.digest);
      const done = device.agent.upgrade(bundle, better);
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
      const why = device.agent.upgrade(bundle, better).catch((error: unknown) => error);
      await run(2);
      frames = false;
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
      const done = device.agent.upgrade(bundle, better);
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
      const first = device.agent.upgrade(bundle, new FakeDetector(a.digest));
      await run(5);
      const late = new FakeDetector(a.digest);
      let second: Promise<boolean> | undefined;
      // The order makes the first one go back, and in that moment the next one comes.
      const swap = device.pipeline.swap.bind(device.pipeline);
      device.pipeline.swap = (detector) => {
        second ??= device.agent.upgrade(bundle, late);
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
      const done = device.agent.upgrade(bundle, better);
      await run(5);
      await device.agent.close();
      expect(await done).toBe(false);
      expect([better.closed, device.detectors[0]!.closed]).toEqual([true, true]);
    });

    it('is closed when it comes too late: for another model, or while one is under way', async () => {
      await start();
      const other = new FakeDetector(c.digest);
      expect(await device.agent.upgrade(bundleOf(c), other)).toBe(false);
      device.onCreate = forever;
      order(1);
      await run(2);
      const late = new FakeDetector(a.digest);
      expect(await device.agent.upgrade(bundle, late)).toBe(false);
      expect([other.closed, late.closed]).toEqual([true, true]);
      expect(device.pipeline.served).toEqual([a.digest]);
    });
  });

  describe('of a detector in place of one that gives no answers', () => {
    it('is at once, and the old one is closed without being waited for', async () => {
      await start();
      device.detectors[0]!.close = () => forever();
      const fresh = new FakeDetector(a.digest);
      expect(await device.agent.replace(fresh)).toBe(true);
      expect([device.pipeline.detector, steps()]).toEqual([fresh, []]);
    });

    it('gives way to an order that is under way', async () => {
      await start();
      device.onCreate = forever;
      order(1);
      await run(2);
      const fresh = new FakeDetector(a.digest);
      expect([await device.agent.replace(fresh), fresh.closed]).toEqual([false, true]);
    });
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
    const seen = device.sent('reported').flatMap(({ deployment }) => deployment.progress ?? []);
    expect([...new Set(seen)]).toEqual([0, 0.3, 0.9]);
  });

  it('keeps the old model serving until the swap', async () => {
    await start();
    device.onCheck = async () => {
      expect(device.pipeline.identity.digest).toBe(a.digest);
      expect(last()?.models).toMatchObject([{ digest: a.digest }]);
    };
    order(1);
    await run(40);
    expect(state()).toBe('committed');
  });

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
        'verifying',
        (one) => {
          one.models.onVerify = () => Promise.reject(fail);
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
      expect(last()?.deployment).toMatchObject({
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
        deployment: {
          state: 'failed',
          digest: b.digest,
          reason: expect.stringMatching(/quarantined.*order/),
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
      frames = false;
      device.pipeline.failed += 100;
      await run(2);
      expect(steps().slice(-2)).toEqual(['rolling-back', 'failed']);
      expect(device.pipeline.served).toEqual([a.digest, b.digest, a.digest]);
      expect(last()).toMatchObject({
        models: [{ digest: a.digest }],
        deployment: { reason: expect.stringMatching(/frames failed/) },
      });
      expect(device.detectors.map(({ closed }) => closed)).toEqual([false, true]);
    });

    it('in probation, by processing nothing, goes back at its end', async () => {
      await start();
      frames = false;
      order(1);
      for (let i = 0; i < 32; i++) {
        device.pipeline.received += 30;
        await clock.pass(1000);
      }
      expect(state()).toBe('failed');
      expect(last()?.deployment.reason).toMatch(/none was processed/);
    });

    it('by its latency budget goes back', async () => {
      await start();
      device.models.budgets = { p95LatencyMs: 50 };
      order(1);
      device.pipeline.p95Ms = 40;
      await run(40);
      expect(state()).toBe('failed');
      expect(last()?.deployment.reason).toMatch(/budget is 50 ms/);
    });

    it('because the model is unknown says what to do', async () => {
      await start();
      device.models.onDownload = () =>
        Promise.reject(new InputError('model-unknown', 'No model street 9.', 'Import it on the controller.'));
      order(1, modelOf('d', '9'));
      await run(2);
      expect(last()?.deployment).toMatchObject({
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
      expect(last()).toMatchObject({ generation: 2, models: [{ digest: a.digest }] });
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
      verifying: (one) => {
        one.models.onVerify = forever;
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
      device.models.onVerify = async () => {};
      device.onCreate = async () => {};
      device.onCheck = async () => {};
    };

    it.each(Object.keys(holdAt))('in %s begins with the old model and goes on by itself', async (where) => {
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
    });

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
      expect(last()?.deployment.reason).toMatch(/ended twice/);
      expect(device.memory.saved.at(-1)?.quarantined).toMatchObject([{ digest: b.digest }]);
    });

    it.each(['ready', 'swapping'] as const)('in %s goes on by itself', async (where) => {
      await start();
      order(1);
      await run(5);
      device.kill();
      const at = device.memory.saved.find(({ deployment }) => deployment.state === where);
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
      frames = false;
      device.pipeline.failed += 100;
      await run(2);
      device.kill();
      device.memory.stored = device.memory.saved.find(
        ({ deployment }) => deployment.state === 'rolling-back',
      );
      await start();
      await run(5);
      expect(state()).toBe('failed');
      expect(device.pipeline.served).toEqual([a.digest]);
      expect(last()?.deployment.reason).toMatch(/frames failed/);
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
        expect(last()?.models).toMatchObject([{ digest: b.digest }]);
      }
      expect(moments.length).toBeGreaterThanOrEqual(9);
    });
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
