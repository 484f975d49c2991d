import { beforeEach, describe, expect, it } from 'vitest';
import { DeviceRegistry } from '../../../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../../../src/controller/history/series.ts';
import { ProfileService } from '../../../../src/controller/profiles/profile-service.ts';
import { uniformOf } from '../../../../src/controller/profiles/uniform.ts';
import { seededRandom } from '../../../../src/drift/index.ts';
import { metricNames } from '../../../../src/protocol/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';

const hourMs = 3_600_000;
let store: FakeStore;
let registry: DeviceRegistry;
let profiles: ProfileService;
let clock: FakeClock;
let id = 1;

beforeEach(() => {
  clock = new FakeClock();
  store = new FakeStore();
  registry = new DeviceRegistry(clock, new SeriesTable());
  profiles = new ProfileService({ registry, store, clock, uniform: seededRandom(4).next });
});

/** Each hour for six hours so many of each class, all with one score. */
async function counted(device: string, car: number, person: number, score = 0.7): Promise<void> {
  registry.ensure(device);
  const row = (name: string, kind: 'counter' | 'histogram', labels: Record<string, string>) => ({
    ...{ id: id++, name, kind, unit: '1', labels: { camera: 'front', ...labels } },
  });
  const rows = [
    row(metricNames.classDetections, 'counter', { class: 'car' }),
    row(metricNames.classDetections, 'counter', { class: 'person' }),
    row(metricNames.detectionScore, 'histogram', {}),
  ];
  for (let hour = 6; hour >= 0; hour--)
    await store.commit({
      series: rows,
      changes: [{ kind: 'device', device: { id: device } }],
      metrics: [
        {
          ...{ device, session: 1, sequence: 6 - hour },
          timesMs: Float64Array.from(rows, () => clock.wallMs() - hour * hourMs - 60_000),
          series: Uint32Array.from(rows, (one) => one.id),
          values: Float64Array.of(car * (6 - hour), person * (6 - hour), Number.NaN),
          histograms: [
            {
              index: 2,
              value: {
                buckets: [[Math.ceil(Math.log2(score) * 8) - 1, car + person]],
                ...{ zeros: 0, sum: score * (car + person) },
              },
            },
          ],
        },
      ],
    });
}

describe('The profile of the fleet', () => {
  it('is the sum of what the devices counted, and names the camera that is unlike the others', async () => {
    for (const device of ['a', 'b', 'c']) await counted(device, 80, 20);
    await counted('odd', 20, 80);
    await counted('weak', 80, 20, 0.35);
    const { cameras, devices, labels, scores, distances, noise } = await profiles.fleet({ hours: 24 });
    expect({ cameras, devices, labels, noise }).toEqual({
      ...{ cameras: 5, devices: 5, labels: { car: 6 * 340, person: 6 * 160 }, noise: undefined },
    });
    expect(scores).toHaveLength(2);
    expect(scores[0]!.upTo).toBeLessThan(0.4);
    expect(
      distances
        .slice(0, 2)
        .map(({ device }) => device)
        .sort(),
    ).toEqual(['odd', 'weak']);
    expect(distances.find(({ device }) => device === 'odd')!.mix).toBeCloseTo(0.6);
    expect(distances.find(({ device }) => device === 'weak')!.scores).toBeCloseTo(1);
  });

  it('is that of a group, or of nobody', async () => {
    await counted('a', 80, 20);
    await counted('b', 10, 90);
    registry.setGroup({ name: 'north', members: ['b'], settings: {} } as never);
    expect((await profiles.fleet({ group: 'north', hours: 24 })).labels).toEqual({ car: 60, person: 540 });
    expect(await profiles.fleet({ group: 'none', hours: 24 })).toMatchObject({
      cameras: 0,
      labels: {},
      scores: [],
    });
  });

  it('has noise where it is asked for, says what is promised, and names no camera then', async () => {
    for (const device of ['a', 'b', 'c']) await counted(device, 80, 20);
    const { labels, distances, noise } = await profiles.fleet({ hours: 24, epsilon: 0.05 });
    expect(labels).not.toEqual({ car: 1440, person: 360 });
    expect(Math.abs(labels.car! - 1440)).toBeLessThan(1000);
    expect(distances).toEqual([]);
    expect(noise).toMatchObject({ epsilon: 0.05, promise: expect.stringContaining('not one person') });
  });
});

describe('A number out of random bytes', () => {
  it('is in [0, 1)', () => {
    expect(uniformOf(Uint8Array.of(0, 0))).toBe(0);
    expect(uniformOf(Uint8Array.of(128, 0))).toBe(0.5);
    expect(uniformOf(Uint8Array.of(255, 255, 255, 255, 255, 255))).toBeLessThan(1);
  });
});
