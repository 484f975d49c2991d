import { beforeEach, describe, expect, it } from 'vitest';
import type { DesiredSettings } from '../../../../src/api/index.ts';
import { changePipeline, keepFrames, orderLearning, stopLearning } from '../../../../src/runtime/index.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const before: DesiredSettings = {
  slots: { main: { model: { name: 'street', version: '1', digest } } },
  pipelines: {
    front: {
      scoreThreshold: 0.4,
      drift: { falseAlarmDays: 10, learn: { order: 'old', hours: 1 }, frames: { keep: true, days: 3 } },
    },
    rear: { enabled: false },
  },
};

describe('What the fleet wants of a device', () => {
  let api: FakeFleetApi;
  beforeEach(() => {
    api = new FakeFleetApi();
    api.answers.set('/devices/d1', { settings: before });
    api.answers.set('/groups', { groups: [{ name: 'north', members: [], settings: before }] });
  });
  const sent = (i = 0) => api.sent[i]?.body as DesiredSettings;

  it('changes only the named settings', async () => {
    const answer = await changePipeline(api, { device: 'd1' }, 'front', (old) => ({
      ...old,
      iouThreshold: 0.5,
    }));
    expect(answer).toEqual({ generations: { d1: 7 } });
    expect(api.sent[0]).toMatchObject({ method: 'PUT', path: '/devices/d1/desired' });
    expect(sent()).toEqual({
      ...before,
      pipelines: { ...before.pipelines, front: { ...before.pipelines?.front, iouThreshold: 0.5 } },
    });
  });

  it('begins with nothing for a camera and for a group that are new', async () => {
    await changePipeline(api, { group: 'south/west' }, '*', (old) => ({ ...old, enabled: true }));
    expect(api.sent[0]?.path).toBe('/groups/south%2Fwest/desired');
    expect(sent()).toEqual({ pipelines: { '*': { enabled: true } } });
  });

  it.each([{}, { device: 'd1', group: 'north' }])('is not changed for %j', async (target) => {
    await expect(changePipeline(api, target, '*', (old) => old)).rejects.toMatchObject({
      code: 'target-missing',
    });
    expect(api.sent).toEqual([]);
  });

  it('gets a new order to learn each time, beside what drift had', async () => {
    const request = { camera: 'front', hours: 4, timesOfDay: 1 };
    const first = await orderLearning(api, { device: 'd1' }, request);
    const second = await orderLearning(api, { device: 'd1' }, { ...request, timesOfDay: 48 });
    expect(first.order).toMatch(/^[0-9a-f]{12}$/);
    expect(second.order).not.toBe(first.order);
    const drift = (i: number) => sent(i).pipelines?.front?.drift;
    expect(drift(0)).toEqual({ ...before.pipelines?.front?.drift, learn: { order: first.order, hours: 4 } });
    // A day has 24 hours.
    expect(drift(1)?.learn).toEqual({ order: second.order, hours: 4, timesOfDay: 24 });
  });

  it('loses its order to learn, and keeps the rest of drift', async () => {
    await stopLearning(api, { group: 'north' }, 'front');
    expect(sent().pipelines?.front).toEqual({
      scoreThreshold: 0.4,
      drift: { falseAlarmDays: 10, frames: { keep: true, days: 3 } },
    });
  });

  it('keeps frames as it did in what is not named', async () => {
    await keepFrames(api, { device: 'd1' }, 'front', { keep: false, blur: true });
    expect(sent().pipelines?.front?.drift?.frames).toEqual({ keep: false, blur: true, days: 3 });
    expect(sent().pipelines?.front?.drift?.learn).toEqual({ order: 'old', hours: 1 });
  });
});
