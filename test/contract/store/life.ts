import { describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../src/base/index.ts';
import { type AuditDraft, defaultRetention } from '../../../src/controller/index.ts';
import { alert, batch, day, event, incident, series, status, t0 } from './rows.ts';
import type { StoreUnderTest } from './store-under-test.ts';

/** What goes, what stays, and how it ends. */
export function promisesOfLife(tested: StoreUnderTest): void {
  const { write, load, ask, reopen } = tested;

  describe('the audit', () => {
    const draft = (target: string): AuditDraft => ({
      ...{ timeMs: t0, actor: 'ann', action: 'a.b', target, result: 'ok', detail: '{}' },
    });

    it('is a chain that goes on after a restart, newest first, page by page', async () => {
      await tested.store.commit({ audit: [draft('1'), draft('2')] });
      await reopen();
      await tested.store.commit({ audit: [draft('3')] });
      expect(await tested.store.checkAudit()).toEqual({ intact: true, entries: 3 });
      const [newest, ...older] = await tested.store.audit({ limit: 2 }).then(({ entries }) => entries);
      expect(newest).toEqual({ ...draft('3'), seq: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(older.map(({ target }) => target)).toEqual(['2']);
      expect(
        (await tested.store.audit({ before: 2, limit: 10 })).entries.map(({ target }) => target),
      ).toEqual(['1']);
      await tested.store.commit({
        audit: Array.from({ length: 10 }, () => ({ ...draft('4'), detail: 'x'.repeat(250_000) })),
      });
      expect((await tested.store.audit({ limit: 1000 })).entries).toHaveLength(4);
    });
  });

  describe('the audit of one kind', () => {
    it('is found by a beginning of the action, by who did it and by what it is about, page by page', async () => {
      const draft = (actor: string, action: string, target: string): AuditDraft => ({
        ...{ timeMs: t0, actor, action, target, result: 'ok', detail: '{}' },
      });
      await tested.store.commit({
        audit: [
          draft('ann (t1)', 'device.labels', 'd1'),
          draft('ann (t1)', 'devices', 'd1'),
          draft('bob (t2)', 'device.desired', 'd2'),
          draft('ann (t1)', 'device.desired', 'd2'),
        ],
      });
      const found = async (query: Parameters<typeof tested.store.audit>[0]) =>
        (await tested.store.audit(query)).entries.map(({ seq }) => seq);
      expect(await found({ action: 'device' })).toEqual([4, 3, 1]);
      expect(await found({ action: 'device.desired', actor: 'ann' })).toEqual([4]);
      expect(await found({ target: 'd1' })).toEqual([2, 1]);
      const first = await tested.store.audit({ action: 'device', limit: 2 });
      expect(first).toMatchObject({ next: 3, entries: [{ seq: 4 }, { seq: 3 }] });
      const rest = await tested.store.audit({ action: 'device', limit: 2, before: 3 });
      expect(rest.next).toBeUndefined();
      expect(rest.entries).toMatchObject([{ seq: 1 }]);
    });

    it('is found by its time', async () => {
      const at = (timeMs: number): AuditDraft => ({
        ...{ timeMs, actor: 'ann (t1)', action: 'device.desired', target: 'd1', result: 'ok', detail: '{}' },
      });
      await tested.store.commit({ audit: [at(t0), at(t0 + 60_000), at(t0 + 90_000)] });
      const found = async (query: Parameters<typeof tested.store.audit>[0]) =>
        (await tested.store.audit(query)).entries.map(({ seq }) => seq);
      expect(await found({ from: t0 + 60_000 })).toEqual([3, 2]);
      expect(await found({ from: t0, to: t0 + 90_000, target: 'd1' })).toEqual([2, 1]);
      expect(await found({ to: t0 })).toEqual([]);
    });
  });

  describe('a device that is deleted', () => {
    it('is gone with everything that it had', async () => {
      const view = { width: 2, height: 1, grey: 'AAE=' };
      await tested.store.commit({
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
      expect((await tested.store.events({})).events.map(({ device }) => device)).toEqual(['d2']);
      expect((await tested.store.driftIncidents({})).incidents.map(({ device }) => device)).toEqual(['d2']);
      expect(await tested.store.driftIncident(`d1.${t0}`)).toBeUndefined();
      expect(await tested.store.driftHistory('d1', 10)).toEqual([]);
      expect((await ask()).series).toEqual([]);
    });

    it('may come again under its name and begins anew', async () => {
      await tested.store.commit({ series, metrics: [batch('d1', 0, [[t0, 1, 1]])], events: [event('e1')] });
      await write({ kind: 'device-deleted', id: 'd1' }, { kind: 'catalogues-dropped', device: 'd1' });
      expect((await load()).devices).toEqual([]);
      const again = await tested.store.commit({
        metrics: [batch('d1', 0, [[t0, 1, 5]])],
        events: [event('e1')],
      });
      expect(again).toMatchObject({ duplicateBatches: 0, events: [{ seq: 2, id: 'e1' }] });
      expect((await ask()).series[0]?.last).toEqual([5]);
      expect((await tested.store.events({})).events.map(({ seq }) => seq)).toEqual([2]);
      expect((await load()).devices).toEqual([
        { id: 'd1', settings: {}, lastSequence: { session: 1, sequence: 0 } },
      ]);
    });
  });

  describe('retention', () => {
    const now = t0 + 500 * day;

    it('drops what is over and too old, never what lasts, holds or is young, and says how much', async () => {
      await tested.store.commit({
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
      expect(await tested.store.retain(defaultRetention, now)).toMatchObject({ rows: 4 });
      expect((await tested.store.events({})).events.map(({ id }) => id)).toEqual(['young']);
      const devices = (await tested.store.driftIncidents({})).incidents.map(({ device }) => device);
      expect(devices.sort()).toEqual(['d1', 'd3']);
      expect(await tested.store.driftIncident(`d2.${t0}`)).toBeUndefined();
      expect((await tested.store.alerts({})).alerts.map(({ id }) => id).sort()).toEqual(['a1', 'a3', 'a4']);
      expect((await tested.store.driftHistory('d1', 10)).map(({ state }) => state)).toEqual(['watching']);
      expect(await tested.store.retain(defaultRetention, now)).toMatchObject({ rows: 0 });
    });

    it('never touches the audit, and numbers of events go on', async () => {
      const draft = { timeMs: t0, actor: 'ann', action: 'a.b', target: 't', result: 'ok', detail: '{}' };
      await tested.store.commit({ audit: [draft], events: [event('old'), event('older')] });
      await tested.store.commit({ events: [event('young', { receivedMs: now })] });
      await tested.store.retain(defaultRetention, now);
      expect(await tested.store.checkAudit()).toEqual({ intact: true, entries: 1 });
      expect((await tested.store.commit({ events: [event('next')] })).events).toMatchObject([{ seq: 4 }]);
    });
  });

  it('runs its calls in order, also when no caller awaits them', async () => {
    const commits = Array.from({ length: 20 }, (_, i) =>
      tested.store.commit({ events: [event(`e${i}`)], changes: [{ kind: 'seen', id: 'd1', lastSeenMs: i }] }),
    );
    expect((await Promise.all(commits)).map(({ events }) => events[0]?.seq)).toEqual(
      commits.map((_, i) => i + 1),
    );
    expect((await load()).devices).toMatchObject([{ lastSeenMs: 19 }]);
  });

  it('has a size, takes a commit of nothing, and rejects everything after its end', async () => {
    expect(await tested.store.commit({})).toEqual({ duplicateBatches: 0, repeatedSessions: [], events: [] });
    expect(await tested.store.sizeBytes()).toBeGreaterThan(0);
    await tested.store.close();
    await tested.store.close();
    await expect(tested.store.commit({})).rejects.toBeInstanceOf(GoshawkError);
    await expect(tested.store.events({})).rejects.toBeInstanceOf(GoshawkError);
  });
}
