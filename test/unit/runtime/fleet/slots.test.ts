import { beforeEach, describe, expect, it } from 'vitest';
import type { FleetClient } from '../../../../src/runtime/fleet/client.ts';
import { orderOf, pinSlot, removeSlot, setSlot } from '../../../../src/runtime/fleet/slots.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const held = [
  { name: 'plate', version: '1.2.0', digest: digest('a'), uploadedMs: 1 },
  { name: 'plate', version: '1.3.0', digest: digest('b'), uploadedMs: 2 },
];

let api: FakeFleetApi;
beforeEach(() => {
  api = new FakeFleetApi();
  api.answers.set('/models', { models: held });
});

describe('A model for a slot, as it is written', () => {
  it.each([
    ['plate', { name: 'plate', digest: digest('b') }],
    ['plate@1.2.0', { name: 'plate', digest: digest('a') }],
    [digest('a'), { name: 'plate', digest: digest('a') }],
    ['plate@latest', { name: 'plate', policy: { follows: 'latest' } }],
    ['plate@^1.2', { name: 'plate', policy: { follows: 'range', range: '^1.2' } }],
    ['plate@>=1 <3', { name: 'plate', policy: { follows: 'range', range: '>=1 <3' } }],
    ['plate@1.x', { name: 'plate', policy: { follows: 'range', range: '1.x' } }],
  ])('%s', async (wanted, order) => {
    expect(await orderOf(api, wanted, false)).toEqual(order);
  });

  it('is pinned as it was chosen', async () => {
    expect(await orderOf(api, 'plate@^1', true)).toEqual({
      name: 'plate',
      policy: { follows: 'range', range: '^1', pinned: true },
    });
    expect((await orderOf(api, 'plate', true)).policy).toEqual({ follows: 'digest', pinned: true });
  });

  it.each(['@1.2', 'plate@', ''])('names one: %j does not', async (wanted) => {
    await expect(orderOf(api, wanted, false)).rejects.toMatchObject({ code: 'model-unclear' });
  });

  it('names one that is there', async () => {
    await expect(orderOf(api, 'plate@9.0.0', false)).rejects.toMatchObject({ code: 'model-unknown' });
  });
});

describe('Slots of a device or a group', () => {
  it('are set only with the given values', async () => {
    const model = { name: 'plate', version: '1.3.0', digest: digest('b') };
    api.answers.set('PUT /groups/yard/slots/plate', { generations: { d1: 3 }, order: 'o', model });
    const answer = await setSlot(
      api as unknown as FleetClient,
      { group: 'yard' },
      { slot: 'plate', wanted: 'plate@^1', role: 'shadow', cameras: ['front'], sample: 10 },
      undefined,
    );
    expect(answer).toEqual({ generations: { d1: 3 }, order: 'o', model });
    expect(api.sent).toEqual([
      {
        method: 'PUT',
        path: '/groups/yard/slots/plate',
        body: {
          ...{ name: 'plate', policy: { follows: 'range', range: '^1' } },
          ...{ role: 'shadow', cameras: ['front'], sample: 10 },
        },
      },
    ]);
  });

  const settings = {
    slots: {
      main: { model: { ...held[0], order: 'm' } },
      plate: {
        model: {
          name: 'plate',
          version: '1.2.0',
          digest: digest('a'),
          order: 'p',
          policy: { follows: 'latest' },
        },
        cameras: ['front'],
      },
    },
  };

  it('are pinned at the digest that they have, and unpinned follow what they followed', async () => {
    api.answers.set('/devices/d1', { settings });
    await pinSlot(api, { device: 'd1' }, 'plate', true);
    await pinSlot(api, { device: 'd1' }, 'plate', false);
    await pinSlot(api, { device: 'd1' }, 'main', true);
    expect(api.sent.map(({ path, body }) => [path, body])).toEqual([
      [
        '/devices/d1/slots/plate',
        {
          ...{ name: 'plate', digest: digest('a'), policy: { follows: 'latest', pinned: true } },
          cameras: ['front'],
        },
      ],
      ['/devices/d1/slots/plate', { name: 'plate', policy: { follows: 'latest' }, cameras: ['front'] }],
      [
        '/devices/d1/slots/main',
        { name: 'plate', digest: digest('a'), policy: { follows: 'digest', pinned: true } },
      ],
    ]);
  });

  it('that these settings do not name cannot be pinned', async () => {
    api.answers.set('/groups', { groups: [] });
    await expect(pinSlot(api, { group: 'yard' }, 'plate', true)).rejects.toMatchObject({
      code: 'slot-unknown',
    });
  });

  it('are removed', async () => {
    await removeSlot(api, { device: 'd1' }, 'plate');
    expect(api.sent).toEqual([{ method: 'DELETE', path: '/devices/d1/slots/plate', body: undefined }]);
  });
});
