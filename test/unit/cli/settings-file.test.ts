import { Writable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import { describe, expect, it, vi } from 'vitest';
import { Output } from '../../../src/cli/output.ts';
import { settingsFile } from '../../../src/cli/settings-file.ts';

const schema = Type.Object({ level: Type.Integer({ default: 3, description: 'How high' }) });

function said() {
  let text = '';
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  return { output: new Output({ format: 'table', debug: false, stdout }), text: () => text };
}

describe('A program with a settings file', () => {
  it('runs with the file that it is given', async () => {
    const { output, text } = said();
    expect(await settingsFile(schema, 'agent', { config: 'agent.json' }, output)).toBe('agent.json');
    expect(text()).toBe('');
  });

  it('says where to find them when none are given', async () => {
    await expect(settingsFile(schema, 'agent', {}, said().output)).rejects.toMatchObject({
      code: 'config-missing',
      remedy: expect.stringContaining('agent --print-settings'),
    });
  });

  it('runs with the environment where no file is given and a variable is', async () => {
    vi.stubEnv('GOSHAWK_LEVEL', '3');
    expect(await settingsFile(schema, 'agent', {}, said().output)).toBeUndefined();
    vi.unstubAllEnvs();
  });

  it.each([
    [{ printSettings: true }, 'How high'],
    [{ printSchema: true }, '"title": "Settings of goshawk controller"'],
  ])('answers %j without a file, and does not run', async (asked, answer) => {
    const { output, text } = said();
    expect(await settingsFile(schema, 'controller', asked, output)).toBe(0);
    expect(text()).toContain(answer);
  });
});
