import { beforeEach, describe, expect, it } from 'vitest';
import { MissingError } from '../../../../src/base/index.ts';
import {
  type BondStatus,
  CdrWriter,
  type LifecycleWork,
  qosProfiles,
  readBondStatus,
  readTransitionEvent,
  serveLifecycle,
  writeBondStatus,
} from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

let clock: FakeClock;
let graph: FakeRosGraph;
let log: RecordingLog;
let done: string[];
let work: LifecycleWork;
let events: string[];

beforeEach(() => {
  graph = new FakeRosGraph();
  clock = new FakeClock();
  log = new RecordingLog();
  done = [];
  events = [];
  const step = (name: string) => async () => void done.push(name);
  work = {
    ...{ configure: step('configure'), activate: step('activate'), deactivate: step('deactivate') },
    ...{ cleanup: step('cleanup'), shutdown: step('shutdown'), recover: step('recover') },
  };
  graph.join({ namespace: '/', name: 'manager' }).subscribe({
    ...{ topic: '/goshawk/transition_event', type: 'lifecycle_msgs/msg/TransitionEvent' },
    ...{ qos: qosProfiles.standard, maxBytes: 4096, queue: 10 },
    onMessage: ({ bytes, release }) => {
      const { transition, start, goal } = readTransitionEvent(bytes);
      events.push(`${start.label} --${transition.label}--> ${goal.label}`);
      release();
    },
  });
});

const serve = () => serveLifecycle(graph.join({ namespace: '/', name: 'goshawk' }), clock, work, { log });
const change = (label: string, id = 0) =>
  graph.call('/goshawk/change_state', 'lifecycle_msgs/srv/ChangeState', { transition: { id, label } });
const state = async () =>
  (await graph.call('/goshawk/get_state', 'lifecycle_msgs/srv/GetState', {}))?.state.label;

describe('A managed node', () => {
  it('goes through its life as it is told, and tells each step', async () => {
    serve();
    expect(await state()).toBe('unconfigured');
    for (const asked of ['configure', 'activate', 'deactivate', 'activate']) {
      expect(await change(asked)).toEqual({ success: true });
    }
    expect(await state()).toBe('active');
    expect(await change('', 4)).toEqual({ success: true });
    expect(await change('cleanup')).toEqual({ success: true });
    expect(await change('shutdown')).toEqual({ success: true });
    expect(await state()).toBe('finalized');
    expect(done).toEqual('configure activate deactivate activate deactivate cleanup shutdown'.split(' '));
    expect(events.slice(0, 4)).toEqual([
      'unconfigured --configure--> configuring',
      'configuring --transition_success--> inactive',
      'inactive --activate--> activating',
      'activating --transition_success--> active',
    ]);
    expect(events).toHaveLength(14);
  });

  it('refuses what its state does not have, and does nothing', async () => {
    serve();
    for (const asked of ['activate', 'cleanup', 'deactivate', 'sleep']) {
      expect(await change(asked)).toEqual({ success: false });
    }
    expect(await change('', 99)).toEqual({ success: false });
    expect([done, events, await state()]).toEqual([[], [], 'unconfigured']);
    expect(log.at('warn')).toHaveLength(5);
  });

  it('is where it was after work that failed, and can be told again', async () => {
    let broken = true;
    const noModel = new MissingError('model-missing', 'There is no model.', 'Name one.');
    const { configure } = work;
    work = { ...work, configure: () => (broken ? Promise.reject(noModel) : configure()) };
    serve();
    expect(await change('configure')).toEqual({ success: false });
    expect(await state()).toBe('unconfigured');
    expect(log.at('error')[0]?.[1]).toMatchObject({ work: 'configure', outcome: 'failure' });
    broken = false;
    expect(await change('configure')).toEqual({ success: true });
    expect(await state()).toBe('inactive');
  });

  it('tells of an error on the way back to unconfigured', async () => {
    work = { ...work, activate: () => Promise.reject(new Error('no memory')) };
    serve();
    expect(await change('configure')).toEqual({ success: true });
    events.length = 0;
    expect(await change('activate')).toEqual({ success: false });
    expect(events).toEqual([
      'inactive --activate--> activating',
      'activating --transition_error--> errorprocessing',
      'errorprocessing --transition_success--> unconfigured',
    ]);
    expect([done, await state()]).toEqual([['configure', 'recover'], 'unconfigured']);
  });

  it('answers when the work is done, says what it is at meanwhile, and refuses a second request', async () => {
    let finish = () => {};
    const loaded = new Promise<void>((resolve) => {
      finish = resolve;
    });
    work = { ...work, configure: () => loaded };
    serve();
    let answer: unknown;
    const asked = change('configure').then((given) => {
      answer = given;
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(await state()).toBe('configuring');
    expect(await change('configure')).toEqual({ success: false });
    expect(await change('shutdown')).toEqual({ success: false });
    expect(answer).toBeUndefined();
    finish();
    await asked;
    expect([answer, await state()]).toEqual([{ success: true }, 'inactive']);
  });

  it('says what there is', async () => {
    serve();
    const states = await graph.call(
      '/goshawk/get_available_states',
      'lifecycle_msgs/srv/GetAvailableStates',
      {},
    );
    expect(states?.states).toHaveLength(11);
    const ask = (service: string) =>
      graph.call(`/goshawk/${service}`, 'lifecycle_msgs/srv/GetAvailableTransitions', {});
    const now = await ask('get_available_transitions');
    expect(now?.transitions).toEqual([
      {
        transition: { id: 1, label: 'configure' },
        start: { id: 1, label: 'unconfigured' },
        goal: { id: 10, label: 'configuring' },
      },
      {
        transition: { id: 5, label: 'shutdown' },
        start: { id: 1, label: 'unconfigured' },
        goal: { id: 12, label: 'shuttingdown' },
      },
    ]);
    expect((await ask('get_transition_graph'))?.transitions).toHaveLength(25);
  });
});

describe('A managed node whose changes cannot be told', () => {
  it('stays in no state on the way, and answers', async () => {
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    const advertise = node.advertise.bind(node);
    node.advertise = (...args) => ({
      ...advertise(...args),
      publish: () => {
        throw new Error('no memory');
      },
    });
    serveLifecycle(node, clock, work, { log });
    expect(await change('configure')).toEqual({ success: true });
    expect(await state()).toBe('inactive');
    expect(log.at('warn').map(([message]) => message)).toEqual([
      'A change of the life cycle was not told',
      'A change of the life cycle was not told',
    ]);
  });
});

describe('The bond of a managed node', () => {
  const bonded = async () => {
    const statuses: BondStatus[] = [];
    const manager = graph.join({ namespace: '/', name: 'bond_manager' });
    manager.subscribe({
      ...{ topic: '/bond', type: 'bond/msg/Status', qos: qosProfiles.standard, maxBytes: 4096, queue: 10 },
      onMessage: ({ bytes, release }) => {
        const status = readBondStatus(bytes);
        if (status.instanceId.startsWith('ours')) statuses.push(status);
        release();
      },
    });
    const theirs = manager.advertise('/bond', 'bond/msg/Status', qosProfiles.standard);
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    let lives = 0;
    const { endpoints } = serveLifecycle(node, clock, work, { bond: () => `ours ${++lives}` });
    await settle();
    const header = { stampNs: 0n, frameId: '' };
    const timing = { heartbeatTimeout: 4, heartbeatPeriod: 0.1 };
    const say = async (instanceId: string, active: boolean, id = 'goshawk') => {
      theirs.publish(writeBondStatus(new CdrWriter(), { header, id, instanceId, active, ...timing }));
      await settle();
    };
    /** Whether it gives signs of life. */
    const alive = async () => {
      statuses.length = 0;
      clock.advance(500);
      await settle();
      return statuses.length === 5;
    };
    await change('configure');
    const close = () => {
      for (const endpoint of endpoints) endpoint.close();
    };
    return { statuses, say, alive, close };
  };

  it('gives a sign of life ten times a second while it is active, and says when it ends', async () => {
    const { statuses } = await bonded();
    clock.advance(1000);
    await settle();
    expect(statuses).toEqual([]);
    await change('activate');
    clock.advance(1000);
    await settle();
    expect(statuses).toHaveLength(11);
    const status = { id: 'goshawk', instanceId: 'ours 1', active: true, heartbeatTimeout: 4 };
    expect(statuses[0]).toMatchObject(status);
    await change('deactivate');
    clock.advance(1000);
    await settle();
    expect(statuses.slice(11)).toEqual([expect.objectContaining({ instanceId: 'ours 1', active: false })]);
  });

  it('is another one each time that it becomes active', async () => {
    const { statuses, alive } = await bonded();
    for (const [index, label] of ['activate', 'deactivate', 'activate'].entries()) {
      await change(label);
      expect(await alive()).toBe(index !== 1);
    }
    expect(new Set(statuses.map(({ instanceId }) => instanceId))).toEqual(new Set(['ours 2']));
  });

  it.each([
    [
      'the other side, once',
      [
        ['theirs', true],
        ['theirs', false],
      ],
      false,
    ],
    ['one that was not heard before, at first', [['theirs', false]], true],
    [
      'a manager that took the place of one that died',
      [
        ['dead', true],
        ['new', true],
        ['new', false],
      ],
      false,
    ],
    [
      'nobody else',
      [
        ['theirs', true],
        ['a stranger', false],
      ],
      true,
    ],
    [
      'nobody of another bond',
      [
        ['theirs', true],
        ['theirs', false, 'another'],
      ],
      true,
    ],
    [
      'its own words, which it hears too',
      [
        ['theirs', true],
        ['ours 1', false],
      ],
      true,
    ],
  ] as [string, [string, boolean, string?][], boolean][])('is broken by: %s', async (_, words, still) => {
    const { say, alive } = await bonded();
    await change('activate');
    for (const [instance, active, id] of words) await say(instance, active, id);
    expect(await alive()).toBe(still);
  });

  it('is not broken by what the other side of the bond before says late', async () => {
    const { say, alive } = await bonded();
    await change('activate');
    await say('theirs', true);
    await change('deactivate');
    await change('activate');
    await say('theirs', false);
    expect(await alive()).toBe(true);
  });

  it('is not broken by what the other side of the bond before says late, which it never heard', async () => {
    const { say, alive } = await bonded();
    for (const label of ['activate', 'deactivate', 'activate']) await change(label);
    await say('theirs', false);
    expect(await alive()).toBe(true);
    // Another manager is heard, and ends it at once.
    await say('new', true);
    await say('new', false);
    expect(await alive()).toBe(false);
  });

  it('is broken by one that was never heard once no bond before can have been meant', async () => {
    const { say, alive } = await bonded();
    await change('activate');
    clock.advance(4000);
    await say('theirs', false);
    expect(await alive()).toBe(false);
  });

  it('goes on while the other side is silent, as those of nav2 do', async () => {
    const { say, alive } = await bonded();
    await change('activate');
    await say('theirs', true);
    clock.advance(60_000);
    await settle();
    expect(await alive()).toBe(true);
  });

  it('ends with the node, with its last words and no timer', async () => {
    const { statuses, close } = await bonded();
    await change('activate');
    close();
    await settle();
    expect(statuses.at(-1)).toMatchObject({ active: false });
    expect(clock.pending).toBe(0);
  });

  it('does not begin behind a node that left while it was activated', async () => {
    let activated = () => {};
    work = {
      ...work,
      activate: () =>
        new Promise<void>((resolve) => {
          activated = resolve;
        }),
    };
    const { statuses, close } = await bonded();
    const asked = change('activate');
    await settle();
    close();
    activated();
    await asked;
    await settle();
    expect([statuses, clock.pending]).toEqual([[], 0]);
  });
});
