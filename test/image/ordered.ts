/*
 * Updates of the whole system that the fleet orders, on a board without its loader and kernel: each slot is a file system of its
 * own, started read-only under its systemd in a container; the loader is a few lines of the test, which do what
 * deploy/image/grub.cfg does. Everything else is real: controller, signatures, registry, rollout, agent, the update helper,
 * goshawk-update-guard.service and RAUC. Runs in a network of its own (run-apart.ts makes it).
 *
 *   ordered.ts [good|bad [VERSION]|cuts [STATE]]   default: all
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fleet } from './fleet.ts';
import { FleetKeys } from './fleet-keys.ts';
import { until } from './guest.ts';
import { perceives } from './nspawn.ts';
import { work } from './places.ts';
import { SlottedBoard } from './slotted-board.ts';
import { type Found, Steps } from './steps.ts';
import { badSystems, type Change, firstSystem, makeSystem } from './systems.ts';

const place = join(work, 'ordered');
const seed = join(place, 'seed');
const name = 'goshawk-generic-amd64';
const [, , only, onlyOne] = process.argv;
const steps = new Steps();
rmSync(place, { recursive: true, force: true });
mkdirSync(join(seed, 'goshawk'), { recursive: true });
const fleet = await Fleet.start(join(place, 'fleet'));
const keys = new FleetKeys(join(place, 'keys'), fleet);
const slotMegabytes = Math.ceil(statSync(firstSystem).size / 2 ** 20);
const board = new SlottedBoard({
  ...{ folder: join(place, 'board'), seed, system: firstSystem, slotMegabytes, trialSeconds: 120 },
});

interface Slot {
  readonly loaded?: { readonly version: string };
  readonly deployment: { readonly state: string; readonly reason?: string };
}

/** The fleet says that this version runs, and that its last order has come to an end. */
const runs = (version: string) =>
  until(`the fleet knows that ${version} runs`, 180_000, async () => {
    const [device] = await fleet.devices();
    const { reported } = await fleet.ask<{ reported?: { slots?: { agent?: Slot } } }>(
      `devices/${device?.id}`,
    );
    const agent = reported?.slots?.agent;
    const isSettled = !['probation', 'swapping', 'rolling-back'].includes(agent?.deployment.state ?? '');
    return device?.online === true && agent?.loaded?.version === version && isSettled ? agent : undefined;
  });

/** What came of it, and after how many seconds. */
async function rollOut(version: string): Promise<{ readonly said: string; readonly seconds: number }> {
  const began = performance.now();
  const file = join(place, 'policy.json');
  writeFileSync(file, JSON.stringify({ model: { name, version }, slot: 'agent', target: { all: true } }));
  fleet.goshawk('rollout', 'create', `to-${version}`, '-f', file);
  const said = await fleet.says('rollout', 'wait', `to-${version}`, '--timeout', '900s');
  return { said, seconds: Math.round((performance.now() - began) / 1000) };
}

/** A system of another version, as a signed release that the controller has. */
function released(version: string, change?: Change): void {
  const bundle = makeSystem(join(place, 'systems'), version, change);
  const release = join(place, 'release');
  fleet.goshawk('release', 'create', bundle, '--out', release, '--replace');
  rmSync(bundle);
  keys.sign(release, 2);
  fleet.goshawk('model', 'push', release);
}

async function step(title: string, action: () => Promise<Found | undefined>): Promise<boolean> {
  const done = await steps.step(`ordered: ${title}`, action);
  if (!done) console.log(board.told().replace(/^/gm, '    | '));
  return done;
}

async function good(): Promise<void> {
  await step(
    'a system is rolled out: fetched, written ahead, started when it may, proven, kept',
    async () => {
      released('0.1.1');
      const { said, seconds } = await rollOut('0.1.1');
      if (!said.includes('finished')) throw new Error(said);
      await runs('0.1.1');
      await perceives();
      board.expectKept('B');
      return { seconds, started: board.started };
    },
  );
  await step('its rollout is taken back: the previous system comes back without a download', async () => {
    const began = performance.now();
    fleet.goshawk('rollout', 'rollback', 'to-0.1.1');
    await runs('0.1.0');
    await perceives();
    board.expectKept('A');
    return { seconds: Math.round((performance.now() - began) / 1000), started: board.started };
  });
}

async function bad(): Promise<void> {
  for (const [what, version, change] of badSystems.filter(([, one]) => [undefined, one].includes(onlyOne)))
    await step(`a system ${what} leads back by itself, and its rollout with it`, async () => {
      released(version, change);
      const { said, seconds } = await rollOut(version);
      if (!/roll(ed|ing)-back/.test(said)) throw new Error(said);
      const { deployment } = await runs('0.1.0');
      await perceives();
      board.expectKept('A');
      return { seconds, started: board.started, reason: deployment.reason ?? board.status('reason') };
    });
}

/** What the helper does when the power goes; the board comes up again, and goes on. */
/** Each cut has a system of its own: one that is in the other slot already would not be installed. */
const cutStates = [
  ['taking', '0.1.6'],
  ['trial', '0.1.7'],
  // It may cost the update, whose version is quarantined then.
  ['installing', '0.1.8'],
] as const;

/** What the helper does when the power goes; the board comes up again, and goes on. */
async function cuts(): Promise<void> {
  for (const [state, next] of cutStates.filter(([one]) => onlyOne === undefined || one === onlyOne))
    await step(
      `power is cut in the state ${state}: a whole system works, and the fleet knows which`,
      async () => {
        released(next);
        const before = board.version;
        fleet.goshawk('model', 'deploy', '--group', 'flashed', '--slot', 'agent', `${name}@${next}`);
        await until(`the state ${state}`, 600_000, async () => board.status('state') === state, 20);
        await board.cut();
        await until(
          'the helper is at its end',
          900_000,
          async () => board.status('state') === 'idle' && !board.isGuarded,
        );
        const { deployment } = await runs(board.version);
        await perceives();
        board.expectKept(board.slot);
        return { before, runs: board.version, told: deployment.state, started: board.started };
      },
    );
}

try {
  keys.make();
  keys.sign('models/street-int8', 1);
  keys.anchor(join(seed, 'goshawk/root.json'));
  fleet.claim(join(seed, 'goshawk/claim.token'));
  board.on();
  const began = await step('a board with the roots of its fleet says which system it runs', async () => {
    await perceives();
    await runs('0.1.0');
    return { slot: board.slot };
  });
  for (const [part, updates] of Object.entries({ good, bad, cuts }))
    if (began && [undefined, part].includes(only)) await updates();
} finally {
  await board.off();
  board.close();
  fleet.close();
}
process.exitCode = steps.close();
