import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { expectAptKey, makeAptRepository } from '../../deploy/package/apt-repository.ts';
import { makeGpgKey } from '../fixtures/gpg-key.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const missing = ['apt-get', 'apt-ftparchive', 'gpg', 'dpkg-deb'].filter(
  (program) => spawnSync(program, ['--version']).error !== undefined,
);

describe.skipIf(missing.length > 0)(
  `An apt repository of the packages${missing.length > 0 ? ` (skipped: no ${missing.join(', ')})` : ''}`,
  () => {
    const key = 'packages@example.org';
    let folder: string;
    let apt: (...args: readonly string[]) => { status: number | null; said: string };

    beforeEach(() => {
      const base = temporaryFolder();
      folder = join(base, 'packages');
      for (const [name, value] of Object.entries(makeGpgKey(base, key))) vi.stubEnv(name, value);
      for (const version of ['0.1.0', '0.2.0']) debianPackage(folder, version);
      apt = aptOf(join(base, 'apt'), folder);
    });

    afterEach(() => {
      spawnSync('gpgconf', ['--kill', 'all']);
      vi.unstubAllEnvs();
    });

    it('gives apt the newest version and older ones, by the key of the one who built it', () => {
      expectAptKey(key);
      makeAptRepository(folder, key);
      expect(apt('update')).toMatchObject({ status: 0 });
      expect(apt('download', 'goshawk-agent').said).toContain('0.2.0');
      expect(apt('download', 'goshawk-agent=0.1.0')).toMatchObject({ status: 0 });
    });

    it('takes a package that was added when it is made again', () => {
      makeAptRepository(folder, key);
      debianPackage(folder, '0.3.0');
      makeAptRepository(folder, key);
      expect(apt('update')).toMatchObject({ status: 0 });
      expect(apt('download', 'goshawk-agent').said).toContain('0.3.0');
    });

    it.each(['Packages', 'InRelease'])('whose %s somebody changed is refused', (name) => {
      makeAptRepository(folder, key);
      const file = join(folder, name);
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace('goshawk', 'gosh4wk').replace('Goshawk', 'Gosh4wk'),
      );
      expect(apt('update')).not.toMatchObject({ status: 0 });
    });

    it('whose package somebody changed is refused', () => {
      makeAptRepository(folder, key);
      apt('update');
      appendFileSync(join(folder, 'goshawk-agent_0.2.0_amd64.deb'), 'x');
      expect(apt('download', 'goshawk-agent')).not.toMatchObject({ status: 0 });
    });

    it('is refused for a folder without packages', () => {
      const empty = join(folder, '../empty');
      mkdirSync(empty);
      expect(() => makeAptRepository(empty, key)).toThrow(`There is no package in ${empty}`);
    });

    it('is not begun without a secret key of that name', () => {
      expect(() => expectAptKey('other@example.org')).toThrow('gpg has no secret key other@example.org');
      expect(existsSync(join(folder, 'InRelease'))).toBe(false);
    });
  },
);

function debianPackage(folder: string, version: string): void {
  const root = join(folder, `../root-${version}`);
  mkdirSync(join(root, 'DEBIAN'), { recursive: true });
  writeFileSync(
    join(root, 'DEBIAN/control'),
    `Package: goshawk-agent\nVersion: ${version}\nArchitecture: amd64\nMaintainer: a <a@example.org>\nDescription: test\n`,
  );
  mkdirSync(folder, { recursive: true });
  ran('dpkg-deb', ['--root-owner-group', '-b', root, join(folder, `goshawk-agent_${version}_amd64.deb`)]);
}

/** apt with folders of its own, that knows this repository alone, by its key. */
function aptOf(base: string, folder: string) {
  for (const name of ['lists/partial', 'cache/archives/partial', 'sources', 'preferences', 'downloads'])
    mkdirSync(join(base, name), { recursive: true });
  writeFileSync(join(base, 'status'), '');
  writeFileSync(
    join(base, 'sources.list'),
    `deb [arch=amd64 signed-by=${join(folder, 'goshawk.asc')}] copy:${folder} ./\n`,
  );
  const options = Object.entries({
    'Dir::State::lists': join(base, 'lists'),
    'Dir::State::status': join(base, 'status'),
    'Dir::Cache': join(base, 'cache'),
    'Dir::Etc::sourcelist': join(base, 'sources.list'),
    'Dir::Etc::sourceparts': join(base, 'sources'),
    'Dir::Etc::preferencesparts': join(base, 'preferences'),
    'APT::Architecture': 'amd64',
    'APT::Sandbox::User': '',
    'APT::Update::Error-Mode': 'any',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync('apt-get', [...options, ...args], {
      cwd: join(base, 'downloads'),
      encoding: 'utf8',
    });
    return { status, said: `${stdout}${stderr}` };
  };
}

function ran(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
}
