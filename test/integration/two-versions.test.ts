import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, type Program } from './fleet/program.ts';
import { SharedDatabase, sharedDatabaseMissing } from './fleet/shared-database.ts';
import { projectRoot } from './goshawk.ts';

const folder = join(projectRoot, 'build', 'newer-version');
const missing = sharedDatabaseMissing ?? (existsSync(join(projectRoot, 'dist')) ? undefined : 'no build');
let fleet: SharedDatabase;
beforeEach(async () => {
  if (missing !== undefined) return;
  makeNewerVersion();
  fleet = await SharedDatabase.start();
});
afterEach(async () => {
  await fleet?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The built program with one more step of the schema. */
function makeNewerVersion(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(projectRoot, 'build'), { recursive: true });
  cpSync(join(projectRoot, 'dist'), join(folder, 'dist'), { recursive: true });
  const file = join(folder, 'dist/src/adapters/postgres/schema.js');
  const before = readFileSync(file, 'utf8');
  const after = before.replace('steps = []', "steps = ['ALTER TABLE goshawk.event ADD COLUMN newer text']");
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

const newer = (name: string, more: object) =>
  fleet.other(name, process.execPath, join(folder, 'dist/src/cli/main.js'), more);
const says = (program: Program, text: string) =>
  eventually(`${program.what} says ${text}`, () => program.stderr.includes(text));

test.skipIf(missing !== undefined)(
  'two versions run side by side until the newer one leads: then the older ones end, and nothing is lost or doubled',
  { timeout: 900_000 },
  async () => {
    const { devices, server } = fleet;
    const older = {
      leader: fleet.program('older-leader', { roles: ['control'] }),
      ingest: fleet.program('older-ingest', { roles: ['ingest'], ingest: { client: 'older' } }),
      api: fleet.program('older-api', { roles: ['api'] }),
    };
    for (const one of Object.values(older)) await one.line('started');
    await devices.start(500);
    await eventually('data is taken', () => devices.acknowledged.size > 60);

    // The newer ones wait for their leader, and the fleet goes on.
    const ingest = newer('newer-ingest', { roles: ['ingest'], ingest: { client: 'newer' } });
    await says(ingest, 'database-older');
    const leader = newer('newer-leader', { roles: ['control'] });
    await says(leader, 'standing by');
    const before = devices.acknowledged.size;
    await eventually('data is taken', () => devices.acknowledged.size > before + 60);

    await older.leader.end();
    await leader.line('started');
    await ingest.line('started');
    for (const one of [older.ingest, older.api]) {
      const { code, stderr } = await one.exited();
      expect([code, stderr]).toEqual([5, expect.stringContaining('this version of Goshawk reads schema 1')]);
    }
    const [state] = await server.sql(`SELECT value::int FROM goshawk.state WHERE name = 'schema'`);
    expect(state).toEqual({ value: 2 });
    const after = devices.acknowledged.size;
    await eventually('data is taken', () => devices.acknowledged.size > after + 60);
    expect(await fleet.stored()).toEqual(fleet.expected);

    // One that is started by mistake stands by, and never leads.
    const late = fleet.program('late', { roles: ['control'] });
    await says(late, 'standing by');
    await leader.end('SIGKILL');
    expect(await late.exited()).toMatchObject({ code: 5, stderr: expect.stringContaining('has schema 2') });
  },
);
