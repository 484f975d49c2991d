import { describe, expect, it } from 'vitest';
import { LimitError } from '../../../../src/base/index.ts';
import { a, b, DeploymentUnderTest } from './deployment-under-test.ts';

/** More saves than any of these deployments makes. */
const mostSaves = 40;
const full = new LimitError('memory-disk', 'The disk is full.', 'Make room.');

const ways: readonly [string, (under: DeploymentUnderTest) => void][] = [
  ['as it is', () => {}],
  ['packed', ({ device }) => void device.models.comesPacked.add(b.digest)],
  [
    'packed and encrypted',
    ({ device }) => {
      device.models.comesPacked.add(b.digest);
      device.models.liesSealed.add(b.digest);
    },
  ],
];

describe.each(ways)('A deployment of a model that comes %s', (_way, set) => {
  /** A device with `a` that was just ordered `b`. */
  async function ordered(): Promise<DeploymentUnderTest> {
    const under = new DeploymentUnderTest();
    set(under);
    await under.start();
    under.order(1);
    return under;
  }

  it('survives a disk that takes nothing from any write on, for as long as that lasts, and what comes after', async () => {
    let saves = 0;
    for (let left = 0; left < mostSaves; left++) {
      const under = await ordered();
      const { device } = under;
      const { memory } = device;
      const save = memory.save.bind(memory);
      let taken = 0;
      memory.save = async (state) => {
        taken += 1;
        if (taken > left) throw full;
        await save(state);
      };
      await under.run(45);
      // Perception goes on, with the one or the other.
      expect([a.digest, b.digest]).toContain(device.pipeline.identity.digest);
      saves = Math.max(saves, taken);
      // The power goes before anybody made room; then there is room.
      device.kill();
      memory.save = save;
      await under.start();
      under.order(1);
      await under.run(45);
      expect(under.state()).toBe('committed');
      expect(under.last()?.slots.main?.loaded).toMatchObject({ digest: b.digest });
      expect(memory.saved.at(-1)?.quarantined).toEqual([]);
      device.kill();
      if (left > saves) break;
    }
    // The loop went past the last write, and there were some to go past.
    expect(saves).toBeGreaterThanOrEqual(9);
    expect(saves).toBeLessThan(mostSaves);
  });

  it('that meets a reboot every second ends: the model serves, or it is held responsible, never a loop', async () => {
    const under = await ordered();
    for (let reboots = 0; reboots < 30; reboots++) {
      await under.run(1);
      under.device.kill();
      await under.start();
    }
    const writes = under.device.memory.saved.length;
    // Each reboot costs a few writes, not more with each one.
    expect(writes).toBeLessThan(30 * 12);
    await under.run(45);
    expect(['committed', 'failed']).toContain(under.state());
    under.order(2, { ...b, order: 'once more' });
    await under.run(45);
    expect(under.state()).toBe('committed');
    under.device.kill();
  });
});
