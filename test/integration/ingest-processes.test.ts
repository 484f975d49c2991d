import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeviceList, MetricAnswer } from '../../src/api/index.ts';
import { metricNames } from '../../src/protocol/index.ts';
import { freePort } from '../contract/brokers.ts';
import { eventually } from './fleet/program.ts';
import { sharedDatabaseMissing as missing, SharedDatabase } from './fleet/shared-database.ts';

let fleet: SharedDatabase;
beforeEach(async () => {
  if (missing === undefined) fleet = await SharedDatabase.start();
});
afterEach(() => fleet?.close());

const ingest = (name: string, http = {}) =>
  fleet.program(name, { roles: ['ingest'], ingest: { client: name }, http: { port: 0, ...http } });
const taken = (more: number) => {
  const before = fleet.devices.acknowledged.size;
  return eventually('data is taken', () => fleet.devices.acknowledged.size > before + more);
};

/** Every sample is counted once, whichever process has written its part of a minute. */
async function expectRollups(api: (path: string) => Promise<Response>): Promise<void> {
  const toMs = Date.now() + 60_000;
  const query = { name: metricNames.fps, from: String(toMs - 3_600_000), to: String(toMs), step: '60000' };
  const answer = await api(`/api/v1/fleet/metrics?${new URLSearchParams(query)}`);
  const { tier, series } = (await answer.json()) as MetricAnswer;
  expect(tier).toBe('minute');
  const counts = series.flatMap(({ count }) => count);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(fleet.devices.sent);
}

test.skipIf(missing !== undefined)(
  'ingest processes share the telemetry, and nothing is lost or doubled when they are killed',
  async () => {
    const { devices, server } = fleet;
    const healthPort = await freePort();
    const probe = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${healthPort}${path}`);
      return { status: answer.status, text: await answer.text() };
    };
    const waiting = ingest('ingest-1', { healthPort });
    await eventually('it waits', () => waiting.log.some(({ msg }) => msg?.includes('to make the tables')));
    expect((await probe('/livez')).status).toBe(200);
    expect(await probe('/healthz')).toMatchObject({ status: 503, text: expect.stringContaining('starting') });
    const leader = fleet.program('leader', { roles: ['control'] });
    const { url } = await leader.line('started');
    let [first, second] = [waiting, ingest('ingest-2')];
    await first.line('started');
    await second.line('started');
    await devices.start(500);
    await taken(60);
    expect(JSON.parse((await probe('/healthz')).text)).toMatchObject({
      roles: { ingest: { status: 'ok', broker: 'online' } },
    });
    const { text: metrics } = await probe('/metrics');
    expect(metrics).toContain('goshawk_controller_role{role="ingest"} 1');
    expect(Number(/^goshawk_controller_samples_received_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(
      0,
    );
    expect(metrics).toMatch(/goshawk_controller_database_seconds_count\{operation="commit",result="ok"\} \d/);
    expect(metrics).not.toContain('sim-');
    for (let turn = 0; turn < 3; turn++) {
      await first.end('SIGKILL');
      await taken(60);
      [first, second] = [second, ingest(turn % 2 === 0 ? 'ingest-1' : 'ingest-2')];
      await second.line('started');
      await taken(60);
    }
    expect(await fleet.stored()).toEqual(fleet.expected);
    const writers = await server.sql('SELECT DISTINCT writer FROM goshawk.minute ORDER BY writer');
    expect(writers.map(({ writer }) => writer)).toEqual([1, 2]);
    expect(await server.sql('SELECT count(*)::int AS left FROM goshawk.ingested')).toEqual([{ left: 0 }]);
    const token = readFileSync(join(fleet.folder, 'leader', 'admin.token'), 'utf8').trim();
    const api = (path: string) => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    await expectRollups(api);
    // The leader shows what others stored: the newest value, and that the device is online.
    const shown = (await (await api('/api/v1/devices?limit=100')).json()) as DeviceList;
    expect(shown.devices.every(({ online, fps }) => online && fps !== undefined && fps > 0)).toBe(true);
  },
);
