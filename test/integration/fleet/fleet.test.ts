import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { metricNames } from '../../../src/protocol/index.ts';
import { freePort } from '../../contract/brokers.ts';
import { jsonLines } from '../goshawk.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { bundleIn } from './models.ts';
import { eventually, type Program } from './program.ts';

const scrape = async (port: number) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

// Most of it is waiting for processes to start, on machines that may be busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

describe.each(brokerKinds)('A fleet over $title', (kind) => {
  describe.skipIf(kind.missing !== undefined)(
    kind.missing === undefined ? 'works' : `(skipped: ${kind.missing})`,
    () => {
      let fleet: TestFleet;
      let agent: Program;

      beforeAll(async () => {
        fleet = await TestFleet.open(kind);
        await fleet.broker.start();
        await fleet.startController();
        agent = await fleet.startAgent({ device: 'cam-1', groups: ['yard'] });
      });
      afterAll(() => fleet.close());

      it('sees a device come online with its board, cameras and model', async () => {
        await fleet.online('cam-1');
        await eventually('it reports', async () => (await fleet.device('cam-1')).reported !== undefined);
        const { birth, reported } = await fleet.device('cam-1');
        expect(birth).toMatchObject({ online: true, cameras: ['front'], groups: ['yard'] });
        expect(birth?.board.cores).toBeGreaterThan(0);
        expect(reported?.slots.main).toMatchObject({
          ...{ loaded: { name: 'tiny', digest: fleet.model.digest }, cameras: ['front'] },
        });
      });

      it('gets metrics, and gives their history', async () => {
        const processed = async () => {
          const { series } = await fleet.client.call('GET /devices/:id/metrics', {
            params: { id: 'cam-1' },
            query: { name: metricNames.processed, step: 1000 },
          });
          return series[0]?.last ?? [];
        };
        await eventually('several points of history', async () => (await processed()).length >= 3);
        const values = (await processed()).map(Number);
        expect(values.at(-1)).toBeGreaterThan(values[0] ?? Number.POSITIVE_INFINITY);
        const { summary } = await fleet.device('cam-1');
        expect(summary.fps).toBeGreaterThan(0);
      });

      it('streams live pictures with boxes to whoever watches', async () => {
        const response = await fetch(
          `${fleet.url}/api/v1/devices/cam-1/cameras/front/preview?maxFps=5&maxWidth=64`,
          {
            headers: { authorization: `Bearer ${fleet.adminToken}` },
          },
        );
        expect(response.headers.get('content-type')).toContain('text/event-stream');
        let text = '';
        for await (const chunk of response.body ?? []) {
          text += new TextDecoder().decode(chunk);
          if (text.split('event: frame').length > 3) break;
        }
        const data = /event: frame\ndata: (.*)\n/.exec(text)?.[1] ?? '{}';
        const frame = JSON.parse(data) as { jpeg: string; detections: unknown[]; model: string };
        expect([...Buffer.from(frame.jpeg, 'base64').subarray(0, 2)]).toEqual([0xff, 0xd8]);
        expect(frame).toMatchObject({ model: 'tiny', detections: [{ label: 'thing', box: [0, 0, 32, 32] }] });
      });

      it('brings a new model to a device: pushed, downloaded, watched, kept and reported by its digest', async () => {
        const next = await bundleIn(fleet.folder, '2.0.0');
        await fleet.push(next.location);
        const set = await fleet.command(
          'model',
          'deploy',
          'tiny@2.0.0',
          '--device',
          'cam-1',
          '--wait',
          '--timeout',
          '120s',
        );
        expect(set).toMatchObject({ code: 0 });
        const { reported, birth } = await fleet.device('cam-1');
        expect(reported?.slots.main?.deployment).toMatchObject({ state: 'committed', digest: next.digest });
        expect(reported?.slots.main?.loaded).toMatchObject({ version: '2.0.0', digest: next.digest });
        expect(birth?.session).toBe(reported?.session);
        await eventually('the steps of the deployment as events', async () => {
          const kinds = (await fleet.events('cam-1')).map((event) => event.kind);
          return ['downloading', 'verifying', 'preparing', 'swapping', 'probation', 'committed'].every(
            (state) => kinds.includes(`deployment.${state}`),
          );
        });
        const fetched = join(fleet.deviceFolder('cam-1'), 'models', next.digest.replace('sha256:', ''));
        expect(readFileSync(join(fetched, 'fp32.onnx'))).toEqual(
          readFileSync(join(next.location, 'fp32.onnx')),
        );
      });

      it('changes the settings of a camera while it runs', async () => {
        const set = [
          'pipeline',
          'set',
          '--device',
          'cam-1',
          '--camera',
          'front',
          '--score-threshold',
          '0.95',
        ];
        expect(await fleet.command(...set)).toMatchObject({ code: 0 });
        await eventually('the device reports the threshold', async () => {
          const { reported, desired } = await fleet.device('cam-1');
          return (
            reported?.generation === desired?.generation && reported?.pipelines.front?.scoreThreshold === 0.95
          );
        });
        expect(await fleet.command('pipeline', 'set', '--device', 'cam-1', '--disable')).toMatchObject({
          code: 0,
        });
        await eventually('the camera rests', async () => (await fleet.device('cam-1')).summary.fps === 0);
        expect(await fleet.command('pipeline', 'set', '--device', 'cam-1', '--enable')).toMatchObject({
          code: 0,
        });
        await eventually('it runs again', async () => ((await fleet.device('cam-1')).summary.fps ?? 0) > 0);
      });

      it('gives a device that comes later what its group shall run', async () => {
        const set = await fleet.command('model', 'deploy', 'tiny@2.0.0', '--group', 'gate', '--new-group');
        expect(set).toMatchObject({ code: 0 });
        expect(jsonLines(set.stdout).at(-1)).toMatchObject({ generations: {} });
        await fleet.startAgent({ device: 'cam-2', groups: ['gate'] });
        await eventually('the late joiner runs the model of its group', async () => {
          const { reported } = await fleet.device('cam-2');
          return (
            reported?.slots.main?.deployment.state === 'committed' &&
            reported.slots.main?.loaded?.version === '2.0.0'
          );
        });
      });

      it('hears from a device why it cannot run a missing model; the old one keeps running', async () => {
        const digest = `sha256:${'ab'.repeat(32)}`;
        const before = (await fleet.device('cam-1')).reported;
        await fleet.client.call('PUT /devices/:id/desired', {
          params: { id: 'cam-1' },
          query: { unlisted: true },
          body: { slots: { main: { model: { name: 'nowhere', version: '9', digest } } } },
        });
        await eventually('the device refuses', async () => {
          const { reported } = await fleet.device('cam-1');
          return (
            reported?.slots.main?.deployment.state === 'failed' &&
            reported.slots.main?.deployment.digest === digest
          );
        });
        const { reported } = await fleet.device('cam-1');
        expect(reported?.slots.main?.deployment.reason).toMatch(/is not there/);
        expect(reported?.slots.main?.deployment.reason).toMatch(/push/i);
        expect(reported?.slots.main?.loaded).toEqual(before?.slots.main?.loaded);
        expect(agent.alive).toBe(true);
      });

      it('keeps a device perceiving that the broker refuses, with the reason and the remedy in its log', async () => {
        const port = await freePort();
        const refused = await fleet.startAgent({
          device: 'cam-3',
          broker: fleet.broker.badAccess('cam-3'),
          settings: { prometheus: { port } },
        });
        const complaint = () =>
          refused.log.find((line) => line.level === 'error' && typeof line.remedy === 'string');
        await eventually('the agent says why', () => complaint() !== undefined);
        expect(complaint()).toMatchObject({
          level: 'error',
          msg: expect.stringMatching(/refused|does not authorize/),
          remedy: expect.stringMatching(/^Check/),
        });
        await eventually('frames on its own /metrics', async () =>
          / [1-9]/.exec((await scrape(port)).split(`\n${metricNames.processed}{`)[1]?.split('\n')[0] ?? ''),
        );
        const { code, stdout } = await refused.end();
        const summary = jsonLines(stdout).at(-1) as unknown as {
          cameras: { processed: number }[];
          outboxEntries: number;
        };
        expect(code).toBe(0);
        expect(summary.cameras[0]?.processed).toBeGreaterThan(0);
        // What it could not tell stays on its disk.
        expect(summary.outboxEntries).toBeGreaterThan(0);
      });

      it('tells a goodbye from a death', async () => {
        expect(await agent.end()).toMatchObject({ code: 0 });
        await eventually(
          'cam-1 said goodbye',
          async () => (await fleet.device('cam-1')).summary.offlineReason === 'shutdown',
        );
      });
    },
  );
});
