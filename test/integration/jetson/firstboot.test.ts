import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { titled } from '../../conformance/native-build.ts';
import { FakeL4t } from '../../fakes/fake-l4t.ts';
import { BoardRoot, commandOf, noBoardRoot } from '../../fixtures/board-root.ts';
import { run, why } from './scripts.ts';

const missing = why('dpkg-deb') ?? why('sha256sum') ?? noBoardRoot;

/** What overlay.sh laid down meets the first start: the unit's own command, with programs that note what they are asked and may fail. */
describe.skipIf(missing !== undefined)(titled('The first start of a board', missing), () => {
  let tree: FakeL4t;
  let board: BoardRoot;
  const place = 'usr/local/share/goshawk';

  beforeEach(() => {
    tree = FakeL4t.applied();
    board = new BoardRoot(tree.rootfs);
    for (const name of ['goshawk', 'sync', 'chgrp']) board.program(name);
    board.program('systemctl', '[ "$1" != get-default ] || echo graphical.target');
    // As the real one: makes the settings where there are none.
    board.program(
      'dpkg',
      `[ "$1" = --install ] || exit 0
       if [ -e /fail ]; then rm /fail; exit 1; fi
       [ -e /etc/goshawk/agent.json ] ||
         echo '{ "model": "/usr/lib/goshawk-agent/models/street" }' >/etc/goshawk/agent.json`,
    );
  });
  afterEach(() => tree.close());

  function layDown(...more: string[]): void {
    const roots = tree.write('root.json', '{ "image": { "a": 1 }, "director": { "a": 1 } }');
    const ran = run('overlay.sh', ['--l4t', tree.l4t, '--package', tree.deb(), '--trust', roots, ...more]);
    expect(ran.stderr).toBe('');
  }
  function withModel(): void {
    tree.write('bundle/manifest.json', '{}');
    layDown('--model', join(tree.folder, 'bundle'));
  }

  const start = () => board.run(commandOf(board.read('etc/systemd/system/goshawk-firstboot.service')));
  const settings = () => board.read('etc/goshawk/agent.json');

  it('installs the package, starts the agent, says how far it is, and takes away what was laid down', () => {
    layDown();
    const ran = start();
    expect(ran, ran.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.match(/\d of 3: .+/g)).toEqual([
      ...['1 of 3: settings, model and claim', '2 of 3: the package', '3 of 3: the agent'],
    ]);
    expect(board.calls()).toContain(`dpkg --install /${place}/goshawk-agent.deb`);
    expect(board.calls().filter((call) => call.startsWith('systemctl'))).toEqual([
      'systemctl get-default',
      'systemctl restart goshawk-agent.service',
      'systemctl disable goshawk-firstboot.service',
    ]);
    expect(board.has(place)).toBe(false);
  });

  it('does nothing the second time', () => {
    layDown();
    start();
    const before = board.calls().length;
    expect(start()).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is laid down') });
    expect(board.calls()).toHaveLength(before);
  });

  it.each(['nv-oem-config.target', 'nv-oobe.target'])(
    'runs the agent also in %s, which waits for a person and may be left by a power cut',
    (target) => {
      layDown();
      board.program('systemctl', `[ "$1" != get-default ] || echo ${target}`);
      expect(start()).toMatchObject({ code: 0, stdout: expect.stringContaining(target) });
      expect(board.calls()).toContain(`systemctl add-wants ${target} goshawk-agent.service`);
    },
  );

  it('puts settings and claim in place before the package, which leaves them as they are', () => {
    const mine = tree.write('mine.json', '{ "device": "mine" }');
    layDown('--settings', mine, '--claim', tree.write('claim', 'goshawk-claim://x'));
    start();
    expect(settings()).toContain('mine');
    expect(statSync(board.path('etc/goshawk/claim.token')).mode & 0o007).toBe(0);
    expect(board.calls()).toContain('chgrp goshawk /etc/goshawk/claim.token');
  });

  it('names the model that came along in settings that nobody wrote', () => {
    withModel();
    start();
    expect(settings()).toContain('"model": "/usr/share/goshawk/model"');
    expect(board.has('usr/share/goshawk/model/manifest.json')).toBe(true);
  });

  it('names the roots in settings that nobody wrote, once', () => {
    layDown();
    board.write('fail', '');
    start();
    start();
    const packaged = { model: '/usr/lib/goshawk-agent/models/street' };
    expect(JSON.parse(settings())).toEqual({ trust: { rootFile: '/etc/goshawk/root.json' }, ...packaged });
    expect(board.has('etc/goshawk/root.json')).toBe(true);
  });

  it('keeps what was laid down where the installation fails, and does it all at the next start', () => {
    withModel();
    board.write('fail', '');
    expect(start().code).not.toBe(0);
    expect(board.has(`${place}/goshawk-agent.deb`)).toBe(true);
    expect(start().code).toBe(0);
    expect(board.calls().filter((call) => call === 'dpkg --configure -a')).toHaveLength(2);
    expect(settings()).toContain('/usr/share/goshawk/model');
    expect(board.has(place)).toBe(false);
  });

  it('begins a model again whose copy a power cut ended', () => {
    withModel();
    mkdirSync(board.path('usr/share/goshawk/model.new'), { recursive: true });
    start();
    expect(board.has('usr/share/goshawk/model/manifest.json')).toBe(true);
    expect(board.has('usr/share/goshawk/model.new')).toBe(false);
  });

  it('installs only the files with the expected digests', () => {
    layDown();
    board.write(`${place}/goshawk-agent.deb`, 'torn');
    expect(start()).toMatchObject({ code: 1, stdout: expect.stringContaining('damaged') });
    expect(board.calls().some((call) => call.startsWith('dpkg'))).toBe(false);
  });

  it('is in every target that a board may start into, and waits for none that excludes multi-user.target', () => {
    layDown();
    const unit = board.read('etc/systemd/system/goshawk-firstboot.service');
    for (const target of ['multi-user', 'nv-oem-config', 'nv-oobe']) {
      const link = `etc/systemd/system/${target}.target.wants/goshawk-firstboot.service`;
      expect(readFileSync(board.path(link), 'utf8')).toBe(unit);
    }
    const order = [...unit.matchAll(/^(?:After|Requires|Wants|BindsTo)=(.*)$/gm)].map(([, names]) => names);
    expect(order.join(' ')).not.toMatch(/\.target(?<!local-fs\.target)|oem-config|oobe/);
  });
});
