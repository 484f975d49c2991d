import { afterEach, describe, expect, it } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { ddsBuilt } from '../../../native/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import type { CdrReader, CdrWriter, ServiceType } from '../../../src/ros2/index.ts';
import { runPipeline } from '../../../src/workbench/run/run-pipeline.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { tinyBundleFolder } from '../goshawk.ts';
import { BurstClient, stranger } from './burst-client.ts';
import { freeDomain } from './free-domain.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const string = (request: CdrWriter, text: string) => {
  request.uint32(1);
  request.string(text);
};
const readScore = (reply: CdrReader) => {
  if (reply.sequence('values', 40) !== 1) return undefined;
  const type = reply.uint8('type');
  reply.boolean('bool_value');
  reply.uint64('integer_value');
  return type === 3 ? reply.float64('double_value') : undefined;
};

describe.each(['cyclone', 'fastdds'] as const)('The parameters of a managed node over %s', (middleware) => {
  const missing = ddsBuilt(middleware) ? '' : ' (skipped: its addon is not built)';

  it.skipIf(missing !== '')(
    `are there before configure, which takes them, and outlive cleanup${missing}`,
    async () => {
      const domain = freeDomain();
      const environment = rosEnvironment(
        { ROS_DOMAIN_ID: String(domain), ROS_LOCALHOST_ONLY: '1' },
        middleware,
      );
      const join = async (options: object) => DdsNode.open({ ...options, middleware, environment });
      const stop = new AbortController();
      const run = runPipeline(
        {
          ...{ model: await tinyBundleFolder(temporaryFolder()), source: 'sim', engine: 'onnxruntime-node' },
          ...{
            threads: 1,
            score: 0.1,
            iou: 0.5,
            fps: 5,
            publish: ['ros'],
            ros: 'dds',
            rosAutoActivate: false,
          },
        },
        {
          ...{ log: silentLog, signal: stop.signal, drained: async () => {}, onFrame: () => {} },
          rosAdapters: { dds: join, fastdds: join, rclnodejs: join },
          startProgress: async () => ({ advance: () => {}, stop: () => {} }) as never,
        },
      );
      closing.push(() => run);
      closing.push(() => stop.abort());
      const participant = stranger(middleware, domain);
      closing.push(() => participant.close());
      const client = async (service: string, type: ServiceType, read: (reply: CdrReader) => unknown) => {
        const made = new BurstClient(middleware, participant, `/goshawk/${service}`, type, read);
        closing.push(() => made.close());
        await expect.poll(() => made.ready).toBe(true);
        let asked = 0;
        return async (write: (request: CdrWriter) => void) => {
          asked += 1;
          made.send(1, write);
          await expect.poll(() => made.retry() && made.answers.has(asked)).toBe(true);
          return made.answers.get(asked);
        };
      };
      const get = await client('get_parameters', 'rcl_interfaces/srv/GetParameters', readScore);
      const set = await client('set_parameters', 'rcl_interfaces/srv/SetParameters', (reply) => {
        reply.sequence('results', 5);
        return reply.boolean('successful');
      });
      const list = await client('list_parameters', 'rcl_interfaces/srv/ListParameters', (reply) =>
        reply.sequence('names', 4),
      );
      const change = await client('change_state', 'lifecycle_msgs/srv/ChangeState', (reply) =>
        reply.boolean('success'),
      );
      const transition = (label: string) =>
        change((request) => {
          request.uint8(0);
          request.string(label);
        });
      const score = () => get((request) => string(request, 'score_threshold'));
      const setScore = (value: number) =>
        set((request) => {
          string(request, 'score_threshold');
          request.uint8(3);
          request.boolean(false);
          request.uint64(0n);
          request.float64(value);
          request.string('');
          for (let empty = 0; empty < 5; empty += 1) request.uint32(0);
        });
      const listed = () =>
        list((request) => {
          request.uint32(0);
          request.uint64(0n);
        });

      expect([await listed(), await score()]).toEqual([5, 0.1]);
      expect([await setScore(0.75), await setScore(1.5), await score()]).toEqual([true, false, 0.75]);
      expect([await transition('configure'), await score()]).toEqual([true, 0.75]);
      expect([await setScore(0.5), await transition('cleanup')]).toEqual([true, true]);
      expect([await listed(), await score()]).toEqual([5, 0.5]);
      expect([await transition('configure'), await score()]).toEqual([true, 0.5]);
    },
  );
});
