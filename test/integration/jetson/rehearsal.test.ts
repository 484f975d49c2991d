import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { titled } from '../../conformance/native-build.ts';
import { FakeL4t, type L4tRelease, shapes } from '../../fakes/fake-l4t.ts';
import { BoardRoot, commandOf, noBoardRoot } from '../../fixtures/board-root.ts';
import { noRoot, run, runFile, why } from './scripts.ts';

const missing = why('dpkg-deb') ?? why('python3') ?? noRoot ?? noBoardRoot;
let tree: FakeL4t;
afterEach(() => tree?.close());

/** Every step of docs/jetson.md, one after the other, on a folder whose programs refuse what NVIDIA's refuse. */
describe.skipIf(missing !== undefined)(
  titled('A board from NVIDIA’s folder to its first starts', missing),
  () => {
    /** What the flash looks at of this machine. */
    function host() {
      tree.write(
        'host/lsusb',
        '#!/bin/sh\necho "Bus 001 Device 002: ID 0955:7523 NVIDIA Corp. APX"\n',
        0o755,
      );
      tree.write('host/df', '#!/bin/sh\nprintf "F\\n/dev/x 99 9 99000000 9% /\\n"\n', 0o755);
      return { PATH: `${join(tree.folder, 'host')}:${process.env.PATH}` };
    }
    const overlay = (...more: string[]) =>
      run('overlay.sh', ['--l4t', tree.l4t, '--package', tree.deb(), '--insecure', ...more]);
    const flash = (board: string, ...more: string[]) =>
      run('flash.sh', ['--l4t', tree.l4t, '--board', board, ...more], host());
    const apply = (...options: string[]) =>
      runFile(join(tree.l4t, 'apply_binaries.sh'), options, {}, tree.l4t);
    /** A link to nothing of this machine. */
    const startsInSetup = () =>
      lstatSync(join(tree.rootfs, 'etc/systemd/system/default.target'), { throwIfNoEntry: false }) !==
      undefined;

    function startTwice(): void {
      const board = new BoardRoot(tree.rootfs);
      for (const name of ['dpkg', 'goshawk', 'apt-get', 'apt-cache', 'systemd-notify']) board.program(name);
      board.program('systemctl', '[ "$1" != get-default ] || echo graphical.target');
      // NVIDIA's nvfb.service does it on L4T 36.
      const list = 'etc/apt/sources.list.d/nvidia-l4t-apt-source.list';
      board.write('etc/goshawk/agent.json', '{}');
      for (const service of ['goshawk-firstboot', 'goshawk-tensorrt']) {
        const ran = board.run(commandOf(board.read(`etc/systemd/system/${service}.service`)));
        expect(ran.code, ran.stdout + ran.stderr).toBe(0);
        board.write(list, board.read(list).replace('<SOC>', 't234'));
      }
      const done = board
        .calls()
        .filter((call) => /^(dpkg --install|apt-get install|goshawk|systemctl)/.test(call));
      expect(done.map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
        'dpkg --install /usr/local/share/goshawk/goshawk-agent.deb',
        'systemctl get-default',
        'systemctl restart goshawk-agent.service',
        'systemctl disable goshawk-firstboot.service',
        'apt-get install --yes',
        'goshawk native build',
        'systemctl restart goshawk-agent.service',
        'systemctl disable goshawk-tensorrt.service',
      ]);
    }

    it.each([
      ['JetPack 6.2, Orin', '36', 'jetson-orin-nano-devkit', [], 'flash_l4t_t234_nvme_rootfs_ab.xml'],
      [
        'JetPack 7.1, Thor',
        '38',
        'jetson-agx-thor-devkit',
        ['--openrm'],
        'flash_l4t_t264_nvme_rootfs_ab.xml',
      ],
      ['JetPack 7.2, Orin', '39', 'jetson-orin-nano-devkit', [], 'flash_l4t_nvme_rootfs_ab.xml'],
      ['JetPack 7.2, AGX Orin', '39', 'jetson-agx-orin-devkit', [], 'flash_l4t_nvme_rootfs_ab.xml'],
      [
        'JetPack 7.2, Thor',
        '39',
        'jetson-agx-thor-devkit',
        ['--openrm'],
        'flash_l4t_t264_nvme_rootfs_ab.xml',
      ],
    ] as const)('is rehearsed for %s', (_, release, board, options, layout) => {
      tree = new FakeL4t(release);
      expect(overlay()).toMatchObject({ code: 1, stderr: expect.stringContaining('apply_binaries.sh') });
      expect(apply(...options)).toMatchObject({ code: 0, stderr: '' });
      // Without a user the board would wait in NVIDIA's set-up.
      expect(
        readFileSync(join(tree.rootfs, 'usr/lib/systemd/system', shapes[release].setup), 'utf8'),
      ).toContain('Conflicts=');
      expect(overlay()).toMatchObject({ code: 1, stderr: expect.stringContaining(shapes[release].setup) });
      const laid = overlay('--user', 'robot', '--password-file', tree.write('password', 'secret\n'));
      expect(laid.code, laid.stderr).toBe(0);
      expect(startsInSetup()).toBe(false);

      const flashed = flash(board, '--ab');
      expect(flashed.code, flashed.stdout + flashed.stderr).toBe(0);
      expect(readFileSync(join(tree.l4t, 'flashed'), 'utf8')).toContain(
        `: ${board} to nvme0n1p1 by tools/kernel_flash/${layout}, A/B 1`,
      );
      startTwice();
    });

    it.each(['36', '39'] as const)(
      'is laid down again after apply_binaries.sh was (L4T %s)',
      (release: L4tRelease) => {
        tree = new FakeL4t(release);
        const user = ['--user', 'robot', '--password-file', tree.write('password', 'secret\n')];
        apply();
        expect(overlay(...user).code).toBe(0);
        // It puts NVIDIA's set-up back.
        apply();
        expect(startsInSetup()).toBe(true);
        expect(flash('jetson-orin-nano-devkit', '--dry-run').stderr).toContain('overlay.sh --user');
        expect(overlay(...user).code).toBe(0);
        expect(flash('jetson-orin-nano-devkit', '--dry-run').stderr).toBe('');
      },
    );

    it('has programs that refuse what NVIDIA’s refuse', () => {
      tree = new FakeL4t('36');
      expect(apply('--openrm').code).toBe(1);
      const user = join(tree.l4t, 'tools/l4t_create_default_user.sh');
      expect(runFile(user, ['--user', 'x', '--accept-license'])).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('Invalid parameter'),
      });
      const flashTool = join(tree.l4t, 'tools/kernel_flash/l4t_initrd_flash.sh');
      const board = ['--network', 'usb0', 'jetson-orin-nano-devkit', 'internal'];
      expect(runFile(flashTool, ['--nonsense', ...board], {}, tree.l4t).code).toBe(1);
      expect(runFile(flashTool, ['-c', 'x.xml', ...board], {}, tree.l4t).code).toBe(2);
      expect(runFile(flashTool, board, {}, tree.folder).code).toBe(1);
    });
  },
);
