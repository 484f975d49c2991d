import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sealedObjectOf, Tpm2Seal, tpmFound } from '../../../../src/adapters/tpm2/index.ts';
import { MissingError, RefusedError } from '../../../../src/base/index.ts';
import { FakeTpm2Tools, refusals } from '../../../fixtures/fake-tpm2-tools.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const secret = Buffer.from('the-secret-of-exactly-32-letters');

function fakeTools(): FakeTpm2Tools {
  const tools = new FakeTpm2Tools('seed');
  onTestFinished(() => tools.close());
  return tools;
}

describe('Sealing by tpm2-tools', () => {
  it('gives the secret to programs by pipes alone: it is in no argument and no environment', async () => {
    const tools = fakeTools();
    const seal = new Tpm2Seal({ environment: tools.environment, pcrs: [7] });
    await seal.open(await seal.seal(secret));
    expect(tools.log).toContain('tpm2_unseal -c key.ctx -p pcr:sha256:7');
    for (const encoding of ['latin1', 'hex', 'base64'] as const)
      expect(tools.log).not.toContain(secret.toString(encoding));
  });

  it('talks to the resource manager of the kernel, where nothing else is said', async () => {
    const tools = fakeTools();
    await new Tpm2Seal({ environment: tools.environment }).seal(secret);
    expect(tools.log).toContain('TPM2TOOLS_TCTI=device:/dev/tpmrm0\n');
    expect(tools.log).not.toContain('tpm2_flushcontext');
  });

  it('leaves no folder behind, whether it worked or not', async () => {
    const tools = fakeTools();
    const own = temporaryFolder();
    const before = process.env.TMPDIR;
    process.env.TMPDIR = own;
    onTestFinished(() => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    });
    expect(tmpdir()).toBe(own);
    const seal = new Tpm2Seal({ environment: tools.environment });
    await seal.seal(secret);
    tools.set('refuses', refusals.integrity);
    await expect(seal.seal(secret)).rejects.toThrow(RefusedError);
    expect(readdirSync(own)).toEqual([]);
  });

  it.each([
    ['another TPM', refusals.integrity, RefusedError, 'tpm-another', /claim/],
    ['other PCRs', refusals.policy, RefusedError, 'tpm-pcrs-changed', /claim/],
    [
      'PCRs that change meanwhile',
      'ERROR: Esys_Unseal(0x128) - PCR changed',
      RefusedError,
      'tpm-pcrs-changed',
      /claim/,
    ],
    [
      'a password',
      'ERROR: Esys_CreatePrimary(0x9A2) - tpm:session(1):authorization',
      RefusedError,
      'tpm-owner',
      /password/,
    ],
    [
      'no memory in it',
      'ERROR: Esys_ContextLoad(0x902) - out of memory for object contexts\nERROR: Invalid',
      MissingError,
      'tpm-busy',
      /again/,
    ],
    ['a lockout', 'ERROR: Esys_Unseal(0x921) - lockout', MissingError, 'tpm-busy', /again/],
    [
      'another program',
      'Failed to open specified TCTI device file /dev/tpmrm0: Device or resource busy\nERROR: Could not load tcti',
      MissingError,
      'tpm-busy',
      /again/,
    ],
    [
      'no TPM',
      'Failed to open specified TCTI device file /dev/tpmrm0: No such file or directory\nERROR: Could not load tcti, got: "device"',
      MissingError,
      'tpm-missing',
      /firmware/,
    ],
    [
      'no permission',
      'Failed to open specified TCTI device file /dev/tpmrm0: Permission denied\nERROR: Could not load tcti',
      MissingError,
      'tpm-permission',
      /tss/,
    ],
    ['what nobody knows', 'ERROR: Esys_Load(0xA000A) - tcti:IO failure', MissingError, 'tpm-failed', /again/],
    ['silence', '', MissingError, 'tpm-failed', /again/],
  ])('says what is wrong and what to do: %s', async (_what, said, kind, code, remedy) => {
    const tools = fakeTools();
    const seal = new Tpm2Seal({ environment: tools.environment });
    const sealed = await seal.seal(secret);
    tools.set('refuses', said);
    const error = await seal.open(sealed).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ code, remedy: expect.stringMatching(remedy) });
  });

  it('says what to install where the programs are not there', async () => {
    const seal = new Tpm2Seal({ environment: { PATH: temporaryFolder() } });
    await expect(seal.seal(secret)).rejects.toMatchObject({
      code: 'tpm2-tools-missing',
      remedy: 'On Debian and Ubuntu: sudo apt-get install tpm2-tools.',
    });
  });

  it('tells a damaged object from one of another TPM before it asks the TPM', async () => {
    const tools = fakeTools();
    const seal = new Tpm2Seal({ environment: tools.environment });
    const sealed = await seal.seal(secret);
    const other = JSON.stringify({ ...JSON.parse(sealed), pcrs: [3] });
    for (const text of [other, sealed.slice(1), 'x'.repeat(70_000), 'null'])
      await expect(seal.open(text)).rejects.toMatchObject({ code: 'tpm-object-damaged' });
    expect(sealedObjectOf(sealed).pcrs).toEqual([]);
    expect(tools.log).not.toContain('tpm2_load');
  });
});

describe('Looking for a TPM', () => {
  it('finds device and programs, each for itself', async () => {
    const folder = temporaryFolder();
    const device = join(folder, 'tpmrm0');
    expect(await tpmFound(device, folder)).toEqual({ device: 'absent', tools: false });
    writeFileSync(device, '');
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'tpm2_unseal'), '', { mode: 0o755 });
    expect(await tpmFound(device, `/nowhere:${join(folder, 'bin')}`)).toEqual({
      device: 'there',
      tools: true,
    });
  });
});
