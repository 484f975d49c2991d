import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { GoshawkError, InputError } from '../../../../src/base/index.ts';
import {
  isPartialName,
  makeFolder,
  partialName,
  removePartials,
  writeFileAtomic,
} from '../../../../src/platform/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const failure = (work: Promise<unknown>): Promise<GoshawkError> =>
  work.then(
    () => expect.unreachable('it should have been refused'),
    (error: GoshawkError) => error,
  );

describe('A file that is written as a whole', () => {
  it('makes its folder, replaces the old file and leaves no temporary file', async () => {
    const folder = join(temporaryFolder(), 'a', 'b');
    await writeFileAtomic(join(folder, 'state.json'), 'old');
    await writeFileAtomic(join(folder, 'state.json'), 'new');
    expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('has the mode that it was given, and so has its folder', async () => {
    const path = join(temporaryFolder(), 'secrets', 'token');
    await writeFileAtomic(path, 'x', { mode: 0o600, folderMode: 0o700 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  it('takes bytes that come in pieces, and stays as it was where they end with an error', async () => {
    const path = join(temporaryFolder(), 'file');
    const pieces = async function* (end?: Error) {
      yield Buffer.from('one ');
      yield Buffer.from('two');
      if (end !== undefined) throw end;
    };
    await writeFileAtomic(path, pieces());
    expect(readFileSync(path, 'utf8')).toBe('one two');
    const cut = new InputError('cut', 'The upload ended.', 'Send it again.');
    expect(await failure(writeFileAtomic(path, pieces(cut)))).toBe(cut);
    expect(readFileSync(path, 'utf8')).toBe('one two');
    expect(readdirSync(dirname(path))).toEqual(['file']);
  });

  it('lies elsewhere until it is whole, where that is wanted', async () => {
    const folder = temporaryFolder();
    const partial = join(folder, 'incoming', 'x');
    const bytes = (async function* () {
      expect(existsSync(partial)).toBe(true);
      yield Buffer.from('x');
    })();
    await writeFileAtomic(join(folder, 'kept', 'file'), bytes, { partial });
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['incoming', 'kept', 'kept/file']);
  });

  it('can be written by many at once: it is of one of them', async () => {
    const path = join(temporaryFolder(), 'file');
    const contents = Array.from({ length: 20 }, (_, i) => String(i).repeat(50_000));
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    expect(contents).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(dirname(path))).toEqual(['file']);
  });
});

describe('A write that is killed', () => {
  const built = (folder: string): string => {
    const outfile = join(folder, 'kill-at-step.mjs');
    const entryPoints = ['test/unit/platform/files/kill-at-step.ts'];
    buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' });
    return outfile;
  };

  it('before any of its steps leaves the old file or the new one', { timeout: 120_000 }, () => {
    const folder = temporaryFolder();
    const script = built(folder);
    const path = join(folder, 'data', 'state.json');
    const [old, fresh] = ['old '.repeat(1000), 'new '.repeat(1500)];
    const found: string[] = [];
    for (let step = 1; ; step += 1) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, old);
      const { signal, status, stderr } = spawnSync(process.execPath, [script, path, fresh, String(step)]);
      expect(stderr.toString()).toBe('');
      const content = readFileSync(path, 'utf8');
      expect([old, fresh]).toContain(content);
      found.push(content === fresh ? 'new' : 'old');
      if (status === 0) break;
      expect(signal).toBe('SIGKILL');
    }
    // Folder, partial file, two halves, sync, close, rename: until then it is the old one.
    expect(found.join(' ')).toMatch(/^(old ){8,}(new )+new$/);
    expect(readdirSync(dirname(path)).filter(isPartialName).length).toBeGreaterThan(3);
  });

  it('before any of its steps leaves no file or the new one where there was none', {
    timeout: 120_000,
  }, () => {
    const folder = temporaryFolder();
    const script = built(folder);
    const path = join(folder, 'data', 'deeper', 'state.json');
    const fresh = 'new '.repeat(1500);
    for (let step = 1; ; step += 1) {
      rmSync(join(folder, 'data'), { recursive: true, force: true });
      const { status } = spawnSync(process.execPath, [script, path, fresh, String(step)]);
      if (existsSync(path)) expect(readFileSync(path, 'utf8')).toBe(fresh);
      if (status === 0) break;
    }
    expect(existsSync(path)).toBe(true);
  });

  it('leaves behind what its only writer can remove', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'state.json');
    for (const name of [partialName(path), partialName(path), join(folder, 'other.json')])
      writeFileSync(name, 'half');
    writeFileSync(partialName(join(folder, 'other.json')), 'half');
    await removePartials(path);
    expect(readdirSync(folder).map((name) => name.replace(/-.*/, ''))).toEqual([
      'other.json',
      'other.json.partial',
    ]);
    await removePartials(join(folder, 'nowhere', 'state.json'));
  });
});

const mountable = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return mounted;
})();

describe('A file that can’t be written', () => {
  it('says so in words, leaves the old one and no leftovers', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'state.json', 'inside'), { recursive: true });
    const error = await failure(writeFileAtomic(join(folder, 'state.json'), 'new'));
    expect(error).toBeInstanceOf(GoshawkError);
    expect(error).toMatchObject({ message: /Can't write the file/, remedy: /./ });
    expect(readdirSync(folder)).toEqual(['state.json']);
    writeFileSync(join(folder, 'file'), '');
    expect(await failure(writeFileAtomic(join(folder, 'file', 'a', 'state.json'), 'x'))).toMatchObject({
      code: 'file-not-folder',
    });
  });

  it('says it in the words of who writes it', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const explain = () => new InputError('own-code', 'In own words.', 'Do it.');
    expect(await failure(writeFileAtomic(join(folder, 'file', 'x'), 'x', { explain }))).toMatchObject({
      code: 'own-code',
    });
  });

  it.skipIf(process.getuid?.() === 0)(
    'because its folder is read-only says so (skipped for root)',
    async () => {
      const folder = temporaryFolder();
      chmodSync(folder, 0o500);
      expect(await failure(writeFileAtomic(join(folder, 'x'), 'x'))).toMatchObject({
        code: 'file-permission',
      });
    },
  );

  it.skipIf(!mountable)(
    `because its disk is full or read-only says so, and leaves the old one (${mountable ? 'tmpfs' : 'skipped: may not mount a tmpfs'})`,
    async () => {
      const folder = temporaryFolder();
      const path = join(folder, 'x');
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
      try {
        await writeFileAtomic(path, 'old');
        expect(await failure(writeFileAtomic(path, Buffer.alloc(200_000)))).toMatchObject({
          ...{ name: 'LimitError', code: 'disk-full', remedy: /room/ },
        });
        expect(readdirSync(folder)).toEqual(['x']);
        spawnSync('mount', ['-o', 'remount,ro', folder]);
        expect(await failure(writeFileAtomic(path, 'new'))).toMatchObject({ code: 'file-read-only' });
        expect(readFileSync(path, 'utf8')).toBe('old');
      } finally {
        spawnSync('umount', [folder]);
      }
    },
  );
});

describe('A folder', () => {
  it('is made with those above it, and made twice without complaint', async () => {
    const folder = join(temporaryFolder(), 'a', 'b', 'c');
    await makeFolder(folder);
    await makeFolder(folder);
    expect(statSync(folder).isDirectory()).toBe(true);
  });
});
