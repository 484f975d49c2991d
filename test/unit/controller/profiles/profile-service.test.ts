import { beforeEach, describe, expect, it } from 'vitest';
import { DeviceRegistry } from '../../../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../../../src/controller/history/series.ts';
import { ProfileService } from '../../../../src/controller/profiles/profile-service.ts';
import { uniformOf } from '../../../../src/controller/profiles/uniform.ts';
import { seededRandom } from '../../../../src/drift/index.ts';
import { metricNames } from '../../../../src/protocol/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { birth } from '../../../fakes/test-fleet.ts';

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

describe('The profile of a fleet in its first hour', () => {
  const minute = 60_000;
  const count = async (device: string, agoMinutes: number, car: number) =>
    store.commit({
      series: [
        {
          ...{ id: 77, name: metricNames.classDetections, kind: 'counter', unit: '1' },
          labels: { camera: 'front', class: 'car' },
        },
      ],
      changes: [{ kind: 'device', device: { id: device } }],
      metrics: [
        {
          ...{ device, session: 1, sequence: 60 - agoMinutes, histograms: [] },
          timesMs: Float64Array.of(clock.wallMs() - agoMinutes * minute),
          series: Uint32Array.of(77),
          values: Float64Array.of(car),
        },
      ],
    });

  it('has what was counted since the agent began', async () => {
    registry.ensure('new').birth = { ...birth, startedMs: clock.wallMs() - 20 * minute };
    for (const [ago, car] of [
      [15, 40],
      [10, 90],
      [5, 150],
    ] as const)
      await count('new', ago, car);
    expect(await profiles.fleet({ hours: 1 })).toMatchObject({ cameras: 1, labels: { car: 150 } });
  });

  it('has the growth of the last hour of an agent that runs for longer', async () => {
    registry.ensure('old').birth = { ...birth, startedMs: clock.wallMs() - 300 * minute };
    for (let ago = 55; ago >= 5; ago -= 5) await count('old', ago, 10_000 - 10 * ago);
    expect(await profiles.fleet({ hours: 1 })).toMatchObject({ cameras: 1, labels: { car: 500 } });
  });
});

describe('The agreement of a shadow that began just now', () => {
  it('is told from the first frames on, and says that it is all so far', async () => {
    const device = registry.ensure('d1');
    device.born = true;
    const sums = {
      [metricNames.shadowFrames]: 240,
      [metricNames.shadowDisagreements]: 12,
      [metricNames.shadowServeBoxes]: 400,
      [metricNames.shadowBoxes]: 500,
      [metricNames.shadowRecall]: 0.9,
      [metricNames.shadowClassFlips]: 40,
    };
    expect(await profiles.shadow('d1', 'next')).toEqual({ cameras: [] });
    for (const [index, [name, value]] of Object.entries(sums).entries())
      device.observe(
        {
          ...{ id: 100 + index, name, kind: 'gauge', unit: '1' },
          labels: { camera: 'front', slot: 'next' },
        },
        ...([clock.wallMs(), value, clock.monotonicMs()] as const),
      );
    const answer = await profiles.shadow('d1', 'next');
    expect(answer).toMatchObject({
      soFar: true,
      total: {
        frames: 240,
        disagreement: { value: 0.05 },
        recall: { value: 0.9 },
        classFlips: { value: 0.1 },
      },
      cameras: [{ camera: 'front' }],
    });
    expect(answer.total?.recall).not.toHaveProperty('interval');
    expect(await profiles.shadow('d1', 'other')).toEqual({ cameras: [] });
  });
});

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
