import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeviceRegistry } from '../../../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../../../src/controller/history/series.ts';
import type { StoredFleet } from '../../../../src/controller/index.ts';
import type { Reported } from '../../../../src/protocol/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { birth, digest, loaded, otherDigest } from '../../../fakes/test-fleet.ts';

let clock: FakeClock;
let registry: DeviceRegistry;
beforeEach(() => {
  clock = new FakeClock();
  registry = new DeviceRegistry(clock, new SeriesTable());
});

const group = (name: string, ...members: string[]) => ({ name, members, settings: {} });
const born = (id: string, groups: string[] = []) =>
  Object.assign(registry.ensure(id), { born: true, birth: { ...birth, groups } });
const reported = (state: string, ...digests: string[]) =>
  ({
    slots: Object.fromEntries(
      ['main', ...digests.slice(1)].map((name, at) => [
        name,
        { deployment: { state }, ...(digests[at] && { loaded: { ...loaded, digest: digests[at] } }) },
      ]),
    ),
  }) as unknown as Reported;

describe('The devices of a fleet', () => {
  it('are there once they were heard of, and gone with their place in every group', () => {
    expect(registry.get('d1')).toBeUndefined();
    expect(() => registry.expect('d1')).toThrow(expect.objectContaining({ code: 'device-unknown' }));
    expect(registry.ensure('d1')).toBe(registry.ensure('d1'));
    registry.setGroup(group('west', 'd1', 'd2'));
    registry.delete('d1');
    expect(registry.get('d1')).toBeUndefined();
    expect(registry.group('west')?.members).toEqual(['d2']);
    expect(registry.groupNames(registry.ensure('d1'))).toEqual([]);
  });

  it('are in the groups that list them and in those that they name themselves', () => {
    registry.setGroup(group('west', 'd1'));
    registry.setGroup(group('cars'));
    const one = born('d1', ['cars', 'nobody-made-it']);
    const two = born('d2');
    expect(registry.groupsOf(one).map(({ name }) => name)).toEqual(['cars', 'west']);
    expect(registry.groupNames(one)).toEqual(['cars', 'nobody-made-it', 'west']);
    expect(registry.groupNames(two)).toEqual([]);
    expect(registry.membersOf('cars')).toEqual(['d1']);
    expect(registry.membersOf('west')).toEqual(['d1']);
    registry.setGroup(group('west', 'd2'));
    expect(registry.groupNames(one)).toEqual(['cars', 'nobody-made-it']);
    expect(registry.groupNames(two)).toEqual(['west']);
    registry.deleteGroup('west');
    expect(registry.groupNames(two)).toEqual([]);
  });

  it('that a group lists but nobody heard of are no members yet', () => {
    registry.setGroup(group('west', 'later'));
    expect(registry.membersOf('west')).toEqual([]);
    registry.ensure('later');
    expect(registry.membersOf('west')).toEqual(['later']);
  });

  it('are found by group, state and part of their name, and counted before the page is cut', () => {
    registry.setGroup(group('west', 'cam-2', 'cam-3'));
    for (const id of ['cam-3', 'cam-1', 'cam-2', 'Truck-1']) born(id);
    registry.ensure('cam-2').silent = true;
    const ids = (query: Parameters<DeviceRegistry['list']>[0]) =>
      registry.list(query).devices.map(({ id }) => id);
    expect(ids({})).toEqual(['Truck-1', 'cam-1', 'cam-2', 'cam-3']);
    expect(ids({ group: 'west' })).toEqual(['cam-2', 'cam-3']);
    expect(ids({ group: 'nobody-made-it' })).toEqual([]);
    expect(ids({ online: true })).toEqual(['Truck-1', 'cam-1', 'cam-3']);
    expect(ids({ online: false })).toEqual(['cam-2']);
    expect(ids({ search: 'TRUCK' })).toEqual(['Truck-1']);
    expect(ids({ group: 'west', online: true, search: '3' })).toEqual(['cam-3']);
    expect(ids({ search: 'WEST cam' })).toEqual(['cam-2', 'cam-3']);
    expect(ids({ search: 'west front cam-3' })).toEqual(['cam-3']);
    expect(ids({ search: 'west truck' })).toEqual([]);
    expect(ids({ health: 'offline' })).toEqual(['cam-2']);
    expect(ids({ health: 'ok', search: 'cam' })).toEqual(['cam-1', 'cam-3']);
    expect(registry.list({ limit: 1 })).toMatchObject({ total: 4, next: 'Truck-1' });
  });

  it('are on exactly one page each, whatever the pages are', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-c]{1,3}$/), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 7 }), (ids, limit) => {
        registry = new DeviceRegistry(clock, new SeriesTable());
        for (const id of ids) registry.ensure(id);
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = registry.list({ limit, ...(after === undefined ? {} : { after }) });
          expect(page.total).toBe(ids.length);
          seen.push(...page.devices.map(({ id }) => id));
          after = page.next;
        } while (after !== undefined);
        expect(seen).toEqual([...ids].sort());
      }),
    );
  });

  it('sum up to what the fleet runs: models of those online, deployments and warnings of all', () => {
    born('d1').reported = reported('committed', digest, otherDigest);
    born('d2').reported = reported('failed', digest);
    born('d3').reported = reported('failed', digest);
    registry.ensure('d3').silent = true;
    registry.ensure('d3').warned(clock.wallMs());
    const overview = registry.overview();
    expect(overview).toMatchObject({ devices: 3, online: 2, fps: 0, warnings: 1 });
    expect(overview.models.map(({ digest: one, devices }) => [one, devices])).toEqual([
      [digest, 2],
      [otherDigest, 1],
    ]);
    expect(overview.deployments).toEqual({ committed: 1, failed: 2 });
    expect(overview).not.toHaveProperty('latencyP50Ms');
    expect(registry.countWithModel(digest)).toBe(3);
    expect(registry.countWithModel('other')).toBe(0);
  });

  it('are back after a restart as the database has them, and offline until they are heard', () => {
    const stored: StoredFleet = {
      devices: [
        {
          id: 'd1',
          lastSeenMs: 5,
          birth,
          settings: { pipelines: {} },
          lastSequence: { session: 1, sequence: 4 },
        },
      ],
      series: [],
      catalogues: [
        { device: 'd1', session: 1, aliases: [[1, 7]] },
        { device: 'gone', session: 1, aliases: [] },
      ],
      groups: [group('west', 'd1')],
      ...{ labels: [], frameReviews: [], rollouts: [] },
      ...{
        tokens: [],
        seriesUse: [],
        alertRules: [],
        alerts: [],
        setAside: [],
        claims: [],
        certificates: [],
        labels: [],
        frameReviews: [],
        rollouts: [],
        goneRollouts: [],
      },
      recentWarnings: [
        { device: 'd1', timeMs: clock.wallMs() },
        { device: 'gone', timeMs: clock.wallMs() },
      ],
      drift: { incidents: [], events: [], newestSeq: 0 },
    };
    registry.load(stored);
    const device = registry.expect('d1');
    expect(registry.summary(device)).toMatchObject({
      online: false,
      lastSeenMs: 5,
      groups: ['west'],
      warnings: 1,
    });
    expect(device.catalogue(1)?.get(1)).toBe(7);
    expect(registry.size).toBe(1);
  });
});
