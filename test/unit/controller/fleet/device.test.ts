import { describe, expect, it } from 'vitest';
import { defined } from '../../../../src/base/index.ts';
import { Device } from '../../../../src/controller/fleet/device.ts';
import { summaryOf } from '../../../../src/controller/fleet/device-summary.ts';
import { metricNames, type Reported } from '../../../../src/protocol/index.ts';
import { birth, loaded, slot } from '../../../fakes/test-fleet.ts';

const t0 = 1_790_000_000_000;
let ids = 0;
function observe(
  device: Device,
  name: string,
  labels: Record<string, string>,
  value: number,
  heardMs = 0,
  timeMs = t0,
) {
  ids += 1;
  device.observe({ id: ids, name, labels, unit: '1', kind: 'gauge' }, timeMs, value, heardMs);
}
const latency = {
  id: 9_000,
  name: metricNames.latency,
  labels: {},
  unit: 'seconds',
  kind: 'histogram' as const,
};
const samples = (bucket: number, count: number) => ({
  buckets: [[bucket, count]] as [number, number][],
  zeros: 0,
  sum: 1,
});

describe('What the controller knows of a device', () => {
  it('is online from its birth to its death, unless it falls silent', () => {
    const device = new Device('d1');
    expect(device.online).toBe(false);
    device.born = true;
    expect(device.online).toBe(true);
    device.silent = true;
    expect(device.online).toBe(false);
  });

  it('keeps the catalogues of the newest eight sessions, in whatever order they come', () => {
    const device = new Device('d1');
    for (const session of [7, 3, 9, 1, 8, 2, 6, 5, 4, 10])
      device.setCatalogue(session, new Map([[1, session]]));
    expect(device.catalogues()).toHaveLength(8);
    expect(device.catalogue(2)).toBeUndefined();
    expect(device.catalogue(3)?.get(1)).toBe(3);
    device.setCatalogue(3, new Map([[1, 99]]));
    expect(device.catalogue(3)?.get(1)).toBe(99);
    device.dropCatalogues();
    expect(device.catalogues()).toEqual([]);
  });

  it('counts the warnings of the last hour, and is bounded', () => {
    const device = new Device('d1');
    for (const timeMs of [t0, t0 + 1, t0 + 1000]) device.warned(timeMs);
    expect(device.warnings(t0 + 1000)).toBe(3);
    expect(device.warnings(t0 + 3_600_000)).toBe(2);
    expect(device.warnings(t0 + 9_000_000)).toBe(0);
    for (let i = 0; i < 5000; i++) device.warned(t0);
    expect(device.warnings(t0)).toBeLessThanOrEqual(1000);
  });

  it('adds up cameras and processes; of zones and rails it takes the greatest', () => {
    const device = new Device('d1');
    for (const [camera, fps] of [
      ['front', 30],
      ['rear', 12],
    ] as const)
      observe(device, metricNames.fps, { camera }, fps);
    for (const [zone, celsius] of [
      ['cpu', 51],
      ['gpu', 63],
    ] as const)
      observe(device, metricNames.temperature, { zone }, celsius);
    for (const [rail, watts] of [
      ['VDD_IN', 7],
      ['VDD_CPU', 2],
    ] as const)
      observe(device, metricNames.power, { rail }, watts);
    expect(device.vital('fps', 0)).toBe(42);
    expect(device.vital('temperature', 0)).toBe(63);
    expect(device.vital('power', 0)).toBe(7);
    expect(device.vital('memory', 0)).toBeUndefined();
  });

  it('does not count a camera twice while the model before is still fresh', () => {
    const device = new Device('d1');
    const of = (version: string) => ({ camera: 'front', model: 'street', version });
    observe(device, metricNames.fps, of('1'), 30, 0, t0);
    observe(device, metricNames.fps, of('2'), 25, 0, t0 + 1);
    expect(device.vital('fps', 0)).toBe(25);
  });

  it('forgets a value after a minute, and a series that no catalogue names', () => {
    const device = new Device('d1');
    observe(device, metricNames.fps, { camera: 'front' }, 30, 1000);
    const id = ids;
    expect(device.vital('fps', 60_999)).toBe(30);
    expect(device.vital('fps', 61_000)).toBeUndefined();
    device.forgetExcept(new Set([id]));
    expect(device.latest.size).toBe(1);
    device.forgetExcept(new Set([id + 1]));
    expect(device.latest.size).toBe(0);
  });

  it('has of a histogram the last half to whole minute, and all of this life', () => {
    const device = new Device('d1');
    device.observe(latency, t0, samples(-40, 100), 0);
    expect(device.latency(0).count).toBe(100);
    device.observe(latency, t0, samples(0, 1), 29_999);
    expect(device.latency(29_999).count).toBe(101);
    device.observe(latency, t0, samples(0, 1), 30_000);
    expect(device.latency(30_000).count).toBe(102);
    device.observe(latency, t0, samples(0, 1), 60_000);
    expect(device.latency(60_000).count).toBe(2);
    // Nothing came for so long that what came before is no window any more.
    device.observe(latency, t0, samples(0, 1), 200_000);
    expect(device.latency(200_000).count).toBe(1);
    expect(device.latest.get(latency.id)?.total?.count).toBe(104);
  });

  it('sums itself up: what it measures only while it is online', () => {
    const device = Object.assign(new Device('d1'), { born: true, birth, lastSeenMs: t0 });
    observe(device, metricNames.fps, { camera: 'front' }, 30);
    device.observe(latency, t0, samples(-40, 100), 0);
    const online = summaryOf(device, ['west'], 0, t0);
    expect(online).toMatchObject({
      online: true,
      groups: ['west'],
      fps: 30,
      board: 'test board',
      desiredGeneration: 0,
    });
    expect(online.latencyP50Ms).toBeGreaterThan(0);
    expect(online).not.toHaveProperty('offlineReason');
    device.silent = true;
    device.offlineReason = 'silent';
    const offline = summaryOf(device, [], 0, t0);
    expect(offline).toMatchObject({ online: false, offlineReason: 'silent', cameras: ['front'] });
    for (const measured of ['fps', 'latencyP50Ms', 'temperatureC'])
      expect(offline).not.toHaveProperty(measured);
  });

  it('names what each slot runs, and how its deployment stands', () => {
    const device = Object.assign(new Device('d1'), { born: true, birth });
    expect(summaryOf(device, [], 0, t0).slots).toEqual({});
    const { loaded: _, ...none } = slot({ deployment: { state: 'failed' } });
    device.reported = { slots: { main: slot(), plate: none } } as unknown as Reported;
    expect(summaryOf(device, [], 0, t0).slots).toEqual({
      main: { loaded, deployment: { state: 'committed' } },
      plate: { deployment: { state: 'failed' } },
    });
  });

  it('lists its newest values, a histogram as quantiles, an empty one without', () => {
    const device = new Device('d1');
    observe(device, metricNames.fps, { camera: 'front' }, 30);
    device.observe(latency, t0, samples(-40, 4), 0);
    device.observe({ ...latency, id: 9_001 }, t0, { buckets: [], zeros: 0, sum: 0 }, 0);
    const [fps, full, empty] = device.metrics();
    expect(fps).toEqual({
      ...{
        name: metricNames.fps,
        labels: { camera: 'front' },
        unit: '1',
        kind: 'gauge',
        timeMs: t0,
        value: 30,
      },
    });
    expect(full).toMatchObject({ histogram: { count: 4, sum: 1 } });
    expect(empty).not.toHaveProperty('histogram');
    expect(empty).not.toHaveProperty('value');
  });
});

describe('An object without what is undefined', () => {
  it('keeps null, 0, empty and false', () => {
    expect(defined({ a: undefined, b: null, c: 0, d: '', e: false })).toEqual({
      b: null,
      c: 0,
      d: '',
      e: false,
    });
  });
});
