import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/base/index.ts';
import { brokerConnector } from '../../../../src/runtime/settings/connect.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const url = 'mqtts://broker.example:8883';
const connector = (broker: Parameters<typeof brokerConnector>[0]) =>
  brokerConnector(broker, 'd1', { clock: new FakeClock(), log: silentLog });

describe('The way to the broker', () => {
  it('gives a transport that waits to be started', async () => {
    const transport = (await connector({ url }))();
    expect(transport.status().state).toBe('offline');
    await transport.close();
  });

  it('wants certificate and key together', async () => {
    for (const half of [{ certFile: '/c.pem' }, { keyFile: '/k.pem' }])
      await expect(connector({ url, ...half })).rejects.toMatchObject({
        code: 'settings-invalid',
        message: expect.stringMatching(/certFile and keyFile/),
      });
  });

  it('names the file that is not there', async () => {
    const files = { caFile: '/nowhere/ca.pem' };
    await expect(connector({ url, ...files })).rejects.toMatchObject({
      code: 'file-missing',
      remedy: expect.stringContaining('/nowhere/ca.pem'),
    });
    await expect(connector({ url, passwordFile: '/nowhere/password' })).rejects.toMatchObject({
      code: 'file-missing',
    });
  });

  it('reads its secrets once: a file that goes later does not matter', async () => {
    const password = join(temporaryFolder(), 'password');
    writeFileSync(password, 'secret\n');
    const connect = await connector({ url, username: 'd1', passwordFile: password });
    rmSync(password);
    await connect().close();
  });
});
