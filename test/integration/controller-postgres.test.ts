import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, type Program } from './fleet/program.ts';
import { sharedDatabaseMissing as missing, SharedDatabase } from './fleet/shared-database.ts';
import { goshawk } from './goshawk.ts';

let fleet: SharedDatabase;
beforeEach(async () => {
  if (missing === undefined) fleet = await SharedDatabase.start();
});
afterEach(() => fleet?.close());

const standsBy = (program: Program) =>
  eventually('it stands by', () => program.log.some(({ msg }) => msg?.includes('standing by')));

test.skipIf(missing !== undefined)(
  'nothing that was acknowledged is lost or doubled while PostgreSQL crashes and restarts',
  async () => {
    const { devices, server } = fleet;
    const controller = fleet.program('first');
    await controller.line('started');
    await devices.start(500);
    for (const how of ['immediate', 'fast', 'immediate'] as const) {
      const before = devices.acknowledged.size;
      await eventually('data is taken', () => devices.acknowledged.size > before + 60);
      await server.end(how);
      await eventually('it says what is wrong', () => controller.stderr.includes("can't be reached"));
      await server.begin();
    }
    expect(await fleet.stored()).toEqual(fleet.expected);
    expect(controller.alive).toBe(true);
  },
);

test.skipIf(missing !== undefined)(
  'a second controller stands by, and takes over from one that is killed and from one that is stopped',
  async () => {
    const { devices, server } = fleet;
    const first = fleet.program('first');
    await first.line('started');
    const second = fleet.program('second');
    await standsBy(second);
    await devices.start(500);
    await eventually('data is taken', () => devices.acknowledged.size > 60);
    await first.end('SIGKILL');
    await second.line('started');
    const third = fleet.program('third');
    await standsBy(third);
    const before = devices.acknowledged.size;
    await eventually('data is taken', () => devices.acknowledged.size > before + 60);
    second.signal('SIGSTOP');
    await third.line('started');
    second.signal('SIGCONT');
    expect(await second.end('SIGCONT')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('Another controller has taken the database over'),
    });
    expect(await fleet.stored()).toEqual(fleet.expected);
    expect(await server.sql(`SELECT value::int FROM goshawk.state WHERE name = 'leader'`)).toEqual([
      { value: 3 },
    ]);
  },
);

test.skipIf(missing !== undefined)('--check tries the database and says what is wrong with it', async () => {
  const check = (config: string) => goshawk('controller', '--config', config, '--check');
  expect(await check(fleet.settingsFile('fine'))).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^database: postgres at 127\.0\.0\.1:\d+, PostgreSQL \d+\.\d+.*, empty\nok\n$/,
    ),
  });
  const { server } = fleet;
  const wrong = async (url: string) => (await check(fleet.settingsFile('wrong', {}, url))).stderr;
  expect(await wrong('postgres://postgres@127.0.0.1:1/postgres')).toContain("can't be reached");
  expect(await wrong(`postgres://nobody@127.0.0.1:${server.port}/postgres`)).toContain(
    'does not let this controller in',
  );
  expect(await wrong(`postgres://postgres@127.0.0.1:${server.port}/none`)).toContain('no such database');
  expect(await wrong(`postgres://postgres:x@127.0.0.1:${server.port}/postgres`)).toContain(
    'holds a password',
  );
  expect(readFileSync(join(fleet.folder, 'wrong.json'), 'utf8')).toContain('passwordFile');
});
