import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/controller/index.ts';
import { birth } from '../../fakes/test-fleet.ts';
import { batch, event, hour, reported, rule, series, t0, token } from './rows.ts';
import type { StoreUnderTest } from './store-under-test.ts';

/** What is there again after a restart. */
export function promisesOfMemory(tested: StoreUnderTest): void {
  const { write, load, reopen } = tested;

  describe('what the controller has in memory', () => {
    it('is empty at first', async () => {
      const drift = { incidents: [], events: [], newestSeq: 0 };
      expect(await load()).toEqual({
        ...{ devices: [], series: [], catalogues: [], groups: [], tokens: [], recentWarnings: [] },
        ...{ claims: [], certificates: [] },
        ...{ labels: [], frameReviews: [], rollouts: [], goneRollouts: [] },
        ...{ seriesUse: [], drift, alertRules: [], alerts: [], setAside: [] },
      });
    });

    it('is there again after a restart', async () => {
      const desired = { generation: 4, timeMs: t0 };
      const settings = { pipelines: { '*': { enabled: false } } };
      await tested.store.commit({
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

    it('keeps what was told of the presence of a device, and makes none of it', async () => {
      await write({ kind: 'device', device: { id: 'd1', lastSeenMs: t0 } });
      await write(
        { kind: 'presence', id: 'd1', online: true },
        { kind: 'presence', id: 'gone', online: true },
      );
      expect((await load()).devices).toEqual([{ id: 'd1', lastSeenMs: t0, settings: {}, toldOnline: true }]);
      await write({ kind: 'presence', id: 'd1', online: false });
      expect((await load()).devices).toMatchObject([{ toldOnline: false }]);
    });

    it('has a device as soon as anything of it came', async () => {
      await tested.store.commit({ metrics: [batch('d1', 0, [])], events: [event('e1', { device: 'd2' })] });
      await write({ kind: 'catalogue', catalogue: { device: 'd3', session: 1, aliases: [] } });
      expect((await load()).devices.map(({ id }) => id).sort()).toEqual(['d1', 'd2', 'd3']);
    });

    it('takes the newest of a claim and of a certificate, and drops those that are deleted', async () => {
      const claim = {
        ...{ id: 'c1', name: 'hall 3', rule: 'auto' as const, count: 2, used: 0, groups: ['a'] },
        ...{ serials: ['SN 1'], createdMs: t0, createdBy: 'x', expiresMs: t0 + 1, devices: [], hash: 'ab' },
      };
      const certificate = {
        ...{ serial: '01', fingerprint: 'f1', key: 'k1', der: 'AA==', device: 'd1', claim: 'c1' },
        ...{ groups: ['a'], issuedMs: t0, notBeforeMs: t0, notAfterMs: t0 + 1, board: 'SN 1' },
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

    it('takes the newest verdicts about the frames of a device, and drops them with the device', async () => {
      const review = { verdict: 'accepted' as const, by: 'ann (t)', timeMs: t0 };
      const reviewsOf = (device: string, ...frames: string[]) => ({
        ...{ device, reviews: Object.fromEntries(frames.map((frame) => [frame, review])) },
      });
      await write(
        { kind: 'frame-reviews', reviews: reviewsOf('d2', '1-0') },
        { kind: 'frame-reviews', reviews: reviewsOf('d1', '1-0') },
        { kind: 'frame-reviews', reviews: reviewsOf('d1', '1-0', '2-0') },
      );
      await reopen();
      expect((await load()).frameReviews).toEqual([reviewsOf('d1', '1-0', '2-0'), reviewsOf('d2', '1-0')]);
      await write({ kind: 'frame-reviews', reviews: reviewsOf('d2') }, { kind: 'device-deleted', id: 'd1' });
      expect((await load()).frameReviews).toEqual([]);
    });

    it('takes the newest of labels, a rollout, each of its devices and the freeze, and drops what is over', async () => {
      const rollout = {
        ...{ id: 'r1', name: 'to-2', policy: { model: { name: 'street' }, target: { all: true as const } } },
        ...{ slot: 'main', model: { name: 'street', version: '2', digest: `sha256:${'a'.repeat(64)}` } },
        ...{ createdMs: t0, createdBy: { token: 't', name: 'ann' }, state: 'running' as const, sinceMs: t0 },
        ...{ wave: 0, waves: [{ name: 'all', soakMinutes: 0 }], notes: [] },
      };
      const device = (id: string, state: 'waiting' | 'ordered') => ({
        ...{ device: id, wave: 0, state, sinceMs: t0 },
      });
      const asked = (id: string) => ({
        approval: {
          ...{ id, by: 'ann (t)', action: 'device.desired', target: 'd1', detail: '{}', rules: ['clinic'] },
          ...{ devices: ['d1'], askedMs: t0 },
        },
        by: { tokenId: 't', name: 'ann', role: 'operator' as const },
        effect: 'AA==',
      });
      const freeze = { reason: 'storm', by: 'ann (t)', sinceMs: t0 };
      const labels = { device: 'd1', labels: { site: 'west' } };
      const hold = { reason: 'a film', by: 'ann (t)', sinceMs: t0 };
      await write(
        { kind: 'labels', labels },
        { kind: 'labels', labels: { device: 'd0', labels: {}, hold } },
        { kind: 'rollout', rollout: { ...rollout, id: 'r0', createdMs: t0 + 1 } },
        { kind: 'rollout', rollout },
        {
          kind: 'rollout-devices',
          rollout: 'r1',
          devices: [device('d2', 'waiting'), device('d1', 'waiting')],
        },
        { kind: 'rollout-freeze', freeze },
        { kind: 'approval-rules', rules: [] },
        { kind: 'approval-rules', rules: [{ name: 'clinic', target: { labels: { site: 'west' } } }] },
        { kind: 'approvals', asked: [asked('a0'), asked('a1')] },
        { kind: 'approvals', asked: [asked('a1')] },
      );
      await write(
        { kind: 'rollout', rollout: { ...rollout, state: 'soaking' } },
        { kind: 'rollout-devices', rollout: 'r1', devices: [device('d2', 'ordered')] },
      );
      await reopen();
      const loaded = await load();
      expect(loaded.labels).toEqual([{ device: 'd0', labels: {}, hold }, labels]);
      expect(loaded.rollouts).toEqual([
        {
          rollout: { ...rollout, state: 'soaking' },
          devices: [device('d1', 'waiting'), device('d2', 'ordered')],
        },
        { rollout: { ...rollout, id: 'r0', createdMs: t0 + 1 }, devices: [] },
      ]);
      expect(loaded.rolloutFreeze).toEqual(freeze);
      expect(loaded.approvalRules).toEqual([{ name: 'clinic', target: { labels: { site: 'west' } } }]);
      expect(loaded.approvals).toEqual([asked('a1')]);
      await write(
        { kind: 'labels', labels: { device: 'd0', labels: {} } },
        { kind: 'device-deleted', id: 'd1' },
        { kind: 'rollout-deleted', id: 'nobody', name: 'never made', goneMs: t0 },
        { kind: 'rollout-deleted', id: 'r1', name: rollout.name, goneMs: t0 + 1 },
        { kind: 'rollout-freeze', freeze: undefined },
      );
      const after = await load();
      expect(after.labels).toEqual([]);
      expect(after.rollouts.map(({ rollout: { id } }) => id)).toEqual(['r0']);
      expect(after.goneRollouts).toEqual(['never made', rollout.name]);
      expect(after).not.toHaveProperty('rolloutFreeze');
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
      await tested.store.commit({ series });
      await tested.store.commit({ series: [{ ...series[0]!, name: 'another' }] });
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
      await tested.store.commit({ series });
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
      await tested.store.commit({
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
}
