import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdDatabase } from '../../../../../src/adapters/sqlite/index.ts';
import { defaultRetention } from '../../../../../src/controller/index.ts';
import { backupController } from '../../../../../src/runtime/controller/backup/backup.ts';
import { parseManifest } from '../../../../../src/runtime/controller/backup/manifest.ts';
import { finishRestore } from '../../../../../src/runtime/controller/backup/replace.ts';
import { restoreController } from '../../../../../src/runtime/controller/backup/restore.ts';
import { ControllerSettings } from '../../../../../src/runtime/settings/controller.ts';
import { checkSettings } from '../../../../../src/runtime/settings/read.ts';
import { event } from '../../../../contract/store/rows.ts';
import { openSqliteStore } from '../../../../fixtures/sqlite-store.ts';

const clock = { wallMs: () => 1_790_000_000_000 };
let root: string;
let dataDir: string;
let backup: string;

const settingsOf = (folder: string, more = {}) =>
  checkSettings(
    ControllerSettings,
    { dataDir: folder, broker: { url: 'mqtt://127.0.0.1:1' }, ...more },
    'a test',
  );

/** A data folder with a database, a secret and a model. */
async function fill(folder: string, events: readonly string[]): Promise<void> {
  mkdirSync(join(folder, 'artifacts', 'blobs', 'sha256', 'ab'), { recursive: true });
  mkdirSync(join(folder, 'artifacts', 'uploads'));
  writeFileSync(join(folder, 'artifacts', 'blobs', 'sha256', 'ab', 'abcd'), 'weights');
  writeFileSync(join(folder, 'artifacts', 'uploads', 'half'), 'wei');
  writeFileSync(join(folder, 'secrets.key'), `key of ${events.join()}`, { mode: 0o600 });
  const store = openSqliteStore(join(folder, 'controller.db'));
  await store.commit({ events: events.map((id) => event(id)) });
  await store.close();
}

async function eventsIn(folder: string): Promise<string[]> {
  const store = openSqliteStore(join(folder, 'controller.db'));
  const { events } = await store.events({});
  await store.close();
  return events.map(({ id }) => id).reverse();
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'goshawk-backup-'));
  dataDir = join(root, 'data');
  backup = join(root, 'backups', 'monday');
  await fill(dataDir, ['one', 'two']);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a backup', () => {
  it('holds database, keys and models, for its user alone, and says what it does not hold', async () => {
    const made = await backupController(settingsOf(dataDir), backup, clock);
    expect(readdirSync(backup).sort()).toEqual([
      'artifacts',
      'controller.db',
      'goshawk-backup.json',
      'secrets.key',
    ]);
    expect(existsSync(join(backup, 'artifacts', 'uploads'))).toBe(false);
    for (const name of ['controller.db', 'goshawk-backup.json', 'secrets.key'])
      expect(statSync(join(backup, name)).mode & 0o777).toBe(0o600);
    expect(statSync(backup).mode & 0o777).toBe(0o700);
    expect(made).toMatchObject({ files: 3, devices: 1 });
    expect(made.without.join()).toContain('the settings file');
    const outside = { devices: { names: ['a.example'], authorityDir: '/keys' } };
    const other = await backupController(settingsOf(dataDir, outside), `${backup}2`, clock);
    expect(other.without.join()).toContain('/keys');
  });

  it('has what was committed while it runs, and gives space back', async () => {
    const file = join(dataDir, 'controller.db');
    const store = openSqliteStore(file);
    const large = (id: string) => event(id, { data: { text: 'x'.repeat(50_000) } });
    await store.commit({ events: Array.from({ length: 100 }, (_, i) => large(`old-${i}`)) });
    await store.retain(defaultRetention, 2 * clock.wallMs());
    await store.commit({ events: [event('late')] });
    await backupController(settingsOf(dataDir), backup, clock);
    await store.commit({ events: [event('later')] });
    expect(await eventsIn(backup)).toEqual(['late']);
    expect(statSync(join(backup, 'controller.db')).size).toBeLessThan((await store.sizeBytes()) / 2);
    await store.close();
  });

  it('is refused where its folder exists, and where there is no controller', async () => {
    mkdirSync(backup, { recursive: true });
    await expect(backupController(settingsOf(dataDir), backup, clock)).rejects.toMatchObject({
      code: 'backup-exists',
    });
    await expect(backupController(settingsOf(`${dataDir}x`), `${backup}2`, clock)).rejects.toMatchObject({
      code: 'database-missing',
    });
  });

  it('of a damaged database is an error, and leaves nothing', async () => {
    await backupController(settingsOf(dataDir), `${dataDir}-whole`, clock);
    const bytes = readFileSync(join(`${dataDir}-whole`, 'controller.db'));
    bytes.fill(0xff, 8192 * 2);
    const damaged = `${dataDir}-damaged`;
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'controller.db'), bytes);
    await expect(backupController(settingsOf(damaged), backup, clock)).rejects.toMatchObject({
      code: 'database-corrupt',
    });
    expect(readdirSync(join(backup, '..'))).toEqual([]);
  });
});

describe('a restore', () => {
  it('makes a controller where there was none', async () => {
    await backupController(settingsOf(dataDir), backup, clock);
    const empty = `${dataDir}-new`;
    expect(await restoreController(settingsOf(empty), backup, false, clock)).not.toHaveProperty('former');
    expect(await eventsIn(empty)).toEqual(['one', 'two']);
    expect(readFileSync(join(empty, 'artifacts', 'blobs', 'sha256', 'ab', 'abcd'), 'utf8')).toBe('weights');
    expect(statSync(join(empty, 'secrets.key')).mode & 0o777).toBe(0o600);
  });

  it('overwrites nothing without being told, and keeps what was there', async () => {
    await backupController(settingsOf(dataDir), backup, clock);
    const other = `${dataDir}-other`;
    await fill(other, ['three']);
    await expect(restoreController(settingsOf(other), backup, false, clock)).rejects.toMatchObject({
      code: 'restore-occupied',
    });
    expect(await eventsIn(other)).toEqual(['three']);
    const { former } = await restoreController(settingsOf(other), backup, true, clock);
    expect(await eventsIn(other)).toEqual(['one', 'two']);
    expect(await eventsIn(former!)).toEqual(['three']);
    expect(readFileSync(join(former!, 'secrets.key'), 'utf8')).toBe('key of three');
    expect(readdirSync(other).filter((name) => name.startsWith('.restore'))).toEqual([]);
  });

  it('is refused while a controller runs', async () => {
    await backupController(settingsOf(dataDir), backup, clock);
    const release = holdDatabase(join(dataDir, 'controller.db'));
    await expect(restoreController(settingsOf(dataDir), backup, true, clock)).rejects.toMatchObject({
      code: 'database-locked',
    });
    release();
  });

  it('changes nothing where a file of the backup is missing, cut, changed or of another schema', async () => {
    await backupController(settingsOf(dataDir), backup, clock);
    const attempt = () => restoreController(settingsOf(dataDir), backup, true, clock);
    const spoil = async (name: string, change: (path: string) => void, code: string) => {
      const path = join(backup, name);
      const before = readFileSync(path);
      change(path);
      await expect(attempt()).rejects.toMatchObject({ code });
      writeFileSync(path, before);
    };
    await spoil('secrets.key', (path) => renameSync(path, `${path}.gone`), 'file-missing');
    await spoil('secrets.key', (path) => writeFileSync(path, 'k'), 'backup-damaged');
    await spoil('secrets.key', (path) => writeFileSync(path, readFileSync(path).fill(65)), 'backup-damaged');
    await spoil('goshawk-backup.json', (path) => writeFileSync(path, '{'), 'backup-damaged');
    await spoil('goshawk-backup.json', (path) => writeFileSync(path, '{"format":2}'), 'backup-format');
    await expect(restoreController(settingsOf(dataDir), dataDir, true, clock)).rejects.toMatchObject({
      code: 'backup-missing',
    });
    expect(await eventsIn(dataDir)).toEqual(['one', 'two']);
    expect(readdirSync(dataDir).filter((name) => /restore/.test(name))).toEqual([]);
    expect(await attempt()).toMatchObject({ files: 3 });
  });

  it('that a power cut ends is finished by the next start, whichever rename was the last', async () => {
    await backupController(settingsOf(dataDir), backup, clock);
    const names = ['artifacts', 'controller.db', 'secrets.key'];
    // A restore that was decided, with all of its renames still to be made.
    const prepare = async (folder: string) => {
      await fill(folder, ['three']);
      cpSync(backup, join(folder, '.restore', 'new'), { recursive: true });
      rmSync(join(folder, '.restore', 'new', 'goshawk-backup.json'));
      const decision = {
        old: [...names, 'controller.db-shm', 'controller.db-wal'],
        new: names,
        former: 'before-restore-x',
      };
      writeFileSync(join(folder, '.restore', 'decided'), JSON.stringify(decision));
    };
    const steps: ((folder: string) => void)[] = [
      ...[...names, 'controller.db-shm', 'controller.db-wal'].map((name) => (folder: string) => {
        mkdirSync(join(folder, '.restore', 'old'), { recursive: true });
        if (existsSync(join(folder, name)))
          renameSync(join(folder, name), join(folder, '.restore', 'old', name));
      }),
      ...names.map(
        (name) => (folder: string) => renameSync(join(folder, '.restore', 'new', name), join(folder, name)),
      ),
      (folder) => renameSync(join(folder, '.restore', 'old'), join(folder, 'before-restore-x')),
    ];
    for (let cut = 0; cut <= steps.length; cut++) {
      const folder = `${dataDir}-cut-${cut}`;
      await prepare(folder);
      for (const step of steps.slice(0, cut)) step(folder);
      expect(await finishRestore(folder)).toBe(true);
      expect(await eventsIn(folder), `cut after ${cut}`).toEqual(['one', 'two']);
      expect(await eventsIn(join(folder, 'before-restore-x'))).toEqual(['three']);
      expect(existsSync(join(folder, '.restore'))).toBe(false);
    }
  });

  it('that was not decided is dropped by the next start', async () => {
    mkdirSync(join(dataDir, '.restore', 'new'), { recursive: true });
    writeFileSync(join(dataDir, '.restore', 'new', 'controller.db'), 'half');
    expect(await finishRestore(dataDir)).toBe(false);
    expect(await eventsIn(dataDir)).toEqual(['one', 'two']);
    expect(existsSync(join(dataDir, '.restore'))).toBe(false);
  });
});

describe('the list of a backup', () => {
  const text = (path: string) =>
    JSON.stringify({
      ...{ format: 1, goshawk: '0.1.0', createdMs: 1, schema: 1, without: [] },
      files: [{ path, bytes: 1, digest: `sha256:${'0'.repeat(64)}`, mode: 0o600 }],
    });

  it('names no file outside of the backup', () => {
    for (const path of ['..', '../x', '/etc/passwd', 'a/../b', 'a//b', '.', 'a/.', ''])
      expect(() => parseManifest(text(path), 'm'), path).toThrow('damaged');
    for (const path of ['a', 'a/b', '..a/b..', '.hidden'])
      expect(parseManifest(text(path), 'm').files).toHaveLength(1);
  });

  it('is read or refused, whatever it says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string().map(text)), (given) => {
        try {
          for (const { path } of parseManifest(given, 'm').files)
            expect(join('/r', path).startsWith('/r/')).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^backup-/) });
        }
      }),
    );
  });
});
