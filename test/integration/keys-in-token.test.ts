import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createKey,
  initRepository,
  nameTokenKey,
  showRepository,
  signRepository,
} from '../../src/workbench/index.ts';
import { titled } from '../conformance/native-build.ts';
import { softToken, tokenMissing, tokenNode } from '../fixtures/soft-token.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { ended, startOn } from './goshawk.ts';

describe.skipIf(tokenMissing !== undefined)(
  titled('Two owners, one with a key in a token', tokenMissing),
  () => {
    it('sign roots and targets by the same commands, and the file of the key does not hold it', {
      timeout: 300_000,
    }, async () => {
      const folder = temporaryFolder();
      const file = (name: string) => join(folder, name);
      mkdirSync(file('token'));
      const { token, environment } = softToken(file('token'));
      const pair = ['--keypairgen', '--key-type', 'EC:prime256v1', '--label', 'anna', '--id', '01'];
      const login = [
        '--token-label',
        token.label,
        '--login',
        '--pin',
        readFileSync(token.pinFile, 'utf8').trim(),
      ];
      execFileSync('pkcs11-tool', ['--module', token.module, ...login, ...pair], {
        ...{ env: { ...process.env, ...environment }, stdio: 'ignore' },
      });
      const named = await nameTokenKey(file('anna.key'), { ...token, object: 'anna' });
      const env = { ...environment, OPENSSL_CONF: named.config };
      const onTokenNode = async (...args: string[]) => {
        const { code, stderr } = await ended(startOn(tokenNode ?? '', env, 'keys', ...args));
        expect([code, stderr]).toEqual([0, expect.not.stringContaining('rror')]);
      };

      await onTokenNode('export', '--key', file('anna.key'), '--out', file('anna.pub'));
      for (const name of ['ben', 'safe', 'online']) await createKey(file(name), 'ed25519', undefined);
      await initRepository({
        ...{ file: file('fleet.json'), rootKeys: ['anna.pub', 'ben.pub', 'safe.pub'].map(file) },
        ...{ targetsKeys: [], onlineKey: file('online.pub'), threshold: 2, days: 365 },
      });
      await signRepository(file('fleet.json'), { file: file('ben'), passphrase: async () => undefined });
      const complete = async () =>
        (await showRepository(file('fleet.json'))).documents.map((one) => [one.what, one.complete]);
      const whole = (yes: boolean) => ['image root', 'director root', 'targets'].map((what) => [what, yes]);
      expect(await complete()).toEqual(whole(false));
      await onTokenNode('sign', file('fleet.json'), '--key', file('anna.key'));
      expect(await complete()).toEqual(whole(true));
      // The reference names the key and does not hold it.
      expect(readFileSync(file('anna.key'), 'latin1')).toMatch(/^-----BEGIN PKCS#11 PROVIDER URI-----/);
    });
  },
);
