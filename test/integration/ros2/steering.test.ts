import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rosEnvironment } from '../../../device/dds/index.ts';
import { ddsBuilt, loadDds } from '../../../native/index.ts';
import { digestOf, writeBundle } from '../../../src/adapters/filesystem/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { goalStatusNumbers, type ServiceType } from '../../../src/ros2/index.ts';
import { runPipeline } from '../../../src/workbench/index.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../fixtures/tiny-onnx.ts';
import { freeDomain } from './free-domain.ts';
import { ServiceClient } from './service-client.ts';

const missing = ddsBuilt('cyclone') ? '' : ' (skipped: goshawk_dds.node is not built)';

async function bundle(folder: string, version: string): Promise<string> {
  const bytes = tinyOnnx();
  const file = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
  const manifest = tinyManifest({ version, variants: [{ kind: 'fp32', file }] });
  return (await writeBundle(join(folder, version), manifest, new Map([['fp32.onnx', bytes]]))).location;
}

describe('A run that is steered over Cyclone DDS', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    vi.unstubAllEnvs();
  });

  it.skipIf(missing !== '')(
    `swaps its model by service and action, gives a picture, and refuses what is not allowed${missing}`,
    async () => {
      const domain = freeDomain();
      vi.stubEnv('ROS_DOMAIN_ID', String(domain));
      vi.stubEnv('ROS_LOCALHOST_ONLY', '1');
      const folder = temporaryFolder();
      const [first, second] = [await bundle(folder, '1.0.0'), await bundle(folder, '2.0.0')];
      const stop = new AbortController();
      const served = new Set<string>();
      const run = runPipeline(
        {
          ...{ model: first, source: 'sim', engine: 'onnxruntime-node', threads: 1, score: 0.1, iou: 0.5 },
          ...{ fps: 5, publish: ['ros'], ros: 'dds', rosModels: [second] },
        },
        {
          ...{ log: silentLog, signal: stop.signal, drained: async () => {} },
          startProgress: async () => ({ advance: () => {}, stop: () => {} }) as never,
          onFrame: ({ identity }) => served.add(identity.version),
        },
      );
      closing.push(async () => {
        stop.abort();
        await run;
      });
      const environment = rosEnvironment({ ROS_DOMAIN_ID: String(domain), ROS_LOCALHOST_ONLY: '1' });
      const addon = loadDds('cyclone');
      const { configuration } = environment;
      const participant = new addon.DdsParticipant({ domain, configuration, userData: '' });
      closing.push(() => participant.close());
      const client = (service: string, type: ServiceType) => {
        const made = new ServiceClient(addon, participant, `/goshawk/${service}`, type);
        closing.push(() => made.close());
        return made;
      };
      const setModel = client('set_model', 'goshawk_msgs/srv/SetModel');
      const set = (name: string, version: string) =>
        setModel.call(
          (request) => {
            request.string(name);
            request.string(version);
          },
          (reply) => ({ success: reply.boolean('success'), message: reply.string('message') }),
        );
      const { name } = tinyManifest();
      expect(await set(name, '2.0.0')).toEqual({ success: true, message: 'it serves' });
      await vi.waitFor(() => expect(served).toContain('2.0.0'), 20_000);
      expect(await set('other', '')).toMatchObject({ success: false });

      const goalId = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
      const accepted = await client(
        'swap_model/_action/send_goal',
        'goshawk_msgs/action/SwapModel_SendGoal',
      ).call(
        (request) => {
          request.fixedOctets(goalId);
          request.string(name);
          request.string('1.0.0');
        },
        (reply) => reply.boolean('accepted'),
      );
      expect(accepted).toBe(true);
      const ended = await client(
        'swap_model/_action/get_result',
        'goshawk_msgs/action/SwapModel_GetResult',
      ).call(
        (request) => request.fixedOctets(goalId),
        (reply) => ({ status: reply.int8('status'), ok: reply.boolean('ok') }),
      );
      expect(ended).toEqual({ status: goalStatusNumbers.succeeded, ok: true });

      const picture = await client('snapshot', 'goshawk_msgs/srv/Snapshot').call(
        (request) => {
          request.string('');
          request.boolean(true);
        },
        (reply) => {
          const success = reply.boolean('success');
          reply.string('message');
          reply.skip(4, 2, 'stamp');
          reply.string('frame_id');
          return { success, format: reply.string('format'), data: Uint8Array.from(reply.octets('data')) };
        },
      );
      expect(picture).toMatchObject({ success: true, format: 'jpeg' });
      expect([...picture.data.subarray(0, 2)]).toEqual([0xff, 0xd8]);
      const reloaded = await client('reload', 'std_srvs/srv/Trigger').call(
        (request) => request.uint8(0),
        (reply) => ({ success: reply.boolean('success'), message: reply.string('message') }),
      );
      expect(reloaded.success).toBe(true);
      expect(reloaded.message).toContain('was read again');
    },
    180_000,
  );
});
