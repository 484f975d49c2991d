import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { environmentBlock, firstSlots } from '../../../src/image/index.ts';
import { titled } from '../../conformance/native-build.ts';
import { BoardRoot, commandOf, noBoardRoot } from '../../fixtures/board-root.ts';
import { projectRoot } from '../goshawk.ts';

const shippedRoot = join(projectRoot, 'deploy/image/root');

/** At their places on the board; what would mount, reboot or format is a stand-in. */
describe.skipIf(noBoardRoot !== undefined)(
  titled('The scripts of the image, as they are shipped,', noBoardRoot),
  () => {
    let board: BoardRoot;
    beforeEach(() => {
      board = new BoardRoot();
    });

    function ship(path: string): string {
      board.write(path, readFileSync(join(shippedRoot, path), 'utf8'), 0o755);
      return `/${path}`;
    }
    const execStart = (path: string) => commandOf(readFileSync(join(shippedRoot, path), 'utf8'));
    const node = (text: string) =>
      board.write('usr/lib/goshawk-agent/bin/node', `#!/bin/sh\necho "node $*" >>/calls\n${text}\n`, 0o755);
    const image = '/usr/lib/goshawk-agent/dist/src/cli/main.js image';

    function withSlots(): string {
      board.write('run/goshawk-image/esp/EFI/goshawk/slots.env', environmentBlock(firstSlots));
      board.inPlaceOf('mount');
      board.inPlaceOf('umount');
      return ship('usr/lib/goshawk-image/slots');
    }

    it('slots: RAUC marks a slot and makes it first', () => {
      const slots = withSlots();
      expect(board.run([slots, 'get-primary'])).toEqual({ code: 0, stdout: 'A\n', stderr: '' });
      expect(board.run([slots, 'set-state', 'B', 'bad'])).toMatchObject({ code: 0, stderr: '' });
      expect(board.run([slots, 'set-primary', 'B'])).toMatchObject({ code: 0, stderr: '' });
      expect(board.run([slots, 'get-primary']).stdout).toBe('B\n');
      expect(board.run([slots, 'get-trial']).stdout).toBe('B\n');
      expect(board.run([slots, 'clear-trial'])).toMatchObject({ code: 0, stderr: '' });
      expect(board.run([slots, 'get-current'])).toMatchObject({ code: 0, stderr: '' });
      const mounts = board.calls().filter((call) => call.startsWith('mount'));
      expect(mounts[1]).toBe(
        'mount -t vfat -o rw,umask=0077,noatime /dev/goshawk/goshawk-esp /run/goshawk-image/esp',
      );
    });

    it.each([
      ['0', 0],
      ['3', 3],
    ])('goshawk-confirm.service: ends as the program does that looks (%s)', (status, code) => {
      withSlots();
      ship('usr/lib/goshawk-image/confirm');
      node(`exit ${status}`);
      board.program('systemctl');
      const ran = board.run(execStart('usr/lib/systemd/system/goshawk-confirm.service'));
      expect(ran).toMatchObject({ code, stderr: '' });
      expect(board.calls()).toContain(`node ${image} confirm`);
      // No trial was under way.
      expect(board.calls()).not.toContain('systemctl reboot');
    });

    it('goshawk-confirm.service: waits for the guard of an ordered update, and gives up a trial without one that works', () => {
      const slots = withSlots();
      ship('usr/lib/goshawk-image/confirm');
      node('exit 0');
      board.program('systemctl');
      board.write('var/lib/goshawk-update/guard/run', '');
      // The guard ends while it is waited for.
      board.program('sleep', 'rm /var/lib/goshawk-update/guard/run');
      const confirm = () => board.run(execStart('usr/lib/systemd/system/goshawk-confirm.service'));
      expect(confirm()).toMatchObject({ code: 0, stderr: '' });
      expect(board.calls()).toContain(`node ${image} confirm`);
      // Now it never does.
      board.program('sleep');
      board.write('var/lib/goshawk-update/guard/run', '');
      board.run([slots, 'set-primary', 'B']);
      const line = { '/proc/cmdline': board.write('cmdline', 'rauc.slot=B\n') };
      const ran = board.run(execStart('usr/lib/systemd/system/goshawk-confirm.service'), { bound: line });
      expect(ran.code).toBe(1);
      expect(board.calls()).toContain('systemctl reboot');
      expect(board.run([slots, 'get-state', 'B']).stdout).toBe('bad\n');
    });

    it('goshawk-first-boot.service: gives the program the seed', () => {
      ship('usr/lib/goshawk-image/first-boot');
      node('exit 0');
      board.write('run/goshawk-image/seed/goshawk/agent.json', '{}');
      expect(board.run(execStart('usr/lib/systemd/system/goshawk-first-boot.service'))).toMatchObject({
        code: 0,
        stderr: '',
      });
      expect(board.calls()).toEqual([`node ${image} first-boot --seed /run/goshawk-image/seed/goshawk`]);
    });

    it('ssh-host-key: makes the key of the board once', () => {
      board.write(
        'usr/lib/goshawk-image/ssh-host-key',
        readFileSync(join(projectRoot, 'deploy/image/ssh/usr/lib/goshawk-image/ssh-host-key'), 'utf8'),
        0o755,
      );
      board.program('ssh-keygen', 'for file; do :; done; echo private >"$file"; echo public >"$file.pub"');
      const made = () => board.run(['/usr/lib/goshawk-image/ssh-host-key']);
      expect(made()).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(made()).toMatchObject({ code: 0 });
      expect(board.calls().filter((call) => call.startsWith('ssh-keygen'))).toHaveLength(1);
      expect(board.read('var/lib/goshawk-image/ssh/ssh_host_ed25519_key')).toBe('private\n');
    });

    it.each(['emergency', 'rescue'])('%s.service starts the board anew', (name) => {
      for (const program of ['sleep', 'systemctl']) board.program(program);
      expect(board.run(execStart(`etc/systemd/system/${name}.service.d/goshawk.conf`))).toMatchObject({
        code: 0,
        stderr: '',
      });
      expect(board.calls()).toEqual(['sleep 20', 'systemctl --force reboot']);
    });

    it.each([
      ['amd64', 'manual_add_modules ahci'],
      ['arm64', 'auto_add_modules base block'],
    ])('the hook of the initial RAM disk brings its programs and drivers (%s)', (architecture, drivers) => {
      const hook = ship('etc/initramfs-tools/hooks/goshawk');
      const functions = ['copy_exec', 'copy_file', 'manual_add_modules', 'auto_add_modules'].map(
        (name) => `${name}() { echo "${name} $*" >>/calls; }`,
      );
      board.write('usr/share/initramfs-tools/hook-functions', functions.join('\n'));
      expect(board.run([hook, 'prereqs'])).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(board.calls()).toEqual([]);
      expect(board.run([hook], { env: { DPKG_ARCH: architecture } })).toMatchObject({ code: 0, stderr: '' });
      expect(board.calls()[0]).toBe('copy_exec /usr/sbin/sfdisk /usr/lib/goshawk-image/sfdisk');
      expect(board.calls().join('\n')).toContain(drivers);
    });

    it('the script of the initial RAM disk goes on in memory where the disk has no room', () => {
      const script = ship('etc/initramfs-tools/scripts/local-bottom/goshawk');
      board.write(
        'scripts/functions',
        `log_begin_msg() { echo "$*"; }
log_end_msg() { :; }
resolve_device() { echo "$1"; }
wait_for_udev() { :; }
`,
      );
      board.write('usr/lib/goshawk-image/sfdisk', '#!/bin/sh\necho "sfdisk $*" >>/calls\n', 0o755);
      for (const [name, text] of Object.entries({
        dev: '254:0',
        size: '4096',
        'vda1/start': '2048',
        'vda1/size': '2048',
      })) {
        board.write(`sys/devices/vda/${name}`, `${text}\n`);
      }
      board.write('sys/devices/vda/vda1/partition', '1\n');
      board.link('sys/class/block/vda', '../../devices/vda');
      board.link('sys/class/block/vda1', '../../devices/vda/vda1');
      board.program('mount');
      expect(board.run([script, 'prereqs'])).toEqual({ code: 0, stdout: '\n', stderr: '' });
      const ran = board.run([script], { env: { ROOT: '/dev/vda1', rootmnt: '/root' } });
      expect(ran, ran.stderr).toMatchObject({ code: 0, stderr: '' });
      expect(board.read('run/goshawk-image/data')).toContain('the disk is too small');
      expect(board.calls()).toContain('mount -t tmpfs -o mode=755,size=50% tmpfs /root/var');
    });
  },
);
