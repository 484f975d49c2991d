import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { metricNames } from '../../src/protocol/index.ts';
import { freePort } from '../contract/brokers.ts';
import { eventually, type Program } from './fleet/program.ts';
import { SharedDatabase, sharedDatabaseMissing } from './fleet/shared-database.ts';
import { projectRoot } from './goshawk.ts';

const folder = join(projectRoot, 'build', 'newer-version');
const missing = sharedDatabaseMissing ?? (existsSync(join(projectRoot, 'dist')) ? undefined : 'no build');
let fleet: SharedDatabase;
beforeEach(async () => {
  if (missing !== undefined) return;
  fleet = await SharedDatabase.start();
});
afterEach(async () => {
  await fleet?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The built program, and with one more step of the schema if that is asked for. */
function makeNewerVersion({ otherSchema }: { readonly otherSchema: boolean }): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(projectRoot, 'build'), { recursive: true });
  cpSync(join(projectRoot, 'dist'), join(folder, 'dist'), { recursive: true });
  if (!otherSchema) return;
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

/**
 * Asks every 50 ms, as a balancer in front of both would, and keeps the longest times in which no process answered and no batch of
 * a device was acknowledged.
 */
class Gaps {
  readonly #urls: readonly string[];
  readonly #token: string;
  readonly #stop = new AbortController();
  readonly #ends: Promise<unknown>;
  apiMs = 0;
  ingestMs = 0;

  constructor(ports: readonly number[], token: string) {
    const question = `api/v1/devices/sim-1/metrics?name=${metricNames.fps}`;
    this.#urls = ports.map((port) => `http://127.0.0.1:${port}/${question}`);
    this.#token = token;
    this.#ends = Promise.all([this.#watchApi(), this.#watchIngest()]);
  }

  async #answers(url: string): Promise<boolean> {
    try {
      const reply = await fetch(url, { headers: { authorization: `Bearer ${this.#token}` } });
      await reply.text();
      return reply.ok;
    } catch {
      return false;
    }
  }

  async #watchApi(): Promise<void> {
    let answeredMs = performance.now();
    while (!this.#stop.signal.aborted) {
      // The older one first: it never comes back, so where the newer one does not answer after it, no one did.
      let isAnswered = false;
      for (const url of this.#urls) isAnswered ||= await this.#answers(url);
      const nowMs = performance.now();
      this.apiMs = Math.max(this.apiMs, isAnswered ? 0 : nowMs - answeredMs);
      if (isAnswered) answeredMs = nowMs;
      await pause(50);
    }
  }

  async #watchIngest(): Promise<void> {
    let [count, changedMs] = [fleet.devices.acknowledged.size, performance.now()];
    while (!this.#stop.signal.aborted) {
      const nowMs = performance.now();
      this.ingestMs = Math.max(this.ingestMs, nowMs - changedMs);
      if (fleet.devices.acknowledged.size !== count)
        [count, changedMs] = [fleet.devices.acknowledged.size, nowMs];
      await pause(50);
    }
  }

  async end(what: string): Promise<void> {
    this.#stop.abort();
    await this.#ends;
    const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
    process.stdout.write(
      `${what}: at most ${seconds(this.apiMs)} without an answer, ${seconds(this.ingestMs)} without an acknowledgement\n`,
    );
  }
}

const token = () => readFileSync(join(fleet.folder, 'older-leader', 'admin.token'), 'utf8').trim();

test.skipIf(missing !== undefined)(
  'an update without a change of the schema leaves no moment without an answer, whatever its order',
  { timeout: 900_000 },
  async () => {
    makeNewerVersion({ otherSchema: false });
    const { devices } = fleet;
    const ports = [await freePort(), await freePort()] as const;
    const settings = (client: string, port: number) => ({
      leader: { roles: ['control'] },
      ingest: { roles: ['ingest'], ingest: { client } },
      api: { roles: ['api'], http: { port } },
    });
    const [before, after] = [settings('older', ports[0]), settings('newer', ports[1])];
    const older = {
      leader: fleet.program('older-leader', before.leader),
      ingest: fleet.program('older-ingest', before.ingest),
      api: fleet.program('older-api', before.api),
    };
    for (const one of Object.values(older)) await one.line('started');
    await devices.start(500);
    await eventually('data is taken', () => devices.acknowledged.size > 60);
    const gaps = new Gaps(ports, token());

    for (const part of ['api', 'ingest'] as const) {
      await newer(`newer-${part}`, after[part]).line('started');
      expect(await older[part].end()).toMatchObject({ code: 0 });
    }
    const leader = newer('newer-leader', after.leader);
    await says(leader, 'standing by');
    await older.leader.end();
    await leader.line('started');
    const taken = devices.acknowledged.size;
    await eventually('data is taken', () => devices.acknowledged.size > taken + 60);
    await gaps.end('One schema');
    expect(gaps.apiMs).toBe(0);
    expect(await fleet.stored()).toEqual(fleet.expected);
  },
);

test.skipIf(missing !== undefined)(
  'two versions run side by side until the newer one leads: then the older ones end, and nothing is lost or doubled',
  { timeout: 900_000 },
  async () => {
    makeNewerVersion({ otherSchema: true });
    const { devices, server } = fleet;
    const ports = [await freePort(), await freePort()] as const;
    const older = {
      leader: fleet.program('older-leader', { roles: ['control'] }),
      ingest: fleet.program('older-ingest', { roles: ['ingest'], ingest: { client: 'older' } }),
      api: fleet.program('older-api', { roles: ['api'], http: { port: ports[0] } }),
    };
    for (const one of Object.values(older)) await one.line('started');
    await devices.start(500);
    await eventually('data is taken', () => devices.acknowledged.size > 60);
    const gaps = new Gaps(ports, token());

    // The newer ones wait for their leader, and the fleet goes on.
    const ingest = newer('newer-ingest', { roles: ['ingest'], ingest: { client: 'newer' } });
    await says(ingest, 'database-older');
    const api = newer('newer-api', { roles: ['api'], http: { port: ports[1] } });
    await says(api, 'database-older');
    const leader = newer('newer-leader', { roles: ['control'] });
    await says(leader, 'standing by');
    const before = devices.acknowledged.size;
    await eventually('data is taken', () => devices.acknowledged.size > before + 60);

    await older.leader.end();
    await leader.line('started');
    await ingest.line('started');
    await api.line('started');
    for (const one of [older.ingest, older.api]) {
      const { code, stderr } = await one.exited();
      expect([code, stderr]).toEqual([5, expect.stringContaining('this version of Goshawk reads schema 1')]);
    }
    const [state] = await server.sql(`SELECT value::int FROM goshawk.state WHERE name = 'schema'`);
    expect(state).toEqual({ value: 2 });
    const after = devices.acknowledged.size;
    await eventually('data is taken', () => devices.acknowledged.size > after + 60);
    await gaps.end('Another schema');
    expect(await fleet.stored()).toEqual(fleet.expected);

    // One that is started by mistake stands by, and never leads.
    const late = fleet.program('late', { roles: ['control'] });
    await says(late, 'standing by');
    await leader.end('SIGKILL');
    expect(await late.exited()).toMatchObject({ code: 5, stderr: expect.stringContaining('has schema 2') });
  },
);
