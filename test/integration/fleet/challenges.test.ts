import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RolloutDetail } from '../../../src/api/index.ts';
import { projectRoot } from '../goshawk.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { eventually } from './program.ts';

const minutes = 60_000;
vi.setConfig({ testTimeout: 40 * minutes, hookTimeout: 10 * minutes });

/** Its blocks are five minutes of a clock on the wall: a command of its own, `npm test -- rollouts`. */
const wanted = process.env.GOSHAWK_LONG_TESTS === '1';

const [kind] = brokerKinds.filter(({ missing }) => missing === undefined);

const title = `A gate that challenges a real agent${wanted ? '' : ', skipped: npm test -- rollouts runs it'}`;

describe.skipIf(kind === undefined || !wanted)(title, () => {
  let fleet: TestFleet;

  beforeAll(async () => {
    if (kind === undefined) return;
    fleet = await TestFleet.open(kind);
    await fleet.broker.start();
    await fleet.startController();
  });
  afterAll(() => fleet?.close());

  /** A model of the street, without budgets, which no busy machine keeps. */
  function street(name: string): string {
    const folder = join(fleet.folder, name);
    cpSync(join(projectRoot, 'models', name), folder, { recursive: true });
    const path = join(folder, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, `${JSON.stringify({ ...manifest, budgets: undefined }, undefined, 2)}\n`);
    return folder;
  }

  it('hears from its live engine what the new network finds', async () => {
    const [before, after] = [street('street-lean'), street('street')];
    for (const folder of [before, after]) await fleet.push(folder);
    const front = { source: 'sim', fps: 2 };
    await fleet.startAgent({ device: 'cam-1', settings: { model: before, cameras: { front } } });
    await fleet.online('cam-1');
    await eventually('it serves', async () => {
      const { reported } = await fleet.device('cam-1');
      return reported?.slots.main?.loaded?.name === 'street-lean';
    });
    const { version } = JSON.parse(readFileSync(join(after, 'manifest.json'), 'utf8'));
    const asked = (soakMinutes: number) => ({
      name: 'asked',
      policy: {
        model: { name: 'street', version },
        target: { all: true as const },
        lateJoiners: 'leave' as const,
        waves: [{ percent: 100, soakMinutes }],
        gate: { metrics: [{ metric: 'challenges' as const }] },
      },
    });
    const { shortestSoakMinutes = 0, undecided } = await fleet.client.call('POST /rollouts/preview', {
      body: asked(1),
    });
    expect(undecided).toHaveLength(1);
    await fleet.client.call('POST /rollouts', { body: asked(shortestSoakMinutes) });
    const shown = () =>
      fleet.client.call('GET /rollouts/:rollout', {
        params: { rollout: 'asked' },
      }) as Promise<RolloutDetail>;
    const result = async () =>
      (await shown()).waves[0]?.gate?.metrics.find(({ metric }) => metric === 'challenges');
    await eventually(
      'it is over',
      async () => !['running', 'soaking'].includes((await shown()).state),
      30 * minutes,
    );
    expect(await result()).toMatchObject({ outcome: 'pass', seenBy: 'controller' });
    expect((await fleet.events('cam-1')).map((one) => one.kind)).not.toContain('model.challenge-failed');
  });
});
