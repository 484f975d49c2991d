import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { readSecret, readSettings } from '../../../../src/runtime/settings/read.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const schema = Type.Object({ port: Type.Integer({ default: 8080 }) }, { additionalProperties: false });
const file = (content: string) => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, content);
  return path;
};

describe('A file of settings', () => {
  it('is read with its defaults', async () => {
    expect(await readSettings(schema, file('{}'))).toEqual({ port: 8080 });
    expect(await readSettings(schema, file(' {"port": 1}\n'))).toEqual({ port: 1 });
  });

  it('that is not there, no JSON or does not fit is refused with its path', async () => {
    const nowhere = join(temporaryFolder(), 'nowhere.json');
    const missing = { code: 'file-missing', message: expect.stringContaining(nowhere) };
    await expect(readSettings(schema, nowhere)).rejects.toMatchObject(missing);
    const broken = file('{"port": ');
    const words = {
      code: 'settings-invalid',
      message: expect.stringMatching(/is not valid YAML or JSON: .* at line 1, column/),
    };
    await expect(readSettings(schema, broken)).rejects.toMatchObject(words);
    const wrong = file('{"port": "many"}');
    await expect(readSettings(schema, wrong)).rejects.toMatchObject({
      code: 'settings-invalid',
      message: expect.stringContaining(`${wrong}:1:2: port: `),
    });
  });
});

describe('A file of settings in YAML', () => {
  it('is read as JSON is, and says line and column of each mistake', async () => {
    expect(await readSettings(schema, file('# of the yard\nport: 1\n'))).toEqual({ port: 1 });
    const wrong = file('# of the yard\n\nport: many\nprot: 2\n');
    await expect(readSettings(schema, wrong)).rejects.toMatchObject({
      message: `${wrong}:4:1: prot: is unknown\n${wrong}:3:1: port: must be integer: found "many"`,
    });
  });

  it('that is empty has every default', async () => {
    expect(await readSettings(schema, file(''))).toEqual({ port: 8080 });
  });
});

describe('A secret', () => {
  it.each([
    ['as it is', 'secret', 'secret'],
    ['without the line end of an editor', 'secret\n', 'secret'],
    ['without that of Windows', 'secret\r\n', 'secret'],
    ['with every other blank', ' se cret \n\n', ' se cret \n'],
  ])('is read %s', async (_, content, secret) => {
    expect(await readSecret(file(content))).toBe(secret);
  });

  it.each(['', '\n', '\r\n'])(
    'that is empty (%j) is refused here, before the other side rejects it without a reason',
    async (content) => {
      await expect(readSecret(file(content))).rejects.toMatchObject({ code: 'secret-empty' });
    },
  );

  it('that is not there is asked for, with who may read it', async () => {
    await expect(readSecret('/nowhere/password')).rejects.toMatchObject({
      code: 'file-missing',
      remedy: expect.stringContaining('0600'),
    });
  });
});
