import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNotifications } from '../../../../src/runtime/controller/notifications.ts';
import { ControllerSettings } from '../../../../src/runtime/settings/controller.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';
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

const message = { url: 'mailto:ann@site.example', secret: undefined, id: 'a', event: 'test', body: 'x' };
const open = (mail?: object) => {
  const broker = { url: 'mqtt://127.0.0.1:1' };
  const given = { dataDir: folder, broker, ...(mail === undefined ? {} : { mail }) };
  return openNotifications(checkSettings(ControllerSettings, given, 'test'));
};
const relay = () => ({
  ...{ host: '127.0.0.1', port: server.port, security: 'none' },
  ...{ from: 'goshawk@site.example', domains: ['site.example'] },
});

test('mail goes to the server of the settings, and all else by HTTP', async () => {
  const notifications = await open(relay());
  await notifications.send(message, 0);
  expect(server.messages).toMatchObject([{ to: ['ann@site.example'] }]);
  await expect(notifications.send({ ...message, url: 'http://127.0.0.1:1/x' }, 0)).rejects.toMatchObject({
    code: 'webhook-refused',
  });
});

test('without a mail server in the settings none is sent', async () => {
  await expect((await open()).send(message, 0)).rejects.toMatchObject({ code: 'mail-refused' });
});

test('a password is read from its file, and never goes over the network in clear', async () => {
  const passwordFile = join(folder, 'password');
  const login = { userName: 'goshawk', passwordFile };
  await expect(open({ ...relay(), ...login, security: 'tls' })).rejects.toMatchObject({
    code: 'secret-missing',
  });
  writeFileSync(passwordFile, 'hidden\n');
  await expect(open({ ...relay(), ...login })).rejects.toThrow('in clear');
  await expect(open({ ...relay(), userName: 'goshawk' })).rejects.toThrow('belong together');
  await open({ ...relay(), ...login, security: 'starttls' });
});
