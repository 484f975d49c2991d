import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqliteStore } from '../../../../../src/adapters/sqlite/index.ts';
import { DeviceRegistry } from '../../../../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../../../../src/controller/history/series.ts';
import { defaultRetention } from '../../../../../src/controller/index.ts';
import { EvidenceReader, type WaveDevice } from '../../../../../src/controller/rollouts/evidence/index.ts';
import { evaluateGate, type GateLook } from '../../../../../src/controller/rollouts/gates/index.ts';
import type { SeriesRow } from '../../../../../src/controller/store/rows.ts';
import { metricNames } from '../../../../../src/protocol/index.ts';
import { FakeClock } from '../../../../fakes/fake-clock.ts';
import { openSqliteStore } from '../../../../fixtures/sqlite-store.ts';

const hour = 3_600_000;
const day = 24 * hour;
const block = 300_000;
const days = 35;

const labels = { camera: 'front' };
const row = (id: number, name: string): SeriesRow => ({ id, name, labels, unit: '1', kind: 'counter' });
const series = [row(1, metricNames.processed), row(2, metricNames.detections)];

const clock = new FakeClock();
const nowMs = Math.floor(clock.wallMs() / day) * day + 12 * hour;
clock.jumpWall(nowMs - clock.wallMs());
const ago = (count: number) => nowMs - count * day;
const yesterday = ago(20 / 24);

let noise = 7;
/** About one: streets are never the same. */
const stir = () => {
  noise = (noise * 16_807) % 2_147_483_647;
  return 0.9 + (0.2 * noise) / 2_147_483_647;
};

let folder: string;
let store: SqliteStore;
let reader: EvidenceReader;
let registry: DeviceRegistry;

/** A camera sends every five minutes for weeks; from a time on it finds `found` of what there is. */
async function send(device: string, changedMs: number, found: number): Promise<void> {
  const totals = { frames: 0, seen: 0 };
  for (let at = 0; at < days; at++) {
    const steps = Array.from({ length: day / block }, (_, step) => ago(days - at) + step * block);
    const values = steps.flatMap((timeMs) => {
      totals.frames += 3000;
      totals.seen += Math.round(6000 * stir() * (timeMs >= changedMs ? found : 1));
      return [totals.frames, totals.seen];
    });
    const metrics = {
      ...{ device, session: 1, sequence: at, histograms: [] },
      timesMs: Float64Array.from(values, (_, index) => steps[index >> 1]! + 1000),
      series: Uint32Array.from(values, (_, index) => 1 + (index % 2)),
      values: Float64Array.from(values),
    };
    await store.commit({ series, changes: [{ kind: 'device', device: { id: device } }], metrics: [metrics] });
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-thinned-'));
  store = openSqliteStore(join(folder, 'fleet.db'));
  for (const id of ['first-1', 'first-2', 'control-1']) await send(id, nowMs, 1);
  for (const id of ['second-1']) await send(id, yesterday, 0.4);
  while ((await store.retain(defaultRetention, nowMs)).rows > 0);
  registry = new DeviceRegistry(clock, new SeriesTable());
  reader = new EvidenceReader({ registry, store, clock });
}, 120_000);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const treated = (changedMs: number, ...devices: string[]) =>
  devices.map((device): WaveDevice => ({ device, arm: 'treated', changedMs }));
const control: WaveDevice = { device: 'control-1', arm: 'control' };
const once: GateLook = { number: 1, of: 1 };

async function look(devices: readonly WaveDevice[], how: GateLook) {
  const evidence = await reader.read({ devices, look: how });
  return evaluateGate({ metrics: [{ metric: 'detections' }], waves: 2, guarded: true }, evidence);
}

describe('Where minutes are kept for 30 days, a second wave that finds 0.4 of what there is', () => {
  it.each([
    ['25', 'look', once],
    ['29', 'guard', 'always'],
  ] as const)('fails when the first one was %s days ago, by the %s', async (count, _, how) => {
    const first = treated(ago(Number(count)), 'first-1', 'first-2');
    const verdict = await look([...first, ...treated(yesterday, 'second-1'), control], how);
    expect(verdict.says).toMatch(/lower/);
    expect(verdict.outcome).toBe('fail');
  });

  it('is compared with what is in blocks, and no hour is taken for one', async () => {
    const devices = treated(ago(25), 'first-1');
    const { subjects } = await reader.read({ devices, look: once });
    const blocks = subjects.find(({ camera }) => camera === 'front')!.blocks;
    const before = blocks.filter(({ startMs }) => startMs < ago(25));
    expect(before.length).toBeGreaterThan(4.5 * 288);
    expect(before[0]!.startMs).toBeLessThan(ago(30) + 4 * hour);
    expect(blocks.every(({ values }) => values.detections!.weight === 3000)).toBe(true);
  });
});

it('A device whose clock is three hours behind has the blocks that are kept', async () => {
  registry.ensure('first-2').clockOriginMs = clock.wallMs() - clock.monotonicMs() - 3 * hour;
  try {
    const { subjects } = await reader.read({ devices: treated(ago(25), 'first-2'), look: once });
    const { blocks } = subjects.find(({ camera }) => camera === 'front')!;
    expect(blocks.filter(({ startMs }) => startMs < ago(25)).length).toBeGreaterThan(4.5 * 288);
  } finally {
    registry.ensure('first-2').clockOriginMs = undefined;
  }
});

it('A change before which nothing is kept is no data, and says why', async () => {
  const verdict = await look([...treated(ago(31), 'second-1'), control], once);
  expect(verdict).toMatchObject({
    outcome: 'no-data',
    says: expect.stringContaining('not kept any more'),
    settle: [expect.stringContaining('retention.minuteDays')],
  });
});
