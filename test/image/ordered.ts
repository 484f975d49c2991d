/*
 * Updates of the whole system that the fleet orders, on a board without its loader and kernel: each slot is a file system of its
 * own, started read-only under its systemd in a container; the loader is a few lines of the test, which do what
 * deploy/image/grub.cfg does. Everything else is real: controller, signatures, registry, rollout, agent, the update helper,
 * goshawk-update-guard.service and RAUC. Runs in a network of its own (run-apart.ts makes it).
 *
 *   ordered.ts [good|bad [VERSION]|cuts [STATE]]   default: all
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fleet } from './fleet.ts';
import { FleetKeys } from './fleet-keys.ts';
import { until } from './guest.ts';
import { perceives } from './nspawn.ts';
import { OrderedFleet, systemName } from './ordered-fleet.ts';
import { work } from './places.ts';
import { SlottedBoard } from './slotted-board.ts';
import { type Found, Steps } from './steps.ts';
import { badSystems, firstSystem } from './systems.ts';

const place = join(work, 'ordered');
const seed = join(place, 'seed');
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

const ordered = new OrderedFleet(place, fleet, keys);

async function step(title: string, action: () => Promise<Found | undefined>): Promise<boolean> {
  const done = await steps.step(`ordered: ${title}`, action);
  if (!done) console.log(board.told().replace(/^/gm, '    | '));
  return done;
}

async function good(): Promise<void> {
  await step(
    'a system is rolled out: fetched, written ahead, started when it may, proven, kept',
    async () => {
      ordered.released('0.1.1');
      const { said, seconds } = await ordered.rollOut('0.1.1');
      if (!said.includes('finished')) throw new Error(said);
      await ordered.runs('0.1.1');
      await perceives();
      board.expectKept('B');
      return { seconds, started: board.started };
    },
  );
  await step('its rollout is taken back: the previous system comes back without a download', async () => {
    const began = performance.now();
    fleet.goshawk('rollout', 'rollback', 'to-0.1.1');
    await ordered.runs('0.1.0');
    await perceives();
    board.expectKept('A');
    return { seconds: Math.round((performance.now() - began) / 1000), started: board.started };
  });
}

async function bad(): Promise<void> {
  for (const [what, version, change] of badSystems.filter(([, one]) => [undefined, one].includes(onlyOne)))
    await step(`a system ${what} leads back by itself, and its rollout with it`, async () => {
      ordered.released(version, change);
      const { said, seconds } = await ordered.rollOut(version);
      if (!/roll(ed|ing)-back/.test(said)) throw new Error(said);
      const { deployment } = await ordered.runs('0.1.0');
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
        ordered.released(next);
        const before = board.version;
        fleet.goshawk('model', 'deploy', '--group', 'flashed', '--slot', 'agent', `${systemName}@${next}`);
        await until(`the state ${state}`, 600_000, async () => board.status('state') === state, 20);
        await board.cut();
        await until(
          'the helper is at its end',
          900_000,
          async () => board.status('state') === 'idle' && !board.isGuarded,
        );
        const { deployment } = await ordered.runs(board.version);
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
    await ordered.runs('0.1.0');
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
