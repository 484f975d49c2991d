import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RolloutDetail } from '../../../src/api/index.ts';
import type { Bundle } from '../../../src/model/index.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { bundleIn } from './models.ts';
import { eventually, type Program } from './program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const kind = brokerKinds.findLast(({ missing }) => missing === undefined);
const devices = ['cam-1', 'cam-2', 'cam-3'] as const;
const file = `
labels:
  cam-1: { ring: canary }
rollouts:
  good:
    model: { name: tiny, version: 1.1.0 }
    target: { devices: [cam-1, cam-2, cam-3] }
    waves: [{ labels: { ring: canary } }, { percent: 100 }]
    lateJoiners: leave
`;

/** Half a minute on a quiet machine: a command of its own, `npm test -- rollouts`. */
const wanted = process.env.GOSHAWK_LONG_TESTS === '1';
const title = `Rollouts over processes and ${kind?.title}${wanted ? '' : ', skipped: npm test -- rollouts runs it'}`;

describe.skipIf(!wanted)(title, () => {
  let fleet: TestFleet;
  let agents: Program[];

  const startController = () => fleet.startController({ http: { port: fleet.port, publicUrl: fleet.url } });

  beforeEach(async () => {
    if (kind === undefined) throw new Error('There is no broker to test with.');
    fleet = await TestFleet.open(kind);
    await fleet.broker.start();
    await startController();
    agents = [];
    for (const device of devices)
      agents.push(
        await fleet.startAgent({
          device,
          settings: { probationSeconds: 1, groups: device === 'cam-3' ? [] : ['declared'] },
        }),
      );
    for (const device of devices) await fleet.online(device);
  });
  afterEach(() => fleet.close());

  async function push(bundle: Bundle): Promise<Bundle> {
    await fleet.push(bundle.location);
    return bundle;
  }
  const shown = (rollout: string) =>
    fleet.client.call('GET /rollouts/:rollout', { params: { rollout } }) as Promise<RolloutDetail>;
  const reaches = (name: string, state: RolloutDetail['state']) =>
    eventually(`${name} is ${state}`, async () => (await shown(name)).state === state, 120_000);
  const running = async () =>
    Promise.all(devices.map(async (id) => (await fleet.device(id)).reported?.slots.main?.loaded?.version));

  it('go wave by wave over a killed controller and a cut broker, go back, and stop at a bad model in wave one', async () => {
    // What devices have from their own settings, so that they can be given it back.
    await push(fleet.model);
    await push(await bundleIn(fleet.folder, '1.1.0'));
    const path = join(fleet.folder, 'fleet.yaml');
    writeFileSync(path, file);
    const dry = await fleet.command('fleet', 'apply', '-f', path, '--dry-run');
    expect(dry).toMatchObject({ code: 0 });
    expect(JSON.parse(dry.stdout).differences).toHaveLength(2);
    // What an order for a group means is told by name first, whoever put a device into it; nothing is sent.
    const audit = async () => (await fleet.client.call('GET /audit', { query: {} })).entries.length;
    const entries = await audit();
    for (const order of [
      ['model', 'deploy', 'tiny@1.1.0'],
      ['pipeline', 'set', '--camera', 'front', '--score-threshold', '0.5'],
      ['drift', 'learn'],
    ]) {
      const asked = await fleet.command(...order, '--group', 'declared', '--dry-run');
      expect(asked, order.join(' ')).toMatchObject({ code: 0 });
      for (const device of ['cam-1', 'cam-2']) expect(asked.stdout + asked.stderr).toContain(device);
      expect(asked.stdout + asked.stderr).not.toContain('cam-3');
    }
    expect(await audit()).toBe(entries);

    expect(await fleet.command('fleet', 'apply', '-f', path)).toMatchObject({ code: 0 });

    await eventually(
      'the first wave has begun',
      async () => (await shown('good')).waves[0]?.startedMs !== undefined,
    );
    await fleet.controller.end('SIGKILL');
    await fleet.broker.stop();
    await fleet.broker.start();
    await startController();
    await reaches('good', 'finished');
    expect(await running()).toEqual(['1.1.0', '1.1.0', '1.1.0']);
    const good = await shown('good');
    expect(good.waves.map(({ name, counts }) => [name, counts])).toEqual([
      ['wave 1', { committed: 1 }],
      ['wave 2', { committed: 2 }],
    ]);
    const again = await fleet.command('fleet', 'apply', '-f', path);
    expect(JSON.parse(again.stdout).differences).toEqual([]);

    expect(await fleet.command('rollout', 'rollback', 'good', '--reason', 'a trial')).toMatchObject({
      code: 0,
    });
    await reaches('good', 'rolled-back');
    expect(await running()).toEqual(['1.0.0', '1.0.0', '1.0.0']);

    // Slower than it may be: every device that gets it says no before it serves.
    await push(await bundleIn(fleet.folder, '1.2.0', undefined, { budgets: { p95LatencyMs: 0.000_001 } }));
    const before = await Promise.all(
      devices.map(async (id) => (await fleet.device(id)).desired?.slots?.main?.model?.order),
    );
    const policy = {
      model: { name: 'tiny', version: '1.2.0' },
      target: { all: true as const },
      waves: [{ devices: ['cam-1'] }, { percent: 100 }],
    };
    await fleet.client.call('POST /rollouts', { body: { name: 'bad', policy } });
    await reaches('bad', 'rolled-back');
    const bad = await shown('bad');
    expect(bad).toMatchObject({ wave: 0, counts: { reverted: 1, waiting: 2 } });
    expect(bad.reason).toContain('1 of 1 devices');
    expect(await running()).toEqual(['1.0.0', '1.0.0', '1.0.0']);
    const after = await Promise.all(
      devices.map(async (id) => (await fleet.device(id)).desired?.slots?.main?.model?.order),
    );
    expect(after.slice(1)).toEqual(before.slice(1));

    // No frame was lost on the way.
    for (const agent of agents) {
      const ended = await agent.end();
      expect(ended).toMatchObject({ code: 0 });
      const summary = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as {
        cameras: { processed: number; dropped: Record<string, number> }[];
      };
      expect(summary.cameras[0]?.dropped).toMatchObject({ failed: 0, timeout: 0 });
      expect(summary.cameras[0]?.processed).toBeGreaterThan(0);
    }
  });
});
