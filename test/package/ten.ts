/*
 * Releases of the agent that come to ten machines in waves: a good one to all, and each bad one to its canary alone. Runs in a
 * network of its own (test/image/run-apart.ts makes it), after the template was made, and prints one line for each step.
 *
 *   ten.ts DEBS   folder with the packages 0.1.0 and 0.1.1
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fleet } from '../image/fleet.ts';
import { FleetKeys } from '../image/fleet-keys.ts';
import { until } from '../image/guest.ts';
import { Steps } from '../image/steps.ts';
import { work } from './debian.ts';
import { badReleases, madeOf } from './guest/bad-releases.mjs';
import { BoardInContainer } from './ten-boards.ts';

const [, , debs = ''] = process.argv;
const place = join(work, 'ten');
rmSync(place, { recursive: true, force: true });
const name = 'goshawk-agent-amd64';
const steps = new Steps();
const fleet = await Fleet.start(join(place, 'fleet'));
const keys = new FleetKeys(join(place, 'keys'), fleet);
keys.make();
keys.sign('models/street', 1);
const files = { claim: join(place, 'claim.token'), root: join(place, 'root.json') };
keys.anchor(files.root);
fleet.claim(files.claim, 10);
const boards = Array.from({ length: 10 }, (_, index) => new BoardInContainer(index, place, files));
const good = join(debs, readdirSync(debs).find((one) => /_0\.1\.1_.*\.deb$/.test(one)) ?? '');

interface Reported {
  readonly reported?: {
    readonly slots?: {
      readonly agent?: {
        readonly loaded?: { readonly version: string };
        readonly deployment: { readonly state: string };
      };
    };
  };
}

/** All are online and run this version, by dpkg and by what the fleet knows. */
const allRun = (version: string) =>
  until(
    `ten agents run ${version}`,
    300_000,
    async () => {
      const devices = await fleet.devices();
      if (devices.filter(({ online }) => online).length < 10) return false;
      for (const { id } of devices) {
        const { reported } = await fleet.ask<Reported>(`devices/${id}`);
        const { loaded, deployment } = reported?.slots?.agent ?? {};
        if (loaded?.version !== version || ['swapping', 'probation'].includes(deployment?.state ?? ''))
          return false;
      }
      return boards.every((board) => board.version === version);
    },
    1_000,
  );

/** The policy has three waves: one machine, half of them, all. */
async function rollOut(
  deb: string,
  version: string,
): Promise<{ readonly said: string; readonly digest: string }> {
  const release = join(place, 'release');
  const made = fleet.goshawk('release', 'create', deb, '--out', release, '--replace', '--json');
  keys.sign(release, 2);
  fleet.goshawk('model', 'push', release);
  const waves = [{ name: 'canary', count: 1 }, { percent: 50 }, { percent: 100 }];
  const policy = {
    model: { name, version },
    slot: 'agent',
    target: { all: true },
    waves,
    lateJoiners: 'leave',
  };
  writeFileSync(join(place, 'policy.json'), JSON.stringify(policy));
  fleet.goshawk('rollout', 'create', `to-${version}`, '-f', join(place, 'policy.json'));
  const said = await fleet.says('rollout', 'wait', `to-${version}`, '--timeout', '1800s');
  return { said, digest: (JSON.parse(made) as { digest: string }).digest };
}

interface Rollout {
  readonly waves: readonly {
    readonly name?: string;
    readonly devices: number;
    readonly startedMs?: number;
  }[];
}

async function wavesOf(version: string): Promise<Rollout['waves']> {
  const { rollouts } = await fleet.ask<{ rollouts: readonly (Rollout & { readonly name: string })[] }>(
    'rollouts',
  );
  return rollouts.find((one) => one.name === `to-${version}`)?.waves ?? [];
}

try {
  for (const board of boards) board.start();
  const began = await steps.step(
    'ten: ten agents enrol with one claim and say which release they run',
    async () => {
      await allRun('0.1.0');
      return undefined;
    },
  );
  if (began) await releases();
} finally {
  for (const board of boards) board.stop();
  fleet.close();
}
process.exitCode = steps.close();

async function releases(): Promise<void> {
  await steps.step('ten: a good release comes to all of them, in three waves', async () => {
    const { said } = await rollOut(good, '0.1.1');
    if (!said.includes('finished')) throw new Error(said);
    await allRun('0.1.1');
    const waves = await wavesOf('0.1.1');
    const started = waves.map(({ startedMs = 0 }) => startedMs);
    const isOrdered = started.every((ms, index) => ms > 0 && ms >= (started[index - 1] ?? 0));
    if (waves.map(({ devices }) => devices).join() !== '1,4,5' || !isOrdered)
      throw new Error(JSON.stringify(waves));
    return { secondsOfWaves: started.map((ms) => Math.round((ms - (started[0] ?? 0)) / 1000)).join() };
  });
  for (const [what, version, change] of badReleases)
    await steps.step(
      `ten: a release that ${what} is stopped at its canary, which goes back by itself`,
      async () => {
        const deb = madeOf(good, place, version, change);
        const { said, digest } = await rollOut(deb, version);
        rmSync(deb);
        if (!/roll(ed|ing)-back/.test(said)) throw new Error(said);
        await allRun('0.1.1');
        // The agent is back a moment before the helper says what came of it.
        const tried = await until('a machine says that it tried it', 120_000, async () => {
          const those = boards.filter((board) => board.status('about') === digest);
          return those.length > 0 ? those : undefined;
        });
        if (tried.length !== 1) throw new Error(`${tried.length} of ten tried it`);
        const [first, ...later] = await wavesOf(version);
        if (first?.startedMs === undefined || later.some(({ startedMs }) => startedMs !== undefined))
          throw new Error('a wave after the canary began');
        return { canary: tried[0]?.name ?? '', reason: tried[0]?.status('reason') ?? '' };
      },
    );
}
