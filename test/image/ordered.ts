/*
 * Updates of the whole system that the fleet orders, on a board without its loader and kernel: each slot is a file system of its
 * own, started read-only under its systemd in a container; the loader is a few lines here, which do what deploy/image/grub.cfg
 * does. Everything else is real: controller, signatures, registry, rollout, agent, helper, goshawk-update-guard.service and RAUC.
 * Runs in a network of its own (run-apart.ts makes it).
 *
 *   ordered.ts [--short]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fleet } from './fleet.ts';
import { FleetKeys } from './fleet-keys.ts';
import { until } from './guest.ts';
import { perceives } from './nspawn.ts';
import { work } from './places.ts';
import { SlottedBoard } from './slotted-board.ts';
import { type Found, Steps } from './steps.ts';
import { makeSystem } from './systems.ts';

const place = join(work, 'ordered');
const seed = join(place, 'seed');
const trialSeconds = 90;
const name = 'goshawk-generic-amd64';

const steps = new Steps();
rmSync(place, { recursive: true, force: true });
mkdirSync(join(seed, 'goshawk'), { recursive: true });

const fleet = await Fleet.start(join(place, 'fleet'));
const keys = new FleetKeys(join(place, 'keys'), fleet);
const board = new SlottedBoard({ folder: join(place, 'board'), seed, trialSeconds });

interface Slot {
  readonly loaded?: { readonly version: string };
  readonly deployment: { readonly state: string; readonly reason?: string };
}

async function device(): Promise<{ readonly id: string; readonly online: boolean; readonly agent?: Slot }> {
  const [{ id = '', online = false } = {}] = await fleet.devices();
  const { reported } = await fleet.ask<{ reported?: { slots?: { agent?: Slot } } }>(`devices/${id}`);
  return { id, online, ...(reported?.slots?.agent === undefined ? {} : { agent: reported.slots.agent }) };
}

/** The fleet says that this version runs, and that its last order has come to an end. */
const runs = (version: string) =>
  until(`the fleet knows that ${version} runs`, 120_000, async () => {
    const { online, agent } = await device();
    const { state = '' } = agent?.deployment ?? {};
    return online && agent?.loaded?.version === version && ['committed', 'failed', 'idle'].includes(state) ? agent : undefined;
  });

function order(version: string): void {
  const { text } = fleet.goshawk('model', 'push', join(place, `release-${version}`));
  void text;
}

async function rollOut(version: string): Promise<string> {
  const policy = { model: { name, version }, slot: 'agent', target: { all: true } };
  const file = join(place, 'policy.json');
  writeFileSync(file, JSON.stringify(policy));
  fleet.goshawk('rollout', 'create', `to-${version}`, '-f', file);
  return until(`the rollout to ${version} is at its end`, 600_000, async () => {
    const { state } = await fleet.ask<{ state: string }>(`rollouts/to-${version}`);
    return ['finished', 'rolled-back', 'aborted', 'failed'].includes(state) ? state : undefined;
  });
}

/** A system of another version, as a signed release that the controller has. */
async function released(version: string, change?: (root: string) => void): Promise<void> {
  const bundle = makeSystem(join(place, 'systems'), version, change);
  const release = join(place, `release-${version}`);
  fleet.goshawk('release', 'create', bundle, '--out', release);
  rmSync(bundle);
  keys.sign(release, 2);
  order(version);
  rmSync(release, { recursive: true });
}

const step = async (title: string, action: () => Promise<Found | undefined>) => {
  const done = await steps.step(`ordered: ${title}`, action);
  if (!done) console.log(board.told().replace(/^/gm, '    | '));
  return done;
};

try {
  keys.make();
  keys.sign('models/street-int8', 1);
  keys.anchor(join(seed, 'goshawk/root.json'));
  fleet.claim(join(seed, 'goshawk/claim.token'));
  await board.begin();
  const began = await step('a board with the roots of its fleet says which system it is', async () => {
    await perceives();
    const { loaded } = await runs('0.1.0');
    return { version: loaded?.version ?? '', slot: board.slot };
  });
  if (began) await updates();
} finally {
  await board.off();
  fleet.close();
  spawnSync('umount', ['-R', join(place, 'board')], { stdio: 'ignore' });
}
process.exitCode = steps.close();

async function updates(): Promise<void> {
  await step('a system is rolled out: fetched, written ahead, started when it may, proven, kept', async () => {
    await released('0.1.1');
    const since = performance.now();
    const state = await rollOut('0.1.1');
    const seconds = Math.round((performance.now() - since) / 1000);
    if (state !== 'finished' || board.slot !== 'B') throw new Error(`${state}, slot ${board.slot}`);
    await runs('0.1.1');
    await perceives();
    board.expectKept('B');
    return { state, seconds, started: board.started };
  });
  await step('the previous system comes back without a download', async () => {
    fleet.goshawk('rollout', 'rollback', 'to-0.1.1');
    await runs('0.1.0');
    board.expectKept('A');
    return { started: board.started };
  });
  for (const [what, version, change] of bad)
    await step(`a system ${what} leads back by itself, and the rollout with it`, async () => {
      const slot = board.slot;
      await released(version, change);
      const since = performance.now();
      const state = await rollOut(version);
      const seconds = Math.round((performance.now() - since) / 1000);
      if (state === 'finished') throw new Error('the rollout went on');
      const { deployment } = await runs('0.1.0');
      board.expectKept(slot);
      await perceives();
      return { state, seconds, started: board.started, reason: deployment.reason ?? '' };
    });
}

const program = 'usr/lib/goshawk-agent';
/** Ways in which a system is bad. */
const bad: readonly (readonly [what: string, version: string, change: (root: string) => void])[] = [];
void program;
