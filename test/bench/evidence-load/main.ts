/**
 * What the evidence of gates costs the database: cameras of a fleet that send once a minute, classes and scores every five.
 *
 *   npm run bench -- evidence-load [--cameras 10000] [--per-device 10] [--minutes 10] [--gate-devices 12]
 *
 * One process, SQLite as the controller has it, no broker. Prints samples, bytes of the file, what a minute's writing takes and what the
 * evidence of a gate takes to read, by the wall and by the processor.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DeviceRegistry } from '../../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../../src/controller/history/series.ts';
import { EvidenceReader } from '../../../src/controller/rollouts/evidence/index.ts';
import type { SeriesRow } from '../../../src/controller/store/rows.ts';
import { metricNames } from '../../../src/protocol/index.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { openSqliteStore } from '../../fixtures/sqlite-store.ts';

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '10000' },
    'per-device': { type: 'string', default: '10' },
    minutes: { type: 'string', default: '10' },
    'gate-devices': { type: 'string', default: '12' },
  },
});
const perDevice = Number(values['per-device']);
const devices = Math.ceil(Number(values.cameras) / perDevice);
const minutes = Number(values.minutes);
const classes = ['car', 'truck', 'pedestrian', 'traffic_sign', 'traffic_light'];

/** Series of one device: those of the fleet are shared, since labels name cameras and no device. */
let next = 1;
const row = (name: string, kind: SeriesRow['kind'], labels: Record<string, string>): SeriesRow => ({
  ...{ id: next++, name, kind, unit: '1', labels },
});
const cameras = Array.from({ length: perDevice }, (_, at) => {
  const camera = `camera-${at}`;
  return {
    minute: [
      row(metricNames.processed, 'counter', { camera }),
      row(metricNames.detections, 'counter', { camera }),
      row(metricNames.fps, 'gauge', { camera }),
      row(metricNames.latency, 'histogram', { camera }),
    ],
    five: [
      ...classes.map((label) => row(metricNames.classDetections, 'counter', { camera, class: label })),
      row(metricNames.detectionScore, 'histogram', { camera }),
    ],
  };
});
const all = cameras.flatMap(({ minute, five }) => [...minute, ...five]);
const histogram = {
  buckets: [
    [-5, 300],
    [-4, 200],
    [-3, 100],
  ] as [number, number][],
  zeros: 0,
  sum: 400,
};

const folder = mkdtempSync(join(tmpdir(), 'goshawk-evidence-'));
const file = join(folder, 'controller.db');
const store = openSqliteStore(file);
await store.load({ warningsMs: 0, incidentsMs: 0 });
const clock = new FakeClock();
const startMs = Math.floor(clock.wallMs() / 300_000) * 300_000;
let samples = 0;
const writes: { readonly wallMs: number; readonly cpuMs: number; readonly five: boolean }[] = [];

function measured(): () => { readonly wallMs: number; readonly cpuMs: number } {
  const [beganMs, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs: performance.now() - beganMs, cpuMs: (user + system) / 1000 };
  };
}

for (let minute = 0; minute < minutes; minute++) {
  const five = minute % 5 === 0;
  const timeMs = startMs + minute * 60_000;
  const rows = five ? all : cameras.flatMap((one) => one.minute);
  const end = measured();
  for (let device = 0; device < devices; device += 100) {
    const metrics = Array.from({ length: Math.min(100, devices - device) }, (_, at) => ({
      ...{ device: `d${device + at}`, session: 1, sequence: minute },
      timesMs: Float64Array.from(rows, () => timeMs),
      series: Uint32Array.from(rows, ({ id }) => id),
      values: Float64Array.from(rows, ({ kind }) => (kind === 'histogram' ? Number.NaN : minute * 600)),
      histograms: rows.flatMap(({ kind }, index) =>
        kind === 'histogram' ? [{ index, value: histogram }] : [],
      ),
    }));
    samples += metrics.length * rows.length;
    const known = metrics.map((one) => ({ kind: 'device' as const, device: { id: one.device } }));
    await store.commit({ ...(minute === 0 ? { series: all, changes: known } : {}), metrics });
  }
  writes.push({ ...end(), five });
}

clock.jumpWall(startMs + minutes * 60_000 - clock.wallMs());
const reader = new EvidenceReader({ registry: new DeviceRegistry(clock, new SeriesTable()), store, clock });
const looked = Number(values['gate-devices']);
const end = measured();
await reader.read({
  look: 'always',
  devices: Array.from({ length: looked }, (_, at) => ({
    ...{ device: `d${at}`, arm: at * 3 < looked ? ('treated' as const) : ('control' as const) },
    ...(at * 3 < looked ? { changedMs: startMs + 120_000 } : {}),
  })),
});
const read = end();
await store.close();
const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
const mean = (of: readonly { readonly wallMs: number; readonly cpuMs: number }[]) => ({
  wallMs: Math.round(of.reduce((sum, one) => sum + one.wallMs, 0) / of.length),
  cpuMs: Math.round(of.reduce((sum, one) => sum + one.cpuMs, 0) / of.length),
});
const summary = {
  ...{
    cameras: devices * perDevice,
    devices,
    minutes,
    samples,
    bytes,
    bytesPerSample: Math.round((10 * bytes) / samples) / 10,
  },
  bytesPerCameraAndHour: Math.round(((bytes / (devices * perDevice)) * 60) / minutes),
  ...{
    minute: mean(writes.filter(({ five }) => !five)),
    fifthMinute: mean(writes.filter(({ five }) => five)),
  },
  gate: { devices: looked, wallMs: Math.round(read.wallMs), cpuMs: Math.round(read.cpuMs) },
};
process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
rmSync(folder, { recursive: true, force: true });
