import { afterEach, describe, expect, it } from 'vitest';
import { readTegra } from '../../../../device/tegra/index.ts';
import { FakeJetson } from '../../../fakes/fake-jetson.ts';

let board: FakeJetson | undefined;
afterEach(() => board?.close());

const read = (jetson: FakeJetson) => {
  board = jetson;
  return readTegra({ root: jetson.root, stateFolder: 'var/lib/goshawk-agent' });
};

describe('What a Jetson says of how it boots', () => {
  it('is read from its device tree, its firmware and nvbootctrl', async () => {
    const facts = await read(new FakeJetson('tegra234', '36', '4.3'));
    expect(facts).toMatchObject({
      soc: 'tegra234',
      l4t: '36.4.3',
      uefi: true,
      nvbootctrl: true,
      redundancyLevel: 1,
      status: { A: 'normal', B: 'normal' },
      chainChangePending: false,
      capsuleArmed: false,
      verifierEnabled: true,
      esrt: { version: 2359301, lastAttemptStatus: 0 },
      esp: { mountedAt: '/boot/efi', fileSystem: 'vfat', writable: true, capsuleStaged: false },
      partitions: { A: 25_600_000_000, B: 25_600_000_000 },
      power: [],
    });
    expect(facts.bootChain).toEqual({
      current: 'A',
      active: 'A',
      version: '36.4.3',
      entries: [
        { slot: 'A', status: 'normal', retryCount: undefined },
        { slot: 'B', status: 'normal', retryCount: undefined },
      ],
    });
    expect(facts.rootfs).toMatchObject({ current: 'A', entries: [{ retryCount: 3 }, { retryCount: 3 }] });
    expect(facts.disk.freeBytes).toBeGreaterThan(0);
  });

  it('is the words of nvbootctrl where it refuses, and no wait where it hangs', async () => {
    const jetson = new FakeJetson('tegra234', '36', '4.3');
    jetson.nvbootctrl('echo "Error: open efivars: Permission denied" >&2; exit 1');
    expect((await read(jetson)).rootfs).toBe('Error: open efivars: Permission denied');
    jetson.nvbootctrl('yes slot | head -c 1000000');
    expect(typeof (await read(jetson)).rootfs).toBe('string');
  });

  it.each([
    ['absent', undefined, 'absent'],
    ['unbootable', [0xff, 0, 0, 0], 'unbootable'],
    ['a value that nobody writes', [3, 0, 0, 0], 'unknown'],
    ['too short', [0], 'malformed'],
    ['too long', [0, 0, 0, 0, 0], 'malformed'],
  ])('tells a status variable that is %s', async (_, value, status) => {
    const jetson = new FakeJetson('tegra234', '36', '4.3');
    if (value === undefined) jetson.removeVariable('RootfsStatusSlotB');
    else jetson.variable('RootfsStatusSlotB', value);
    expect((await read(jetson)).status).toEqual({ A: 'normal', B: status });
  });

  it('does not take a variable of the same name of another maker for it', async () => {
    const jetson = new FakeJetson('tegra234', '36', '4.3');
    jetson.removeVariable('RootfsRedundancyLevel');
    jetson.variable('RootfsRedundancyLevel', [1, 0, 0, 0], '00000000-0000-0000-0000-000000000000');
    expect((await read(jetson)).redundancyLevel).toBeUndefined();
  });

  it('reads batteries and mains, and not the battery of a mouse', async () => {
    const jetson = new FakeJetson('tegra234', '36', '4.3');
    jetson.write('sys/class/power_supply/bat/type', 'Battery\n');
    jetson.write('sys/class/power_supply/bat/capacity', '21\n');
    jetson.write('sys/class/power_supply/bat/status', 'Discharging\n');
    jetson.write('sys/class/power_supply/ac/type', 'Mains\n');
    jetson.write('sys/class/power_supply/ac/online', '0\n');
    jetson.write('sys/class/power_supply/mouse/type', 'Battery\n');
    jetson.write('sys/class/power_supply/mouse/scope', 'Device\n');
    expect((await read(jetson)).power).toEqual([
      { kind: 'mains', online: false, percent: undefined, charging: undefined },
      { kind: 'battery', online: undefined, percent: 21, charging: false },
    ]);
  });

  it('finds an EFI partition that is not mounted, and a capsule that waits on a mounted one', async () => {
    const jetson = new FakeJetson('tegra264', '38', '2');
    jetson.write('proc/mounts', '/dev/nvme0n1p1 / ext4 rw 0 0\n');
    expect((await read(jetson)).esp).toBeUndefined();
    jetson.partition('esp', 'nvme0n1p10', 131_072);
    expect((await read(jetson)).esp).toMatchObject({ mountedAt: undefined, writable: false });
    jetson.write('proc/mounts', '/dev/nvme0n1p10 /boot/efi vfat ro 0 0\n');
    jetson.write('boot/efi/EFI/UpdateCapsule/TEGRA_BL.Cap', 'capsule');
    jetson.osIndications(4);
    const facts = await read(jetson);
    expect(facts.esp).toMatchObject({ mountedAt: '/boot/efi', writable: false, capsuleStaged: true });
    expect(facts.capsuleArmed).toBe(true);
  });

  it('is next to nothing on a machine that is no Jetson', async () => {
    const jetson = new FakeJetson('tegra234', '36', '4.3');
    for (const path of ['proc', 'sys', 'etc', 'usr', 'dev', 'boot', 'var']) jetson.remove(path);
    expect(await read(jetson)).toMatchObject({
      soc: undefined,
      l4t: undefined,
      uefi: false,
      nvbootctrl: false,
      rootfs: 'nvbootctrl is not installed',
      esp: undefined,
      esrt: undefined,
      verifierEnabled: undefined,
      partitions: { A: undefined, B: undefined },
    });
  });
});
