import { beforeEach, describe, expect, it } from 'vitest';
import { DeviceRegistry } from '../../../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../../../src/controller/history/series.ts';
import { SeriesRetention } from '../../../../src/controller/history/series-retention.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { TestFleet } from '../../../fakes/test-fleet.ts';

const day = 86_400_000;
const kept = 730 * day;

describe('The care for series', () => {
  let series: SeriesTable;
  let registry: DeviceRegistry;
  let care: SeriesRetention;
  let nowMs: number;

  beforeEach(() => {
    const clock = new FakeClock();
    series = new SeriesTable();
    registry = new DeviceRegistry(clock, series);
    care = new SeriesRetention([]);
    nowMs = clock.wallMs();
  });

  const intern = (name: string) => series.intern({ name, unit: '1', kind: 'gauge' })!;
  const pass = () => care.dropUnused(registry.devices(), series, nowMs, kept);

  it('keeps what a device names, however long the device runs', () => {
    const device = registry.ensure('d1');
    device.born = true;
    device.setCatalogue(1, new Map([[1, intern('fps')]]));
    for (let year = 0; year < 5; year++) {
      nowMs += 365 * day;
      expect(pass()).toEqual([]);
    }
    expect(series.ids()).toHaveLength(1);
  });

  it('keeps what no catalogue names for as long as its oldest roll-ups, and drops it then', () => {
    const id = intern('old');
    expect(pass()).toEqual([{ kind: 'series-used', uses: [[id, nowMs]] }]);
    nowMs += kept;
    expect(pass()).toEqual([]);
    nowMs += day;
    expect(pass()).toEqual([{ kind: 'series-dropped', ids: [id] }]);
    expect(series.ids()).toEqual([]);
    expect(series.unsaved()).toEqual([]);
    expect(pass()).toEqual([]);
  });

  it('goes on counting after a restart', () => {
    const id = intern('old');
    care = new SeriesRetention([[id, nowMs - kept - 1]]);
    expect(pass()).toEqual([{ kind: 'series-dropped', ids: [id] }]);
  });

  it('drops the names of a device that was away for so long, with its catalogues, but not those it shares', () => {
    const shared = intern('fps');
    const own = intern('rare');
    const gone = registry.ensure('gone');
    gone.lastSeenMs = nowMs - kept - 1;
    gone.setCatalogue(
      1,
      new Map([
        [1, shared],
        [2, own],
      ]),
    );
    const here = registry.ensure('here');
    here.lastSeenMs = nowMs;
    here.setCatalogue(1, new Map([[1, shared]]));
    expect(pass()).toEqual([
      { kind: 'catalogues-dropped', device: 'gone' },
      { kind: 'series-dropped', ids: [own] },
    ]);
    expect(series.ids()).toEqual([shared]);
    expect(gone.catalogues()).toEqual([]);
  });

  it('takes a name up again that a device brings back in time', () => {
    const id = intern('fps');
    pass();
    nowMs += kept - day;
    const device = registry.ensure('d1');
    device.born = true;
    device.setCatalogue(1, new Map([[1, id]]));
    expect(pass()).toEqual([]);
    nowMs += kept;
    device.dropCatalogues();
    expect(pass()).toEqual([{ kind: 'series-used', uses: [[id, nowMs - kept]] }]);
  });

  it('is done by a running controller, whose device then comes back with new numbers', async () => {
    const hour = { maxAgeMs: 2 * 3_600_000, maxBytes: 1e9 };
    const tier = { maxAgeMs: 3_600_000, maxBytes: 1e9 };
    const fleet = await TestFleet.open({
      retention: { raw: tier, minute: tier, hour, events: tier, drift: tier, alerts: tier },
    });
    await fleet.birth('d1');
    await fleet.clock.pass(4 * 3_600_000);
    const dropped = fleet.store.commits
      .flatMap(({ changes }) => changes ?? [])
      .filter(({ kind }) => kind === 'series-dropped');
    expect(dropped).toMatchObject([{ ids: [1, 2, 3] }]);
    await fleet.birth('d1', { session: 2 });
    await fleet.metrics('d1', { session: 2 });
    await fleet.clock.pass(1_000);
    expect(fleet.store.metricsRows.at(-1)?.series).toEqual(Uint32Array.of(4));
    await fleet.stop();
  });
});
