import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silentLog } from '../../../../src/base/index.ts';
import { openIdentityFolder } from '../../../../src/runtime/device/identity.ts';
import { openMembership } from '../../../../src/runtime/device/membership.ts';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { enrolFolder } from '../../../fixtures/enrolled-folder.ts';
import { FakeTpm2Tools } from '../../../fixtures/fake-tpm2-tools.ts';
import { fleetIdentities } from '../../../fixtures/fleet-identities.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

/** A board whose device is enrolled and whose settings ask for its TPM. */
async function board() {
  const tools = new FakeTpm2Tools('seed');
  onTestFinished(() => tools.close());
  vi.stubEnv('PATH', tools.environment.PATH);
  onTestFinished(() => void vi.unstubAllEnvs());
  const dataDir = temporaryFolder();
  const identity = await (await fleetIdentities())('cam-1');
  await enrolFolder(dataDir, identity);
  const enrolment = { claimFile: join(dataDir, 'claim'), seal: { with: 'tpm2' } };
  const broker = { url: 'mqtts://127.0.0.1:9' };
  const given = { device: 'cam-1', cameras: { a: { source: 'sim' } }, dataDir, broker, enrolment };
  const settings = { ...checkSettings(AgentSettings, given, 'test'), device: 'cam-1' };
  const log = new RecordingLog();
  const clock = new FakeClock();
  const open = () => openMembership(settings, { clock, log, reportEvent: () => {}, adopt: async () => {} });
  return { tools, identity, open, log, files: () => readdirSync(join(dataDir, 'identity')) };
}

describe('A device whose settings ask for a TPM', () => {
  it('has its key before anything is opened, and from then on sealed', async () => {
    const { identity, open, files, log } = await board();
    expect((await open()).key).toBe(identity.key);
    expect(files()).not.toContain('device.key');
    expect((await open()).key).toBe(identity.key);
    expect(log.at('warn')).toEqual([]);
  });

  it('starts without its key while the TPM is busy, and has it when that answers', async () => {
    const { identity, open, tools, log } = await board();
    await open();
    tools.set('refuses', 'ERROR: Esys_Load(0x922) - tpm:warn(2.0): retry');
    const membership = await open();
    expect(membership.key).toBeUndefined();
    expect(log.at('warn')).toEqual([]);
    tools.unset('refuses');
    await membership.start();
    onTestFinished(() => membership.close());
    await vi.waitFor(() => expect(membership.key).toBe(identity.key), { timeout: 60_000 });
  });

  it('says that its key lies plain where it cannot be sealed', async () => {
    const { identity, open, tools, log, files } = await board();
    tools.set('refuses', 'Could not load tcti');
    expect((await open()).key).toBe(identity.key);
    expect(files()).toContain('device.key');
    const [line] = log.at('warn');
    expect(line?.[0]).toMatch(/not sealed/);
    expect(line?.[1]).toMatchObject({ reason: expect.stringMatching(/no TPM 2.0/) });
  });

  it('may not have it in a token as well', () => {
    const pkcs11 = { module: '/a', label: 'b', pinFile: '/c' };
    expect(() =>
      openIdentityFolder('/nowhere', { pkcs11, seal: { with: 'tpm2', pcrs: [] } }, silentLog),
    ).toThrow(/exclude each other/);
  });
});
