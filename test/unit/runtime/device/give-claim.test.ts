import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { giveClaim } from '../../../../src/runtime/device/give-claim.ts';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { readSettings } from '../../../../src/runtime/settings/read.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const claim = `goshawk-claim://fleet.test:8443/${'0a'.repeat(6)}/${'s'.repeat(43)}/${'r'.repeat(43)}`;

function installed(): { folder: string; configFile: string } {
  const folder = temporaryFolder();
  const configFile = join(folder, 'agent.json');
  mkdirSync(join(folder, 'data'));
  writeFileSync(
    configFile,
    JSON.stringify({
      device: 'truck-7',
      dataDir: join(folder, 'data'),
      broker: { url: 'mqtt://127.0.0.1:1883' },
      cameras: { street: { source: 'sim' } },
    }),
    { mode: 0o640 },
  );
  return { folder, configFile };
}

describe('goshawk enrol', () => {
  it('puts the claim where the agent alone reads it, and lets the controller name the broker', async () => {
    const { folder, configFile } = installed();
    const place = await giveClaim({ configFile, claim: `${claim}\n` });
    expect(place).toEqual({
      claimFile: join(folder, 'data/claim.token'),
      droppedBroker: 'mqtt://127.0.0.1:1883',
    });
    expect(readFileSync(place.claimFile, 'utf8')).toBe(`${claim}\n`);
    expect(statSync(place.claimFile).mode & 0o777).toBe(0o600);
    expect(statSync(configFile).mode & 0o777).toBe(0o640);
    const settings = await readSettings(AgentSettings, configFile, {});
    expect(settings).toMatchObject({ device: 'truck-7', enrolment: { claimFile: place.claimFile } });
    expect(settings.broker).toBeUndefined();
  });

  it('keeps the broker where it is asked to, and what else stood of enrolment', async () => {
    const { configFile } = installed();
    const given = JSON.parse(readFileSync(configFile, 'utf8'));
    writeFileSync(configFile, JSON.stringify({ ...given, enrolment: { claimFile: '/old', serial: 'SN 1' } }));
    const place = await giveClaim({ configFile, claim, keepBroker: true });
    const settings = await readSettings(AgentSettings, configFile, {});
    expect(settings).toMatchObject({
      broker: { url: 'mqtt://127.0.0.1:1883' },
      enrolment: { claimFile: place.claimFile, serial: 'SN 1' },
    });
  });

  it('changes nothing for what is no claim, or no settings', async () => {
    const { folder, configFile } = installed();
    const before = readFileSync(configFile, 'utf8');
    await expect(giveClaim({ configFile, claim: 'gsk_1_2' })).rejects.toMatchObject({ code: 'claim-form' });
    writeFileSync(join(folder, 'list.json'), '[]');
    await expect(giveClaim({ configFile: join(folder, 'list.json'), claim })).rejects.toMatchObject({
      code: 'settings-invalid',
    });
    expect(readFileSync(configFile, 'utf8')).toBe(before);
  });
});
