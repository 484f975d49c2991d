import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RolloutAction, RolloutDetail, RolloutPolicy } from '../../../src/api/index.ts';
import type { AgentSummary } from '../../../src/runtime/device/summary.ts';
import { FleetClient } from '../../../src/runtime/fleet/client.ts';
import { brokerKinds } from './brokers.ts';
import { countedDays } from './counted-days.ts';
import { TestFleet } from './fleet.ts';
import { bundleIn, networkFinding } from './models.ts';
import { eventually, type Program } from './program.ts';

const minutes = 60_000;
vi.setConfig({ testTimeout: 75 * minutes, hookTimeout: 5 * minutes });

const kind = brokerKinds.findLast(({ missing }) => missing === undefined);
const devices = ['cam-1', 'cam-2', 'cam-3'] as const;
const labels = ['car', 'person'];

/** Its blocks are five minutes of a clock on the wall: a command of its own, `npm test -- rollouts`. */
const wanted = process.env.GOSHAWK_LONG_TESTS === '1';
const title = `A gated rollout over processes and ${kind?.title}${wanted ? '' : ', skipped: npm test -- rollouts runs it'}`;

describe.skipIf(!wanted)(title, () => {
  let fleet: TestFleet;
  let agents: Program[];
  let bob: FleetClient;
  const timeline: string[] = [];
  const started = performance.now();

  const startController = () => fleet.startController({ http: { port: fleet.port, publicUrl: fleet.url } });
  const note = (what: string) =>
    timeline.push(`${((performance.now() - started) / 60_000).toFixed(1)} min ${what}`);

  beforeEach(async () => {
    if (kind === undefined) throw new Error('There is no broker to test with.');
    fleet = await TestFleet.open(kind);
    await countedDays(fleet.controllerFolder, devices, 3);
    await fleet.broker.start();
    await startController();
    const base = await bundleIn(fleet.folder, '1.0.1', networkFinding('car', 'person'), { labels });
    agents = [];
    for (const device of devices) {
      const front = { source: join(fleet.folder, 'pictures'), fps: 2 };
      const settings = { model: base.location, probationSeconds: 5, cameras: { front } };
      agents.push(await fleet.startAgent({ device, settings }));
    }
    for (const device of devices) await fleet.online(device);
    const { token } = await fleet.client.call('POST /tokens', { body: { name: 'bob', role: 'operator' } });
    bob = new FleetClient({ url: fleet.url, token });
    await push('1.0.1', 'car', 'person');
  });
  afterEach(() => fleet.close());

  async function push(version: string, ...found: ('car' | 'person')[]): Promise<void> {
    // Its own folder: two bundles of one version stand there.
    const folder = join(fleet.folder, 'pushed');
    mkdirSync(folder, { recursive: true });
    const bundle = await bundleIn(folder, version, networkFinding(...found), { labels });
    await fleet.push(bundle.location);
  }
  const shown = (rollout: string) =>
    fleet.client.call('GET /rollouts/:rollout', { params: { rollout } }) as Promise<RolloutDetail>;
  const create = (name: string, policy: Partial<RolloutPolicy> & Pick<RolloutPolicy, 'model'>) =>
    fleet.client.call('POST /rollouts', {
      body: { name, draft: true, policy: { target: { all: true }, lateJoiners: 'leave', ...policy } },
    });
  const act = (rollout: string, action: RolloutAction['action'], by = fleet.client) =>
    by.call('POST /rollouts/:rollout/actions', { params: { rollout }, body: { action } });
  const running = async () =>
    Promise.all(devices.map(async (id) => (await fleet.device(id)).reported?.slots.main?.loaded?.version));

  async function reaches(name: string, state: RolloutDetail['state'], limitMs = 3 * minutes): Promise<void> {
    await eventually(`${name} is ${state}`, async () => (await shown(name)).state === state, limitMs, 50);
    note(`${name} is ${state}`);
  }
  /** The rollout is in this state, its controller is killed and comes again. */
  async function killIn(name: string, state: RolloutDetail['state'], limitMs?: number): Promise<void> {
    await reaches(name, state, limitMs);
    await fleet.controller.end('SIGKILL');
    await startController();
    note(`killed in ${state}`);
  }

  it('is stopped in wave one by what the model sees, over a controller that is killed in every state and a cut broker', async () => {
    await push('2.0.0', 'car');
    await create('blind', {
      model: { name: 'tiny', version: '2.0.0' },
      approval: true,
      waves: [{ devices: ['cam-1'], soakMinutes: 45 }, { percent: 100 }],
      gate: { metrics: [{ metric: 'detections' }, { metric: 'class-mix', classes: labels }] },
    });
    await killIn('blind', 'draft');
    await act('blind', 'start');
    await killIn('blind', 'waiting-for-approval');
    await act('blind', 'approve', bob);
    await killIn('blind', 'running');
    await killIn('blind', 'soaking');
    expect(await running()).toEqual(['2.0.0', '1.0.1', '1.0.1']);
    await act('blind', 'pause');
    await killIn('blind', 'paused');
    await act('blind', 'resume');
    await reaches('blind', 'soaking');
    await fleet.broker.stop();
    await fleet.broker.start();
    note('broker cut');
    await killIn('blind', 'rolling-back', 50 * minutes);
    await killIn('blind', 'rolled-back');
    const { reason, waves, wave, counts } = await shown('blind');
    expect({ wave, counts }).toEqual({ wave: 0, counts: { reverted: 1, waiting: 2 } });
    expect(reason).toContain('The gate failed');
    expect(waves[0]?.gate).toMatchObject({ outcome: 'fail' });
    const person = waves[0]?.gate?.metrics.find(({ label }) => label === 'person');
    expect(person).toMatchObject({ outcome: 'fail', control: { subjects: 2 } });
    note(reason ?? '');
    expect(await running()).toEqual(['1.0.1', '1.0.1', '1.0.1']);

    // The other states of the table, without a gate.
    const whole = { model: { name: 'tiny', version: '2.1.0' } };
    await push('2.1.0', 'car', 'person');
    await create('ended', whole);
    await act('ended', 'start');
    await reaches('ended', 'running');
    await act('ended', 'abort');
    await killIn('ended', 'aborting');
    await killIn('ended', 'aborted');
    expect(await running()).toEqual(['1.0.1', '1.0.1', '1.0.1']);
    await create('good', whole);
    await act('good', 'start');
    await killIn('good', 'finished');
    expect(await running()).toEqual(['2.1.0', '2.1.0', '2.1.0']);
    await create('next', { model: { name: 'tiny', version: '1.0.1' } });
    await act('next', 'start');
    await killIn('good', 'superseded');
    await reaches('next', 'finished');
    expect(await running()).toEqual(['1.0.1', '1.0.1', '1.0.1']);

    for (const agent of agents) {
      const ended = await agent.end();
      expect(ended).toMatchObject({ code: 0 });
      const summary = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as AgentSummary;
      const [camera] = summary.cameras;
      const { received, processed, superseded, dropped } = camera!;
      note(JSON.stringify({ device: summary.device, received, processed, superseded, dropped }));
      expect(dropped).toMatchObject({ failed: 0, timeout: 0 });
      const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      expect(received - processed - superseded - lost).toBe(0);
      expect(processed).toBeGreaterThan(0);
    }
    process.stdout.write(`${timeline.join('\n')}\n`);
  });
});
