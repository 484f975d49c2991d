import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startBroker } from '../../../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import { deliver } from '../../../../src/controller/alerts/alert-channel.ts';
import { openAlertChannels } from '../../../../src/runtime/settings/alert-channels.ts';
import { ControllerSettings } from '../../../../src/runtime/settings/controller.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeSmtpServer } from '../../../fakes/fake-smtp-server.ts';

let folder: string;
let server: FakeSmtpServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-mail-'));
  server = await FakeSmtpServer.listen();
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const message = {
  ...{ to: 'mailto:ann@site.example', secret: undefined, id: 'a', event: 'test', subject: 's', body: 'x' },
};
const open = (mail?: object) => {
  const broker = { url: 'mqtt://127.0.0.1:1' };
  const given = { dataDir: folder, broker, ...(mail === undefined ? {} : { mail }) };
  return openAlertChannels(checkSettings(ControllerSettings, given, 'test'), {
    ...{ clock: new FakeClock(), log: silentLog },
  });
};
const relay = () => ({
  ...{ host: '127.0.0.1', port: server.port, security: 'none' },
  ...{ from: 'goshawk@site.example', domains: ['site.example'] },
});

test('mail goes to the server of the settings, and all else by HTTP', async () => {
  const { channels } = await open(relay());
  expect(await deliver(channels, message, 0)).toBe('127.0.0.1 answered 250');
  expect(server.messages).toMatchObject([{ to: ['ann@site.example'] }]);
  await expect(deliver(channels, { ...message, to: 'http://127.0.0.1:1/x' }, 0)).rejects.toMatchObject({
    code: 'webhook-refused',
  });
});

test('without a mail server in the settings none is sent', async () => {
  const { channels } = await open();
  await expect(deliver(channels, message, 0)).rejects.toMatchObject({ code: 'channel-off' });
});

test('a password is read from its file, and never goes over the network in clear', async () => {
  const passwordFile = join(folder, 'password');
  const login = { userName: 'goshawk', passwordFile };
  await expect(open({ ...relay(), ...login, security: 'tls' })).rejects.toMatchObject({
    code: 'file-missing',
  });
  writeFileSync(passwordFile, 'hidden\n');
  await expect(open({ ...relay(), ...login })).rejects.toThrow('in clear');
  await expect(open({ ...relay(), userName: 'goshawk' })).rejects.toThrow('belong together');
  await open({ ...relay(), ...login, security: 'starttls' });
});

test('MQTT goes to the broker of the settings, and nowhere without one', async () => {
  const broker = await startBroker({ port: 0 });
  const heard = new MqttjsTransport(
    { url: broker.url, clientId: 'plant' },
    { clock: new SystemClock(), log: silentLog, random: Math.random },
  );
  const got: string[] = [];
  heard.onMessage(({ topic, payload }) => void got.push(`${topic} ${new TextDecoder().decode(payload)}`));
  heard.subscribe('site/#', 1);
  heard.start();
  await vi.waitFor(() => expect(heard.status().state).toBe('online'), 60_000);
  const settings = { dataDir: folder, broker: { url: broker.url }, alertBroker: { url: broker.url } };
  const { channels, close } = await openAlertChannels(checkSettings(ControllerSettings, settings, 'test'), {
    clock: new SystemClock(),
    log: silentLog,
  });
  const alert = { ...message, to: 'mqtt:site/alerts' };
  await vi.waitFor(async () => expect(await deliver(channels, alert, 0)).toBe('the broker took it'), 60_000);
  await vi.waitFor(() => expect(got).toEqual(['site/alerts x']), 60_000);
  await close();
  await heard.close();
  await broker.close();
  await expect(deliver((await open()).channels, alert, 0)).rejects.toMatchObject({ code: 'channel-off' });
});
