import { beforeEach, describe, expect, it } from 'vitest';
import { serveControl } from '../../../../src/adapters/ros2/index.ts';
import { InputError } from '../../../../src/base/index.ts';
import { type CameraSettings, defaultCameraSettings } from '../../../../src/perception/index.ts';
import {
  type NamedValue,
  type ParameterEvent,
  qosProfiles,
  type RosEndpoint,
  readParameterEvent,
} from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';

let graph: FakeRosGraph;
let settings: Record<string, CameraSettings>;
let clock: FakeClock;
let told: ParameterEvent[];

function serve(cameras: readonly string[]): readonly RosEndpoint[] {
  graph = new FakeRosGraph();
  clock = new FakeClock();
  told = [];
  graph.join({ namespace: '/', name: 'listener' }).subscribe({
    topic: '/parameter_events',
    type: 'rcl_interfaces/msg/ParameterEvent',
    qos: qosProfiles.parameterEvents,
    maxBytes: 10_000,
    queue: 10,
    onMessage: ({ bytes, release }) => {
      told.push(readParameterEvent(bytes));
      release();
    },
  });
  settings = Object.fromEntries(cameras.map((camera) => [camera, defaultCameraSettings]));
  return serveControl({
    node: graph.join({ namespace: '/', name: 'goshawk' }),
    clock,
    cameras,
    pipeline: {
      identity: { model: 'street', labels: ['car', 'truck'] },
      settings: (camera) => settings[camera] ?? defaultCameraSettings,
      configure: (camera, change) => {
        settings[camera] = { ...(settings[camera] ?? defaultCameraSettings), ...change };
      },
    },
  });
}

const set = async (...parameters: NamedValue[]) =>
  (await graph.call('/goshawk/set_parameters', 'rcl_interfaces/srv/SetParameters', { parameters }))?.results;
const setTogether = async (...parameters: NamedValue[]) =>
  (
    await graph.call('/goshawk/set_parameters_atomically', 'rcl_interfaces/srv/SetParametersAtomically', {
      parameters,
    })
  )?.result;
const list = async (prefixes: readonly string[], depth: number) =>
  (await graph.call('/goshawk/list_parameters', 'rcl_interfaces/srv/ListParameters', { prefixes, depth }))
    ?.result;

describe('An empty list', () => {
  it('is what a list of names may be set to, whatever type a tool gives it: ros2 param load of what dump wrote', async () => {
    serve(['camera']);
    settings.camera = { ...defaultCameraSettings, classes: ['car'] };
    const empty = { type: 'bool_array', empty: true } as const;
    expect(await set({ name: 'classes', value: empty })).toEqual([{ successful: true, reason: '' }]);
    expect(settings.camera.classes).toEqual([]);
    expect((await set({ name: 'classes', value: { type: 'bool_array' } }))?.[0]?.successful).toBe(false);
    expect((await set({ name: 'enabled', value: empty }))?.[0]?.successful).toBe(false);
  });
});

describe('Parameters of one camera', () => {
  let endpoints: readonly RosEndpoint[];
  beforeEach(() => {
    endpoints = serve(['camera']);
  });

  it('are told on /parameter_events, all at the start and then what changed, whoever changed it', async () => {
    await settle();
    expect(told.map(({ node, added, changed }) => [node, added.length, changed])).toEqual([
      ['/goshawk', 4, []],
    ]);
    await set({ name: 'iou_threshold', value: { type: 'double', value: 0.6 } });
    await settle();
    expect(told[1]).toMatchObject({
      added: [],
      changed: [{ name: 'iou_threshold', value: { type: 'double', value: 0.6 } }],
    });
    await set({ name: 'iou_threshold', value: { type: 'double', value: 1.6 } });
    settings.camera = { ...defaultCameraSettings, iouThreshold: 0.6, enabled: false, classes: ['car'] };
    clock.advance(500);
    await settle();
    expect(told.slice(2).map(({ changed }) => changed)).toEqual([
      [
        { name: 'enabled', value: { type: 'bool', value: false } },
        { name: 'classes', value: { type: 'string_array', value: ['car'] } },
      ],
    ]);
    clock.advance(5000);
    for (const endpoint of endpoints) endpoint.close();
    settings.camera = defaultCameraSettings;
    clock.advance(5000);
    await settle();
    expect(told.length).toBe(3);
  });

  it('are listed, described and read, as the pipeline has them at the moment', async () => {
    expect(await list([], 0)).toEqual({
      names: ['enabled', 'score_threshold', 'iou_threshold', 'classes'],
      prefixes: [],
    });
    settings.camera = { ...defaultCameraSettings, scoreThreshold: 0.7, classes: ['car'] };
    const names = ['score_threshold', 'classes', 'enabled', 'other'];
    const values = await graph.call('/goshawk/get_parameters', 'rcl_interfaces/srv/GetParameters', { names });
    expect(values).toEqual({
      values: [
        { type: 'double', value: 0.7 },
        { type: 'string_array', value: ['car'] },
        { type: 'bool', value: true },
        { type: 'not_set' },
      ],
    });
    const types = await graph.call('/goshawk/get_parameter_types', 'rcl_interfaces/srv/GetParameterTypes', {
      names,
    });
    expect(types).toEqual({ types: [3, 9, 1, 0] });
    const described = await graph.call(
      '/goshawk/describe_parameters',
      'rcl_interfaces/srv/DescribeParameters',
      {
        names: ['iou_threshold', 'classes', 'other'],
      },
    );
    expect(described?.descriptors).toEqual([
      {
        name: 'iou_threshold',
        type: 'double',
        description: 'Overlap above which the weaker of two boxes is dropped',
        range: { from: 0, to: 1 },
      },
      {
        ...{ name: 'classes', type: 'string_array' },
        description: 'Names of the classes that are reported; none: all',
        constraints: 'Classes of the model that is loaded',
      },
      { name: 'other', type: 'not_set', description: '' },
    ]);
  });

  it('are set one by one: what is refused keeps no other from being set', async () => {
    const results = await set(
      { name: 'score_threshold', value: { type: 'double', value: 1.5 } },
      { name: 'score_threshold', value: { type: 'integer' } },
      { name: 'other', value: { type: 'bool', value: true } },
      { name: 'classes', value: { type: 'string_array', value: ['unicorn'] } },
      { name: 'iou_threshold', value: { type: 'double', value: 0.6 } },
      { name: 'enabled', value: { type: 'bool', value: false } },
      { name: 'classes', value: { type: 'string_array', value: ['car'] } },
    );
    expect(results?.map(({ reason }) => reason)).toEqual([
      'score_threshold must be from 0 to 1.',
      'score_threshold is of type double (write 0.5 or 1.0, with a point), not integer.',
      'There is no parameter other; there are enabled, score_threshold, iou_threshold, classes.',
      'The model street has no class "unicorn". Its classes are car, truck.',
      '',
      '',
      '',
    ]);
    expect(results?.map(({ successful }) => successful)).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(settings.camera).toEqual({
      ...defaultCameraSettings,
      iouThreshold: 0.6,
      enabled: false,
      classes: ['car'],
    });
  });

  it('are set together or not at all', async () => {
    const good: NamedValue = { name: 'score_threshold', value: { type: 'double', value: 0.9 } };
    const bad: NamedValue = { name: 'enabled', value: { type: 'double', value: 1 } };
    expect(await setTogether(good, bad)).toEqual({
      successful: false,
      reason: 'enabled is of type bool, not double.',
    });
    expect(settings.camera).toEqual(defaultCameraSettings);
    // Refused only by whoever takes it, after the others were set.
    const unknown: NamedValue = { name: 'classes', value: { type: 'string_array', value: ['unicorn'] } };
    const off: NamedValue = { name: 'enabled', value: { type: 'bool', value: false } };
    expect(await setTogether(good, off, unknown)).toEqual({
      successful: false,
      reason: 'The model street has no class "unicorn". Its classes are car, truck.',
    });
    expect(settings.camera).toEqual(defaultCameraSettings);
    expect(await setTogether(good)).toEqual({ successful: true, reason: '' });
    expect(settings.camera?.scoreThreshold).toBe(0.9);
  });

  it('a switch that the pipeline refuses says why', async () => {
    const node = graph.join({ namespace: '/', name: 'other' });
    serveControl({
      node,
      clock,
      cameras: ['front'],
      pipeline: {
        identity: { model: 'street', labels: [] },
        settings: () => defaultCameraSettings,
        configure: () => {
          throw new InputError('camera-unknown', 'There is no camera "front".', 'Name another.');
        },
      },
    });
    const answer = await graph.call('/other/front/enable', 'std_srvs/srv/SetBool', { data: true });
    expect(answer).toEqual({ success: false, message: 'There is no camera "front". Name another.' });
  });
});

describe('Parameters of several cameras', () => {
  beforeEach(() => {
    serve(['front-left', 'rear']);
  });

  it('lie below the name of their camera, as do the switches', async () => {
    expect(await list(['rear'], 0)).toEqual({
      names: ['rear.enabled', 'rear.score_threshold', 'rear.iou_threshold', 'rear.classes'],
      prefixes: ['rear'],
    });
    expect((await list([], 1))?.names).toEqual([]);
    expect((await list(['front_left.classes'], 1))?.names).toEqual(['front_left.classes']);
    await set({ name: 'front_left.score_threshold', value: { type: 'double', value: 0.8 } });
    await graph.call('/goshawk/rear/enable', 'std_srvs/srv/SetBool', { data: false });
    expect(settings['front-left']?.scoreThreshold).toBe(0.8);
    expect(settings.rear).toEqual({ ...defaultCameraSettings, enabled: false });
  });
});
