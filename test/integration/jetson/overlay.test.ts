import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { titled } from '../../conformance/native-build.ts';
import { FakeL4t, type L4tRelease, shapes } from '../../fakes/fake-l4t.ts';
import { noRoot, run, why } from './scripts.ts';

const noDpkg = why('dpkg-deb') ?? why('python3') ?? noRoot;

describe.skipIf(noDpkg !== undefined)(titled('Goshawk in the root file system of L4T', noDpkg), () => {
  let tree: FakeL4t;
  let deb: string;
  beforeEach(() => {
    tree = FakeL4t.applied();
    deb = tree.deb();
  });
  afterEach(() => tree.close());

  const roots = () => tree.write('root.json', '{ "image": { "a": 1 }, "director": { "a": 1 } }');
  const bare = (...more: string[]) => run('overlay.sh', ['--l4t', tree.l4t, '--package', deb, ...more]);
  const overlay = (...more: string[]) => bare('--trust', roots(), ...more);
  const at = (path: string) => join(tree.rootfs, path);
  const mode = (path: string) => (statSync(at(path)).mode & 0o777).toString(8);
  const files = () =>
    readdirSync(tree.rootfs, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(tree.rootfs.length + 1))
      .sort();

  it.each(['36', '38', '39'] as const)(
    'is the package and services that install it and TensorRT at the first start (L4T %s)',
    (release) => {
      tree.close();
      tree = FakeL4t.applied(release);
      deb = tree.deb();
      const before = files();
      const ran = overlay();
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect(ran.stdout).toContain(`goshawk-agent 0.1.0 for L4T ${release}`);
      const wants = (target: string, part: string) =>
        `etc/systemd/system/${target}.target.wants/goshawk-${part}.service`;
      expect(files().filter((file) => !before.includes(file))).toEqual(
        [
          ...['etc/systemd/system/goshawk-firstboot.service', 'etc/systemd/system/goshawk-tensorrt.service'],
          ...['multi-user', 'nv-oem-config', 'nv-oobe'].map((target) => wants(target, 'firstboot')),
          wants('multi-user', 'tensorrt'),
          ...['usr/local/sbin/goshawk-firstboot', 'usr/local/sbin/goshawk-tensorrt'],
          'usr/local/share/goshawk-tensorrt/packages',
          'usr/local/share/goshawk/goshawk-agent.deb',
          'usr/local/share/goshawk/goshawk-agent.deb.sha256',
          'usr/local/share/goshawk/root.json',
        ].sort(),
      );
      expect(readFileSync(at('usr/local/share/goshawk/goshawk-agent.deb'))).toEqual(readFileSync(deb));
      expect(mode('usr/local/sbin/goshawk-firstboot')).toBe('755');
      expect(readlinkSync(at('etc/systemd/system/multi-user.target.wants/goshawk-firstboot.service'))).toBe(
        '../goshawk-firstboot.service',
      );
    },
  );

  it('takes settings, a model and a claim along; only root can read the claim', () => {
    const settings = tree.write('agent.json', '{ "device": "x" }');
    const claim = tree.write('claim.token', 'goshawk-claim://fleet.example:8443/id/secret/root\n', 0o644);
    tree.write('bundle/manifest.json', '{}');
    tree.write('bundle/golden/golden.json', '{}');
    expect(
      overlay('--settings', settings, '--claim', claim, '--model', join(tree.folder, 'bundle')).code,
    ).toBe(0);
    expect(mode('usr/local/share/goshawk/claim.token')).toBe('600');
    expect(existsSync(at('usr/local/share/goshawk/agent.json'))).toBe(true);
    expect(existsSync(at('usr/local/share/goshawk/model/golden/golden.json'))).toBe(true);
  });

  it('is the new one when it is laid down again, and nothing when it is taken out', () => {
    const before = files();
    const claim = tree.write('claim.token', 'a');
    overlay('--claim', claim);
    deb = tree.deb('goshawk-agent', 'arm64', '0.2.0');
    expect(overlay().stdout).toContain('goshawk-agent 0.2.0');
    expect(existsSync(at('usr/local/share/goshawk/claim.token'))).toBe(false);
    expect(run('overlay.sh', ['--l4t', tree.l4t, '--remove']).code).toBe(0);
    expect(files()).toEqual(before);
  });

  const refusals: readonly (readonly [string, RegExp, (tree: FakeL4t) => string[] | undefined])[] = [
    ['no Linux_for_Tegra', /has no rootfs/, (t) => void t.remove('Linux_for_Tegra/rootfs')],
    ['an empty root file system', /is empty/, (t) => void t.remove('Linux_for_Tegra/rootfs/bin')],
    [
      'one without NVIDIA’s packages',
      /apply_binaries/,
      (t) => void t.remove('Linux_for_Tegra/rootfs/etc/nv_tegra_release'),
    ],
    [
      'JetPack 5',
      /L4T 35 was not looked at/,
      (t) => void t.write('Linux_for_Tegra/rootfs/etc/nv_tegra_release', '# R35 (release), REVISION: 4.1\n'),
    ],
    [
      'the state of a board',
      /state of one board/,
      (t) => void t.write('Linux_for_Tegra/rootfs/var/lib/goshawk-agent/identity/device.key', 'k'),
    ],
    [
      'a machine id',
      /holds an id/,
      (t) => void t.write('Linux_for_Tegra/rootfs/etc/machine-id', '0123456789abcdef\n'),
    ],
    [
      'a host key',
      /host key/,
      (t) => void t.write('Linux_for_Tegra/rootfs/etc/ssh/ssh_host_ed25519_key', 'k'),
    ],
    ['a package of another name', /is goshawk-controller/, (t) => [t.deb('goshawk-controller')]],
    ['a package for a PC', /is for amd64/, (t) => [t.deb('goshawk-agent', 'amd64')]],
    ['a file that is no package', /no Debian package/, (t) => [t.write('x.deb', 'nothing')]],
    ['no package', /There is no package/, () => ['/nowhere.deb']],
    ['settings that are no JSON', /no JSON object/, (t) => ['', '--settings', t.write('a.json', '{')]],
    ['settings that are a list', /no JSON object/, (t) => ['', '--settings', t.write('a.json', '[]')]],
    ['a folder that is no bundle', /no model bundle/, (t) => ['', '--model', t.l4t]],
    ['an empty claim', /no claim/, (t) => ['', '--claim', t.write('c', '')]],
    ['a claim as long as a book', /too long/, (t) => ['', '--claim', t.write('c', 'x'.repeat(2000))]],
  ];
  it.each(refusals)('is refused for %s, and nothing is laid down', (_, words, arrange) => {
    const [other, ...more] = arrange(tree) ?? [];
    if (other !== undefined && other !== '') deb = other;
    const ran = overlay(...more);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(words);
    expect(ran.stderr).toContain('-> ');
    expect(existsSync(at('usr/local/share/goshawk'))).toBe(false);
  });

  it('is no board without roots, unless somebody says so, and then it is loud', () => {
    const ran = bare();
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('--insecure') });
    expect(existsSync(at('usr/local/share/goshawk'))).toBe(false);
    expect(bare('--insecure')).toMatchObject({ code: 0, stderr: expect.stringContaining('INSECURE') });
  });

  it.each([
    ['both are said', () => ['--trust', roots(), '--insecure'], /exclude/],
    ['the file has no roots', () => ['--trust', tree.write('r', '{ "image": {} }')], /has no roots/],
    ['there is no such file', () => ['--trust', '/nowhere.json'], /has no roots/],
    [
      'the settings would not use them',
      () => [
        ...['--trust', roots()],
        ...['--settings', tree.write('s', '{ "trust": { "mode": "insecure" } }')],
      ],
      /would not be used/,
    ],
  ] as const)('is refused where %s', (_, more, words) => {
    expect(bare(...more())).toMatchObject({ code: 1, stderr: expect.stringMatching(words) });
  });

  it('names the roots in the settings that come along', () => {
    overlay('--settings', tree.write('agent.json', '{ "device": "x", "trust": { "url": "https://c" } }'));
    const settings: unknown = JSON.parse(readFileSync(at('usr/local/share/goshawk/agent.json'), 'utf8'));
    const trust = { url: 'https://c', rootFile: '/etc/goshawk/root.json' };
    expect(settings).toEqual({ device: 'x', trust });
  });

  it('is refused for a package that was cut off', () => {
    truncateSync(deb, statSync(deb).size - 40);
    expect(overlay()).toMatchObject({ code: 1, stderr: expect.stringMatching(/damaged|no Debian package/) });
  });

  it('says how to call it', () => {
    expect(run('overlay.sh', [])).toMatchObject({ code: 2, stderr: expect.stringContaining('--l4t') });
    expect(run('overlay.sh', ['--nonsense'])).toMatchObject({ code: 2 });
    expect(run('overlay.sh', ['--l4t'])).toMatchObject({ code: 2 });
  });
});

describe.skipIf(noDpkg !== undefined)(
  titled('The user of a board, made with NVIDIA’s program', noDpkg),
  () => {
    let tree: FakeL4t;
    afterEach(() => tree.close());
    const password = 'a pass"word $HOME';

    function overlay(release: L4tRelease, ...more: string[]) {
      tree = FakeL4t.applied(release, { setup: true });
      return again(...more);
    }
    const again = (...more: string[]) =>
      run('overlay.sh', ['--l4t', tree.l4t, '--package', tree.deb(), '--insecure', ...more]);
    const passwordFile = (text = `${password}\nmore\n`) => {
      const folder = mkdtempSync(join(tmpdir(), 'goshawk-password-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      writeFileSync(join(folder, 'password'), text);
      return join(folder, 'password');
    };
    const defaultTarget = () => join(tree.rootfs, 'etc/systemd/system/default.target');

    it.each(['36', '38', '39'] as const)('takes the board past NVIDIA’s set-up (L4T %s)', (release) => {
      const ran = overlay(
        release,
        '--user',
        'robot',
        '--password-file',
        passwordFile(),
        '--hostname',
        'robot-7',
      );
      expect(ran, ran.stderr).toMatchObject({ code: 0 });
      expect(lstatSync(defaultTarget(), { throwIfNoEntry: false })).toBeUndefined();
      expect(readFileSync(join(tree.rootfs, 'etc/passwd'), 'utf8')).toContain('robot:');
      expect(readFileSync(join(tree.rootfs, 'etc/hostname'), 'utf8')).toBe('robot-7\n');
      // It stands on NVIDIA's output, and nowhere on ours.
      expect(ran.stdout + ran.stderr).not.toContain(password);
    });

    it.each(['36', '38', '39'] as const)(
      'is missed before a board waits for a person who never comes (L4T %s)',
      (release) => {
        const ran = overlay(release);
        expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining(shapes[release].setup) });
        expect(ran.stderr).toContain('--user NAME --password-file FILE');
        expect(existsSync(join(tree.rootfs, 'usr/local/share/goshawk'))).toBe(false);
        expect(again('--setup').code).toBe(0);
      },
    );

    it('is not made where NVIDIA’s program fails; what it said is shown without the password', () => {
      tree = FakeL4t.applied('36', { setup: true });
      tree.write('Linux_for_Tegra/broken', '');
      const ran = again('--user', 'robot', '--password-file', passwordFile());
      expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('permission denied') });
      expect(ran.stderr).toContain('l4t_flash_prerequisites.sh');
      expect(ran.stdout + ran.stderr).not.toContain(password);
      expect(existsSync(join(tree.rootfs, 'usr/local/share/goshawk'))).toBe(false);
    });

    it.each([
      ['no password', ['--user', 'robot'], /no file <nothing>/],
      ['a password without a user', ['--password-file', '/x'], /go with --user/],
      ['a name that is none', ['--user', 'Robot 1', '--password-file', '/x'], /no name of a user/],
      ['root', ['--user', 'root', '--password-file', '/x'], /not a user to log in/],
      [
        'a host name that is none',
        ['--user', 'a', '--hostname', 'a_b', '--password-file', '/x'],
        /no host name/,
      ],
      ['two ways at once', ['--user', 'robot', '--setup', '--password-file', '/x'], /exclude/],
      ['TensorRT from nowhere', ['--setup', '--tensorrt', '/nowhere'], /is no folder/],
      ['TensorRT without its headers', ['--setup', '--tensorrt', '/proc/self/fdinfo'], /no libnvinfer-dev_/],
    ] as const)('is refused for %s', (_, more, words) => {
      const ran = overlay('36', ...more);
      expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(words) });
      expect(existsSync(join(tree.rootfs, 'usr/local/share/goshawk'))).toBe(false);
    });

    it('is refused for an empty file of the password', () => {
      const ran = overlay('36', '--user', 'robot', '--password-file', passwordFile(''));
      expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('has no password') });
    });
  },
);
