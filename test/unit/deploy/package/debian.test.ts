import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildDeb, controlFile } from '../../../../deploy/package/debian.ts';
import { packages } from '../../../../deploy/package/packages.ts';
import { filledIn } from '../../../../deploy/package/tree.ts';
import { projectRoot } from '../../../integration/goshawk.ts';

const facts = {
  version: '1.2.3',
  epochSeconds: 1_790_000_000,
  maintainer: 'Somebody <somebody@goshawk.example>',
};
const [agent] = packages;
const there = spawnSync('dpkg-deb', ['--version']).status === 0;

describe.skipIf(!there)(`A .deb${there ? '' : ' (skipped: dpkg-deb is not installed)'}`, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-deb-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** The same files, written at another time, in another order and with other modes. */
  function build(name: string, mode: number, names: readonly string[]): string {
    const root = join(folder, name);
    for (const path of names) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), `this is ${path}`, { mode });
      utimesSync(join(root, path), mode, mode);
    }
    return buildDeb(root, join(folder, `${name}-out`), agent!, facts, 'amd64', 'quick');
  }

  const names = [
    'etc/default/goshawk-agent',
    'usr/lib/goshawk-agent/bin/node',
    'usr/lib/goshawk-agent/package.json',
  ];

  it('has the same bytes whenever and wherever it is built', () => {
    const one = build('one', 0o600, names);
    const two = build('two', 0o666, [...names].reverse());
    const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(digest(one)).toBe(digest(two));
  });

  it('has what lies in /etc as conffiles, and its programs executable', () => {
    const deb = build('one', 0o600, names);
    const control = execFileSync('dpkg-deb', ['-I', deb, 'conffiles'], { encoding: 'utf8' });
    expect(control).toBe('/etc/default/goshawk-agent\n');
    const list = execFileSync('dpkg-deb', ['-c', deb], { encoding: 'utf8' });
    expect(list).toMatch(/-rwxr-xr-x root\/root .*bin\/node/);
    expect(list).toMatch(/-rw-r--r-- root\/root .*package\.json/);
  });
});

describe('The control file', () => {
  it('wraps the description as Debian reads it', () => {
    const text = controlFile(agent!, facts, 'arm64', 42);
    expect(text).toContain('Architecture: arm64\n');
    const description = text.slice(text.indexOf('Description:')).trimEnd().split('\n').slice(1);
    expect(description.length).toBeGreaterThan(2);
    for (const line of description) expect(line).toMatch(/^ \S.{0,78}$/);
  });
});

describe('What the agent’s package recommends', () => {
  const text = controlFile(agent!, facts, 'amd64', 1);
  const recommends = /^Recommends: (.*)$/m.exec(text)?.[1]?.split(', ') ?? [];

  it.each([
    ['RTSP cameras and video files', 'ffmpeg'],
    ['what the GStreamer addon is linked with', 'libgstreamer-plugins-base1.0-0'],
    ['RTSP and JPEG by GStreamer', 'gstreamer1.0-plugins-good'],
    ['the parsers of H.264 and H.265', 'gstreamer1.0-plugins-bad'],
    ['the decoders of H.264 and H.265', 'gstreamer1.0-libav'],
    ['Cyclone DDS by its names in Debian 13 and 12', 'libddsc0t64 | libddsc0debian'],
    ['Fast DDS', 'libfastdds3.1'],
  ])('%s: %s, which apt installs unless told not to', (_what, name) => {
    expect(recommends).toContain(name);
  });
});

describe('The maintainer scripts', () => {
  it.each(
    packages.flatMap((definition) =>
      ['preinst', 'postinst', 'prerm', 'postrm'].map((name) => [definition.name, name] as const),
    ),
  )('of %s: %s has every name filled in and is read by sh', (packageName, script) => {
    const definition = packages.find(({ name }) => name === packageName)!;
    const template = readFileSync(join(projectRoot, 'deploy/package/maintainer', script), 'utf8');
    const text = filledIn(template, definition, facts);
    // The device's own name is filled in by the script itself.
    expect(text.replaceAll('s/@DEVICE@/', '')).not.toMatch(/@[A-Z]+@/);
    expect(spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' }).stderr).toBe('');
  });
});
