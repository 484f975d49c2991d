import { beforeEach, describe, expect, it } from 'vitest';
import { BusyError, CancelledError, InputError } from '../../../../src/base/index.ts';
import type { DeploymentState, Desired, DesiredSlot } from '../../../../src/protocol/index.ts';
import { a, b, c, DeploymentUnderTest } from '../deployment/deployment-under-test.ts';

const order = (name: string) => ({ order: `order-${name}` });
const plate: DesiredSlot = { model: { ...b, ...order('plate') } };
const shadow: DesiredSlot = {
  model: { ...c, ...order('shadow'), policy: { follows: 'range', range: '^3' } },
  ...{ role: 'shadow', cameras: ['front'], sample: 10 },
};

describe('Slots of a device', () => {
  let under: DeploymentUnderTest;
  beforeEach(async () => {
    under = new DeploymentUnderTest();
    await under.start();
  });
  const desire = (generation: number, slots: Desired['slots'], more: Partial<Desired> = {}) =>
    under.device.order({ generation, timeMs: 0, ...(slots === undefined ? {} : { slots }), ...more });
  const slots = () => under.last()?.slots ?? {};
  const states = () =>
    Object.fromEntries(Object.entries(slots()).map(([name, slot]) => [name, slot.deployment.state]));

  it('are reported with main alone where nobody ordered more', () => {
    expect(slots()).toEqual({
      main: {
        deployment: { state: 'idle' },
        loaded: expect.objectContaining({ digest: a.digest }),
        role: 'serve',
        cameras: ['front'],
      },
    });
  });

  it('get their models one after the other, and main goes on', async () => {
    let atOnce = 0;
    let most = 0;
    under.device.onCreate = async () => {
      most = Math.max(most, ++atOnce);
      await Promise.resolve();
    };
    under.device.onCheck = async () => {
      atOnce -= 1;
    };
    desire(1, { plate, shadow });
    await under.run(1);
    expect(states()).toEqual({ main: 'idle', plate: 'probation', shadow: 'downloading' });
    await under.run(70);
    expect(most).toBe(1);
    expect(states()).toEqual({ main: 'idle', plate: 'committed', shadow: 'committed' });
    expect(slots().shadow).toMatchObject({
      ...{ loaded: { digest: c.digest }, role: 'shadow', cameras: ['front'], sample: 10 },
      ...{ policy: { follows: 'range', range: '^3' }, deployment: { order: 'order-shadow' } },
    });
    expect(under.device.pipeline.served).toEqual([a.digest]);
    expect(under.last()?.pipelines.front?.nodes).toEqual([
      expect.objectContaining({ slot: 'main' }),
      { name: 'plate', slot: 'plate', input: 'frame' },
      { name: 'shadow', slot: 'shadow', input: 'frame', role: 'shadow', every: 10 },
    ]);
    expect(Object.entries(slots()).map(([slot, { loaded }]) => [slot, loaded?.digest])).toEqual([
      ['main', a.digest],
      ['plate', b.digest],
      ['shadow', c.digest],
    ]);
  });

  it('do not wait for one whose download waits for its time, and it goes on when that has come', async () => {
    let come = () => {};
    const time = new Promise<void>((resolve) => {
      come = resolve;
    });
    under.device.models.onDownload = async (model, _progress, _signal, pause) => {
      if (model.digest === b.digest) await pause(() => time);
    };
    desire(1, { plate, shadow });
    await under.run(40);
    expect(states()).toEqual({ main: 'idle', plate: 'downloading', shadow: 'committed' });
    come();
    await under.run(40);
    expect(states()).toEqual({ main: 'idle', plate: 'committed', shadow: 'committed' });
  });

  it('do not wait for one whose registry is busy', async () => {
    let busy = true;
    under.device.models.onDownload = async (model) => {
      if (model.digest === b.digest && busy) throw new BusyError('busy', 'Later.', '', 60_000);
    };
    desire(1, { plate, shadow });
    await under.run(40);
    expect(states()).toEqual({ main: 'idle', plate: 'downloading', shadow: 'committed' });
    busy = false;
    await under.run(150);
    expect(states()).toEqual({ main: 'idle', plate: 'committed', shadow: 'committed' });
  });

  it('that wait are stopped by a newer order, and the others go on', async () => {
    under.device.models.onDownload = async (model, _progress, signal, pause) => {
      if (model.digest !== b.digest) return;
      await pause(
        () =>
          new Promise<void>((_, reject) =>
            signal.addEventListener('abort', () => reject(new CancelledError('The download'))),
          ),
      );
    };
    desire(1, { plate, shadow });
    await under.run(5);
    desire(2, { shadow });
    await under.run(60);
    expect(states()).toEqual({ main: 'idle', shadow: 'committed' });
  });

  it('are swapped one by one: another is not touched', async () => {
    desire(1, { plate, shadow });
    await under.run(75);
    const before = under.device.pipeline.log.length;
    desire(2, { plate: { model: { ...c, ...order('other') } }, shadow });
    await under.run(40);
    expect(under.device.pipeline.log.slice(before)).toEqual([`swap plate ${c.digest}`]);
    expect(states()).toEqual({ main: 'idle', plate: 'committed', shadow: 'committed' });
  });

  it('that are not wanted any more are drained and closed, and only bundles that nobody needs go', async () => {
    desire(1, { plate, shadow });
    await under.run(75);
    desire(2, { shadow });
    await under.run(1);
    expect(under.device.pipeline.log.at(-1)).toBe('remove plate');
    expect(under.device.removed).toEqual(['plate']);
    expect(under.device.detectors.map(({ identity, closed }) => [identity.digest, closed])).toEqual([
      [a.digest, false],
      [b.digest, true],
      [c.digest, false],
    ]);
    expect(under.device.models.kept.at(-1)).toEqual([a.digest, c.digest]);
    expect(Object.keys(slots())).toEqual(['main', 'shadow']);
    under.device.kill();
    await under.start();
    expect(Object.keys(slots())).toEqual(['main', 'shadow']);
    expect(slots().shadow?.loaded?.digest).toBe(c.digest);
  });

  it('keep the model before a swap on the disk, each its own', async () => {
    desire(1, { plate, shadow });
    await under.run(75);
    desire(2, { main: { model: c }, plate, shadow });
    await under.run(40);
    expect(new Set(under.device.models.kept.at(-1))).toEqual(new Set([a.digest, b.digest, c.digest]));
  });

  it('without the memory for it refuse a model before anything stops', async () => {
    under.device.models.budgets = { memoryBytes: 2e9 };
    under.device.freeMemoryBytes = 5e8;
    desire(1, { plate });
    await under.run(5);
    expect(slots().plate).toMatchObject({
      deployment: {
        state: 'failed',
        reason: expect.stringMatching(/2000 MB for the slot plate, and 500 MB are free.*model undeploy/),
      },
    });
    expect(slots().plate?.loaded).toBeUndefined();
    expect(under.device.detectors).toHaveLength(1);
    expect(under.device.pipeline.log).toEqual([]);
    // It says nothing against the model: with room it is brought up by the next desired state.
    under.device.freeMemoryBytes = 4e9;
    desire(2, { plate });
    await under.run(40);
    expect(states().plate).toBe('committed');
  });

  it('that name a camera that is not there say so, and run all the same', async () => {
    desire(1, { plate: { ...plate, cameras: ['front', 'rear'] } });
    await under.run(40);
    expect(slots().plate).toMatchObject({
      deployment: { state: 'committed' },
      problem: expect.stringMatching(/no camera rear; it has front.*--cameras/),
    });
  });

  it('whose model fails become empty again, quarantine it, and leave other slots running', async () => {
    under.device.onCheck = async ({ digest }) => {
      if (digest === b.digest) throw new InputError('golden-parity', 'It sees nothing.', 'Look at it.');
    };
    desire(1, { plate, shadow });
    await under.run(40);
    expect(states()).toEqual({ main: 'idle', plate: 'failed', shadow: 'committed' });
    expect(under.device.pipeline.log).toEqual([`add shadow ${c.digest}`]);
    // A new generation alone does not try it again, nor in another slot; another order does.
    under.device.onCheck = async () => {};
    desire(2, { plate, shadow });
    await under.run(5);
    expect(slots().plate?.deployment).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('quarantined'),
    });
    desire(3, { plate: { model: { ...b, ...order('again') } }, shadow });
    await under.run(40);
    expect(states().plate).toBe('committed');
  });

  it('that do badly in their probation are taken out again', async () => {
    under.device.pipeline.nodes = [];
    desire(1, { plate });
    await under.run(1);
    expect(states().plate).toBe('probation');
    under.device.pipeline.nodes = [
      { camera: 'front', node: 'plate', slot: 'plate', processed: 0, failed: 40 },
    ];
    await under.run(5);
    expect(states().plate).toBe('failed');
    expect(under.device.pipeline.log).toEqual([`add plate ${b.digest}`, 'remove plate']);
    expect(under.device.pipeline.identity.digest).toBe(a.digest);
  });

  it('whose order has expired are answered, and those beside them are followed', async () => {
    desire(1, { plate: { ...plate, expiresAtMs: under.clock.wallMs() - 1 }, shadow });
    await under.run(40);
    expect(slots().plate?.deployment).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('expired'),
    });
    expect(states().shadow).toBe('committed');
  });

  it('in a graph that goes in a circle leave the camera as it was, and it says why until another one comes', async () => {
    const crop = (name: string, node: string) => ({ name, slot: 'plate', input: { node } });
    desire(1, { plate }, { pipelines: { front: { nodes: [crop('a', 'b'), crop('b', 'a')] } } });
    await under.run(40);
    expect(under.last()?.cameras?.front?.refused).toMatch(/.{30}/);
    expect(under.device.pipeline.settings('front').nodes).toBeUndefined();
    expect(states().plate).toBe('committed');
    const nodes = [{ name: 'detect' }, crop('plates', 'detect')];
    desire(2, { plate }, { pipelines: { front: { nodes } } });
    await under.run(2);
    expect(under.last()?.cameras?.front).not.toHaveProperty('refused');
    expect(under.last()?.pipelines.front?.nodes).toEqual(nodes);
    // Without them the camera goes back to what the slots alone ask for.
    desire(3, {});
    await under.run(2);
    expect(under.last()?.pipelines.front?.nodes).toEqual([{ name: 'detect', slot: 'main', input: 'frame' }]);
  });

  it('name themselves in the events of their deployments', async () => {
    desire(1, { plate });
    await under.run(40);
    const { message, data } = under.device.events().find(({ kind }) => kind === 'deployment.committed')!;
    expect(message).toContain('in the slot plate');
    expect(data).toMatchObject({ slot: 'plate' });
  });

  it('tell a policy that changed, with nothing done for it', async () => {
    desire(1, { shadow });
    await under.run(40);
    const done = under.device.pipeline.log.length;
    const pinned = { ...shadow.model, policy: { follows: 'range' as const, range: '^3', pinned: true } };
    desire(2, { shadow: { ...shadow, model: pinned } });
    await under.run(2);
    expect(slots().shadow?.policy).toEqual(pinned.policy);
    expect(under.device.pipeline.log).toHaveLength(done);
    expect(under.device.models.downloads).toEqual([c.digest]);
  });

  it('tell it of main too', async () => {
    const model = { ...b, ...order('main'), policy: { follows: 'latest' as const } };
    under.order(1, model);
    await under.run(40);
    expect(slots().main?.policy).toEqual({ follows: 'latest' });
    under.order(2, { ...model, policy: { follows: 'latest' as const, pinned: true } });
    await under.run(2);
    expect(slots().main).toMatchObject({
      policy: { follows: 'latest', pinned: true },
      deployment: { state: 'committed', order: 'order-main' },
    });
    expect(under.device.pipeline.served).toEqual([a.digest, b.digest]);
  });

  it.each<DeploymentState>(['downloading', 'verifying', 'preparing', 'checking', 'probation'])(
    'go on after a power cut in %s, and main with them',
    async (state) => {
      const { device } = under;
      const stop = () => new Promise<void>(() => {});
      if (state === 'downloading') device.models.onDownload = stop;
      if (state === 'verifying') device.models.onVerify = stop;
      if (state === 'preparing') device.onCreate = stop;
      if (state === 'checking') device.onCheck = stop;
      desire(1, { plate, shadow });
      await under.run(2);
      expect(states().plate).toBe(state);
      device.kill();
      device.models.onDownload = async () => {};
      device.models.onVerify = async () => {};
      device.onCreate = async () => {};
      device.onCheck = async () => {};
      await under.start();
      await under.run(75);
      expect(states()).toEqual({ main: 'idle', plate: 'committed', shadow: 'committed' });
      expect(device.pipeline.identity.digest).toBe(a.digest);
    },
  );

  it.each<DeploymentState>(['ready', 'swapping'])(
    'go on after a power cut in %s, and main with them',
    async (state) => {
      const { device } = under;
      desire(1, { plate, shadow });
      await under.run(2);
      const saved = device.memory.saved.find(({ slots: all }) => all?.plate?.deployment.state === state);
      expect(saved).toBeDefined();
      device.kill();
      device.memory.stored = structuredClone(saved!);
      await under.start();
      await under.run(75);
      expect(states()).toEqual({ main: 'idle', plate: 'committed', shadow: 'committed' });
      expect(device.pipeline.identity.digest).toBe(a.digest);
    },
  );

  it('stay with the model before after a power cut in rolling-back, and the others with theirs', async () => {
    const { device } = under;
    desire(1, { plate, shadow });
    await under.run(75);
    desire(2, { plate: { model: { ...c, ...order('worse') } }, shadow });
    await under.run(2);
    const saved = device.memory.saved.findLast(
      ({ slots: all }) => all?.plate?.deployment.state === 'probation',
    );
    device.kill();
    // It did badly, and the power went before the old one served again.
    const stored = structuredClone(saved!);
    Object.assign(stored.slots!.plate!.deployment, { state: 'rolling-back', reason: 'It was too slow.' });
    device.memory.stored = stored;
    const before = device.pipeline.log.length;
    await under.start();
    await under.run(40);
    expect(slots().plate).toMatchObject({
      loaded: { digest: b.digest },
      deployment: { state: 'failed', reason: 'It was too slow.' },
    });
    expect(slots().shadow).toMatchObject({
      loaded: { digest: c.digest },
      deployment: { state: 'committed' },
    });
    expect(device.pipeline.log.slice(before).filter((line) => line.startsWith('swap'))).toEqual([]);
  });

  it('that are ordered too late do not begin with a later generation either', async () => {
    const late = { ...plate, expiresAtMs: 1 };
    desire(1, { plate: late });
    await under.run(3);
    desire(2, { plate: late }, { pipelines: { front: { scoreThreshold: 0.4 } } });
    await under.run(40);
    expect(slots().plate?.deployment).toMatchObject({ state: 'failed', outcome: 'refused' });
    expect(slots().plate).not.toHaveProperty('loaded');
    expect(under.device.models.downloads).toEqual([]);
    expect(under.last()?.generation).toBe(2);
  });

  it('are brought up after a power cut between the order and their first step', async () => {
    const { memory } = under.device;
    desire(1, { plate });
    await under.run(1);
    const taken = memory.saved.find(({ slots: saved }) => saved?.plate?.desired !== undefined)!;
    expect(taken.slots?.plate?.deployment.state).toBe('idle');
    // The fleet tells it once more: the last save has the generation.
    expect(taken.generation).toBe(0);
    under.device.kill();
    memory.stored = structuredClone(taken);
    await under.start();
    await under.run(40);
    expect(states().plate).toBe('committed');
  });

  it('whose model is lost at a start get it again', async () => {
    desire(1, { plate });
    await under.run(40);
    under.device.kill();
    under.device.lose = 'plate';
    await under.start();
    await under.run(40);
    const lost = under.device.events().find(({ kind }) => kind === 'model.lost');
    expect(lost).toMatchObject({
      message: expect.stringContaining('in the slot plate'),
      data: { slot: 'plate' },
    });
    expect(slots().plate).toMatchObject({ loaded: { digest: b.digest }, deployment: { state: 'committed' } });
  });

  it('of the own settings of the device are reported, kept, and taken over by an order', async () => {
    under.device.kill();
    under.device.local.set('plate', c);
    await under.start();
    expect(slots().plate).toMatchObject({ loaded: { digest: c.digest }, deployment: { state: 'idle' } });
    under.order(1);
    await under.run(40);
    expect(under.device.models.kept.at(-1)).toContain(c.digest);
    expect(slots().plate?.loaded?.digest).toBe(c.digest);
    desire(2, { plate });
    await under.run(40);
    expect(slots().plate).toMatchObject({ loaded: { digest: b.digest }, deployment: { state: 'committed' } });
    expect(under.device.pipeline.log.at(-1)).toBe(`swap plate ${b.digest}`);
    // The fleet lets go of it: the device's own comes back at the next start.
    desire(3, {});
    await under.run(2);
    expect(Object.keys(slots())).toEqual(['main']);
    under.device.kill();
    await under.start();
    expect(slots().plate?.loaded?.digest).toBe(c.digest);
  });
});
