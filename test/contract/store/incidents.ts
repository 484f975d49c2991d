import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/controller/index.ts';
import { driftData, driftEvent, frozen, incidentOf, incidentRow } from '../../fakes/drift-events.ts';
import { digest } from '../../fakes/test-fleet.ts';
import { alert, all, day, incident, status, t0 } from './rows.ts';
import type { StoreUnderTest } from './store-under-test.ts';

/** Drift incidents and alerts. */
export function promisesOfIncidents(tested: StoreUnderTest): void {
  const { write, load, reopen } = tested;

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
      await tested.store.commit({
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
      expect(await tested.store.driftIncident(id)).toMatchObject({ incident: { message: 'over' }, view });
      expect((await tested.store.driftIncidents({})).incidents).toHaveLength(1);
      expect(await tested.store.driftIncident('none')).toBeUndefined();
      await write(incident('d2', t0));
      expect(await tested.store.driftIncident(`d2.${t0}`)).not.toHaveProperty('view');
    });

    it('finds incidents by device, devices, camera and state, newest first, page by page', async () => {
      for (let i = 0; i < 10; i++)
        await write(incident(i % 2 === 0 ? 'd1' : 'd2', t0 + i, i < 4 ? { endedMs: t0 + 100 } : {}));
      const started = async (query: Parameters<Store['driftIncidents']>[0]) =>
        (await tested.store.driftIncidents(query)).incidents.map(({ startedMs }) => startedMs - t0);
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
      expect(await tested.store.driftHistory('d1', 2)).toEqual([
        { camera: 'front', timeMs: t0 + 2, state: 'off' },
        { camera: 'front', timeMs: t0 + 1, state: 'watching', profileDigest: digest, reason: 'done' },
      ]);
      expect(await tested.store.driftHistory('d2', 10)).toEqual([]);
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
        (await tested.store.alerts(query)).alerts.map(({ id }) => id);
      expect(await ids({})).toEqual(['a3', 'a2', 'a1']);
      expect(await ids({ state: 'firing' })).toEqual(['a3', 'a1']);
      expect(await ids({ severity: 'error' })).toEqual(['a3', 'a1']);
      expect(await ids({ device: 'd2' })).toEqual(['a2']);
      expect(await ids({ rule: 'r2' })).toEqual(['a3']);
      expect(await ids({ before: t0 + 1 })).toEqual(['a1']);
    });

    it('are found by what they are about: devices, and subjects of those that are of several', async () => {
      const ofGroup = (id: string, firedMs: number, group: string) => {
        const made = alert(id, firedMs, { subject: `group:${group}` });
        if (made.kind !== 'alert') return made;
        const { device: _, ...several } = made.alert;
        return { ...made, alert: several };
      };
      await write(alert('a1', t0), alert('a2', t0 + 1, { device: 'd2' }));
      await write(ofGroup('g1', t0 + 3, 'west'), ofGroup('g2', t0 + 4, 'east'));
      const ids = async (devices: string[], subjects: string[], query = {}) =>
        (await tested.store.alerts({ ...query, about: { devices, subjects } })).alerts.map(({ id }) => id);
      expect(await ids(['d2'], [])).toEqual(['a2']);
      expect(await ids(['d2'], ['group:west'])).toEqual(['g1', 'a2']);
      // The subject of an alert about one device counts nothing.
      expect(await ids([], ['d1/front'])).toEqual([]);
      expect(await ids([], [])).toEqual([]);
      expect(await ids(['d2'], ['group:west'], { before: t0 + 2 })).toEqual(['a2']);
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
            tested.store
              .driftIncidents({ device, limit, ...before })
              .then((page) => [page.incidents, page.next]),
          );
          const alerts = await all((before) =>
            tested.store.alerts({ device, limit, ...before }).then((page) => [page.alerts, page.next]),
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
}
