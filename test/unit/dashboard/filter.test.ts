import { describe, expect, it } from 'vitest';
import type { DeviceSummary } from '../../../src/api/index.ts';
import {
  isDeploying,
  needsAttention,
  readFilter,
  selectDevices,
  writeFilter,
} from '../../../src/dashboard/fleet/filter.ts';
import { inOrder } from '../../../src/dashboard/fleet/steady-order.ts';

const device = (id: string, part: Partial<DeviceSummary> = {}): DeviceSummary => ({
  id,
  online: true,
  health: { state: part.online === false ? 'offline' : 'ok', reasons: [], problems: [] },
  groups: [],
  cameras: ['front'],
  desiredGeneration: 0,
  warnings: 0,
  slots: {},
  ...part,
});
const filter = (part: Record<string, string>) => readFilter(new Map(Object.entries(part)));
const ids = (devices: readonly DeviceSummary[]) => devices.map((one) => one.id);

describe('selectDevices', () => {
  it.each([
    ['site=west', ['cam-1']],
    ['site', ['cam-1', 'cam-2']],
    ['ring', []],
    ['', ['cam-1', 'cam-2', 'cam-3']],
  ])('finds devices by the label %j', (label, found) => {
    const devices = ['cam-1', 'cam-2', 'cam-3'].map((id) => device(id));
    const labels = new Map([
      ['cam-1', { site: 'west' }],
      ['cam-2', { site: 'east' }],
    ]);
    expect(ids(selectDevices(devices, filter({ label }), labels))).toEqual(found);
  });

  it.each([
    [undefined, undefined],
    ['agent,fps', ['device', 'fps', 'agent']],
    ['nonsense', ['device']],
  ])('reads the columns %j as %j', (text, columns) => {
    expect(filter(text === undefined ? {} : { columns: text }).columns).toEqual(columns);
  });

  it('orders ids as a person counts', () => {
    const devices = ['cam-10', 'cam-9', 'cam-1'].map((id) => device(id));
    expect(ids(selectDevices(devices, filter({})))).toEqual(['cam-1', 'cam-9', 'cam-10']);
  });

  it('has what needs attention on top unless another order is asked for, and each kind by id', () => {
    const state = (one: 'blind' | 'degraded') => ({ health: { state: one, reasons: [], problems: [] } });
    const devices = [
      ...[device('a'), device('b', { alerts: 1 }), device('c', state('degraded'))],
      ...[device('e', state('blind')), device('d', state('blind')), device('f', { online: false })],
    ];
    expect(ids(selectDevices(devices, filter({})))).toEqual(['d', 'e', 'c', 'f', 'b', 'a']);
    expect(ids(selectDevices(devices, filter({ sort: 'id' })))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(ids(selectDevices(devices, filter({ order: 'up' })))).toEqual(['a', 'b', 'f', 'c', 'd', 'e']);
  });

  it('keeps the rows where they were, and puts new ones behind them', () => {
    const sorted = ['d', 'c', 'b', 'a'].map((id) => device(id));
    expect(ids(inOrder(sorted, ['a', 'gone', 'b', 'c']))).toEqual(['a', 'b', 'c', 'd']);
    expect(ids(inOrder(sorted, []))).toEqual(['d', 'c', 'b', 'a']);
  });

  it('never sorts an offline device by its last number, and puts unknown values last in both directions', () => {
    const devices = [
      device('slow', { fps: 5 }),
      device('away', { fps: 90, online: false }),
      device('fast', { fps: 30 }),
      device('new'),
    ];
    expect(ids(selectDevices(devices, filter({ sort: 'fps', order: 'down' })))).toEqual([
      'fast',
      'slow',
      'away',
      'new',
    ]);
    expect(ids(selectDevices(devices, filter({ sort: 'fps' })))).toEqual(['slow', 'fast', 'away', 'new']);
  });

  it('finds every word of the search anywhere in what is known of a device', () => {
    const devices = [
      device('gate-1', { board: 'NVIDIA Jetson AGX Orin', groups: ['canary'] }),
      device('gate-2', { board: 'NVIDIA Jetson AGX Orin' }),
    ];
    expect(ids(selectDevices(devices, filter({ q: 'ORIN can' })))).toEqual(['gate-1']);
  });

  it('filters by group, status and model together', () => {
    const model = {
      name: 'street',
      version: '1',
      digest: 'sha256:aa',
      engine: 'x',
      precision: 'int8',
    };
    const slots = { main: { loaded: model, deployment: { state: 'committed' as const } } };
    const devices = [
      device('a', { groups: ['g'], slots }),
      device('b', { groups: ['g'], slots, online: false }),
      device('c', { slots }),
      device('d', { groups: ['g'] }),
    ];
    expect(ids(selectDevices(devices, filter({ group: 'g', status: 'online', model: 'sha256:aa' })))).toEqual(
      ['a'],
    );
  });

  it('leaves the list that it was given as it was', () => {
    const devices = [device('b'), device('a')];
    selectDevices(devices, filter({}));
    expect(ids(devices)).toEqual(['b', 'a']);
  });
});

describe('The states a filter names', () => {
  it('calls a device deploying while an order is open or under way, and not when it is away with an open order', () => {
    expect(isDeploying(device('a', { slots: { main: { deployment: { state: 'checking' } } } }))).toBe(true);
    expect(isDeploying(device('a', { desiredGeneration: 2, reportedGeneration: 1 }))).toBe(true);
    expect(isDeploying(device('a', { desiredGeneration: 2, reportedGeneration: 1, online: false }))).toBe(
      false,
    );
    expect(isDeploying(device('a', { slots: { main: { deployment: { state: 'committed' } } } }))).toBe(false);
  });

  it('wants attention for what is not well or has an alert, and not for a warning that is over', () => {
    expect(needsAttention(device('a'))).toBe(false);
    expect(needsAttention(device('a', { online: false }))).toBe(true);
    expect(needsAttention(device('a', { warnings: 1 }))).toBe(false);
    expect(needsAttention(device('a', { alerts: 1 }))).toBe(true);
    for (const state of ['degraded', 'blind', 'offline'] as const)
      expect(needsAttention(device('a', { health: { state, reasons: [], problems: [] } }))).toBe(true);
    expect(needsAttention(device('a', { slots: { main: { deployment: { state: 'failed' } } } }))).toBe(true);
  });
});

describe('A filter in the address', () => {
  it.each([
    [{}, {}],
    [{ sort: 'health' }, {}],
    [{ sort: 'health', order: 'up' }, { order: 'up' }],
    [{ sort: 'id' }, { sort: 'id' }],
    [
      { sort: 'id', order: 'down' },
      { sort: 'id', order: 'down' },
    ],
  ])('says no more of the order %j than %j', (given, written) => {
    const { sort, order } = writeFilter(filter(given));
    expect(JSON.parse(JSON.stringify({ sort, order }))).toEqual(written);
  });

  it('comes back as it went', () => {
    const written = writeFilter(
      filter({ q: 'x y', group: 'g', status: 'offline', sort: 'fps', order: 'down' }),
    );
    const known = Object.entries(written).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    expect(readFilter(new Map(known))).toEqual(
      filter({ q: 'x y', group: 'g', status: 'offline', sort: 'fps', order: 'down' }),
    );
  });

  it('takes unknown words for no filter', () => {
    expect(filter({ status: 'constructor', sort: '__proto__' })).toMatchObject({
      ...{ status: '', sort: 'health', descending: true },
    });
  });
});
