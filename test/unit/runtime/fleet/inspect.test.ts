import { describe, expect, it } from 'vitest';
import { inspectDevice } from '../../../../src/runtime/index.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';

function apiOf(online: boolean): FakeFleetApi {
  const api = new FakeFleetApi();
  api.answers.set('/devices/d1', { summary: { id: 'd1', online }, settings: {}, metrics: [] });
  api.answers.set('/alerts', { alerts: [{ id: 'a1' }] });
  api.answers.set('/devices/d1/events', { events: [{ id: 'e1' }] });
  api.answers.set('/devices/d1/drift', { device: 'd1', cameras: [], incidents: [], history: [] });
  api.answers.set('POST /devices/d1/describe', { session: 7 });
  return api;
}

describe('The inspection of a device', () => {
  it('has what the fleet knows and what the device says itself', async () => {
    const api = apiOf(true);
    expect(await inspectDevice(api, 'd1')).toMatchObject({
      detail: { summary: { id: 'd1' } },
      alerts: [{ id: 'a1' }],
      events: [{ id: 'e1' }],
      drift: { device: 'd1' },
      own: { session: 7 },
    });
    expect(api.asked.find(({ path }) => path === '/alerts')?.query).toEqual({
      device: 'd1',
      state: 'firing',
    });
  });

  it('asks nothing of a device that is away', async () => {
    const api = apiOf(false);
    expect(await inspectDevice(api, 'd1')).toMatchObject({ unanswered: 'It is offline.' });
    expect(api.sent).toEqual([]);
  });

  it('says why the device did not answer, and still shows the rest', async () => {
    const api = apiOf(true);
    api.refuse('POST /devices/d1/describe', new Error('no answer in time'));
    const found = await inspectDevice(api, 'd1');
    expect(found.own).toBeUndefined();
    expect(found.unanswered).toContain('no answer in time');
    expect(found.events).toHaveLength(1);
  });
});
