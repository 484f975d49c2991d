import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RclnodejsNode } from '../../../../device/rclnodejs/index.ts';
import { CancelledError } from '../../../../src/base/index.ts';
import {
  goalStatusNumbers,
  qosProfiles,
  readGoalStatuses,
  readSwapFeedback,
  SwapAction,
  type SwapProgress,
  serviceByTexts,
} from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

type Listener = (request: unknown, response: { send(answer: object): void }) => void;

/** As much of rclnodejs as our node uses. `missing`: services whose types its workspace does not have. */
function fakeRclnodejs(missing: readonly string[] = []) {
  const services = new Map<
    string,
    { readonly type: string; readonly listener: Listener; readonly options: object }
  >();
  const published = new Map<string, Uint8Array[]>();
  const publishers = new Map<string, readonly object[]>();
  const subscriptions = new Map<string, readonly object[]>();
  const graph = { refuses: false, namesakes: 0 };
  const told = <Answer>(what: string, answer: Answer): Answer => {
    if (graph.refuses) throw new Error(`Failed to get_${what}.`);
    return answer;
  };
  const asked: [type: string, name: string, request: object][] = [];
  const answers = new Map<string, object>();
  const node = {
    createClient: (type: string, name: string) => {
      if (missing.includes(type)) throw new Error(`no ${type}`);
      return {
        waitForService: async () => true,
        sendRequest: (request: object, onAnswer: (answer: object | undefined) => void) => {
          asked.push([type, name, request]);
          onAnswer(answers.get(name));
        },
      };
    },
    createService: (type: string, name: string, options: object, listener: Listener) => {
      if (missing.includes(type)) throw new Error(`undefined symbol of ${type}`);
      services.set(name, { type, listener, options });
      return {};
    },
    createPublisher: (_: string, topic: string) => ({
      publish: (bytes: Uint8Array) => {
        published.set(topic, [...(published.get(topic) ?? []), Uint8Array.from(bytes)]);
      },
      subscriptionCount: 1,
    }),
    getPublishersInfoByTopic: (topic: string) => told('publishers', publishers.get(topic) ?? []),
    getSubscriptionsInfoByTopic: (topic: string) => told('subscriptions', subscriptions.get(topic) ?? []),
    getNodeNamesAndNamespaces: () =>
      told('node_names', new Array(graph.namesakes).fill({ name: 'goshawk', namespace: '/' })),
    ...{ spin() {}, destroy() {}, destroyPublisher() {}, destroyService() {}, destroyClient() {} },
  };
  const module = {
    Context: class {
      isShutdown = () => false;
    },
    QoS: class {
      readonly given: readonly number[];
      constructor(...given: readonly number[]) {
        this.given = given;
      }
    },
    ...{ NodeOptions: class {}, init: async () => {}, createNode: () => node, shutdown() {} },
  };
  const call = (name: string, request: object): Promise<object> =>
    new Promise((send) => services.get(name)?.listener(request, { send }));
  return { module, services, published, publishers, subscriptions, asked, answers, call, graph };
}

async function opened(missing: readonly string[] = []) {
  const fake = fakeRclnodejs(missing);
  const log = new RecordingLog();
  const node = await RclnodejsNode.open({ environment: {}, log, load: async () => fake.module });
  return { ...fake, node, log };
}

describe('A node through rclnodejs', () => {
  it.each([
    ['rmw_cyclonedds_cpp', 'FASTDDS_DEFAULT_PROFILES_FILE', true],
    ['rmw_cyclonedds_cpp', 'CYCLONEDDS_URI', false],
    ['rmw_fastrtps_cpp', 'CYCLONEDDS_URI', true],
    ['rmw_fastrtps_cpp', 'FASTDDS_DEFAULT_PROFILES_FILE', false],
    ['rmw_fastrtps_cpp', 'FASTRTPS_DEFAULT_PROFILES_FILE', false],
  ])('over %s with %s says that large pictures may be lost: %s', async (middleware, variable, warns) => {
    const { module } = fakeRclnodejs();
    const environment = { RMW_IMPLEMENTATION: middleware, [variable]: '/etc/file.xml' };
    const node = await RclnodejsNode.open({ environment, load: async () => module });
    expect(node.largeMessageRisk() !== undefined).toBe(warns);
    node.close();
  });
});

describe('A service through rclnodejs', () => {
  it('keeps a thousand requests, reliable and volatile, as rcl does of parameters', async () => {
    const { node, services } = await opened();
    node.serve('~/get_state', 'lifecycle_msgs/srv/GetState', () => ({ state: { id: 1, label: '' } }));
    expect(services.get('/goshawk/get_state')?.options).toEqual({ qos: { given: [1, 1000, 1, 2] } });
    node.close();
  });
});

describe('A graph of which rcl does not speak, as one nameless node brings about', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('stops nothing and is reported once for each question', async () => {
    const { node, log, graph } = await opened();
    node.advertise('/results', 'std_msgs/msg/Header', qosProfiles.standard);
    graph.refuses = true;
    expect(() => vi.advanceTimersByTime(2000)).not.toThrow();
    expect([node.publishers('/camera'), node.servers('/dock')]).toEqual([[], []]);
    expect(log.at('warn').map(([, fields]) => [fields?.asked, fields?.reason])).toEqual([
      ['the subscribers of a topic', 'Failed to get_subscriptions.'],
      ['the names of its nodes', 'Failed to get_node_names.'],
      ['the publishers of a topic', 'Failed to get_publishers.'],
    ]);
    graph.refuses = false;
    graph.namesakes = 2;
    vi.advanceTimersByTime(2000);
    expect(log.at('warn').map(([message]) => message)).toContain('There is another ROS 2 node with our name');
    node.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

const at = '/goshawk/swap_model/_action';
const uuid = (octet: number) => new Uint8Array(16).fill(octet);

describe('The action of a model swap through rclnodejs', () => {
  async function swapping(missing: readonly string[] = []) {
    const clock = new FakeClock();
    const ros = await opened(missing);
    const swaps: { report: (progress: SwapProgress) => void; end: (digest: string) => void }[] = [];
    const action = new SwapAction({
      ...{ node: ros.node, clock, log: ros.log },
      swap: (_, report, signal) =>
        new Promise((end, fail) => {
          signal.addEventListener('abort', () => fail(new CancelledError('The swap')));
          swaps.push({ report, end });
        }),
    });
    const send = async (octet: number) => {
      const answer = await ros.call(`${at}/send_goal`, {
        ...{ goal_id: { uuid: uuid(octet) }, goal: { name: 'street', version: '2' } },
      });
      clock.advance(0);
      await settle();
      return answer;
    };
    const cancel = (octet: number) =>
      ros.call(`${at}/cancel_goal`, {
        goal_info: { goal_id: { uuid: uuid(octet) }, stamp: { sec: 0, nanosec: 0 } },
      });
    const result = (octet: number) => ros.call(`${at}/get_result`, { goal_id: { uuid: uuid(octet) } });
    return { ...ros, action, clock, swaps, send, cancel, result };
  }

  it('is three services and two topics, of the types that rosidl makes', async () => {
    const { services, published, action, node } = await swapping();
    expect([...services].map(([name, { type }]) => [name, type])).toEqual([
      [`${at}/send_goal`, 'goshawk_msgs/action/SwapModel_SendGoal'],
      [`${at}/cancel_goal`, 'action_msgs/srv/CancelGoal'],
      [`${at}/get_result`, 'goshawk_msgs/action/SwapModel_GetResult'],
    ]);
    expect([...published.keys()]).toEqual([`${at}/status`]);
    action.close();
    node.close();
  });

  it('takes a goal, tells how far it is, and gives its result to who waits', async () => {
    const { send, swaps, result, published, clock, node } = await swapping();
    const { sec, nanosec } = ((await send(1)) as { stamp: { sec: number; nanosec: number } }).stamp;
    expect(BigInt(sec) * 1_000_000_000n + BigInt(nanosec)).toBe(clock.wallNs());
    expect(await send(2)).toMatchObject({ accepted: false });
    swaps[0]?.report({ state: 'preparing', percent: 12, cancellable: true });
    const goalId = '01'.repeat(16);
    expect(readSwapFeedback(published.get(`${at}/feedback`)![0]!)).toEqual({
      ...{ goalId, feedback: { state: 'preparing', percent: 12 } },
    });
    const waiting = result(1);
    swaps[0]?.end('sha256:2');
    expect(await waiting).toEqual({
      ...{ status: goalStatusNumbers.succeeded, result: { ok: true, digest: 'sha256:2', reason: '' } },
    });
    expect(readGoalStatuses(published.get(`${at}/status`)!.at(-1)!)).toMatchObject([{ goalId, status: 4 }]);
    expect(await result(3)).toMatchObject({ status: goalStatusNumbers.unknown });
    node.close();
  });

  it('is cancelled where that is possible, and says with its code where not', async () => {
    const { send, swaps, cancel, result, node } = await swapping();
    await send(1);
    swaps[0]?.report({ state: 'swapping', percent: 90, cancellable: false });
    expect(await cancel(1)).toEqual({ return_code: 1, goals_canceling: [] });
    swaps[0]?.report({ state: 'probation', percent: 91, cancellable: true });
    expect(await cancel(1)).toMatchObject({
      ...{ return_code: 0, goals_canceling: [{ goal_id: { uuid: uuid(1) } }] },
    });
    expect(await result(1)).toMatchObject({ status: goalStatusNumbers.canceled });
    expect(await cancel(1)).toEqual({ return_code: 3, goals_canceling: [] });
    expect(await cancel(9)).toEqual({ return_code: 2, goals_canceling: [] });
    node.close();
  });

  it('leaves services out whose types an older goshawk_msgs does not have', async () => {
    const type = 'goshawk_msgs/action/SwapModel_SendGoal';
    const { services, log, node } = await swapping([type]);
    expect([...services.keys()]).not.toContain(`${at}/send_goal`);
    expect(log.at('warn')).toMatchObject([
      [
        'A service is left out: goshawk_msgs is not in this ROS 2 workspace, or is an older one',
        { service: `${at}/send_goal`, reason: `undefined symbol of ${type}` },
      ],
    ]);
    node.close();
  });
});

describe('Publishers through rclnodejs', () => {
  it('are told with node, type and hash', async () => {
    const { node, publishers } = await opened();
    const qos_profile = { reliability: 1, durability: 2 };
    const common = { node_name: 'driver', topic_type: 'arm_msgs/msg/State', qos_profile };
    const value = new Uint8Array(32).fill(0xab);
    publishers.set('/arm', [
      { ...common, node_namespace: '/', topic_type_hash: { version: 1, value } },
      { ...common, node_namespace: '/arms', topic_type_hash: { version: 0, value: new Uint8Array(32) } },
      { ...common, node_namespace: '/' },
    ]);
    const type = 'arm_msgs/msg/State';
    expect(node.publishers('arm')).toEqual([
      { node: '/driver', type, typeHash: `RIHS01_${'ab'.repeat(32)}` },
      { node: '/arms/driver', type, typeHash: undefined },
      { node: '/driver', type, typeHash: undefined },
    ]);
    node.close();
    expect(node.publishers('arm')).toEqual([]);
  });
});

describe('A service of any type through rclnodejs', () => {
  const type = 'dock_msgs/srv/Dock';
  const text =
    'int64 far\nstring name\n---\nbool ok\nuint64[] large\nuint8[] data\nfloat32[2] pair\nPoint[] path\n';
  const texts: Record<string, string> = { [type]: text, 'dock_msgs/msg/Point': 'float64 x\nint64 n' };
  const shape = serviceByTexts(
    type,
    (each) => texts[each],
    () => 'RIHS01_0',
  )!;
  const answer = {
    ...{ ok: true, large: ['18446744073709551615', 5], data: Uint8Array.of(1, 2) },
    ...{ pair: Float32Array.of(0.5, 1), path: [{ x: 1, n: 7n }] },
  };

  it('is called with the objects of its fields, and answers with values of their kinds', async () => {
    const { node, asked, answers } = await opened();
    answers.set('/dock', answer);
    const request = { far: -9007199254740993n, name: 'ü' };
    expect(await node.callForeign('/dock', shape, request, 1000)).toEqual({
      ...{ ok: true, large: [2n ** 64n - 1n, 5n], data: Uint8Array.of(1, 2) },
      ...{ pair: [0.5, 1], path: [{ x: 1, n: 7n }] },
    });
    expect(asked).toEqual([[type, '/dock', request]]);
    node.close();
  });

  it('whose answer lacks a field, or has too many values, is not told', async () => {
    const { node, answers } = await opened();
    const call = async (given: object) => {
      answers.set('/dock', given);
      return node.callForeign('/dock', shape, { far: 0n, name: '' }, 1000);
    };
    const refused = { code: 'ros-reply-object' };
    await expect(call({ ...answer, path: [{ x: 1 }] })).rejects.toMatchObject(refused);
    await expect(call({ ...answer, data: undefined })).rejects.toMatchObject(refused);
    await expect(call({ ...answer, large: new Array(9000).fill(1n) })).rejects.toMatchObject(refused);
    node.close();
  });

  it('is told where its answer, or a message in it, has no fields: the library gives an empty object', async () => {
    const { node, answers } = await opened();
    const none = { structure_needs_at_least_one_member: 0 };
    const call = (response: string, given: unknown) => {
      answers.set('/dock', given as object);
      const empty: Record<string, string> = { [type]: `---\n${response}`, 'dock_msgs/msg/Nothing': '' };
      const known = serviceByTexts(
        type,
        (each) => empty[each],
        () => 'RIHS01_0',
      )!;
      return node.callForeign('/dock', known, none, 1000);
    };
    expect(await call('', {})).toEqual(none);
    expect(await call('Nothing at\nNothing[] more\nbool ok', { at: {}, more: [{}, {}], ok: true })).toEqual({
      ...{ at: none, more: [none, none], ok: true },
    });
    for (const [response, given] of [
      ['', undefined],
      ['Nothing at', {}],
      ['Nothing at', { at: 3 }],
    ] as const)
      await expect(call(response, given)).rejects.toMatchObject({ code: 'ros-reply-object' });
    node.close();
  });

  it('whose package is not sourced is not called', async () => {
    const { node } = await opened([type]);
    await expect(node.callForeign('/dock', shape, { far: 0n, name: '' }, 1000)).rejects.toMatchObject({
      ...{ code: 'rclnodejs-type', message: expect.stringContaining('dock_msgs/srv/Dock') },
    });
    node.close();
  });

  it('is known by the names that its topics have in DDS', async () => {
    const { node, publishers, subscriptions } = await opened();
    const value = new Uint8Array(32).fill(0xcd);
    subscriptions.set('rq/dockRequest', [{ topic_type: 'dock_msgs::srv::dds_::Dock_Request_' }]);
    publishers.set('rr/dockReply', [
      { topic_type: 'dock_msgs::srv::dds_::Dock_Response_', topic_type_hash: { version: 1, value } },
    ]);
    expect(node.servers('/dock')).toEqual([
      { type: `${type}_Request`, typeHash: undefined },
      { type: `${type}_Response`, typeHash: `RIHS01_${'cd'.repeat(32)}` },
    ]);
    node.close();
    expect(node.servers('/dock')).toEqual([]);
  });
});
