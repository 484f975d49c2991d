import { beforeEach, describe, expect, it } from 'vitest';
import { DeviceRegistry } from '../../../../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../../../../src/controller/history/series.ts';
import { EvidenceReader } from '../../../../../src/controller/rollouts/evidence/index.ts';
import type { SeriesRow } from '../../../../../src/controller/store/rows.ts';
import { metricNames } from '../../../../../src/protocol/index.ts';
import { FakeClock } from '../../../../fakes/fake-clock.ts';
import { FakeStore } from '../../../../fakes/fake-store.ts';

const minuteMs = 60_000;
const blockMs = 5 * minuteMs;
const hourMs = 60 * minuteMs;

let store: FakeStore;
let clock: FakeClock;
let registry: DeviceRegistry;
let reader: EvidenceReader;
let ids = 1;
let sequence = 0;
const known = new Map<string, SeriesRow>();

beforeEach(() => {
  store = new FakeStore();
  clock = new FakeClock();
  registry = new DeviceRegistry(clock, new SeriesTable());
  reader = new EvidenceReader({ registry, store, clock });
  known.clear();
});

/** The wall clock stands at this time. */
const setWall = (timeMs: number) => clock.jumpWall(timeMs - clock.wallMs());

type Kind = SeriesRow['kind'];
const kindOf = (name: string): Kind =>
  name.endsWith('_total')
    ? 'counter'
    : name === metricNames.latency || name === metricNames.detectionScore || name === metricNames.zoneDwell
      ? 'histogram'
      : 'gauge';

/** One batch of one device: [name, labels, value] at a time. */
async function send(
  device: string,
  timeMs: number,
  samples: [string, Record<string, string>, number][],
): Promise<void> {
  const rows = samples.map(([name, labels]) => {
    const key = JSON.stringify([name, labels]);
    const row = known.get(key) ?? { id: ids++, name, labels, unit: '1', kind: kindOf(name) };
    known.set(key, row);
    return row;
  });
  await store.commit({
    series: rows,
    changes: [{ kind: 'device', device: { id: device } }],
    metrics: [
      {
        ...{ device, session: 1, sequence: sequence++ },
        timesMs: Float64Array.from(samples, () => timeMs),
        series: Uint32Array.from(rows, ({ id }) => id),
        values: Float64Array.from(samples, ([name, , value]) =>
          kindOf(name) === 'histogram' ? Number.NaN : value,
        ),
        histograms: samples.flatMap(([name, , value], index) =>
          kindOf(name) === 'histogram'
            ? [
                {
                  index,
                  value: {
                    buckets: [[Math.ceil(Math.log2(value) * 8) - 1, 10]] as [number, number][],
                    zeros: 0,
                    sum: 10 * value,
                  },
                },
              ]
            : [],
        ),
      },
    ],
  });
}

const front = { camera: 'front' };
/** An hour of a camera with ten frames a second, two cars and half a person in each. */
async function hourOf(device: string, fromMs: number, clockMs = 0): Promise<void> {
  for (let at = 0; at <= hourMs; at += minuteMs) {
    const frames = 600 * (at / minuteMs);
    const time = fromMs + at - clockMs;
    await send(device, time, [
      [metricNames.processed, { ...front, model: 'street', version: '1' }, frames],
      [metricNames.detections, { ...front, model: 'street', version: '1' }, 2.5 * frames],
      [metricNames.fps, { ...front, model: 'street', version: '1' }, 10],
      [metricNames.latency, { ...front, model: 'street', version: '1' }, 0.03],
      [metricNames.memory, { model: 'street', version: '1' }, 4e8],
      [metricNames.temperature, { zone: 'cpu' }, 60],
      [metricNames.temperature, { zone: 'gpu' }, 70],
      [metricNames.driftScore, front, 0.1],
    ]);
    if (at % blockMs === 0)
      await send(device, time, [
        [metricNames.classDetections, { ...front, class: 'car' }, 2 * frames],
        [metricNames.classDetections, { ...front, class: 'person' }, 0.5 * frames],
        [metricNames.detectionScore, front, 0.7],
      ]);
  }
}

const begin = 400 * 24 * hourMs;
const read = (change: object = {}) =>
  reader.read({
    devices: [{ device: 'cam-1', arm: 'treated', changedMs: begin + hourMs / 2 }],
    look: 'always',
    historyDays: 1,
    ...change,
  });

describe('The time with a missed target', () => {
  const kept = (seconds: number): [string, Record<string, string>, number] => [
    ...([metricNames.targetKeptSeconds, front] as const),
    seconds,
  ];
  const missed = (reason: string, seconds: number): [string, Record<string, string>, number] => [
    ...([metricNames.targetMissedSeconds, { ...front, reason }] as const),
    seconds,
  ];
  /** Totals at the end of each block, and what the block says. */
  const blocks: readonly [
    what: string,
    samples: [string, Record<string, string>, number][],
    value?: number,
  ][] = [
    [
      'nothing: what was counted before is not known',
      [kept(1000), missed('engine', 400), missed('camera', 10)],
    ],
    ['a tenth', [kept(1270), missed('engine', 430)], 0.1],
    ['for two reasons', [kept(1510), missed('engine', 445), missed('heat', 5)], 15 / 255],
    ['for a reason that is known by now', [kept(1600), missed('heat', 95)], 0.5],
    ['all of it', [missed('heat', 395)], 1],
    ['none of it', [kept(1900)], 0],
    ['only what the camera gave', [kept(2000), missed('camera', 210)], 0],
    ['nothing where the camera gave nothing', [missed('camera', 510)]],
    ['again from zero after a restart', [kept(100), missed('engine', 100)], 0.5],
  ];

  it('is the share of the time in which the camera gave what was promised', async () => {
    setWall(begin + 2 * hourMs);
    for (const [at, [, samples]] of blocks.entries())
      await send('cam-1', begin + (at + 0.5) * blockMs, samples);
    const { subjects } = await read();
    const [camera] = subjects;
    const found = blocks.map(([what], at) => {
      const block = camera!.blocks.find(({ startMs }) => startMs === begin + at * blockMs);
      return [what, block?.values['missed-target']?.value];
    });
    for (const [at, [what, , value]] of blocks.entries())
      expect(found[at]).toEqual([what, value === undefined ? undefined : expect.closeTo(value, 10)]);
  });
});

describe('A block with nothing in it', () => {
  type Samples = [string, Record<string, string>, number][];
  const street = { ...front, model: 'street', version: '2' };
  /** What a camera has sent by the end of a minute: a counter that stands still is not sent. */
  interface Totals {
    readonly received?: number;
    readonly skipped?: number;
    readonly processed?: number;
    readonly detections?: number;
    readonly cars?: number;
    readonly model?: string;
  }
  const sent = ({ received, skipped, processed, detections, cars, model = 'street' }: Totals): Samples => [
    [metricNames.fps, { ...street, model }, processed === undefined ? 0 : 10],
    ...(received === undefined ? [] : ([[metricNames.received, front, received]] as Samples)),
    ...(skipped === undefined
      ? []
      : ([[metricNames.skipped, { ...front, reason: 'motion' }, skipped]] as Samples)),
    ...(processed === undefined ? [] : ([[metricNames.processed, street, processed]] as Samples)),
    ...(detections === undefined ? [] : ([[metricNames.detections, street, detections]] as Samples)),
    ...(cars === undefined
      ? []
      : ([[metricNames.classDetections, { ...front, class: 'car' }, cars]] as Samples)),
  ];
  const first = { received: 1000, skipped: 1, processed: 1000, detections: 2000, cars: 2000 };
  const worst = { detections: 0, 'class:car': 0, 'frame-rate': 0, latency: 300 };
  const rows: readonly [what: string, later: Totals, block: Readonly<Record<string, number>>][] = [
    [
      'finds nothing in frames: none of everything',
      { received: 4000, processed: 4000 },
      { detections: 0, 'class:car': 0, 'frame-rate': 10 },
    ],
    [
      'finds no car',
      { received: 4000, processed: 4000, detections: 5000 },
      { detections: 1, 'class:car': 0, 'frame-rate': 10 },
    ],
    ['frames came, and none out of the model: the worst of each', { received: 4000 }, worst],
    ['is dark: a gap', {}, {}],
    ['stands before nothing that moves: a gap', { received: 4000, skipped: 3001 }, {}],
    ['has no model: a gap', { received: 4000, model: 'none' }, {}],
  ];

  it.each(rows)('of a camera that %s', async (_, later, values) => {
    setWall(begin + hourMs);
    await send('cam-1', begin + 2 * blockMs, sent(first));
    await send('cam-1', begin + 3 * blockMs, sent(later));
    const { subjects } = await read();
    const camera = subjects.find((one) => one.camera === 'front')!;
    const block = camera.blocks.find(({ startMs }) => startMs === begin + 3 * blockMs);
    const found = Object.entries(block?.values ?? {}).map(([key, value]) => [key, value?.value]);
    expect(Object.fromEntries(found)).toEqual(values);
  });

  it('counts a golden frame that an engine gives no answer to as wrong', async () => {
    setWall(begin + hourMs);
    await send('cam-1', begin, [[metricNames.knownAnswers, { answer: 'right' }, 4]]);
    await send('cam-1', begin + 3 * blockMs, [[metricNames.knownAnswers, { answer: 'none' }, 1]]);
    const { subjects } = await read();
    const block = subjects.at(-1)!.blocks.find(({ startMs }) => startMs === begin + 3 * blockMs);
    expect(block?.values['known-answers']).toEqual({ value: 1, weight: 1 });
  });

  it('of a long soak has no gap where a class was found before it', async () => {
    const days = 12 * 24 * hourMs;
    setWall(begin + days);
    await send('cam-1', begin, sent(first));
    await send('cam-1', begin + days - 3 * blockMs, sent({ received: 4000, processed: 4000 }));
    await send('cam-1', begin + days - 2 * blockMs, sent({ received: 8000, processed: 8000 }));
    const { subjects } = await read({
      devices: [{ device: 'cam-1', arm: 'treated', changedMs: begin + hourMs }],
    });
    const last = subjects[0]!.blocks.at(-1);
    expect(last?.values['class:car']).toEqual({ value: 0, weight: 4000 });
  });
});

describe('Zones and lines in the evidence of a gate', () => {
  const gate = { ...front, zone: 'gate' };
  const door = { ...front, line: 'door' };
  const street = { ...front, model: 'street', version: '2' };
  /** Totals by the end of each block. Of cars and vans, both ways. */
  const blocks: readonly [string, [string, Record<string, string>, number][], Record<string, number>][] = [
    [
      'nothing: what was counted before is not known',
      [
        [metricNames.received, front, 3000],
        [metricNames.processed, street, 3000],
        [metricNames.fps, street, 10],
        [metricNames.zoneObjects, gate, 2],
        [metricNames.zoneObjects, { ...front, zone: 'yard' }, 0],
        [metricNames.zoneEntered, { ...gate, class: 'car' }, 50],
        [metricNames.zoneEntered, { ...gate, class: 'van' }, 5],
        [metricNames.lineCrossed, { ...door, direction: 'in', class: 'car' }, 40],
        [metricNames.lineCrossed, { ...door, direction: 'out', class: 'car' }, 40],
      ],
      {},
    ],
    [
      'both classes of a zone, both ways over a line, and how long they stayed',
      [
        [metricNames.received, front, 6000],
        [metricNames.processed, street, 6000],
        [metricNames.fps, street, 10],
        [metricNames.zoneEntered, { ...gate, class: 'car' }, 70],
        [metricNames.zoneEntered, { ...gate, class: 'van' }, 10],
        [metricNames.zoneDwell, gate, 8],
        [metricNames.lineCrossed, { ...door, direction: 'in', class: 'car' }, 45],
        [metricNames.lineCrossed, { ...door, direction: 'out', class: 'car' }, 50],
      ],
      { 'entered:gate': 5, 'dwell:gate': 8, 'crossed:door': 3, 'entered:yard': 0 },
    ],
    [
      'none where nothing was found in frames',
      [
        [metricNames.received, front, 9000],
        [metricNames.processed, street, 9000],
        [metricNames.fps, street, 10],
      ],
      { 'entered:gate': 0, 'crossed:door': 0, 'entered:yard': 0 },
    ],
    [
      'none where frames came, and none out of the model',
      [
        [metricNames.received, front, 12_000],
        [metricNames.fps, street, 0],
      ],
      { 'entered:gate': 0, 'crossed:door': 0, 'entered:yard': 0 },
    ],
    ['a gap where the camera is dark', [[metricNames.fps, street, 0]], {}],
  ];

  it('are counted per minute, and stays are means', async () => {
    setWall(begin + hourMs);
    for (const [at, [, samples]] of blocks.entries())
      await send('cam-1', begin + (at + 2.5) * blockMs, samples);
    const { subjects } = await read();
    const camera = subjects.find((one) => one.camera === 'front')!;
    for (const [at, [what, , values]] of blocks.entries()) {
      const block = camera.blocks.find(({ startMs }) => startMs === begin + (at + 2) * blockMs);
      const found = Object.entries(block?.values ?? {}).flatMap(([key, value]) =>
        /^(entered|dwell|crossed):/.test(key) ? [[key, Math.round(value!.value)]] : [],
      );
      if (at > 0) expect([what, Object.fromEntries(found)]).toEqual([what, values]);
    }
  });
});

describe('The evidence of a gate', () => {
  it('is blocks of a camera and of its device, as the store has them', async () => {
    setWall(begin + hourMs + 3 * minuteMs);
    await hourOf('cam-1', begin);
    const { subjects, blockMinutes, nowMs } = await read();
    expect(blockMinutes).toBe(5);
    expect(nowMs).toBe(begin + hourMs + 3 * minuteMs);
    expect(subjects.map(({ device, camera, arm }) => [device, camera, arm])).toEqual([
      ['cam-1', 'front', 'treated'],
      ['cam-1', '', 'treated'],
    ]);
    const [camera, device] = subjects;
    const block = camera!.blocks.find(({ startMs }) => startMs === begin + 6 * blockMs)!;
    expect(block.values.detections).toEqual({ value: 2.5, weight: 3000 });
    expect(block.values['class:car']?.value).toBeCloseTo(2);
    expect(block.values['class:person']?.value).toBeCloseTo(0.5);
    expect(block.values['frame-rate']?.value).toBeCloseTo(10);
    expect(block.values.score?.value).toBeCloseTo(0.7);
    expect(block.values.latency?.value).toBeGreaterThan(0.027);
    expect(block.values.latency?.value).toBeLessThan(0.033);
    expect(block.values.drift).toEqual({ value: 0, weight: 1 / 12 });
    const board = device!.blocks.find(({ startMs }) => startMs === begin + 6 * blockMs)!;
    expect(board.values.temperature?.value).toBe(70);
    expect(board.values.memory?.value).toBe(4e8);
    expect(board.values.crashes).toEqual({ value: 0, weight: 1 / 12 });
    expect(board.values.power).toBeUndefined();
  });

  it('leaves out the block that still runs', async () => {
    setWall(begin + hourMs - 2 * minuteMs);
    await hourOf('cam-1', begin);
    const { subjects } = await read();
    const last = subjects[0]!.blocks.at(-1)!;
    expect(last.startMs).toBe(begin + hourMs - 2 * blockMs);
  });

  it('has the times of the controller where the clock of a device is an hour behind', async () => {
    setWall(begin + hourMs);
    await hourOf('cam-1', begin, hourMs);
    registry.ensure('cam-1').clockOriginMs = clock.wallMs() - clock.monotonicMs() - hourMs;
    const { subjects } = await read();
    expect(subjects[0]!.blocks.at(-1)!.startMs).toBe(begin + hourMs - blockMs);
  });

  it('counts an alarm of drift and a lost engine in the block in which they were', async () => {
    setWall(begin + hourMs);
    await hourOf('cam-1', begin);
    const atMs = begin + 7 * blockMs + minuteMs;
    await send('cam-1', atMs, [
      [metricNames.driftAlarms, { ...front, verdict: 'label-shift', grade: 'alarm' }, 1],
    ]);
    await send('cam-1', atMs, [
      [metricNames.driftAlarms, { ...front, verdict: 'scene', grade: 'notice' }, 1],
    ]);
    await store.commit({
      events: [
        {
          ...{ id: 'e1', device: 'cam-1', timeMs: atMs, receivedMs: atMs, kind: 'engine.crashed' },
          ...{ severity: 'error', message: 'gone' },
        },
      ],
    });
    const { subjects } = await read();
    const at = (index: number) =>
      subjects[index]!.blocks.find(({ startMs }) => startMs === begin + 7 * blockMs)!.values;
    expect(at(0).drift?.value).toBeCloseTo(12);
    expect(at(1).crashes?.value).toBeCloseTo(12);
  });

  it('counts known answers since the last', async () => {
    setWall(begin + hourMs);
    await hourOf('cam-1', begin);
    for (const [index, wrong] of [0, 1, 3].entries())
      await send('cam-1', begin + (index + 2) * blockMs, [
        [metricNames.knownAnswers, { answer: 'right' }, 4 * (index + 1)],
        ...(wrong > 0
          ? [
              [metricNames.knownAnswers, { answer: 'wrong' }, wrong] as [
                string,
                Record<string, string>,
                number,
              ],
            ]
          : []),
      ]);
    const { subjects } = await read();
    const at = (index: number) =>
      subjects[1]!.blocks.find(({ startMs }) => startMs === begin + index * blockMs)!.values['known-answers'];
    expect(at(3)).toEqual({ value: 1 / 5, weight: 5 });
    expect(at(4)).toEqual({ value: 2 / 6, weight: 6 });
  });

  it('of a shadow is what both models found on the same frames', async () => {
    setWall(begin + hourMs);
    const labels = { ...front, slot: 'next' };
    for (let at = 0; at < 12; at++)
      await send('cam-1', begin + at * blockMs + minuteMs, [
        [metricNames.shadowFrames, labels, 100 * at],
        [metricNames.shadowDisagreements, labels, 5 * at],
        [metricNames.shadowServeBoxes, labels, 300 * at],
        [metricNames.shadowBoxes, labels, 270 * at],
        [metricNames.shadowRecall, labels, 0.8],
      ]);
    const { subjects } = await read({ shadowSlot: 'next' });
    expect(subjects.map(({ arm, camera }) => [arm, camera])).toEqual([
      ['treated', 'front'],
      ['control', 'front'],
    ]);
    const [shadow, serving] = subjects;
    expect(shadow!.blocks[3]!.values).toEqual({
      detections: { value: 2.7, weight: 100 },
      agreement: { value: 0.05, weight: 100 },
    });
    expect(serving!.blocks[3]!.values).toEqual({ detections: { value: 3, weight: 100 } });
    const { total } = await reader.reportShadow(['cam-1'], 'next', 24);
    expect(total).toMatchObject({ frames: 1100, serveBoxes: 3300, disagreement: { value: 0.05 } });
    expect(total?.recall.value).toBeCloseTo(0.8);
    expect((await reader.reportShadow(['cam-1'], 'other', 24)).total).toBeUndefined();
  });

  it('is empty of a device that nobody knows, and refuses blocks that are too short', async () => {
    setWall(begin + hourMs);
    const { subjects } = await read({ devices: [{ device: 'nobody', arm: 'control' }] });
    expect(subjects).toEqual([expect.objectContaining({ camera: '', blocks: [] })]);
    await expect(read({ blockMinutes: 1 })).rejects.toMatchObject({ code: 'gate-block-short' });
  });
});
