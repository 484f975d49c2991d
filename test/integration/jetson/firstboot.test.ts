import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { titled } from '../../conformance/native-build.ts';
import { FakeL4t } from '../../fakes/fake-l4t.ts';
import { run, why } from './scripts.ts';

const missing = why('dpkg-deb') ?? why('sha256sum');

/** What overlay.sh laid down meets the first start: with programs that note what they are asked, and may fail. */
describe.skipIf(missing !== undefined)(titled('The first start of a board', missing), () => {
  let board: FakeL4t;
  const place = () => join(board.rootfs, 'usr/local/share/goshawk');
  const calls = () => {
    const file = join(board.folder, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };

  beforeEach(() => {
    board = new FakeL4t();
    const settings = '{ "model": "/usr/lib/goshawk-agent/models/street" }';
    for (const name of ['systemctl', 'goshawk', 'sync', 'chgrp']) program(name, 'exit 0');
    // As the real one: makes the settings where there are none.
    program(
      'dpkg',
      `[ "$1" = --install ] || exit 0
       if [ -e "$FAIL" ]; then rm "$FAIL"; exit 1; fi
       [ -e "$ROOT/etc/goshawk/agent.json" ] || echo '${settings}' >"$ROOT/etc/goshawk/agent.json"`,
    );
  });
  afterEach(() => board.close());

  function program(name: string, text: string): void {
    board.write(`programs/${name}`, `#!/bin/sh\necho "${name} $*" >>"$CALLS"\n${text}\n`, 0o755);
  }

  function layDown(...more: string[]): void {
    const roots = board.write('root.json', '{ "image": { "a": 1 }, "director": { "a": 1 } }');
    const to = ['--l4t', board.l4t, '--package', board.deb(), '--trust', roots];
    const ran = run('overlay.sh', [...to, ...more]);
    expect(ran.stderr).toBe('');
  }

  const start = () =>
    run('firstboot.sh', [], {
      PATH: `${join(board.folder, 'programs')}:/usr/bin:/bin`,
      CALLS: join(board.folder, 'calls'),
      FAIL: join(board.folder, 'fail'),
      ROOT: board.rootfs,
      GOSHAWK_FIRSTBOOT_ROOT: board.rootfs,
      GOSHAWK_FIRSTBOOT_PLACE: place(),
    });
  const settings = () => readFileSync(join(board.rootfs, 'etc/goshawk/agent.json'), 'utf8');

  it('installs the package, starts the agent and takes away what was laid down', () => {
    layDown();
    expect(start()).toMatchObject({ code: 0, stdout: expect.stringContaining('done') });
    expect(calls()).toContain(`dpkg --install ${join(place(), 'goshawk-agent.deb')}`);
    expect(calls().filter((call) => call.startsWith('systemctl'))).toEqual([
      'systemctl restart goshawk-agent.service',
      'systemctl disable goshawk-firstboot.service',
    ]);
    expect(existsSync(place())).toBe(false);
  });

  it('does nothing the second time', () => {
    layDown();
    start();
    const before = calls().length;
    expect(start()).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is laid down') });
    expect(calls()).toHaveLength(before);
  });

  it('puts settings and claim in place before the package, which leaves them as they are', () => {
    const mine = board.write('mine.json', '{ "device": "mine" }');
    layDown('--settings', mine, '--claim', board.write('claim', 'goshawk-claim://x'));
    start();
    expect(settings()).toContain('mine');
    expect(statSync(join(board.rootfs, 'etc/goshawk/claim.token')).mode & 0o007).toBe(0);
    expect(calls()).toContain(`chgrp goshawk ${join(board.rootfs, 'etc/goshawk/claim.token')}`);
  });

  it('names the model that came along in settings that nobody wrote', () => {
    board.write('bundle/manifest.json', '{}');
    layDown('--model', join(board.folder, 'bundle'));
    start();
    expect(settings()).toContain('"model": "/usr/share/goshawk/model"');
    expect(existsSync(join(board.rootfs, 'usr/share/goshawk/model/manifest.json'))).toBe(true);
  });

  it('names the roots in settings that nobody wrote, once', () => {
    layDown();
    board.write('fail', '');
    start();
    start();
    const packaged = { model: '/usr/lib/goshawk-agent/models/street' };
    expect(JSON.parse(settings())).toEqual({ trust: { rootFile: '/etc/goshawk/root.json' }, ...packaged });
    expect(existsSync(join(board.rootfs, 'etc/goshawk/root.json'))).toBe(true);
  });

  it('keeps what was laid down where the installation fails, and does it all at the next start', () => {
    board.write('bundle/manifest.json', '{}');
    layDown('--model', join(board.folder, 'bundle'));
    board.write('fail', '');
    expect(start().code).not.toBe(0);
    expect(existsSync(join(place(), 'goshawk-agent.deb'))).toBe(true);
    expect(start().code).toBe(0);
    expect(calls().filter((call) => call === 'dpkg --configure -a')).toHaveLength(2);
    expect(settings()).toContain('/usr/share/goshawk/model');
    expect(existsSync(place())).toBe(false);
  });

  it('begins a model again whose copy a power cut ended', () => {
    board.write('bundle/manifest.json', '{}');
    layDown('--model', join(board.folder, 'bundle'));
    mkdirSync(join(board.rootfs, 'usr/share/goshawk/model.new'), { recursive: true });
    start();
    expect(existsSync(join(board.rootfs, 'usr/share/goshawk/model/manifest.json'))).toBe(true);
    expect(existsSync(join(board.rootfs, 'usr/share/goshawk/model.new'))).toBe(false);
  });

  it('installs nothing that is not what was laid down', () => {
    layDown();
    board.write('Linux_for_Tegra/rootfs/usr/local/share/goshawk/goshawk-agent.deb', 'torn');
    expect(start()).toMatchObject({ code: 1, stdout: expect.stringContaining('damaged') });
    expect(calls().some((call) => call.startsWith('dpkg'))).toBe(false);
  });

  it('goes on without the TensorRT plugin, and says how to get it', () => {
    layDown();
    expect(start().stdout).toMatch(/nvidia-jetpack|native build/);
  });
});
