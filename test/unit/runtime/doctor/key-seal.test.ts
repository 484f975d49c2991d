import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkKeySeal, decideKeySeal, type KeyOnDisk } from '../../../../src/runtime/doctor/key-seal.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const there = { device: 'there', tools: true } as const;
const none = { device: 'absent', tools: false } as const;

describe('What the doctor says of the TPM', () => {
  it.each([
    ['sealed', there, true, 'sealed', 'ok', /a TPM 2.0; the key of the agent is sealed$/, undefined],
    ['could be sealed', there, false, 'plain', 'absent', /stored unencrypted/, /enrolment.seal/],
    ['should be sealed', there, true, 'plain', 'broken', /stored unencrypted/, /log/],
    ['sealed, and plain beside', there, true, 'both', 'broken', /beside/, /Restart/],
    ['sealed, and the settings forgot it', there, false, 'sealed', 'broken', /sealed/, /back/],
    ['no agent', there, false, 'no-agent', 'ok', /no agent/, undefined],
    ['no TPM, none wanted', none, false, 'plain', 'absent', /no TPM 2.0/, /firmware/],
    ['no TPM, and one is needed', none, true, 'sealed', 'broken', /no TPM 2.0/, /firmware/],
    ['no permission', { device: 'closed', tools: true }, true, 'none', 'broken', /may not open/, /tss/],
    ['no tools', { device: 'there', tools: false }, true, 'none', 'broken', /no tpm2-tools/, /apt install/],
  ] as const)('%s', (_what, found, wanted, kind, state, detail, remedy) => {
    const check = decideKeySeal(found, wanted, { kind } as KeyOnDisk);
    expect(check).toMatchObject({ name: 'TPM', state, detail: expect.stringMatching(detail) });
    if (remedy === undefined) expect(check.remedy).toBeUndefined();
    else expect(check.remedy).toMatch(remedy);
  });

  it.each([
    ['none', [], /no key yet/],
    ['plain', ['device.key'], /stored unencrypted/],
    ['sealed', ['device.key.sealed'], /the key of the agent is sealed$/],
    ['both', ['device.key', 'device.key.sealed'], /beside that/],
  ])('reads how the key lies there: %s', async (_what, names, said) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'identity'));
    for (const name of names) writeFileSync(join(folder, 'identity', name), '');
    const settings = {
      dataDir: folder,
      cameras: { a: { source: 'sim' } },
      enrolment: { claimFile: '/nowhere', seal: { with: 'tpm2' } },
    };
    writeFileSync(join(folder, 'agent.json'), JSON.stringify(settings));
    expect((await checkKeySeal(join(folder, 'agent.json'))).detail).toMatch(said);
  });

  it('says why where it cannot be read', async () => {
    expect((await checkKeySeal('/nowhere/agent.json')).detail).toMatch(/can’t be read: .*nowhere/);
  });
});
