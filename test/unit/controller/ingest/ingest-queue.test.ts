import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { LimitError, silentLog } from '../../../../src/base/index.ts';
import type { Committed } from '../../../../src/controller/event-bus.ts';
import { SeriesTable } from '../../../../src/controller/history/series.ts';
import type { EventRow, MetricsRow } from '../../../../src/controller/index.ts';
import { type IngestLimits, IngestQueue } from '../../../../src/controller/ingest/ingest-queue.ts';
import { eventBus } from '../../../fakes/event-bus.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const limits: IngestLimits = { flushMs: 250, flushItems: 50, maxItems: 200 };
const full = new LimitError('database-full', 'The disk is full.', 'Free space.');

let clock: FakeClock;
let store: FakeStore;
let series: SeriesTable;
let committed: Committed[];
let queue: IngestQueue;

function start(log = silentLog): void {
  clock = new FakeClock();
  store = new FakeStore();
  series = new SeriesTable();
  committed = [];
  const bus = eventBus(clock, log);
  bus.on('committed', (one) => committed.push(one));
  queue = new IngestQueue({ store, series, clock, log, bus }, limits);
}
beforeEach(() => start());

function batch(sequence: number, samples = 1, device = 'd1'): MetricsRow {
  const column = new Float64Array(samples);
  return {
    ...{ device, session: 1, sequence, histograms: [] },
    ...{ timesMs: column, values: column, series: new Uint32Array(samples) },
  };
}
const event = (id: string, device = 'd1'): EventRow => ({
  ...{ id, device, timeMs: 0, receivedMs: 0, kind: 'x', severity: 'info', message: 'm' },
});
const seen = (id: string, lastSeenMs: number) => queue.change(`seen ${id}`, { kind: 'seen', id, lastSeenMs });
const acked = () => committed.flatMap(({ acks }) => acks.map(({ entry }) => entry));
const sizes = () => store.commits.map(({ metrics = [], events = [] }) => metrics.length + events.length);

describe('What comes from the broker', () => {
  it('is collected for a moment, and acknowledged when it is in the database and not before', async () => {
    const release = store.hold();
    expect(queue.metrics(batch(0), 10)).toBe(true);
    expect(queue.event(event('a'), 11)).toBe(true);
    await clock.pass(249);
    expect(store.commits).toEqual([]);
    await clock.pass(1);
    expect(acked()).toEqual([]);
    release();
    await clock.pass(0);
    expect(sizes()).toEqual([2]);
    expect(acked()).toEqual([10, 11]);
    expect(clock.pending).toBe(0);
  });

  it('does not wait when it is much', async () => {
    queue.metrics(batch(0, 60), 1);
    await clock.pass(0);
    expect(acked()).toEqual([1]);
  });

  it('that comes while a commit is under way has the next one', async () => {
    const release = store.hold();
    queue.event(event('a'), 1);
    await clock.pass(250);
    queue.event(event('b'), 2);
    queue.metrics(batch(0, 60), 3);
    await clock.pass(1000);
    expect(sizes()).toEqual([]);
    release();
    // Much waits, so the next one does not wait for its time.
    await clock.pass(0);
    expect(sizes()).toEqual([1, 2]);
    expect(acked()).toEqual([1, 2, 3]);
  });

  it('of two changes of one thing is the later', async () => {
    seen('d1', 1);
    seen('d2', 2);
    seen('d1', 3);
    await clock.pass(250);
    expect(store.commits.flatMap(({ changes }) => changes)).toEqual([
      { kind: 'seen', id: 'd2', lastSeenMs: 2 },
      { kind: 'seen', id: 'd1', lastSeenMs: 3 },
    ]);
  });

  it('brings its new series along, once', async () => {
    series.intern({ name: 'fps', unit: '1', kind: 'gauge' });
    queue.metrics(batch(0), 1);
    await clock.pass(250);
    queue.metrics(batch(1), 2);
    await clock.pass(250);
    expect(store.commits.map((one) => one.series?.length)).toEqual([1, 0]);
  });

  it('is kept and tried again, ever more slowly, while the database refuses, and told once', async () => {
    const log = new RecordingLog();
    start(log);
    store.fail = full;
    queue.event(event('a'), 1);
    const tries: number[] = [];
    const commit = store.commit.bind(store);
    store.commit = (given) => {
      tries.push(clock.monotonicMs());
      return commit(given);
    };
    await clock.pass(60_000);
    expect(tries.slice(0, 7)).toEqual([250, 750, 1750, 3750, 8750, 18_750, 28_750]);
    expect(queue.fault).toBe(full);
    expect(log.at('error')).toHaveLength(1);
    store.fail = undefined;
    await clock.pass(10_000);
    expect(acked()).toEqual([1]);
    expect(queue.fault).toBeUndefined();
    expect(log.at('info')).toHaveLength(1);
  });

  it('is refused when there is no room, so that the devices keep it, and taken again later', async () => {
    store.fail = full;
    for (let i = 0; i < 4; i++) queue.metrics(batch(i, 45, `d${i}`), i);
    await clock.pass(250);
    expect(queue.metrics(batch(9, 45, 'd9'), 9)).toBe(false);
    expect(queue.event(event('a'), 10)).toBe(true);
    store.fail = undefined;
    await clock.pass(20_000);
    expect(acked().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 10]);
    expect(queue.metrics(batch(9, 45, 'd9'), 9)).toBe(true);
  });

  it('of a device that was deleted is dropped before it is written', async () => {
    queue.metrics(batch(0), 1);
    queue.metrics(batch(0, 1, 'd2'), 2);
    queue.event(event('a'), 3);
    seen('d1', 1);
    seen('d2', 1);
    queue.forgetDevice('d1');
    await clock.pass(250);
    expect(store.commits).toMatchObject([
      { metrics: [{ device: 'd2' }], events: [], changes: [{ id: 'd2' }] },
    ]);
    expect(acked()).toEqual([2]);
  });

  it('is written at once when somebody waits for it, also what came during a commit', async () => {
    const release = store.hold();
    queue.event(event('a'), 1);
    await clock.pass(250);
    queue.event(event('b'), 2);
    let flushed = false;
    const done = queue.flush().then(() => {
      flushed = true;
    });
    await clock.pass(0);
    expect(flushed).toBe(false);
    release();
    await done;
    expect(acked()).toEqual([1, 2]);
  });

  it('is written once more at the end; refused messages are not acknowledged, and no more are accepted', async () => {
    queue.event(event('a'), 1);
    await queue.close();
    expect(acked()).toEqual([1]);
    expect(queue.event(event('b'), 2)).toBe(false);
    start();
    store.fail = full;
    queue.event(event('a'), 1);
    await queue.close();
    expect(acked()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('is acknowledged exactly once and only when it is stored, whatever the database does', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('metrics' as const), samples: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ do: fc.constant('event' as const) }),
      fc.record({ do: fc.constant('turn' as const), works: fc.boolean() }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.nat(4000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        start();
        const taken: number[] = [];
        for (const [entry, one] of steps.entries()) {
          if (one.do === 'turn') store.fail = one.works ? undefined : full;
          else if (one.do === 'wait') await clock.pass(one.ms);
          else if (one.do === 'event') {
            if (queue.event(event(`e${entry}`), entry)) taken.push(entry);
          } else if (queue.metrics(batch(entry, one.samples), entry)) taken.push(entry);
          const stored = new Set([
            ...store.metricsRows.map(({ sequence }) => sequence),
            ...store.eventRows.map(({ id }) => Number(id.slice(1))),
          ]);
          for (const safe of acked()) expect(stored.has(safe)).toBe(true);
        }
        store.fail = undefined;
        await clock.pass(20_000);
        expect(acked()).toEqual(taken);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
