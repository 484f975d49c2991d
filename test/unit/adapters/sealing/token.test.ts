import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  findProvider,
  keyReference,
  providerConfig,
  type runTool,
  TokenKeyMaker,
} from '../../../../src/adapters/pkcs11/index.ts';
import { newBundleKey, wrapKey } from '../../../../src/adapters/sealing/index.ts';
import { initAuthority, openAuthority } from '../../../../src/adapters/x509/index.ts';
import { pemOf } from '../../../../src/adapters/x509/library.ts';
import { softToken, tokenMissing, tokenNode } from '../../../fixtures/soft-token.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const root = join(import.meta.dirname, '../../../..');
const bundle = `sha256:${'1'.repeat(64)}`;

describe.skipIf(tokenMissing !== undefined)(
  `A device’s key in a token${tokenMissing === undefined ? '' : ` (skipped: ${tokenMissing})`}`,
  () => {
    it('opens what is encrypted for its certificate, and can’t where it may only sign', {
      timeout: 120_000,
    }, async () => {
      const folder = temporaryFolder();
      const { token, environment } = softToken(folder);
      const openssl = join(folder, 'openssl.cnf');
      writeFileSync(openssl, providerConfig(token, findProvider()));
      const tool: typeof runTool = async (program, args, pin) =>
        execFileSync(program, [...args], {
          ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
          env: { ...process.env, ...environment, GOSHAWK_PKCS11_PIN: pin },
        });
      await new TokenKeyMaker(token, 'opens', tool, true).prepare();
      await new TokenKeyMaker(token, 'signs', tool).prepare();
      const run = (object: string, ...args: string[]) => {
        const reference = join(folder, `${object}.pem`);
        writeFileSync(reference, keyReference({ token: token.label, object }));
        return execFileSync(
          tokenNode ?? '',
          ['--import', 'tsx', 'test/fixtures/open-with-key.ts', reference, ...args],
          {
            ...{ cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
            env: { ...process.env, ...environment, OPENSSL_CONF: openssl },
          },
        );
      };
      const authority = join(folder, 'authority');
      await initAuthority({ folder: authority, name: 'test', nowMs: Date.now() });
      const signer = (await openAuthority(authority)).authority;
      const bundleKey = newBundleKey();
      const wrapped = async (object: string) => {
        const csr = await signer.read(Buffer.from(run(object, 'request'), 'base64'));
        const days = { notBeforeMs: Date.now() - 86_400_000, notAfterMs: Date.now() + 86_400_000 };
        const recipient = wrapKey(
          bundleKey,
          pemOf('CERTIFICATE', (await signer.issue(csr, days)).der),
          bundle,
        );
        const file = join(folder, `${object}.json`);
        writeFileSync(file, JSON.stringify({ recipient, bundle }));
        return { file, recipient };
      };
      const good = await wrapped('opens');
      expect(JSON.parse(run('opens', 'unwrap', good.file))).toEqual({
        digest: good.recipient.key,
        opened: Buffer.from(bundleKey).toString('hex'),
      });
      const { file } = await wrapped('signs');
      expect(() => run('signs', 'unwrap', file)).toThrow(/must allow derivation/);
    });
  },
);
