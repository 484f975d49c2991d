import { describe, expect, it } from 'vitest';
import { type ModelSwitch, serveModels } from '../../../../src/adapters/ros2/index.ts';
import { InputError } from '../../../../src/base/index.ts';
import { goalStatusNumbers } from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';

const models = [
  { name: 'street', version: '1' },
  { name: 'street', version: '2' },
  { name: 'plates', version: '7' },
];

function served(over: Partial<ModelSwitch> = {}, reload = async () => 'read again') {
  const graph = new FakeRosGraph();
  const clock = new FakeClock();
  const swapped: string[] = [];
  const choice: ModelSwitch = {
    allowed: async () => models,
    swap: async ({ name, version }) => {
      swapped.push(`${name} ${version}`);
      return `sha256:${version}`;
    },
    ...over,
  };
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const endpoints = serveModels({ node, clock, models: choice, reload });
  return {
    ...{ graph, clock, swapped, endpoints },
    set: (name: string, version: string) =>
      graph.call('/goshawk/set_model', 'goshawk_msgs/srv/SetModel', { name, version }),
    reload: () => graph.call('/goshawk/reload', 'std_srvs/srv/Trigger', {}),
  };
}

describe('~/set_model', () => {
  it('brings up what is allowed, by name and version', async () => {
    const { set, swapped } = served();
    expect(await set('street', '2')).toEqual({ success: true, message: 'it serves', digest: 'sha256:2' });
    expect(await set('plates', '')).toMatchObject({ success: true, digest: 'sha256:7' });
    expect(swapped).toEqual(['street 2', 'plates 7']);
  });

  it.each([
    [
      'another model',
      'people',
      '1',
      'The model people 1 may not be chosen over ROS 2. These may: street 1, street 2, plates 7',
    ],
    ['another version', 'street', '9', 'The model street 9 may not be chosen'],
    [
      'a name alone that has several versions',
      'street',
      '',
      'There are several versions of street. Name one: street 1, street 2.',
    ],
    ['nothing', '', '', 'The model without a name may not'],
    ['a name that is very long', 'x'.repeat(60_000), '', `The model ${'x'.repeat(100)} may not`],
  ])('refuses %s with a sentence', async (_, name, version, sentence) => {
    const { set, swapped } = served();
    const answer = await set(name, version);
    expect(answer).toMatchObject({ success: false, digest: '' });
    expect(answer?.message).toContain(sentence);
    expect(answer?.message.length).toBeLessThan(2001);
    expect(swapped).toEqual([]);
  });

  it('says where nothing may be chosen what to set', async () => {
    const { set } = served({ allowed: async () => [] });
    expect((await set('street', '1'))?.message).toContain('name bundles in ros.models');
  });

  it('refuses while another is being brought up, over the action too', async () => {
    let end = (_: string) => {};
    const { set, graph, clock } = served({
      swap: () =>
        new Promise((resolve) => {
          end = resolve;
        }),
    });
    const goalId = 'a'.repeat(32);
    const goal = { name: 'street', version: '1' };
    const at = '/goshawk/swap_model/_action';
    await graph.call(`${at}/send_goal`, 'goshawk_msgs/action/SwapModel_SendGoal', { goalId, goal });
    clock.advance(0);
    const result = graph.call(`${at}/get_result`, 'goshawk_msgs/action/SwapModel_GetResult', { goalId });
    await expect.poll(async () => (await set('street', '2'))?.message).toContain('being loaded already');
    end('sha256:1');
    expect(await result).toMatchObject({ status: goalStatusNumbers.succeeded });
  });

  it('refuses what comes without an end, and lets go on later', async () => {
    const { set, reload, clock } = served();
    for (let at = 0; at < 9; at += 1) expect((await set('street', '1'))?.success).toBe(true);
    expect((await reload())?.success).toBe(true);
    expect((await set('street', '1'))?.message).toContain('too often');
    expect((await reload())?.message).toContain('too often');
    clock.advance(6000);
    expect((await set('street', '1'))?.success).toBe(true);
  });

  it('tells why it failed', async () => {
    const { set } = served({
      swap: async () => {
        throw new InputError('golden', 'The golden set says no.', 'Train it again.');
      },
    });
    expect(await set('street', '1')).toEqual({
      ...{ success: false, message: 'The golden set says no. Train it again.', digest: '' },
    });
  });
});

describe('~/swap_model', () => {
  it('ends a goal that is not allowed with the reason', async () => {
    const { graph, clock } = served();
    const goalId = 'b'.repeat(32);
    const at = '/goshawk/swap_model/_action';
    const sent = await graph.call(`${at}/send_goal`, 'goshawk_msgs/action/SwapModel_SendGoal', {
      ...{ goalId, goal: { name: 'people', version: '' } },
    });
    expect(sent?.accepted).toBe(true);
    clock.advance(0);
    const ended = await graph.call(`${at}/get_result`, 'goshawk_msgs/action/SwapModel_GetResult', { goalId });
    expect(ended).toMatchObject({ status: goalStatusNumbers.aborted });
    expect(ended?.result.reason).toContain('may not be chosen');
  });
});

describe('~/reload', () => {
  it('says what became of it', async () => {
    expect(await served().reload()).toEqual({ success: true, message: 'read again' });
    const wrong = served({}, async () => {
      throw new InputError('settings', 'The settings are wrong.', 'Mend them.');
    });
    expect(await wrong.reload()).toEqual({ success: false, message: 'The settings are wrong. Mend them.' });
  });

  it('is given up with the others', async () => {
    const { endpoints, reload, set } = served();
    for (const endpoint of endpoints) endpoint.close();
    expect(await reload()).toBeUndefined();
    expect(await set('street', '1')).toBeUndefined();
  });
});
