import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { adminTokenFile, ensureFirstToken } from '../../../../src/runtime/controller/first-token.ts';
import { startController } from '../../../../src/runtime/controller/start.ts';
import { ControllerSettings } from '../../../../src/runtime/settings/controller.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

let folder: string;
let log: RecordingLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-start-'));
  log = new RecordingLog();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const dataDir = () => join(folder, 'data');
const start = (port: number) =>
  startController(
    checkSettings(
      ControllerSettings,
      {
        dataDir: dataDir(),
        broker: { url: 'mqtt://127.0.0.1:1' },
        http: { host: '127.0.0.1', port },
      },
      'test',
    ),
    { clock: new SystemClock(), log },
  );
const said = () => log.at('info').map(([message]) => message);

test('a controller whose port is taken does not say that it listens', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await expect(start((server.address() as AddressInfo).port)).rejects.toMatchObject({
    code: 'address-taken',
  });
  server.close();
  expect(said()).not.toContain('The controller listens');
});

test('one that listens says so and where, and keeps everything in its folder to itself', async () => {
  const { controller, url, close } = await start(0);
  await ensureFirstToken(controller, dataDir());
  expect(log.at('info')).toContainEqual(['The controller listens', { url }]);
  await close();
  const open = (path: string) => (statSync(path).mode & 0o077) !== 0;
  expect(open(dataDir())).toBe(false);
  expect(readdirSync(dataDir())).toEqual(expect.arrayContaining(['controller.db', 'secrets.key']));
  expect(open(adminTokenFile(dataDir()))).toBe(false);
  const files = readdirSync(dataDir(), { withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.filter(({ name }) => open(join(dataDir(), name))).map(({ name }) => name)).toEqual([]);
});
