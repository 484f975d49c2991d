import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { packages, stateOf } from '../../../deploy/package/packages.ts';
import { filledIn } from '../../../deploy/package/tree.ts';
import { titled } from '../../conformance/native-build.ts';
import { BoardRoot, noBoardRoot } from '../../fixtures/board-root.ts';
import { projectRoot } from '../goshawk.ts';

const facts = { version: '1.2.0', epochSeconds: 0, maintainer: 'T <t@t.example>' };
const names = ['preinst', 'postinst', 'prerm', 'postrm'] as const;

/** As dpkg calls them, with stand-ins for the programs that would change this machine. */
describe.skipIf(noBoardRoot !== undefined).each(packages)(
  titled('The maintainer scripts of $name, as they are in the package,', noBoardRoot),
  (definition) => {
    let board: BoardRoot;
    const settings = `etc/goshawk/${definition.service}.json`;

    beforeEach(() => {
      board = new BoardRoot();
      for (const name of [
        'systemd-sysusers',
        'update-alternatives',
        'deb-systemd-helper',
        'deb-systemd-invoke',
      ]) {
        board.program(name);
      }
      board.program('systemctl');
      for (const name of names) {
        const text = readFileSync(join(projectRoot, 'deploy/package/maintainer', name), 'utf8');
        const filled = filledIn(text, definition, facts);
        expect(filled.replaceAll('@DEVICE@', '')).not.toMatch(/@[A-Z]+@/);
        board.write(`var/lib/dpkg/info/${definition.name}.${name}`, filled, 0o755);
      }
      const template = readFileSync(
        join(projectRoot, 'deploy/package/settings', `${definition.service}.json`),
        'utf8',
      );
      board.write(`usr/lib/${definition.name}/share/${definition.service}.json`, template);
      board.write('etc/goshawk/README', 'the folder is the package’s');
    });

    const call = (name: (typeof names)[number], ...args: string[]) =>
      board.run([`/var/lib/dpkg/info/${definition.name}.${name}`, ...args]);
    const well = { code: 0, stderr: '' };

    it('install, upgrade, remove and purge', () => {
      expect(call('preinst', 'install')).toMatchObject(well);
      expect(call('postinst', 'configure', '')).toMatchObject(well);
      expect(JSON.parse(board.read(settings))).toMatchObject({ dataDir: stateOf(definition) });
      expect(board.calls().some((call) => call.startsWith('update-alternatives --quiet --install'))).toBe(
        true,
      );

      board.write(settings, '{ "mine": true }');
      expect(call('preinst', 'upgrade', '1.1.0')).toMatchObject(well);
      expect(call('postinst', 'configure', '1.1.0')).toMatchObject(well);
      expect(board.read(settings)).toBe('{ "mine": true }');

      expect(call('prerm', 'remove')).toMatchObject(well);
      expect(call('postrm', 'remove')).toMatchObject(well);
      expect(board.has(settings)).toBe(true);
      board.write(`${stateOf(definition).slice(1)}/state`, '');
      expect(call('postrm', 'purge')).toMatchObject(well);
      expect(board.has(settings)).toBe(false);
      expect(board.has(stateOf(definition).slice(1))).toBe(false);
    });

    it('refuse to go back to an older version, unless somebody says so', () => {
      const back = call('preinst', 'upgrade', '2.0.0');
      expect(back).toMatchObject({ code: 1, stderr: expect.stringContaining('GOSHAWK_ALLOW_DOWNGRADE=1') });
    });
  },
);
