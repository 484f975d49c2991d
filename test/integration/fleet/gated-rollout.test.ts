import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PostgresStore } from '../../../src/adapters/postgres/index.ts';
import type { RolloutAction, RolloutDetail, RolloutPolicy } from '../../../src/api/index.ts';
import type { AgentSummary } from '../../../src/runtime/device/summary.ts';
import { FleetClient } from '../../../src/runtime/fleet/client.ts';
import { PostgresServer, postgresMissing } from '../../fixtures/postgres-server.ts';
import { openSqliteStore } from '../../fixtures/sqlite-store.ts';
import { brokerKinds } from './brokers.ts';
import { countedDays } from './counted-days.ts';
import { TestFleet } from './fleet.ts';
import { bundleIn, networkFinding } from './models.ts';
import { eventually, type Program } from './program.ts';

const minutes = 60_000;
vi.setConfig({ testTimeout: 75 * minutes, hookTimeout: 20 * minutes });

const kind = brokerKinds.findLast(({ missing }) => missing === undefined);
const devices = ['cam-1', 'cam-2', 'cam-3'] as const;
const labels = ['car', 'person'];

/** Its blocks are five minutes of a clock on the wall: a command of its own, `npm test -- rollouts`. */
const wanted = process.env.GOSHAWK_LONG_TESTS === '1';
const title = `A gated rollout over processes and ${kind?.title}${wanted ? '' : ', skipped: npm test -- rollouts runs it'}`;

const placements = [
  { controllers: 'one controller on SQLite', shared: false },
  { controllers: 'a leader and its standby on PostgreSQL', shared: true },
];

describe.skipIf(!wanted).each(placements)(`${title}, $controllers`, ({ shared }) => {
  let fleet: TestFleet;
  let server: PostgresServer | undefined;
  let standby: Program | undefined;
  let kills = 0;
  let agents: Program[];
  let bob: FleetClient;
  let timeline: string[];
  let started: number;

  const settings = () => ({
    http: { port: fleet.port, publicUrl: fleet.url },
    ...(server && {
      database: {
        url: `postgres://postgres@127.0.0.1:${server.port}/postgres`,
        passwordFile: join(server.folder, 'password'),
      },
    }),
  });
  /** Where the database is shared, the next one stands by beside the one that leads. */
  async function lead(next: Program): Promise<void> {
    await fleet.leads(next);
    if (server === undefined) return;
    const waiting = fleet.launchController(settings());
    await eventually('it stands by', () => waiting.log.some(({ msg }) => msg?.includes('standing by')));
    standby = waiting;
  }
  async function killController(): Promise<void> {
    await fleet.controller.end('SIGKILL');
    kills += 1;
    await lead(standby ?? fleet.launchController(settings()));
  }
  const openStore = async () => {
    if (server !== undefined) return PostgresStore.open({ address: server.address });
    mkdirSync(fleet.controllerFolder, { recursive: true });
    return openSqliteStore(join(fleet.controllerFolder, 'controller.db'));
  };
  const note = (what: string) =>
    timeline.push(`${((performance.now() - started) / 60_000).toFixed(1)} min ${what}`);

  beforeEach(async () => {
    if (kind === undefined) throw new Error('There is no broker to test with.');
    [timeline, started, standby, kills] = [[], performance.now(), undefined, 0];
    fleet = await TestFleet.open(kind);
    if (shared && postgresMissing !== undefined) throw new Error(postgresMissing);
    if (shared) server = await PostgresServer.start({ durable: true });
    await countedDays(await openStore(), devices, 3);
    await fleet.broker.start();
    await lead(fleet.launchController(settings()));
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
  afterEach(async () => {
    await fleet.close();
    await server?.close();
    server = undefined;
  });

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
    await killController();
    note(`killed in ${state}; the next one leads`);
  }

  /** By the audit each order was given once; by the events of the devices none was acted on twice. */
  async function expectOrdersOnce(expected: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const given = async (kind: 'deploy' | 'revert') => {
      const query = { action: `rollout.${kind}`, limit: 500 };
      const { entries } = await fleet.client.call('GET /audit', { query });
      return entries.map(({ detail, target }) => `${JSON.parse(detail).rollout} ${target}`).sort();
    };
    const [deploys, reverts] = [await given('deploy'), await given('revert')];
    expect([deploys, reverts]).toEqual([[...new Set(deploys)], [...new Set(reverts)]]);
    for (const [name, targets] of Object.entries(expected))
      expect(deploys.filter((one) => one.startsWith(name))).toEqual(targets.map((to) => `${name} ${to}`));
    for (const device of devices) {
      const steps = (await fleet.events(device))
        .filter(({ kind, data }) => kind.startsWith('deployment.') && data?.order !== undefined)
        .map(({ kind, data }) => `${kind} of ${data?.digest}, order ${data?.order}`)
        .sort();
      note(`${device}: ${new Set(steps.map((step) => step.split(' of ')[1])).size} orders`);
      expect(steps).toEqual([...new Set(steps)]);
    }
    if (server === undefined) return;
    const led = await server.sql(`SELECT value::int FROM goshawk.state WHERE name = 'leader'`);
    // The days of counts were put there by one that led, too.
    expect(led).toEqual([{ value: kills + 2 }]);
  }

  async function expectFramesAccounted(): Promise<void> {
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
  }

  const gated = {
    approval: true,
    waves: [{ devices: ['cam-1'], soakMinutes: 45 }, { percent: 100 }],
    gate: { metrics: [{ metric: 'detections' }, { metric: 'class-mix', classes: labels }] },
  } satisfies Partial<RolloutPolicy>;

  it('goes through every state while the controller is killed in each, and no order is acted on twice', async () => {
    await push('2.0.0', 'car');
    await create('watched', { model: { name: 'tiny', version: '2.0.0' }, ...gated });
    await killIn('watched', 'draft');
    await act('watched', 'start');
    await killIn('watched', 'waiting-for-approval');
    await act('watched', 'approve', bob);
    await killIn('watched', 'running');
    await killIn('watched', 'soaking');
    expect(await running()).toEqual(['2.0.0', '1.0.1', '1.0.1']);
    await act('watched', 'pause');
    await killIn('watched', 'paused');
    await act('watched', 'resume');
    await reaches('watched', 'soaking');
    await act('watched', 'abort');
    await reaches('watched', 'aborted');
    await act('watched', 'rollback', bob);
    await killIn('watched', 'rolling-back');
    await killIn('watched', 'rolled-back');
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

    await expectOrdersOnce({ watched: ['cam-1'], good: devices, next: devices });
    await expectFramesAccounted();
    process.stdout.write(`${timeline.join('\n')}\n`);
  });

  it('is stopped in wave one by what the model sees, over a controller that is killed and a cut broker', async () => {
    await push('2.0.0', 'car');
    await create('blind', { model: { name: 'tiny', version: '2.0.0' }, ...gated });
    await act('blind', 'start');
    await act('blind', 'approve', bob);
    await killIn('blind', 'soaking');
    expect(await running()).toEqual(['2.0.0', '1.0.1', '1.0.1']);
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

    await expectOrdersOnce({ blind: ['cam-1'] });
    await expectFramesAccounted();
    process.stdout.write(`${timeline.join('\n')}\n`);
  });

  it('passes its gate and goes to all devices while the controller is killed in each state', async () => {
    await push('2.1.0', 'car', 'person');
    await create('better', {
      ...{ model: { name: 'tiny', version: '2.1.0' }, ...gated },
      gate: { metrics: [{ metric: 'detections', harm: 0.3 }] },
    });
    await killIn('better', 'draft');
    await act('better', 'start');
    await killIn('better', 'waiting-for-approval');
    await act('better', 'approve', bob);
    await killIn('better', 'running');
    await killIn('better', 'soaking');
    expect(await running()).toEqual(['2.1.0', '1.0.1', '1.0.1']);
    // The second wave, once the gate lets it.
    await killIn('better', 'running', 55 * minutes);
    await killIn('better', 'finished');
    const { waves, counts } = await shown('better');
    note(JSON.stringify(waves.map(({ gate }) => gate)));
    expect(waves[0]?.gate).toMatchObject({ outcome: 'pass' });
    expect(counts).toEqual({ committed: 3 });
    expect(await running()).toEqual(['2.1.0', '2.1.0', '2.1.0']);

    await expectOrdersOnce({ better: devices });
    await expectFramesAccounted();
    process.stdout.write(`${timeline.join('\n')}\n`);
  });
});
