import { afterEach, describe, expect, it } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { ddsBuilt, type Middleware } from '../../../native/index.ts';
import { serveControl } from '../../../src/adapters/ros2/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { defaultCameraSettings } from '../../../src/perception/index.ts';
import { type CdrReader, type CdrWriter, type ServiceType, serveLifecycle } from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';
import { BurstClient, stranger } from './burst-client.ts';
import { freeDomain } from './free-domain.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

/** A node with parameters and a life cycle, and strangers who ask it. */
function scene(middleware: Middleware) {
  const domain = freeDomain();
  const environment = rosEnvironment({ ROS_DOMAIN_ID: String(domain), ROS_LOCALHOST_ONLY: '1' }, middleware);
  const log = new RecordingLog();
  const node = DdsNode.open({ middleware, environment, log });
  closing.push(() => node.close());
  const clock = new SystemClock();
  const settings = { ...defaultCameraSettings };
  const pipeline = {
    identity: undefined,
    settings: () => settings,
    configure: (_: string, change: object) => void Object.assign(settings, change),
  };
  const nothing = async () => {};
  const work = {
    ...{ configure: nothing, activate: nothing, deactivate: nothing, cleanup: nothing },
    ...{ shutdown: nothing, recover: nothing },
  };
  const endpoints = [
    ...serveControl({ node, clock, cameras: ['camera'], pipeline }),
    ...serveLifecycle(node, clock, work).endpoints,
  ];
  closing.push(() => {
    for (const endpoint of endpoints) endpoint.close();
  });
  const client = async (service: string, type: ServiceType, read: (reply: CdrReader) => unknown) => {
    const participant = stranger(middleware, domain);
    closing.push(() => participant.close());
    const made = new BurstClient(middleware, participant, `/goshawk/${service}`, type, read);
    closing.push(() => made.close());
    await expect.poll(() => made.ready).toBe(true);
    return made;
  };
  return { client, log, settings };
}

const names = (request: CdrWriter, ...all: readonly string[]) => {
  request.uint32(all.length);
  for (const name of all) request.string(name);
};
/** `padding`: octets beside the value, which nobody reads. */
const score = (request: CdrWriter, padding = 0) => {
  request.uint32(1);
  request.string('score_threshold');
  request.uint8(3);
  request.boolean(false);
  request.uint64(0n);
  request.float64(0.75);
  request.string('');
  request.octets(new Uint8Array(padding));
  for (let list = 0; list < 4; list += 1) request.uint32(0);
};
const all = async (client: BurstClient, count: number) => {
  await expect.poll(() => client.retry() && client.answers.size).toBe(count);
  expect([...client.answers.keys()].sort((one, other) => one - other)).toEqual(
    Array.from({ length: count }, (_, at) => at + 1),
  );
};

describe.each(['cyclone', 'fastdds'] as const)('Many calls at once over %s', (middleware) => {
  const missing = ddsBuilt(middleware) ? '' : ' (skipped: its addon is not built)';

  it.skipIf(missing !== '')(`are all answered, 200 of each service of parameters${missing}`, async () => {
    const { client, log, settings } = scene(middleware);
    const get = await client('get_parameters', 'rcl_interfaces/srv/GetParameters', (reply) =>
      reply.sequence('values', 40),
    );
    const set = await client('set_parameters', 'rcl_interfaces/srv/SetParameters', (reply) => {
      reply.sequence('results', 5);
      return reply.boolean('successful');
    });
    const list = await client('list_parameters', 'rcl_interfaces/srv/ListParameters', (reply) =>
      reply.sequence('names', 4),
    );
    get.send(200, (request) => names(request, 'score_threshold', 'enabled'));
    set.send(200, (request) => score(request));
    list.send(200, (request) => {
      names(request);
      request.uint64(0n);
    });
    await all(get, 200);
    await all(set, 200);
    await all(list, 200);
    expect(new Set(get.answers.values())).toEqual(new Set([2]));
    expect(new Set(set.answers.values())).toEqual(new Set([true]));
    expect(settings.scoreThreshold).toBe(0.75);
    expect(log.at('warn')).toEqual([]);
  });

  it.skipIf(missing !== '')(
    `are all answered by the life cycle: a refusal is an answer${missing}`,
    async () => {
      const { client } = scene(middleware);
      const change = await client('change_state', 'lifecycle_msgs/srv/ChangeState', (reply) =>
        reply.boolean('success'),
      );
      change.send(200, (request) => {
        request.uint8(0);
        request.string('configure');
      });
      await all(change, 200);
      expect([...change.answers.values()].filter((success) => success === true)).toHaveLength(1);
    },
  );

  it.skipIf(missing !== '')(
    `are all answered where more come than may wait: those without room are refused${missing}`,
    async () => {
      const { client, log } = scene(middleware);
      const set = await client('set_parameters', 'rcl_interfaces/srv/SetParameters', (reply) => {
        const results = reply.sequence('results', 5);
        return `${results} ${reply.boolean('successful')} ${reply.string('reason')}`;
      });
      set.send(40, (request) => score(request, 250_000));
      await all(set, 40);
      const answers = [...set.answers.values()];
      expect(new Set(answers)).toEqual(
        new Set(['1 true ', '1 false Not done: too many requests wait already. Call again.']),
      );
      expect(log.at('warn')).toMatchObject([[expect.stringMatching(/some requests are refused/), {}]]);
    },
  );

  it.skipIf(missing !== '')(
    `are answered beside a client that sends what is too much: its own give way${missing}`,
    async () => {
      const { client, log } = scene(middleware);
      const type = 'rcl_interfaces/srv/GetParameters';
      const count = (reply: CdrReader) => reply.sequence('values', 40);
      const greedy = await client('get_parameters', type, count);
      const modest = await client('get_parameters', type, count);
      const large = 'x'.repeat(250_000);
      const tooLarge = 'x'.repeat(300_000);
      const greedier = await client('get_parameters', type, count);
      greedier.send(1, (request) => names(request, tooLarge));
      greedy.send(40, (request) => names(request, large));
      modest.send(200, (request) => names(request, 'enabled'));
      await all(modest, 200);
      await all(greedy, 40);
      expect(new Set(modest.answers.values())).toEqual(new Set([1]));
      await expect.poll(() => JSON.stringify(log.at('warn'))).toContain('larger than what is taken');
    },
  );
});
