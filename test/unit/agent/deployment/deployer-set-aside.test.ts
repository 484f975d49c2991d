import { beforeEach, describe, expect, it } from 'vitest';
import { RefusedError } from '../../../../src/base/index.ts';
import type { FakeDevice } from '../../../fakes/fake-device.ts';
import { a, b, DeploymentUnderTest, forever } from './deployment-under-test.ts';

/** An engine cache: what another device built is there until it is set aside; from then on it is built here. */
class Engines {
  fetched = true;
  readonly asides: string[] = [];
  made: string[] = [];

  constructor(device: FakeDevice) {
    device.onCreate = async () => void this.made.push(this.fetched ? 'fetched' : 'built');
    device.onSetAside = async (reason) => {
      if (!this.fetched) return false;
      this.fetched = false;
      this.asides.push(reason);
      return true;
    };
  }
}

describe('A deployment with an engine that another device built', () => {
  let under: DeploymentUnderTest;
  let device: FakeDevice;
  let engines: Engines;
  const wrong = new RefusedError('golden-parity', 'It sees nothing.', 'Look at it.');
  beforeEach(async () => {
    under = new DeploymentUnderTest();
    ({ device } = under);
    engines = new Engines(device);
    await under.start();
  });

  it('that fails the check is replaced by one built here, which is checked, and the switch continues', async () => {
    const checked: string[] = [];
    device.onCheck = async () => {
      checked.push(engines.made.at(-1) ?? '');
      if (engines.fetched) throw wrong;
    };
    under.order(1);
    await under.run(40);
    const [first, last] = [under.steps().slice(0, 6), under.steps().at(-1)];
    expect([...first, last]).toEqual([
      ...['downloading', 'verifying', 'preparing', 'checking', 'preparing', 'checking'],
      'committed',
    ]);
    expect(checked).toEqual(['fetched', 'built']);
    expect(engines.asides).toEqual([expect.stringContaining('It sees nothing.')]);
    expect(device.pipeline.served).toEqual([a.digest, b.digest]);
    expect(device.detectors.map(({ closed }) => closed)).toEqual([true, true, false]);
    expect(device.memory.saved.at(-1)?.quarantined).toEqual([]);
  });

  it('is held against the model where what is built here fails too', async () => {
    device.onCheck = () => Promise.reject(wrong);
    under.order(1);
    await under.run(5);
    expect(engines.made).toEqual(['fetched', 'built']);
    expect(under.state()).toBe('failed');
    expect(device.memory.saved.at(-1)?.quarantined).toMatchObject([{ digest: b.digest }]);
    expect(device.detectors.slice(1).every(({ closed }) => closed)).toBe(true);
  });

  it('says nothing of one that a newer order ended', async () => {
    device.onCheck = async () => {
      under.order(2, a);
      await under.clock.pass(1);
      throw wrong;
    };
    under.order(1);
    await under.run(5);
    expect(engines.asides).toEqual([]);
  });

  it('that takes the agent with it while it is checked is not tried again, and not the model’s fault', async () => {
    device.onCheck = () => (engines.fetched ? forever() : Promise.resolve());
    under.order(1);
    await under.run(3);
    expect(under.state()).toBe('checking');
    device.kill();
    await under.start();
    await under.run(40);
    expect(under.state()).toBe('committed');
    expect(engines.made).toEqual(['fetched', 'built']);
  });

  it.each(['preparing', 'checking'] as const)(
    'continues with its own engine after a kill in %s, after the other one was set aside',
    async (where) => {
      device.onCheck = () => (engines.fetched ? Promise.reject(wrong) : forever());
      if (where === 'preparing') {
        const make = device.onCreate;
        device.onCreate = (bundle, signal) => (engines.fetched ? make(bundle, signal) : forever());
      }
      under.order(1);
      await under.run(3);
      expect([under.state(), engines.asides.length]).toEqual([where, 1]);
      device.kill();
      device.onCheck = async () => {};
      device.onCreate = async () => void engines.made.push(engines.fetched ? 'fetched' : 'built');
      await under.start();
      await under.run(40);
      expect(under.state()).toBe('committed');
      expect(engines.made.filter((one) => one === 'fetched')).toHaveLength(1);
    },
  );

  it('gives what is built here its own two starts', async () => {
    device.onCheck = forever;
    under.order(1);
    for (const _ of ['fetched', 'built']) {
      await under.run(3);
      expect(under.state()).toBe('checking');
      device.kill();
      await under.start();
    }
    await under.run(3);
    expect(under.state()).toBe('checking');
    device.kill();
    await under.start();
    await under.run(3);
    expect(under.state()).toBe('failed');
    expect(device.memory.saved.at(-1)?.quarantined).toHaveLength(1);
  });

  it('that does badly at work is set aside for the next order', async () => {
    under.order(1);
    await under.run(3);
    under.frames = false;
    device.pipeline.failed += 100;
    await under.run(2);
    expect(under.state()).toBe('failed');
    expect(engines.asides).toEqual([expect.stringMatching(/frames failed/)]);
  });
});
