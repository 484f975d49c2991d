import { afterEach, describe, expect, it } from 'vitest';
import { FakeL4t, type L4tRelease } from '../../fakes/fake-l4t.ts';
import { run } from './scripts.ts';

let tree: FakeL4t | undefined;
afterEach(() => tree?.close());

function flash(release: L4tRelease, board: string, ...more: string[]) {
  tree ??= FakeL4t.applied(release);
  return run('flash.sh', ['--l4t', tree.l4t, '--board', board, '--dry-run', ...more]);
}

describe('The command that flashes a board', () => {
  const tool = './tools/kernel_flash/l4t_initrd_flash.sh';
  const qspi = "-p '-c bootloader/generic/cfg/flash_t234_qspi.xml'";
  const twice = 'env ROOTFS_AB=1 ROOTFS_RETRY_COUNT_MAX=3';
  const rest = (board: string) => `--showlogs --network usb0 ${board} internal`;
  const nano = rest('jetson-orin-nano-devkit');

  it.each([
    [
      'Orin to NVMe, as it is sold',
      ['36', 'jetson-orin-nano-devkit'],
      `${tool} --external-device nvme0n1p1 -c tools/kernel_flash/flash_l4t_t234_nvme.xml ${qspi} ${nano}`,
    ],
    [
      'Orin with two root file systems',
      ['36', 'jetson-orin-nano-devkit', '--ab'],
      `${twice} ${tool} --external-device nvme0n1p1 -c tools/kernel_flash/flash_l4t_t234_nvme_rootfs_ab.xml ${qspi} ${nano}`,
    ],
    [
      'Orin to what is soldered to it',
      ['36', 'jetson-orin-nano-devkit', '--storage', 'internal'],
      `${tool} ${nano}`,
    ],
    [
      'Orin whose configuration names its disk',
      ['39', 'jetson-orin-nano-devkit'],
      `./l4t_initrd_flash.sh ${nano}`,
    ],
    [
      'the same with two root file systems',
      ['39', 'jetson-orin-nano-devkit', '--ab', '--storage', 'nvme'],
      `${twice} ./l4t_initrd_flash.sh ${nano}`,
    ],
    [
      'AGX Orin to NVMe, by the layout that is there',
      ['39', 'jetson-agx-orin-devkit', '--ab'],
      `${twice} ./l4t_initrd_flash.sh --external-device nvme0n1p1 -c tools/kernel_flash/flash_l4t_nvme_rootfs_ab.xml ${qspi} ${rest('jetson-agx-orin-devkit')}`,
    ],
    [
      'AGX Orin to its eMMC',
      ['39', 'jetson-agx-orin-devkit', '--storage', 'internal'],
      `./l4t_initrd_flash.sh ${rest('jetson-agx-orin-devkit')}`,
    ],
    ['Thor', ['38', 'jetson-agx-thor-devkit'], `./l4t_initrd_flash.sh ${rest('jetson-agx-thor-devkit')}`],
    [
      'Thor with two root file systems',
      ['39', 'jetson-agx-thor-devkit', '--ab'],
      `${twice} ./l4t_initrd_flash.sh ${rest('jetson-agx-thor-devkit')}`,
    ],
  ] as const)('is for %s', (_, [release, board, ...more], command) => {
    tree = undefined;
    const ran = flash(release, board, ...more);
    expect(ran.stdout.trim(), ran.stderr).toBe(`cd ${tree!.l4t} && ${command}`);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('Goshawk is not in this root file system');
  });

  it.each([
    ['a board that the folder does not have', '36', ['jetson-nano'], /There is no jetson-nano\.conf/],
    ['a board of another kind', '36', ['jetson-xavier-nx-devkit'], /neither an Orin nor a Thor/],
    ['a configuration that takes itself in', '36', ['loop'], /neither an Orin nor a Thor/],
    ['Thor with JetPack 6', '36', ['jetson-agx-thor-devkit'], /do not belong together/],
    ['Orin with L4T 38, which has none', '38', ['jetson-orin-nano-devkit'], /do not belong together/],
    ['a name that is a path', '36', ['../../etc/passwd'], /no name of a board/],
    [
      'another disk than the configuration names',
      '39',
      ['jetson-orin-nano-devkit', '--storage', 'internal'],
      /names its disk: nvme0n1p1/,
    ],
  ] as const)('is refused for %s', (_, release, [board, ...more], words) => {
    tree = undefined;
    const ran = flash(release, board, ...more);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(words);
  });

  it('is refused where the release lays its disks out in another way', () => {
    tree = FakeL4t.applied('36');
    tree.remove('Linux_for_Tegra/tools/kernel_flash/flash_l4t_t234_nvme_rootfs_ab.xml');
    expect(flash('36', 'jetson-orin-nano-devkit', '--ab').stderr).toContain('README_initrd_flash');
    expect(flash('36', 'jetson-orin-nano-devkit').code).toBe(0);
    tree.remove('Linux_for_Tegra/tools');
    expect(flash('36', 'jetson-orin-nano-devkit').stderr).toContain('l4t_initrd_flash.sh');
  });

  it('says that a board would wait for a person', () => {
    tree = FakeL4t.applied('36', { setup: true });
    expect(flash('36', 'jetson-orin-nano-devkit').stderr).toContain('overlay.sh --user');
  });

  it('says how to call it', () => {
    expect(run('flash.sh', [])).toMatchObject({ code: 2, stderr: expect.stringContaining('--board') });
    // An option without its value must not become the default of a flash.
    tree = FakeL4t.applied('36');
    expect(flash('36', 'jetson-orin-nano-devkit', '--storage')).toMatchObject({ code: 2, stdout: '' });
    expect(flash('36', 'jetson-orin-nano-devkit', '--storage', 'sda')).toMatchObject({ code: 2, stdout: '' });
  });
});
