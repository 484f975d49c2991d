import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findProvider, keyReference, providerConfig } from '../../src/adapters/pkcs11/index.ts';
import { initAuthority, openAuthority } from '../../src/adapters/x509/index.ts';
import { pemOf } from '../../src/adapters/x509/library.ts';
import { referenceModel } from '../conformance/engine-models.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { filesHolding, piecesOf } from '../fixtures/disk-search.ts';
import { encryptFor, writeFixedBundle } from '../fixtures/encrypted-bundle.ts';
import { enrolFolder } from '../fixtures/enrolled-folder.ts';
import { tokenNode } from '../fixtures/soft-token.ts';
import { TpmToken, tpmMissing } from '../fixtures/tpm-token.ts';
import { agentSettings, pluginFolder } from './agent-process.ts';
import { eventually, Program } from './fleet/program.ts';
import { projectRoot, startOn } from './goshawk.ts';

const why = missingPlugin('reference') ?? tpmMissing;
const object = 'goshawk d1';

/** The reference engine stands for TensorRT: it builds a plan that holds what the network holds. */
describe.skipIf(why !== undefined)(titled('A device whose key is in a TPM (swtpm, tpm2-abrmd)', why), () => {
  const base = mkdtempSync(join(tmpdir(), 'gtpm-'));
  const open: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const one of open.reverse()) await one.close();
    rmSync(base, { recursive: true, force: true });
  });

  async function tpm(name: string): Promise<TpmToken> {
    const folder = join(base, name);
    mkdirSync(folder);
    const made = await TpmToken.start(folder, object);
    open.push(made);
    return made;
  }

  /** The certificate of the key, by an authority of this test; the key never leaves the TPM. */
  async function identity({ token, environment }: TpmToken) {
    const [key, openssl] = [join(base, 'key.pem'), join(base, 'openssl.cnf')];
    writeFileSync(key, keyReference({ token: token.label, object }));
    writeFileSync(openssl, providerConfig(token, findProvider()));
    const asks = ['--import', 'tsx', 'test/fixtures/open-with-key.ts', key, 'request'];
    const request = execFileSync(tokenNode ?? '', asks, {
      ...{ cwd: projectRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
      env: { ...process.env, ...environment, OPENSSL_CONF: openssl },
    });
    const authority = join(base, 'authority');
    await initAuthority({ folder: authority, name: 'test', nowMs: Date.now() });
    const opened = await openAuthority(authority);
    const csr = await opened.authority.read(Buffer.from(request, 'base64'));
    const day = 86_400_000;
    const days = { notBeforeMs: Date.now() - day, notAfterMs: Date.now() + day };
    const cert = pemOf('CERTIFICATE', (await opened.authority.issue(csr, days)).der);
    return { cert, key: keyReference({ token: token.label, object }), ca: cert };
  }

  function agent({ token, environment }: TpmToken): Program {
    const settings = agentSettings(base, join(base, 'sealed'), {
      ...{ engine: 'tensorrt', enrolment: { claimFile: join(base, 'claim'), pkcs11: token } },
    });
    const plugins = { GOSHAWK_PLUGINS: pluginFolder(base, 'tensorrt') };
    const program = new Program(
      'goshawk agent',
      startOn(tokenNode ?? '', { ...environment, ...plugins }, 'agent', '--config', settings, '--json'),
    );
    open.push({ close: () => program.end('SIGKILL') });
    return program;
  }
  const events = (program: Program) => program.log.flatMap(({ event }) => event ?? []);
  const serves = (program: Program) =>
    eventually('it serves', () => program.log.some(({ msg }) => msg === 'engine chosen'), 300_000);

  it('keeps its plan encrypted with it, reads it after a restart, and no other TPM opens it', async () => {
    const own = await tpm('a');
    const made = await identity(own);
    const weights = `# ${randomBytes(100_000).toString('base64')}`;
    await writeFixedBundle(
      join(base, 'plain'),
      Buffer.from(referenceModel('fixed').replace(/\nend/, `\n${weights}\nend`)),
    );
    await encryptFor(base, ['plain', 'sealed'], made);
    await enrolFolder(join(base, 'data'), made);

    const first = agent(own);
    await serves(first);
    expect(events(first)).toContain('engine.built');
    await first.end();
    const plans = readdirSync(join(base, 'data', 'engines')).filter((name) => name.endsWith('.plan'));
    expect(plans).toHaveLength(1);
    expect(filesHolding(piecesOf(Buffer.from(weights)), [join(base, 'data')], [])).toEqual([]);

    const second = agent(own);
    await serves(second);
    expect(events(second)).not.toContain('engine.built');
    await second.end();
    await own.close();

    // The disk in a board with another TPM, whose token and key have the same names.
    const third = agent(await tpm('b'));
    await eventually('it says why not', () => third.stderr.includes('is encrypted for'), 300_000);
    expect(third.log.some(({ msg }) => msg === 'engine chosen')).toBe(false);
  }, 900_000);
});
