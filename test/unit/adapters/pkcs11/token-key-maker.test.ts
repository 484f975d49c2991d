import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  keyReference,
  runTool,
  TokenKeyMaker,
  type ToolRunner,
} from '../../../../src/adapters/pkcs11/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

/** A maker whose tool answers what the test says. */
function maker(answers: Record<string, string | Error>) {
  const pinFile = join(temporaryFolder(), 'pin');
  writeFileSync(pinFile, '271828\n', { mode: 0o600 });
  const ran: { args: readonly string[]; pin: string }[] = [];
  const run: ToolRunner = async (program, args, pin) => {
    expect(program).toBe('pkcs11-tool');
    ran.push({ args, pin });
    const answer = Object.entries(answers).find(([word]) => args.includes(word))?.[1] ?? '';
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const keys = new TokenKeyMaker({ module: '/lib/p11.so', label: 'hall 3', pinFile }, 'goshawk-device', run);
  return { keys, ran, pinFile };
}

describe('A key in a token', () => {
  it('is made where the token has none of its name, on P-256, with an id, and its PIN is no argument', async () => {
    const { keys, ran } = maker({ '--read-object': new Error('object not found') });
    await keys.prepare();
    const made = ran.at(-1)?.args ?? [];
    expect(made).toEqual(expect.arrayContaining(['--keypairgen', 'EC:prime256v1', '--usage-sign']));
    expect(made[made.indexOf('--token-label') + 1]).toBe('hall 3');
    expect(made[made.indexOf('--label') + 1]).toBe('goshawk-device');
    expect(made[made.indexOf('--id') + 1]).toMatch(/^[0-9a-f]{16}$/);
    expect(ran.every(({ pin }) => pin === '271828')).toBe(true);
    expect(ran.flatMap(({ args }) => args).join(' ')).not.toContain('271828');
  });

  it('that is there is not made again', async () => {
    const { keys, ran } = maker({ '--read-object': 'a public key' });
    await keys.prepare();
    expect(ran).toHaveLength(1);
  });

  it('that this process does not see is told, and not given', async () => {
    const { keys } = maker({ '--read-object': 'a public key' });
    await expect(keys.make()).rejects.toMatchObject({ code: 'token-key-unseen' });
    expect(keys.fits(keyReference({ token: 'hall 3', object: 'goshawk-device' }))).toBe(false);
  });

  it('is not asked for with a PIN that everybody can read, or with none', async () => {
    const { keys, ran, pinFile } = maker({});
    chmodSync(pinFile, 0o644);
    await expect(keys.prepare()).rejects.toMatchObject({ code: 'pin-open' });
    expect(ran).toEqual([]);
    const absent = new TokenKeyMaker({ module: '/lib/p11.so', label: 'x', pinFile: '/nowhere' }, 'y');
    await expect(absent.prepare()).rejects.toMatchObject({ code: 'pin-missing' });
  });
});

describe('The tool of a token', () => {
  it('that is not installed, or fails, says so without the PIN', async () => {
    await expect(runTool('goshawk-no-such-tool', [], '271828')).rejects.toMatchObject({
      code: 'pkcs11-tool-missing',
    });
    const failed = runTool('sh', ['-c', 'echo "no slot with that token" >&2; exit 1'], '271828');
    await expect(failed).rejects.toMatchObject({ code: 'token-away' });
    await expect(failed).rejects.toThrow(/no slot with that token/);
    await expect(failed).rejects.not.toThrow(/271828/);
  });

  it('gets the PIN by its environment', async () => {
    expect(await runTool('sh', ['-c', 'echo "$GOSHAWK_PKCS11_PIN"'], '271828')).toBe('271828\n');
  });
});
