import { describe, expect, it } from 'vitest';
import type { DeviceSummary, Me, ModelInfo, RolloutInfo } from '../../../src/api/index.ts';
import { mostViews, parseViews, viewOf, withView } from '../../../src/dashboard/fleet/views.ts';
import { actionsFor, findEntries } from '../../../src/dashboard/palette/commands.ts';

describe('Saved views', () => {
  const blind = { name: 'blind', query: { status: 'blind' } };

  it.each([
    [null, []],
    ['', []],
    ['{', []],
    ['{}', []],
    ['[1, null, {}, {"name": "", "query": {}}, {"name": "x", "query": {"q": 1}}]', []],
    [JSON.stringify([blind]), [blind]],
  ])('read %j as %j', (text, views) => {
    expect(parseViews(text)).toEqual(views);
  });

  it('are kept by name, in order, and no more than there is room for', () => {
    const views = withView(withView([blind], { name: 'all', query: {} }), {
      name: 'blind',
      query: { q: 'x' },
    });
    expect(views).toEqual([
      { name: 'all', query: {} },
      { name: 'blind', query: { q: 'x' } },
    ]);
    const many = Array.from({ length: 50 }, (_, at) => ({ name: `${at}`, query: {} }));
    expect(parseViews(JSON.stringify(many))).toHaveLength(mostViews);
  });

  it.each([
    [new Map([['status', 'blind']]), 'blind'],
    [new Map([['status', 'online']]), undefined],
    [new Map<string, string>(), undefined],
  ])('are recognised by the address', (query, name) => {
    expect(viewOf([blind], query)?.name).toBe(name);
  });
});

describe('The palette', () => {
  const device = (id: string, cameras: string[], groups: string[]) =>
    ({ id, cameras, groups }) as unknown as DeviceSummary;
  const sources = {
    pages: [
      { name: 'Now', path: [] },
      { name: 'Drift', path: ['drift'] },
    ],
    devices: [device('gate-1', ['front'], ['gate']), device('gate-10', [], []), device('north-gate', [], [])],
    rollouts: [{ id: 'r1', name: 'gate-2' }] as unknown as RolloutInfo[],
    models: [{ name: 'street', version: '2.0.0', digest: 'sha' }] as unknown as ModelInfo[],
    actions: actionsFor({ tokenId: 't', name: 'ann', role: 'viewer' }),
  };

  it.each([
    ['', ['Page Now', 'Page Drift']],
    ['dri', ['Page Drift']],
    ['gate-1', ['Device gate-1', 'Device gate-10', 'Camera gate-1 front']],
    [
      'gate',
      [
        'Group gate',
        'Device gate-1',
        'Device gate-10',
        'Rollout gate-2',
        'Camera gate-1 front',
        'Device north-gate',
      ],
    ],
    ['front gate', ['Camera gate-1 front']],
    ['rollout gate', ['Rollout gate-2']],
    ['2.0', ['Model street 2.0.0']],
    ['nothing', []],
  ])('finds for %j %j', (text, names) => {
    expect(findEntries(sources, text, 10).map(({ kind, name }) => `${kind} ${name}`)).toEqual(names);
  });

  it.each<[Partial<Me>, string, string[]]>([
    [{ role: 'viewer' }, 'new', []],
    [{ role: 'operator' }, 'new', ['New rollout']],
    [{ role: 'admin' }, 'new', ['New alert rule', 'New rollout']],
    [{ role: 'operator' }, 'upload', ['Upload a model']],
    [{ role: 'operator', scope: { groups: ['gate'] } }, 'upload', []],
    [{ role: 'operator' }, 'add', []],
    [{ role: 'admin' }, 'add', ['Add a device']],
    [{ role: 'viewer' }, 'restart gate-10', []],
    [{ role: 'operator' }, 'restart gate-10', ['Restart the agent of gate-10']],
    [{ role: 'operator' }, 'hold north', ['Hold north-gate']],
    [{ role: 'operator' }, 'north', []],
  ])('offers to %j for %j the actions %j', (part, text, names) => {
    const actions = actionsFor({ ...{ tokenId: 't', name: 'ann', role: 'viewer' as const }, ...part });
    const found = findEntries({ ...sources, actions }, text, 10);
    expect(found.filter(({ kind }) => kind === 'Action').map(({ name }) => name)).toEqual(names);
  });

  it('opens what an action needs at its place', () => {
    const actions = actionsFor({ ...{ tokenId: 't', name: 'ann', role: 'admin' as const } });
    const [first] = findEntries({ ...sources, actions }, 'restart gate-10', 10);
    expect(first?.href).toBe('#/devices/gate-10?do=restart');
  });

  it('shows no more than there is room for', () => {
    expect(findEntries(sources, 'gate', 2)).toHaveLength(2);
  });
});
