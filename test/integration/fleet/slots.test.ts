import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentState } from '../../../src/agent/agent-state.ts';
import type { Bundle } from '../../../src/model/index.ts';
import { metricNames } from '../../../src/protocol/index.ts';
import { pinSlot, removeSlot, type SlotRequest, setSlot } from '../../../src/runtime/fleet/slots.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { bundleIn } from './models.ts';
import { eventually, type Program } from './program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const [aedes] = brokerKinds;

describe('Several models on one device', () => {
  let fleet: TestFleet;
  let agent: Program;

  beforeEach(async () => {
    if (aedes === undefined) throw new Error('There is no broker to test with.');
    fleet = await TestFleet.open(aedes);
    await fleet.broker.start();
    await fleet.startController({ http: { port: fleet.port, publicUrl: fleet.url } });
    agent = await startAgent();
    await fleet.online('cam-1');
  });
  afterEach(() => fleet.close());

  const startAgent = () => fleet.startAgent({ device: 'cam-1', settings: { probationSeconds: 0 } });
  const target = { device: 'cam-1' };
  async function push(version: string): Promise<Bundle> {
    const bundle = await bundleIn(fleet.folder, version);
    await fleet.push(bundle.location);
    return bundle;
  }
  const set = (request: SlotRequest) => setSlot(fleet.client, target, request, undefined);
  const slots = async () => (await fleet.device('cam-1')).reported?.slots ?? {};
  const runs = (slot: string, bundle: Bundle) =>
    eventually(`${slot} runs ${bundle.manifest.version}`, async () => {
      const { [slot]: one } = await slots();
      return one?.loaded?.digest === bundle.digest && one.deployment.state === 'committed';
    });
  const memory = () =>
    JSON.parse(readFileSync(join(fleet.deviceFolder('cam-1'), 'memory.json'), 'utf8')) as AgentState;

  it('are set, follow what is pushed, survive a kill, and go one by one while main serves on', async () => {
    const first = await push('1.1.0');
    const asked = await fleet.command(
      ...['model', 'deploy', 'tiny@^1.1', '--device', 'cam-1', '--slot', 'plate'],
      ...['--role', 'shadow', '--sample', '2', '--wait'],
    );
    expect(asked).toMatchObject({ code: 0 });
    const sign = { wanted: 'tiny@1.1.0', slot: 'sign' };
    await expect(set({ ...sign, cameras: ['front', 'rear'] })).rejects.toThrow(/no camera rear/);
    await set({ ...sign, cameras: ['front'] });
    await runs('plate', first);
    await runs('sign', first);
    expect(await slots()).toMatchObject({
      main: { loaded: { digest: fleet.model.digest }, cameras: ['front'] },
      plate: { role: 'shadow', sample: 2, cameras: ['front'], policy: { follows: 'range', range: '^1.1' } },
      sign: { role: 'serve' },
    });

    // The shadow sees frames beside main, and how far it agrees reaches the fleet: its network is the same.
    await eventually('the shadow was compared', async () => {
      const { metrics } = await fleet.device('cam-1');
      const of = (name: string) =>
        metrics.find((one) => one.name === name && one.labels.slot === 'plate')?.value;
      return (of(metricNames.shadowFrames) ?? 0) > 0 && of(metricNames.shadowRecall) === 1;
    });

    // A newer version takes the place of the one that follows; the other one stays.
    const second = await push('1.2.0');
    await runs('plate', second);
    await runs('sign', first);

    // Killed in the middle of an order for one slot: the other models come back from the disk, and the order goes on.
    const third = await push('2.0.0');
    const begun = () => agent.log.filter(({ event }) => event === 'deployment.downloading').length;
    const before = begun();
    await set({ wanted: 'tiny@2.0.0', slot: 'sign' });
    await eventually('it has begun', () => begun() > before, 60_000, 1);
    await agent.end('SIGKILL');
    expect(memory()).toMatchObject({
      slots: {
        main: { committed: { digest: fleet.model.digest } },
        plate: { committed: { digest: second.digest } },
        sign: { desired: { model: { version: '2.0.0' } } },
      },
    });
    agent = await startAgent();
    const session = Number((await agent.line('started')).session);
    await eventually('the new session reports', async () => {
      const { reported } = await fleet.device('cam-1');
      return reported?.session === session;
    });
    await runs('sign', third);
    await runs('plate', second);

    // Pinned it stays, whatever is pushed; removed it goes, and nothing else.
    await pinSlot(fleet.client, target, 'plate', true);
    await push('1.3.0');
    await removeSlot(fleet.client, target, 'sign');
    await eventually('sign is gone', async () => !('sign' in (await slots())));
    await runs('plate', second);
    const { reported, metrics } = await fleet.device('cam-1');
    expect(reported?.slots).toMatchObject({
      main: { loaded: { digest: fleet.model.digest } },
      plate: { loaded: { digest: second.digest } },
    });
    expect(reported?.slots.plate?.policy).toEqual({ follows: 'range', range: '^1.1', pinned: true });
    expect(metrics.length).toBeGreaterThan(0);

    // No frame of main failed in all of this session.
    const ended = await agent.end();
    expect(ended).toMatchObject({ code: 0 });
    const summary = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as {
      cameras: { received: number; processed: number; dropped: Record<string, number> }[];
    };
    expect(summary.cameras[0]?.dropped).toMatchObject({ failed: 0, timeout: 0 });
    expect(summary.cameras[0]?.processed).toBeGreaterThan(0);
  });
});
