import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UploadFolder } from '../../../../src/adapters/artifacts/index.ts';
import { RepositoryFolder } from '../../../../src/adapters/artifacts/repository-folder.ts';
import { digestOf } from '../../../../src/platform/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

async function* pieces(...texts: readonly (string | Error)[]) {
  for (const text of texts) {
    if (text instanceof Error) throw text;
    yield Buffer.from(text);
  }
}

describe('Uploads on the disk', () => {
  it('go on in another life, and are measured as a whole', async () => {
    const root = join(temporaryFolder(), 'uploads');
    const first = new UploadFolder(root);
    await first.begin('0f');
    expect(await first.append('0f', pieces('one ', 'two'), 100)).toBe(7);
    const second = new UploadFolder(root);
    expect(await second.list()).toEqual([{ id: '0f', size: 7, modifiedMs: expect.any(Number) }]);
    expect(await second.append('0f', pieces(' three'), 100)).toBe(13);
    const staged = await second.finish('0f');
    expect(staged).toEqual({ digest: digestOf('one two three'), size: 13, file: join(root, '0f') });
  });

  it('keep what came before the bytes broke off, and are measured by what lies there', async () => {
    const uploads = new UploadFolder(join(temporaryFolder(), 'uploads'));
    await uploads.begin('0f');
    await expect(uploads.append('0f', pieces('one', new Error('reset')), 100)).rejects.toMatchObject({
      code: 'artifact-io',
    });
    expect(await uploads.sizeOf('0f')).toBe(3);
    await uploads.append('0f', pieces(' two'), 100);
    expect((await uploads.finish('0f')).digest).toBe(digestOf('one two'));
  });

  it('have a size limit, and are unknown before their start and after their end', async () => {
    const uploads = new UploadFolder(join(temporaryFolder(), 'uploads'));
    await uploads.begin('0f');
    await expect(uploads.append('0f', pieces('0123456789', 'x'), 10)).rejects.toMatchObject({
      code: 'file-too-large',
    });
    await uploads.cancel('0f');
    for (const id of ['0f', '../0f', ''])
      await expect(uploads.append(id, pieces('x'), 10)).rejects.toMatchObject({ code: 'upload-unknown' });
    expect(await uploads.list()).toEqual([]);
  });
});

describe('Repositories on the disk', () => {
  const record = {
    name: 'site/street',
    blobs: [{ digest: digestOf('a'), size: 1, linkedMs: 5 }],
    manifests: [
      {
        digest: digestOf('b'),
        mediaType: 'a/b',
        size: 1,
        pushedMs: 5,
        blobs: [digestOf('a')],
        manifests: [],
      },
    ],
    // A tag may be called so.
    tags: JSON.parse(`{"1.0.0":"${digestOf('b')}","__proto__":"${digestOf('b')}"}`) as Record<string, string>,
  };

  it('are stored as they were saved, each in a separate file', async () => {
    const root = join(temporaryFolder(), 'repositories');
    await new RepositoryFolder(root).save(record);
    await new RepositoryFolder(root).save({ ...record, name: 'street' });
    expect(readdirSync(root).sort()).toEqual(['site+street.json', 'street.json']);
    const { records, faults } = await new RepositoryFolder(root).load();
    expect(faults).toEqual([]);
    expect(records.map((one) => JSON.stringify(one))).toContain(JSON.stringify(record));
    await new RepositoryFolder(root).delete('street');
    expect(JSON.stringify((await new RepositoryFolder(root).load()).records)).toBe(JSON.stringify([record]));
  });

  it.each([
    ['no JSON', '{'],
    ['another form', '{"name":"street"}'],
    ['another name', JSON.stringify({ ...record, name: 'other' })],
    ['a digest that is none', JSON.stringify({ ...record, name: 'street', tags: { a: '../b' } })],
  ])('that hold %s are told and left alone; the others are there', async (_, text) => {
    const root = join(temporaryFolder(), 'repositories');
    await new RepositoryFolder(root).save(record);
    writeFileSync(join(root, 'street.json'), text);
    writeFileSync(join(root, 'street.json.partial-0123456789ab'), '{');
    const { records, faults } = await new RepositoryFolder(root).load();
    expect(records).toEqual([record]);
    expect(faults).toEqual([expect.stringContaining('street.json')]);
    expect(readFileSync(join(root, 'street.json'), 'utf8')).toBe(text);
    expect(readdirSync(root).sort()).toEqual(['site+street.json', 'street.json']);
  });

  it('where there are none, are none', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'x'));
    expect(await new RepositoryFolder(join(root, 'none')).load()).toEqual({ records: [], faults: [] });
  });
});
