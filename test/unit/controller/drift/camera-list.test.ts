import { describe, expect, it } from 'vitest';
import type { CameraDrift, DriftCohort, DriftIncident } from '../../../../src/api/index.ts';
import { pageOfCameras } from '../../../../src/controller/drift/camera-list.ts';
import { incidentOf } from '../../../fakes/drift-events.ts';

const camera = (device: string, incident?: Partial<DriftIncident>): CameraDrift => ({
  device,
  camera: 'front',
  online: true,
  groups: [],
  state: 'watching',
  ...(incident === undefined ? {} : { incident: incidentOf(device, 1_000, incident) }),
});

const cameras = [
  camera('d1'),
  camera('d2', { grade: 'notice', severity: 'error' }),
  camera('d3', { grade: 'alarm', severity: 'warning', believed: false }),
  camera('d4', { grade: 'alarm', severity: 'error' }),
  camera('d5', { grade: 'alarm', severity: 'warning' }),
];
const devices = (query: Parameters<typeof pageOfCameras>[1]) =>
  pageOfCameras(cameras, query, 0.1).rows.map(({ device }) => device);

describe('The cameras of a fleet, as drift sees them', () => {
  it('are the worst first: alarms, believed ones, the severe ones; then notices; then the others', () => {
    expect(devices({})).toEqual(['d4', 'd5', 'd3', 'd2', 'd1']);
  });

  it('are filtered by what is wrong with them', () => {
    expect(devices({ alarmed: true })).toEqual(['d4', 'd5', 'd3']);
    expect(devices({ grade: 'notice' })).toEqual(['d2']);
    expect(devices({ verdict: 'model-regression' })).toEqual([]);
    expect(devices({ search: 'D4/FR' })).toEqual(['d4']);
  });

  it('come in pages, each beginning after the last of the one before', () => {
    const first = pageOfCameras(cameras, { limit: 3 }, 0.1);
    expect(first.next).toBe('d3/front');
    const second = pageOfCameras(cameras, { limit: 3, after: 'd3/front' }, 0.1);
    expect(second.rows.map(({ device }) => device)).toEqual(['d2', 'd1']);
    expect(second.next).toBeUndefined();
  });

  it('are counted over all pages', () => {
    expect(pageOfCameras(cameras, { limit: 1, alarmed: true }, 0.1)).toMatchObject({
      ...{ cameras: 5, watching: 5, off: 0, alarmed: 3, notices: 1, believed: 2, falseDiscoveryRate: 0.1 },
    });
  });

  it('with one cause are one cohort, with every message once and the earliest begin', () => {
    const cohort: DriftCohort = {
      scope: 'group',
      name: 'west',
      cameras: 9,
      alarmed: 2,
      pValue: 0,
      sameAs: [],
    };
    const shared = [
      camera('a', { cohort, message: 'fog', startedMs: 2_000 }),
      camera('b', { cohort: { ...cohort, alarmed: 3 }, message: 'fog', startedMs: 1_500, grade: 'notice' }),
      camera('c', { message: 'alone' }),
    ];
    expect(pageOfCameras(shared, {}, 0.1).cohorts).toMatchObject([
      { cohort: { alarmed: 3 }, messages: ['fog'], incidents: 2, alarms: 1, sinceMs: 1_500 },
    ]);
  });

  it('with faults of two names are two cohorts', () => {
    const cohort: DriftCohort = {
      ...{ scope: 'everyone', name: '', cameras: 7, alarmed: 5, pValue: 0, sameAs: [] },
    };
    const fault = (detail: string) => ({
      ...{ cohort, message: detail },
      verdict: { kind: 'sensor-fault' as const, detail },
    });
    const shared = [camera('a', fault('frozen')), camera('b', fault('black')), camera('c', fault('black'))];
    expect(pageOfCameras(shared, {}, 0.1).cohorts).toMatchObject([
      { messages: ['frozen'], incidents: 1 },
      { messages: ['black'], incidents: 2 },
    ]);
  });
});
