import { describe, expect, it } from 'vitest';
import { BusyError, InputError } from '../../../../src/base/index.ts';
import { b, DeploymentUnderTest } from './deployment-under-test.ts';

/** A model on its way to a device. */
describe('A model that is fetched', () => {
  const unusable = () =>
    Promise.reject(new InputError('transfer-unusable', 'It is another one.', 'Another form.'));

  async function ordered(change: (under: DeploymentUnderTest) => void, seconds = 40) {
    const under = new DeploymentUnderTest();
    await under.start();
    change(under);
    under.order(1);
    await under.run(seconds);
    return under;
  }

  it('packed is unpacked before it is verified', async () => {
    const under = await ordered(({ device }) => device.models.comesPacked.add(b.digest));
    expect(under.steps().slice(0, 4)).toEqual(['downloading', 'patching', 'verifying', 'preparing']);
    expect(under.state()).toBe('committed');
  });

  it('encrypted is opened before an engine is made, and each time it is ordered', async () => {
    const under = await ordered(({ device }) => device.models.liesSealed.add(b.digest));
    expect(under.steps().slice(0, 4)).toEqual(['downloading', 'verifying', 'decrypting', 'preparing']);
    expect(under.state()).toBe('committed');
  });

  it('as it is knows no patching', async () => {
    expect((await ordered(() => {})).steps()).not.toContain('patching');
  });

  it('in a form that is of no use is fetched in another one', async () => {
    const under = await ordered(({ device: { models } }) => {
      models.comesPacked.add(b.digest);
      models.onUnpack = () => {
        models.comesPacked.delete(b.digest);
        return unusable();
      };
    });
    expect(under.steps().slice(0, 4)).toEqual(['downloading', 'patching', 'downloading', 'verifying']);
    expect(under.state()).toBe('committed');
    expect(under.device.memory.saved.at(-1)?.quarantined).toEqual([]);
  });

  it('in forms without end fails in the end, and is not held against the model', async () => {
    const under = await ordered(({ device: { models } }) => {
      models.comesPacked.add(b.digest);
      models.onUnpack = unusable;
    });
    expect(under.state()).toBe('failed');
    expect(under.device.models.downloads).toHaveLength(16);
    expect(under.device.memory.saved.at(-1)?.quarantined).toEqual([]);
  });

  it('from a busy place is asked for again when that place said, not before', async () => {
    let asked = 0;
    const busy = (under: DeploymentUnderTest) => {
      under.device.models.onDownload = async () => {
        asked += 1;
        if (asked === 1) throw new BusyError('registry-busy', 'It is busy.', 'Goshawk tries again.', 100_000);
      };
    };
    const under = await ordered(busy, 95);
    expect(asked).toBe(1);
    // Up to half as long again, by chance.
    await under.run(60);
    expect(asked).toBe(2);
  });
});
