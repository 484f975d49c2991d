import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentState } from '../../../src/agent/agent-state.ts';
import type { Bundle } from '../../../src/model/index.ts';
import { digestFile } from '../../../src/platform/index.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { bundleIn, otherNetwork } from './models.ts';
import { eventually, type Program } from './program.ts';
import { StallingProxy } from './stalling-proxy.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const [aedes] = brokerKinds;

describe('An agent killed with SIGKILL during a deployment', () => {
  let fleet: TestFleet;
  let proxy: StallingProxy;
  let next: Bundle;

  beforeEach(async () => {
    if (aedes === undefined) throw new Error('There is no broker to test with.');
    fleet = await TestFleet.open(aedes);
    await fleet.broker.start();
    proxy = new StallingProxy(fleet.url);
    await proxy.start();
    await fleet.startController();
    next = await bundleIn(fleet.folder, '2.0.0', otherNetwork());
    await fleet.push(next.location);
  });
  afterEach(async () => {
    proxy.close();
    await fleet.close();
  });

  const startAgent = (probationSeconds: number) =>
    fleet.startAgent({
      ...{ device: 'cam-1', settings: { probationSeconds } },
      registry: `http://127.0.0.1:${proxy.port}`,
    });
  const order = async () => {
    await fleet.online('cam-1');
    expect(await fleet.command('model', 'deploy', 'tiny@2.0.0', '--device', 'cam-1')).toMatchObject({
      code: 0,
    });
  };
  /** What the dead agent's disk says. */
  const memory = () =>
    JSON.parse(readFileSync(join(fleet.deviceFolder('cam-1'), 'memory.json'), 'utf8')) as AgentState;
  /** The device says what it runs in this session, and it is what its own pipeline counts frames with. */
  const reports = async (agent: Program, state: string, model: Bundle) => {
    const session = Number((await agent.line('started')).session);
    await eventually(`session ${session} reports ${state}`, async () => {
      const { reported } = await fleet.device('cam-1');
      return (
        reported?.session === session &&
        reported.slots.main?.deployment.state === state &&
        reported.slots.main?.loaded?.digest === model.digest
      );
    });
    await eventually('frames of that model', async () => {
      const { metrics, summary } = await fleet.device('cam-1');
      return (
        (summary.fps ?? 0) > 0 && metrics.some(({ labels }) => labels.version === model.manifest.version)
      );
    });
  };

  it('comes back with the old model and goes on where the download stopped', async () => {
    const weights = join(next.location, 'fp32.onnx');
    const bytes = readFileSync(weights).length;
    const ending = `/blobs/${(await digestFile(weights)).digest}`;
    proxy.stall = { ending, afterBytes: Math.floor(bytes / 2) };
    let agent = await startAgent(1);
    await order();
    await eventually('the download hangs', () => proxy.stalled > 0);
    await eventually('half of the file is on the disk', async () => {
      const { reported } = await fleet.device('cam-1');
      return (
        reported?.slots.main?.deployment.state === 'downloading' &&
        (reported.slots.main?.deployment.progress ?? 0) >= 0.4
      );
    });
    await agent.end('SIGKILL');
    expect(memory().slots.main?.deployment.state).toBe('downloading');
    expect(memory().slots.main?.committed?.digest).toBe(fleet.model.digest);

    agent = await startAgent(1);
    await reports(agent, 'downloading', fleet.model);
    await agent.end('SIGKILL');
    proxy.stall = undefined;
    agent = await startAgent(1);
    await reports(agent, 'committed', next);
    expect(proxy.asked.filter(({ path }) => path.endsWith(ending)).at(-1)?.range).toBe(
      `bytes=${Math.floor(bytes / 2)}-`,
    );
    expect(await agent.end()).toMatchObject({ code: 0 });
  });

  it('puts a model in probation to the test once more, and holds it responsible the second time', async () => {
    let agent = await startAgent(600);
    await order();
    for (let time = 0; time < 2; time++) {
      await reports(agent, 'probation', next);
      await agent.end('SIGKILL');
      expect(memory()).toMatchObject({
        slots: {
          main: { deployment: { state: 'probation' }, committed: { digest: fleet.model.digest } },
        },
      });
      agent = await startAgent(600);
    }
    await reports(agent, 'failed', fleet.model);
    const { reported } = await fleet.device('cam-1');
    expect(reported?.slots.main?.deployment).toMatchObject({
      digest: next.digest,
      reason: expect.stringContaining('twice'),
    });
    await eventually('the fleet has it as an event', async () =>
      (await fleet.events('cam-1')).some(({ kind }) => kind === 'deployment.failed'),
    );
    expect(await agent.end()).toMatchObject({ code: 0 });
    expect(memory().quarantined).toMatchObject([{ digest: next.digest }]);
  });

  it.each(['verifying', 'preparing', 'checking', 'ready', 'swapping', 'committed'])(
    'right after it began with %s, it brings the new model up all the same',
    async (state) => {
      let agent = await startAgent(0);
      await order();
      const began = () => agent.log.some(({ event }) => event === `deployment.${state}`);
      await eventually(`it is ${state}`, began, 60_000, 1);
      await agent.end('SIGKILL');
      // It may have got further before the signal; what counts is that the disk has a state of the table.
      const onDisk = memory();
      expect(onDisk.generation).toBeGreaterThan(0);
      const { main } = onDisk.slots;
      if (main?.deployment.state !== 'committed') expect(main?.committed?.digest).toBe(fleet.model.digest);
      agent = await startAgent(0);
      await reports(agent, 'committed', next);
      expect(await agent.end()).toMatchObject({ code: 0 });
    },
  );
});
