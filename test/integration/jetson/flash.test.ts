import { afterEach, describe, expect, it } from 'vitest';
import { FakeL4t } from '../../fakes/fake-l4t.ts';
import { run } from './scripts.ts';

let tree: FakeL4t | undefined;
afterEach(() => tree?.close());

function flash(release: string, board: string, ...more: string[]) {
  tree ??= new FakeL4t(release);
  return run('flash.sh', ['--l4t', tree.l4t, '--board', board, '--dry-run', ...more]);
}

describe('The command that flashes a board', () => {
  const tool = './tools/kernel_flash/l4t_initrd_flash.sh';
  const qspi = "-p '-c bootloader/generic/cfg/flash_t234_qspi.xml'";

  it.each([
    [
      'Orin to NVMe, as it is sold',
      ['36', 'jetson-orin-nano-devkit'],
      `${tool} --external-device nvme0n1p1 -c tools/kernel_flash/flash_l4t_t234_nvme.xml ${qspi} --showlogs --network usb0 jetson-orin-nano-devkit internal`,
    ],
    [
      'Orin with two root file systems',
      ['39', 'jetson-orin-nano-devkit', '--ab'],
      `env ROOTFS_AB=1 ROOTFS_RETRY_COUNT_MAX=3 ${tool} --external-device nvme0n1p1 -c tools/kernel_flash/flash_l4t_t234_nvme_rootfs_ab.xml ${qspi} --showlogs --network usb0 jetson-orin-nano-devkit internal`,
    ],
    [
      'Orin to what is soldered to it',
      ['36', 'jetson-orin-nano-devkit', '--storage', 'internal'],
      `${tool} --showlogs --network usb0 jetson-orin-nano-devkit internal`,
    ],
    [
      'Thor',
      ['38', 'jetson-agx-thor-devkit'],
      `${tool} --showlogs --network usb0 jetson-agx-thor-devkit internal`,
    ],
    [
      'Thor with two root file systems',
      ['38', 'jetson-agx-thor-devkit', '--ab'],
      `env ROOTFS_AB=1 ROOTFS_RETRY_COUNT_MAX=3 ${tool} --showlogs --network usb0 jetson-agx-thor-devkit internal`,
    ],
  ] as const)('is for %s', (_, [release, board, ...more], command) => {
    tree = undefined;
    const ran = flash(release, board, ...more);
    expect(ran.stdout.trim()).toBe(`cd ${tree!.l4t} && ${command}`);
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
    ['Thor to another disk', '38', ['jetson-agx-thor-devkit', '--storage', 'nvme'], /configuration names/],
  ] as const)('is refused for %s', (_, release, [board, ...more], words) => {
    tree = undefined;
    const ran = flash(release, board, ...more);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(words);
  });

  it('is refused where the release lays its disks out in another way', () => {
    tree = new FakeL4t('36');
    tree.remove('Linux_for_Tegra/tools/kernel_flash/flash_l4t_t234_nvme_rootfs_ab.xml');
    expect(flash('36', 'jetson-orin-nano-devkit', '--ab').stderr).toContain('README_initrd_flash');
    expect(flash('36', 'jetson-orin-nano-devkit').code).toBe(0);
    tree.remove('Linux_for_Tegra/tools');
    expect(flash('36', 'jetson-orin-nano-devkit').stderr).toContain('l4t_initrd_flash.sh');
  });

  it('says how to call it', () => {
    expect(run('flash.sh', [])).toMatchObject({ code: 2, stderr: expect.stringContaining('--board') });
    // An option without its value must not become the default of a flash.
    tree = new FakeL4t('36');
    expect(flash('36', 'jetson-orin-nano-devkit', '--storage')).toMatchObject({ code: 2, stdout: '' });
  });
});
