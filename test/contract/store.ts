import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert, DriftIncident } from '../../src/api/index.ts';
import { GoshawkError } from '../../src/base/index.ts';
import {
  type AlertRuleRow,
  type AuditDraft,
  addSample,
  type Change,
  defaultRetention,
  type EventRow,
  emptyAggregate,
  type MetricsRow,
  type SeriesRow,
  type Store,
  type TokenRow,
} from '../../src/controller/index.ts';
import { driftData, driftEvent, frozen, incidentOf, incidentRow } from '../fakes/drift-events.ts';
import { birth, digest } from '../fakes/test-fleet.ts';
import { suite } from './suite.ts';

/** A disk for the database of one controller. */
export interface StoreDisk {
  /** A store on this disk, as a new process opens it; the one before was closed. */
  open(): Store | Promise<Store>;
  close(): void;
}

/** What the controller expects of any store. */
export function describeStore(name: string, make: () => StoreDisk, missing?: string): void {
  suite(`The controller's store: ${name}`, missing, () => {
    let disk: StoreDisk;
    let store: Store;

    beforeEach(async () => {
      disk = make();
      store = await disk.open();
    });
    afterEach(async () => {
      await store.close();
      disk.close();
    });

    const write = (...changes: Change[]) => store.commit({ changes });
    const load = (since: Partial<Parameters<Store['load']>[0]> = {}) =>
      store.load({ warningsMs: 0, incidentsMs: 0, ...since });
    const ask = (change: Partial<Parameters<Store['metrics']>[0]> = {}) =>
      store.metrics({
        ...{ devices: ['d1'], name: 'fps', labels: {}, fromMs: t0, toMs: t0 + hour, stepMs: minute },
        ...change,
      });
    async function reopen(): Promise<void> {
      await store.close();
      store = await disk.open();
    }

    describe('what the controller has in memory', () => {
      it('is empty at first', async () => {
        const drift = { incidents: [], events: [], newestSeq: 0 };
        expect(await load()).toEqual({
          ...{ devices: [], series: [], catalogues: [], groups: [], tokens: [], recentWarnings: [] },
          ...{ claims: [], certificates: [] },
          ...{ seriesUse: [], drift, alertRules: [], alerts: [], setAside: [] },
        });
      });

      it('is there again after a restart', async () => {
        const desired = { generation: 4, timeMs: t0 };
        const settings = { pipelines: { '*': { enabled: false } } };
        await store.commit({
          series,
          changes: [
            { kind: 'device', device: { id: 'd1', lastSeenMs: t0, birth } },
            { kind: 'catalogue', catalogue: { device: 'd1', session: 1, aliases: [[1, 1]] } },
            { kind: 'settings', device: 'd1', settings: { pipelines: {} } },
            { kind: 'desired', device: 'd1', desired },
            { kind: 'group', group: { name: 'west', members: ['later', 'd1', 'later'], settings } },
            { kind: 'token', token },
            { kind: 'token-used', id: 'a', lastUsedMs: t0 + 5 },
            { kind: 'alert-rule', rule },
          ],
          metrics: [batch('d1', 0, [[t0, 1, 1]]), batch('d1', 1, [[t0, 1, 1]])],
          events: [event('e1')],
        });
        await reopen();
        const loaded = await load({ warningsMs: t0 - 1 });
        expect(loaded.devices).toEqual([
          {
            ...{ id: 'd1', lastSeenMs: t0, birth, settings: { pipelines: {} }, desired },
            lastSequence: { session: 1, sequence: 1 },
          },
        ]);
        expect(loaded.series).toEqual(series);
        expect(loaded.catalogues).toEqual([{ device: 'd1', session: 1, aliases: [[1, 1]] }]);
        expect(loaded.groups).toEqual([{ name: 'west', members: ['d1', 'later'], settings }]);
        expect(loaded.tokens).toEqual([{ ...token, lastUsedMs: t0 + 5 }]);
        expect(loaded.alertRules).toEqual([rule]);
        expect(loaded.recentWarnings).toEqual([{ device: 'd1', timeMs: t0 }]);
      });

      it('keeps of a device what a change does not say', async () => {
        await write({ kind: 'device', device: { id: 'd1', lastSeenMs: t0, birth } });
        await write(
          { kind: 'device', device: { id: 'd1', reported } },
          { kind: 'seen', id: 'd1', lastSeenMs: 9 },
        );
        expect((await load()).devices).toEqual([{ id: 'd1', lastSeenMs: 9, birth, reported, settings: {} }]);
      });

      it('has a device as soon as anything of it came', async () => {
        await store.commit({ metrics: [batch('d1', 0, [])], events: [event('e1', { device: 'd2' })] });
        await write({ kind: 'catalogue', catalogue: { device: 'd3', session: 1, aliases: [] } });
        expect((await load()).devices.map(({ id }) => id).sort()).toEqual(['d1', 'd2', 'd3']);
      });

      it('takes the newest of a claim and of a certificate, and drops those that are deleted', async () => {
        const claim = {
          ...{
            id: 'c1',
            name: 'hall 3',
            rule: 'auto' as const,
            count: 2,
            used: 0,
            groups: ['a'],
            serials: ['SN 1'],
          },
          ...{ createdMs: t0, createdBy: 'x', expiresMs: t0 + 1, devices: [], hash: 'ab' },
        };
        const certificate = {
          ...{
            serial: '01',
            fingerprint: 'f1',
            key: 'k1',
            der: 'AA==',
            device: 'd1',
            claim: 'c1',
            groups: ['a'],
          },
          ...{ issuedMs: t0, notBeforeMs: t0, notAfterMs: t0 + 1, board: 'SN 1' },
          facts: { board: 'b', arch: 'x64', agentVersion: '1' },
        };
        await write({ kind: 'claim', claim }, { kind: 'certificate', certificate });
        expect(await load()).toMatchObject({ claims: [claim], certificates: [certificate] });
        await write(
          { kind: 'claim', claim: { ...claim, used: 1 } },
          { kind: 'certificate', certificate: { ...certificate, revokedMs: t0 + 5 } },
        );
        expect(await load()).toMatchObject({ claims: [{ used: 1 }], certificates: [{ revokedMs: t0 + 5 }] });
        await write({ kind: 'claim-deleted', id: 'c1' }, { kind: 'certificate-deleted', fingerprint: 'f1' });
        expect(await load()).toMatchObject({ claims: [], certificates: [] });
      });

      it('takes the newest of a group, a token and a rule, and drops those that are deleted', async () => {
        const group = (members: string[]): Change => ({
          kind: 'group',
          group: { name: 'west', members, settings: {} },
        });
        await write(group(['d1']), { kind: 'token', token }, { kind: 'alert-rule', rule });
        await write(
          group(['d2']),
          { kind: 'token', token: { ...token, role: 'viewer' } },
          { kind: 'alert-rule', rule: { ...rule, enabled: false } },
        );
        expect(await load()).toMatchObject({
          groups: [{ members: ['d2'] }],
          tokens: [{ role: 'viewer' }],
          alertRules: [{ enabled: false }],
        });
        await write(
          { kind: 'group-deleted', name: 'west' },
          { kind: 'token-deleted', id: 'a' },
          { kind: 'alert-rule-deleted', id: 'r1' },
        );
        expect(await load()).toMatchObject({ groups: [], tokens: [], alertRules: [] });
      });

      it('does not complain of what is not there', async () => {
        await write(
          { kind: 'device-deleted', id: 'nobody' },
          { kind: 'group-deleted', name: 'nobody' },
          { kind: 'token-used', id: 'nobody', lastUsedMs: 1 },
          { kind: 'token-deleted', id: 'nobody' },
          { kind: 'alert-rule-deleted', id: 'nobody' },
          { kind: 'series-used', uses: [[77, t0]] },
          { kind: 'series-dropped', ids: [77] },
          { kind: 'catalogues-dropped', device: 'nobody' },
        );
        expect(await load()).toMatchObject({ devices: [], tokens: [], seriesUse: [] });
      });

      it('keeps the catalogues of the newest eight sessions of a device, and the first row of a series', async () => {
        await store.commit({ series });
        await store.commit({ series: [{ ...series[0]!, name: 'another' }] });
        for (let session = 0; session < 12; session++)
          await write({ kind: 'catalogue', catalogue: { device: 'd1', session, aliases: [[1, session]] } });
        await write({ kind: 'catalogue', catalogue: { device: 'd1', session: 9, aliases: [[1, 99]] } });
        const { catalogues, series: rows } = await load();
        expect(new Map(catalogues.map(({ session, aliases }) => [session, aliases[0]?.[1]]))).toEqual(
          new Map([4, 5, 6, 7, 8, 9, 10, 11].map((session) => [session, session === 9 ? 99 : session])),
        );
        expect(rows).toEqual(series);
      });

      it('marks series with their last use, and drops them with the catalogues that nobody needs', async () => {
        await store.commit({ series });
        await write(
          { kind: 'catalogue', catalogue: { device: 'd1', session: 1, aliases: [[1, 2]] } },
          { kind: 'catalogue', catalogue: { device: 'd2', session: 1, aliases: [[1, 2]] } },
          { kind: 'series-used', uses: [[2, t0]] },
        );
        expect((await load()).seriesUse).toEqual([[2, t0]]);
        await write({ kind: 'series-dropped', ids: [2] }, { kind: 'catalogues-dropped', device: 'd1' });
        const loaded = await load();
        expect(loaded.series.map(({ id }) => id)).toEqual([1, 3, 4]);
        expect(loaded.seriesUse).toEqual([]);
        expect(loaded.catalogues.map(({ device }) => device)).toEqual(['d2']);
      });

      it('has the warnings since a time, by when they were received', async () => {
        await store.commit({
          events: [
            event('a', { receivedMs: t0, severity: 'warning' }),
            event('b', { receivedMs: t0 + 1, severity: 'critical', timeMs: t0 - hour }),
            event('c', { receivedMs: t0 + 2, severity: 'info' }),
          ],
        });
        expect((await load({ warningsMs: t0 })).recentWarnings).toEqual([{ device: 'd1', timeMs: t0 + 1 }]);
      });

      it('belongs to who asked: a change of it is none in the store', async () => {
        const given = { name: 'west', members: ['d1'], settings: {} };
        await write({ kind: 'group', group: given });
        given.members.push('d2');
        const [loaded] = (await load()).groups;
        (loaded!.members as string[]).push('d3');
        expect((await load()).groups).toMatchObject([{ members: ['d1'] }]);
      });
    });

    describe('metrics', () => {
      it('come back as samples, as minutes and as hours, each series by itself', async () => {
        const samples: Sample[] = [
          [t0, 1, 10],
          [t0 + 1_000, 1, 20],
          [t0 + minute, 1, 40],
          [t0, 4, 7],
        ];
        await store.commit({ series, metrics: [batch('d1', 0, samples)] });
        const raw = await ask({ stepMs: 1_000 });
        expect(raw.tier).toBe('raw');
        expect(raw.series.map((one) => [one.labels, one.timeMs, one.last])).toEqual([
          [{ camera: 'front' }, [t0, t0 + 1_000, t0 + minute], [10, 20, 40]],
          [{ camera: 'rear' }, [t0], [7]],
        ]);
        expect(await ask({ labels: { camera: 'front' } })).toMatchObject({
          ...{ tier: 'minute', stepMs: minute },
          series: [{ timeMs: [t0, t0 + minute], avg: [15, 40], min: [10, 40], max: [20, 40] }],
        });
        expect(await ask({ stepMs: hour, labels: { camera: 'front' } })).toMatchObject({
          tier: 'hour',
          series: [{ timeMs: [t0], avg: [70 / 3], count: [3] }],
        });
      });

      it('are those from a time on and before another', async () => {
        const at = [t0 - 1, t0, t0 + 10, t0 + 19, t0 + 20];
        await store.commit({
          series,
          metrics: [
            batch(
              'd1',
              0,
              at.map((time) => [time, 1, 1] as const),
            ),
          ],
        });
        expect((await ask({ toMs: t0 + 20, stepMs: 1 })).series[0]?.timeMs).toEqual([t0, t0 + 10, t0 + 19]);
      });

      it('are counted once, in whatever order and however often batches come', async () => {
        let run = 0;
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.nat(12), { minLength: 1, maxLength: 40 }),
            fc.integer({ min: 1, max: 5 }),
            async (sequences, perCommit) => {
              const device = `r${run++}`;
              let duplicates = 0;
              for (let from = 0; from < sequences.length; from += perCommit) {
                const part = sequences
                  .slice(from, from + perCommit)
                  .map((sequence) => batch(device, sequence, [[t0 + sequence, 1, sequence]]));
                duplicates += (await store.commit({ series, metrics: part })).duplicateBatches;
              }
              const distinct = new Set(sequences);
              expect(duplicates).toBe(sequences.length - distinct.size);
              expect((await ask({ devices: [device] })).series[0]?.count).toEqual([distinct.size]);
              const stored = (await load()).devices.find(({ id }) => id === device);
              expect(stored?.lastSequence).toEqual({ session: 1, sequence: Math.max(...sequences) });
            },
          ),
          { numRuns: 25 },
        );
      });

      it('of another session with the same number are others; the newest session counts', async () => {
        const sessions = [5, 3].map((session) => batch('d1', 0, [[t0, 1, session]], session));
        expect(await store.commit({ series, metrics: sessions })).toMatchObject({ duplicateBatches: 0 });
        expect((await load()).devices[0]?.lastSequence).toEqual({ session: 5, sequence: 0 });
      });

      it('with a number that is known and other content are stored, and the session is named', async () => {
        const life = (value: number, sequences: readonly number[]) =>
          sequences.map((sequence) => ({
            ...batch('d1', sequence, [[t0 + 10 * sequence + value, 1, value]]),
            content: 100 * sequence + value,
          }));
        const commit = (metrics: MetricsRow[]) => store.commit({ series, metrics });
        await commit(life(1, [0, 1, 2]));
        expect(await commit(life(1, [1, 2]))).toMatchObject({ duplicateBatches: 2, repeatedSessions: [] });
        const repeated = { device: 'd1', session: 1 };
        expect(await commit(life(2, [0, 1, 2, 3]))).toMatchObject({
          duplicateBatches: 0,
          repeatedSessions: [repeated, repeated, repeated],
        });
        await reopen();
        for (const value of [1, 2])
          expect(await commit(life(value, [0, 2]))).toMatchObject({
            duplicateBatches: 2,
            repeatedSessions: [],
          });
        expect((await ask()).series[0]?.count).toEqual([7]);
        // Stored before contents were kept: known by its number.
        const old = batch('d1', 0, [[t0, 1, 1]], 2);
        await commit([old]);
        const same = [{ ...old, content: 5 }];
        expect(await commit(same)).toMatchObject({ duplicateBatches: 1, repeatedSessions: [] });
      });

      it('rolled up, of any samples in any batches, equal what is worked out directly', async () => {
        const sample = fc.tuple(fc.nat(3 * hour - 1), fc.integer({ min: -1000, max: 1000 }));
        const batches = fc.array(fc.array(sample, { minLength: 1, maxLength: 8 }), {
          minLength: 1,
          maxLength: 6,
        });
        let run = 0;
        await fc.assert(
          fc.asyncProperty(batches, async (given) => {
            const row: SeriesRow = { id: 100 + run, name: `m${run++}`, labels: {}, unit: '1', kind: 'gauge' };
            for (const [sequence, samples] of given.entries()) {
              const rows = samples.map(([at, value]) => [t0 + at, row.id, value] as const);
              await store.commit({
                series: [row],
                metrics: [batch(`d${sequence % 2}`, sequence, rows, run)],
              });
            }
            for (const devices of [undefined, ['d0', 'd1']])
              for (const stepMs of [minute, hour]) {
                const expected = rolledUp(given.flat(), stepMs);
                const order = [...expected.keys()].sort((a, b) => a - b);
                const range = { stepMs, toMs: t0 + 3 * hour };
                const found = (await ask({ devices, name: row.name, ...range })).series[0]!;
                expect(found.timeMs).toEqual(order);
                for (const column of ['count', 'min', 'max', 'last'] as const)
                  expect(found[column]).toEqual(order.map((start) => expected.get(start)![column]));
                for (const [index, start] of order.entries()) {
                  const { sum, count } = expected.get(start)!;
                  expect(found.avg?.[index]).toBeCloseTo(sum / count, 9);
                }
              }
          }),
          { numRuns: 20 },
        );
      });

      it('of histograms give the quantiles of all devices together', async () => {
        const histogram = (device: string, index: number, count: number): MetricsRow => ({
          ...batch(device, 0, [[t0, 2, Number.NaN]]),
          histograms: [{ index: 0, value: { buckets: [[index, count]], zeros: 0, sum: 1 } }],
        });
        await store.commit({ series, metrics: [histogram('d1', -40, 98), histogram('d2', 0, 2)] });
        const fleet = await ask({ devices: undefined, name: 'latency' });
        expect(fleet.series[0]?.count).toEqual([100]);
        expect(fleet.series[0]?.p50?.[0]).toBeLessThan(0.04);
        expect(fleet.series[0]?.p99?.[0]).toBeGreaterThan(1);
        const one = await ask({ devices: ['d1'], name: 'latency' });
        expect(one.series[0]?.p99?.[0]).toBeLessThan(0.04);
      });

      it('of counters add up device by device', async () => {
        const counted = (device: string) =>
          batch(device, 0, [
            [t0, 3, 100],
            [t0 + minute, 3, 160],
          ]);
        await store.commit({ series, metrics: ['d1', 'd2', 'd3'].map(counted) });
        const of = async (devices: readonly string[] | undefined) =>
          (await ask({ devices, name: 'frames' })).series[0];
        expect(await of(undefined)).toMatchObject({ last: [300, 480], rate: [null, 3] });
        expect(await of(['d1', 'd3'])).toMatchObject({ last: [200, 320], rate: [null, 2] });
      });

      it('that nobody has give no series and no error', async () => {
        await store.commit({ series, metrics: [batch('d1', 0, [[t0, 1, 1]])] });
        expect((await ask({ name: 'nothing' })).series).toEqual([]);
        expect((await ask({ devices: ['nobody'] })).series).toEqual([]);
        expect((await ask({ devices: [] })).series).toEqual([]);
        expect((await ask({ labels: { camera: 'side' } })).series).toEqual([]);
        expect((await ask({ fromMs: t0 + minute, toMs: t0 + minute })).series).toEqual([]);
      });
    });

    describe('events', () => {
      it('are numbered as they come and kept once per device and id, over a restart', async () => {
        const events = [event('e1'), event('e2'), event('e1')];
        expect((await store.commit({ events })).events.map(({ seq, id }) => [seq, id])).toEqual([
          [1, 'e1'],
          [2, 'e2'],
        ]);
        await reopen();
        expect((await store.commit({ events: [...events, event('e1', { device: 'd2' })] })).events).toEqual([
          { seq: 3, ...event('e1', { device: 'd2' }) },
        ]);
        expect((await load()).drift.newestSeq).toBe(3);
      });

      it('are paged from the newest', async () => {
        await store.commit({ events: Array.from({ length: 5 }, (_, i) => event(`e${i}`)) });
        const first = await store.events({ limit: 3 });
        expect(first.events.map(({ id }) => id)).toEqual(['e4', 'e3', 'e2']);
        const second = await store.events({ limit: 3, before: first.next! });
        expect(second.events.map(({ id }) => id)).toEqual(['e1', 'e0']);
        expect(second.next).toBeUndefined();
        expect((await store.events({ limit: 5 })).next).toBeUndefined();
      });

      it('are on pages that end early where events are large, and none is left out', async () => {
        const large = (i: number) => event(`e${i}`, { data: { text: 'x'.repeat(60_000) } });
        for (let i = 0; i < 50; i += 10)
          await store.commit({ events: Array.from({ length: 10 }, (_, at) => large(i + at)) });
        const seen: number[] = [];
        let before: number | undefined;
        do {
          const page = await store.events({ limit: 1000, ...(before === undefined ? {} : { before }) });
          expect(JSON.stringify(page).length).toBeLessThan(1.2 * 1024 * 1024);
          seen.push(...page.events.map(({ seq }) => seq));
          before = page.next;
        } while (before !== undefined);
        expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => 50 - i));
      });

      it('are found by device, by kind or its beginning, and from a severity on', async () => {
        const full = event('a', {
          kind: 'drift.alarm',
          severity: 'warning',
          camera: 'front',
          data: { p: 0.01 },
        });
        await store.commit({
          events: [
            full,
            event('b', { kind: 'drift', severity: 'info' }),
            event('c', { kind: 'driftwood', severity: 'critical', device: 'd2' }),
          ],
        });
        const ids = async (query: Parameters<Store['events']>[0]) =>
          (await store.events(query)).events.map(({ id }) => id);
        expect(await ids({ kind: 'drift' })).toEqual(['b', 'a']);
        expect(await ids({ severity: 'warning' })).toEqual(['c', 'a']);
        expect(await ids({ severity: 'info' })).toEqual(['c', 'b', 'a']);
        expect(await ids({ device: 'd2' })).toEqual(['c']);
        expect(await ids({ device: 'nobody' })).toEqual([]);
        expect(await ids({ device: 'd1', kind: 'drift', severity: 'warning' })).toEqual(['a']);
        expect((await store.events({ kind: 'drift.alarm' })).events).toEqual([{ seq: 1, ...full }]);
      });
    });

    describe('drift', () => {
      it('has after a restart the incidents that last however old, and those that began lately', async () => {
        await write(
          incident('d1', t0 - 90 * day),
          incident('d1', t0 - 90 * day - 1, { endedMs: t0 - 89 * day }),
          incident('d2', t0 - day, { endedMs: t0 }),
        );
        await reopen();
        const { incidents } = (await load({ incidentsMs: t0 - 7 * day })).drift;
        expect(incidents.map((row) => row.incident.startedMs).sort()).toEqual([t0 - 90 * day, t0 - day]);
        expect(incidents[0]).toMatchObject({ number: 1, heardMs: incidents[0]?.incident.startedMs });
      });

      it('gives the drift events that no incident has yet', async () => {
        const of = (seq: number, kind: 'drift.alarm' | 'drift.cleared') => {
          const { seq: _, ...row } = driftEvent(seq, 'd1', kind, driftData(frozen), t0);
          return row;
        };
        await store.commit({
          events: [
            of(1, 'drift.alarm'),
            { ...of(2, 'drift.alarm'), kind: 'drift.learned' },
            of(3, 'drift.cleared'),
          ],
        });
        expect((await load()).drift).toMatchObject({ newestSeq: 3, events: [{ seq: 1 }, { seq: 3 }] });
        await write({ kind: 'drift-incident', row: { ...incidentRow(incidentOf('d1', t0)), seq: 1 } });
        expect((await load()).drift.events.map(({ seq }) => seq)).toEqual([3]);
      });

      it('keeps one row per incident, with its picture beside it, which may come first', async () => {
        const view = { width: 2, height: 1, grey: 'AAE=' };
        const id = `d1.${t0}`;
        await write({ kind: 'drift-view', incident: id, view }, incident('d1', t0));
        await write(incident('d1', t0, { endedMs: t0 + 1, message: 'over' }));
        expect(await store.driftIncident(id)).toMatchObject({ incident: { message: 'over' }, view });
        expect((await store.driftIncidents({})).incidents).toHaveLength(1);
        expect(await store.driftIncident('none')).toBeUndefined();
        await write(incident('d2', t0));
        expect(await store.driftIncident(`d2.${t0}`)).not.toHaveProperty('view');
      });

      it('finds incidents by device, devices, camera and state, newest first, page by page', async () => {
        for (let i = 0; i < 10; i++)
          await write(incident(i % 2 === 0 ? 'd1' : 'd2', t0 + i, i < 4 ? { endedMs: t0 + 100 } : {}));
        const started = async (query: Parameters<Store['driftIncidents']>[0]) =>
          (await store.driftIncidents(query)).incidents.map(({ startedMs }) => startedMs - t0);
        expect(await started({ device: 'd1' })).toEqual([8, 6, 4, 2, 0]);
        expect(await started({ devices: ['d2', 'd9'] })).toEqual([9, 7, 5, 3, 1]);
        expect(await started({ devices: [] })).toEqual([]);
        expect(await started({ open: true })).toEqual([9, 8, 7, 6, 5, 4]);
        expect(await started({ open: false })).toEqual([3, 2, 1, 0]);
        expect(await started({ camera: 'rear' })).toEqual([]);
        expect(await started({ camera: 'front', device: 'd2', open: false })).toEqual([3, 1]);
      });

      it('tells the changes of state of a device, newest first', async () => {
        await write(
          status('learning', t0),
          status('watching', t0 + 1, { profileDigest: digest, reason: 'done' }),
        );
        await write(status('off', t0 + 2));
        expect(await store.driftHistory('d1', 2)).toEqual([
          { camera: 'front', timeMs: t0 + 2, state: 'off' },
          { camera: 'front', timeMs: t0 + 1, state: 'watching', profileDigest: digest, reason: 'done' },
        ]);
        expect(await store.driftHistory('d2', 10)).toEqual([]);
      });
    });

    describe('alerts', () => {
      it('are there after a restart where they fire, or where their end was not told yet, oldest first', async () => {
        const told = { state: 'delivered', timeMs: t0, attempts: 1 } as const;
        await write(
          alert('a4', t0 + 2),
          alert('a1', t0 + 1),
          alert('a2', t0, { state: 'resolved', delivery: told }),
          alert('a3', t0, { state: 'resolved', delivery: { ...told, state: 'waiting' } }),
        );
        await reopen();
        expect((await load()).alerts.map(({ id }) => id)).toEqual(['a3', 'a1', 'a4']);
        await write(alert('a1', t0 + 1, { state: 'resolved' }));
        expect((await load()).alerts.map(({ id }) => id)).toEqual(['a3', 'a4']);
      });

      it('are found by state, severity, device, rule and time, newest first', async () => {
        await write(
          alert('a1', t0),
          alert('a2', t0 + 1, { state: 'resolved', severity: 'warning', device: 'd2' }),
          alert('a3', t0 + 2, { rule: 'r2' }),
        );
        const ids = async (query: Parameters<Store['alerts']>[0]) =>
          (await store.alerts(query)).alerts.map(({ id }) => id);
        expect(await ids({})).toEqual(['a3', 'a2', 'a1']);
        expect(await ids({ state: 'firing' })).toEqual(['a3', 'a1']);
        expect(await ids({ severity: 'error' })).toEqual(['a3', 'a1']);
        expect(await ids({ device: 'd2' })).toEqual(['a2']);
        expect(await ids({ rule: 'r2' })).toEqual(['a3']);
        expect(await ids({ before: t0 + 1 })).toEqual(['a1']);
      });
    });

    it('pages of incidents and alerts together hold every row once, whatever their times', async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(5), { minLength: 1, maxLength: 14 }),
          fc.integer({ min: 1, max: 5 }),
          async (times, limit) => {
            const device = `p${run++}`;
            const ids = times.map((_, i) => `${device}.${i}`);
            await write(
              ...times.map((time, i) => incident(device, t0 + time, { id: ids[i]! })),
              ...times.map((time, i) => alert(ids[i]!, t0 + time, { device })),
            );
            const incidents = await all((before) =>
              store.driftIncidents({ device, limit, ...before }).then((page) => [page.incidents, page.next]),
            );
            const alerts = await all((before) =>
              store.alerts({ device, limit, ...before }).then((page) => [page.alerts, page.next]),
            );
            expect(incidents.map(({ id }) => id).sort()).toEqual([...ids].sort());
            expect(alerts.map(({ id }) => id).sort()).toEqual([...ids].sort());
            const falling = [...times].sort((a, b) => b - a);
            expect(incidents.map(({ startedMs }) => startedMs - t0)).toEqual(falling);
          },
        ),
        { numRuns: 20 },
      );
    });

    describe('the audit', () => {
      const draft = (target: string): AuditDraft => ({
        ...{ timeMs: t0, actor: 'ann', action: 'a.b', target, result: 'ok', detail: '{}' },
      });

      it('is a chain that goes on after a restart, newest first, page by page', async () => {
        await store.commit({ audit: [draft('1'), draft('2')] });
        await reopen();
        await store.commit({ audit: [draft('3')] });
        expect(await store.checkAudit()).toEqual({ intact: true, entries: 3 });
        const [newest, ...older] = await store.audit(undefined, 2);
        expect(newest).toEqual({ ...draft('3'), seq: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
        expect(older.map(({ target }) => target)).toEqual(['2']);
        expect((await store.audit(2, 10)).map(({ target }) => target)).toEqual(['1']);
        await store.commit({
          audit: Array.from({ length: 10 }, () => ({ ...draft('4'), detail: 'x'.repeat(250_000) })),
        });
        expect(await store.audit(undefined, 1000)).toHaveLength(4);
      });
    });

    describe('a device that is deleted', () => {
      it('is gone with everything that it had', async () => {
        const view = { width: 2, height: 1, grey: 'AAE=' };
        await store.commit({
          series,
          changes: [
            { kind: 'group', group: { name: 'west', members: ['d1', 'd2'], settings: {} } },
            { kind: 'catalogue', catalogue: { device: 'd1', session: 1, aliases: [[1, 1]] } },
            { kind: 'settings', device: 'd1', settings: { pipelines: {} } },
            incident('d1', t0),
            { kind: 'drift-view', incident: `d1.${t0}`, view },
            incident('d2', t0),
            status('watching', t0),
          ],
          metrics: [batch('d1', 0, [[t0, 1, 1]]), batch('d2', 0, [[t0, 1, 1]])],
          events: [event('e1'), event('e1', { device: 'd2' })],
        });
        await write({ kind: 'device-deleted', id: 'd1' });
        const loaded = await load();
        expect(loaded).toMatchObject({
          devices: [{ id: 'd2' }],
          catalogues: [],
          groups: [{ members: ['d2'] }],
        });
        expect(loaded.drift.incidents.map(({ incident: { device } }) => device)).toEqual(['d2']);
        expect((await store.events({})).events.map(({ device }) => device)).toEqual(['d2']);
        expect((await store.driftIncidents({})).incidents.map(({ device }) => device)).toEqual(['d2']);
        expect(await store.driftIncident(`d1.${t0}`)).toBeUndefined();
        expect(await store.driftHistory('d1', 10)).toEqual([]);
        expect((await ask()).series).toEqual([]);
      });

      it('may come again under its name and begins anew', async () => {
        await store.commit({ series, metrics: [batch('d1', 0, [[t0, 1, 1]])], events: [event('e1')] });
        await write({ kind: 'device-deleted', id: 'd1' }, { kind: 'catalogues-dropped', device: 'd1' });
        expect((await load()).devices).toEqual([]);
        const again = await store.commit({ metrics: [batch('d1', 0, [[t0, 1, 5]])], events: [event('e1')] });
        expect(again).toMatchObject({ duplicateBatches: 0, events: [{ seq: 2, id: 'e1' }] });
        expect((await ask()).series[0]?.last).toEqual([5]);
        expect((await store.events({})).events.map(({ seq }) => seq)).toEqual([2]);
        expect((await load()).devices).toEqual([
          { id: 'd1', settings: {}, lastSequence: { session: 1, sequence: 0 } },
        ]);
      });
    });

    describe('retention', () => {
      const now = t0 + 500 * day;

      it('drops what is over and too old, never what lasts, holds or is young, and says how much', async () => {
        await store.commit({
          events: [event('old'), event('young', { receivedMs: now })],
          changes: [
            incident('d1', t0),
            incident('d2', t0, { endedMs: t0 + day }),
            { kind: 'drift-view', incident: `d2.${t0}`, view: { width: 1, height: 1, grey: 'AA==' } },
            incident('d3', now - day, { endedMs: now }),
            alert('a1', t0),
            alert('a2', t0, { state: 'resolved' }),
            alert('a3', t0, { state: 'resolved', delivery: { state: 'waiting', timeMs: t0, attempts: 1 } }),
            alert('a4', now, { state: 'resolved' }),
            status('learning', t0),
            status('watching', t0 + day),
          ],
        });
        expect(await store.retain(defaultRetention, now)).toMatchObject({ rows: 4 });
        expect((await store.events({})).events.map(({ id }) => id)).toEqual(['young']);
        const devices = (await store.driftIncidents({})).incidents.map(({ device }) => device);
        expect(devices.sort()).toEqual(['d1', 'd3']);
        expect(await store.driftIncident(`d2.${t0}`)).toBeUndefined();
        expect((await store.alerts({})).alerts.map(({ id }) => id).sort()).toEqual(['a1', 'a3', 'a4']);
        expect((await store.driftHistory('d1', 10)).map(({ state }) => state)).toEqual(['watching']);
        expect(await store.retain(defaultRetention, now)).toMatchObject({ rows: 0 });
      });

      it('never touches the audit, and numbers of events go on', async () => {
        const draft = { timeMs: t0, actor: 'ann', action: 'a.b', target: 't', result: 'ok', detail: '{}' };
        await store.commit({ audit: [draft], events: [event('old'), event('older')] });
        await store.commit({ events: [event('young', { receivedMs: now })] });
        await store.retain(defaultRetention, now);
        expect(await store.checkAudit()).toEqual({ intact: true, entries: 1 });
        expect((await store.commit({ events: [event('next')] })).events).toMatchObject([{ seq: 4 }]);
      });
    });

    it('does what it is told in order, though nobody waits', async () => {
      const commits = Array.from({ length: 20 }, (_, i) =>
        store.commit({ events: [event(`e${i}`)], changes: [{ kind: 'seen', id: 'd1', lastSeenMs: i }] }),
      );
      expect((await Promise.all(commits)).map(({ events }) => events[0]?.seq)).toEqual(
        commits.map((_, i) => i + 1),
      );
      expect((await load()).devices).toMatchObject([{ lastSeenMs: 19 }]);
    });

    it('has a size, takes a commit of nothing, and rejects everything after its end', async () => {
      expect(await store.commit({})).toEqual({ duplicateBatches: 0, repeatedSessions: [], events: [] });
      expect(await store.sizeBytes()).toBeGreaterThan(0);
      await store.close();
      await store.close();
      await expect(store.commit({})).rejects.toBeInstanceOf(GoshawkError);
      await expect(store.events({})).rejects.toBeInstanceOf(GoshawkError);
    });
  });
}

const minute = 60_000;
const hour = 3_600_000;
const day = 86_400_000;
const t0 = Math.floor(1_790_000_000_000 / hour) * hour;

const series: readonly SeriesRow[] = [
  { id: 1, name: 'fps', labels: { camera: 'front' }, unit: '1', kind: 'gauge' },
  { id: 2, name: 'latency', labels: {}, unit: 'seconds', kind: 'histogram' },
  { id: 3, name: 'frames', labels: {}, unit: '1', kind: 'counter' },
  { id: 4, name: 'fps', labels: { camera: 'rear' }, unit: '1', kind: 'gauge' },
];
const token: TokenRow = {
  ...{ id: 'a', name: 'ann', role: 'admin', hash: 'ff', createdMs: t0, createdBy: 'system' },
};
const reported = {
  ...{ generation: 4, session: 1, timeMs: t0, deployment: { state: 'idle' as const } },
  ...{ models: [], pipelines: {} },
};
const rule: AlertRuleRow = {
  ...{ id: 'r1', name: 'blind', enabled: true, when: { kind: 'offline' }, forSeconds: 60 },
  ...{ scope: { groups: [], devices: [] }, severity: 'error', renotifyMinutes: 0 },
  ...{ webhook: { url: 'https://h.example/', signed: true }, webhookSecret: 'key' },
  ...{ createdMs: 1, changedMs: 1 },
};

type Sample = readonly [timeMs: number, series: number, value: number];

function batch(device: string, sequence: number, samples: readonly Sample[], session = 1): MetricsRow {
  return {
    ...{ device, session, sequence, histograms: [] },
    timesMs: Float64Array.from(samples, ([timeMs]) => timeMs),
    series: Uint32Array.from(samples, ([, id]) => id),
    values: Float64Array.from(samples, ([, , value]) => value),
  };
}

function event(id: string, change: Partial<EventRow> = {}): EventRow {
  return {
    ...{ id, device: 'd1', timeMs: t0, receivedMs: t0, kind: 'camera.lost', severity: 'error', message: 'm' },
    ...change,
  };
}

function incident(device: string, startedMs: number, change: Partial<DriftIncident> = {}): Change {
  const row = incidentRow(incidentOf(device, startedMs, { id: `${device}.${startedMs}`, ...change }));
  return { kind: 'drift-incident', row };
}

type Status = Extract<Change, { kind: 'drift-status' }>['change'];

function status(state: Status['state'], timeMs: number, change: Partial<Status> = {}): Change {
  return { kind: 'drift-status', device: 'd1', change: { camera: 'front', timeMs, state, ...change } };
}

function alert(id: string, firedMs: number, change: Partial<Alert> = {}): Change {
  return {
    kind: 'alert',
    alert: {
      ...{ id, rule: 'r1', ruleName: 'blind', severity: 'error', state: 'firing', subject: 'd1/front' },
      ...{ device: 'd1', summary: 'blind', sinceMs: firedMs, firedMs, notified: 1 },
      ...change,
    },
  };
}

/** What all these samples give per step, whoever sent them. */
function rolledUp(samples: readonly (readonly [atMs: number, value: number])[], stepMs: number) {
  const steps = new Map<number, ReturnType<typeof emptyAggregate>>();
  for (const [atMs, value] of samples) {
    const start = t0 + Math.floor(atMs / stepMs) * stepMs;
    const into = steps.get(start) ?? emptyAggregate();
    steps.set(start, into);
    addSample(into, t0 + atMs, value);
  }
  return steps;
}

/** Every page, one after the other. */
async function all<T>(
  pageOf: (query: { before?: number }) => Promise<readonly [readonly T[], number | undefined]>,
): Promise<T[]> {
  const rows: T[] = [];
  let [page, next] = await pageOf({});
  rows.push(...page);
  while (next !== undefined) {
    [page, next] = await pageOf({ before: next });
    rows.push(...page);
  }
  return rows;
}
