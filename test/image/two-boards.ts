/*
 * Two boards of one fleet, each as ordered.ts has it: a system comes to them in two waves, a bad one stops at its canary, and the
 * power is cut on the second board while the first runs. Runs in a network of its own (run-apart.ts makes it).
 *
 *   two-boards.ts [good|bad|cut]   default: all
 */
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fleet } from './fleet.ts';
import { FleetKeys } from './fleet-keys.ts';
import { until } from './guest.ts';
import { perceives } from './nspawn.ts';
import { OrderedFleet } from './ordered-fleet.ts';
import { work } from './places.ts';
import { SlottedBoard } from './slotted-board.ts';
import { type Found, Steps } from './steps.ts';
import { badSystems, firstSystem } from './systems.ts';

const place = join(work, 'two');
const ports = [9464, 9465] as const;
const waves = [{ name: 'canary', count: 1 }, { percent: 100 }];
const [, , only] = process.argv;
const steps = new Steps();
rmSync(place, { recursive: true, force: true });
const seedOf = (port: number) => join(place, `seed-${port}`);
const fleet = await Fleet.start(join(place, 'fleet'));
const keys = new FleetKeys(join(place, 'keys'), fleet);
const ordered = new OrderedFleet(place, fleet, keys);
const slotMegabytes = Math.ceil(statSync(firstSystem).size / 2 ** 20);
const boards = ports.map((port) => {
  const seed = seedOf(port);
  mkdirSync(join(seed, 'goshawk'), { recursive: true });
  // Two cores for two boards and all that is around them.
  const cameras = { street: { source: 'sim', fps: 2 } };
  const settings = { cameras, prometheus: { host: '127.0.0.1', port } };
  writeFileSync(join(seed, 'goshawk/agent.json'), JSON.stringify(settings));
  const folder = join(place, `board-${port}`);
  return new SlottedBoard({
    folder,
    seed,
    system: firstSystem,
    slotMegabytes,
    trialSeconds: 240,
    port,
  });
});

async function step(title: string, action: () => Promise<Found | undefined>): Promise<boolean> {
  const done = await steps.step(`two boards: ${title}`, action);
  if (!done) for (const board of boards) console.log(board.told().replace(/^/gm, '    | '));
  return done;
}

const bothPerceive = () => Promise.all(ports.map((port) => perceives(port)));
const started = () => boards.map((board) => board.started).join();

async function good(): Promise<void> {
  await step('a good system comes to both, one after the other', async () => {
    ordered.released('0.1.1');
    const { said, seconds } = await ordered.rollOut('0.1.1', { waves });
    if (!said.includes('finished')) throw new Error(said);
    await ordered.runs('0.1.1', 2);
    await bothPerceive();
    for (const board of boards) board.expectKept('B');
    const [first, second] = await ordered.waves('0.1.1');
    if (first?.devices !== 1 || second?.devices !== 1) throw new Error(JSON.stringify([first, second]));
    const apart = Math.round(((second.startedMs ?? 0) - (first.startedMs ?? 0)) / 1000);
    return { seconds, secondsBetweenWaves: apart, started: started() };
  });
}

async function bad(): Promise<void> {
  for (const [what, version, change] of badSystems.slice(1))
    await step(`a system ${what} is stopped at its canary, which goes back by itself`, async () => {
      ordered.released(version, change);
      const before = boards.map((board) => board.started.length);
      const { said, seconds } = await ordered.rollOut(version, { waves });
      if (!/roll(ed|ing)-back/.test(said)) throw new Error(said);
      await ordered.runs('0.1.1', 2);
      await bothPerceive();
      for (const board of boards) board.expectKept('B');
      const restarted = boards.filter((board, index) => board.started.length > before[index]!);
      if (restarted.length !== 1) throw new Error(`${restarted.length} boards started it: ${started()}`);
      const [, second] = await ordered.waves(version);
      if (second?.startedMs !== undefined) throw new Error('the second wave began');
      return { seconds, started: started() };
    });
}

/** The one board goes on while the other has no power. */
async function cut(): Promise<void> {
  await step(
    'the power of one is cut on trial: both have a whole system, and the fleet knows which',
    async () => {
      ordered.released('0.1.9');
      const before = boards[0]!.version;
      const rolling = ordered.rollOut('0.1.9', { waves: [{ percent: 100 }] });
      const isOnTrial = (board: SlottedBoard) => board.status('state') === 'trial';
      const ended = rolling.then(({ said }): SlottedBoard => {
        throw new Error(`it ended before a trial: ${said}`);
      });
      const victim = await Promise.race([
        until('a trial', 900_000, async () => boards.find(isOnTrial), 20),
        ended,
      ]);
      await victim.cut();
      const { said, seconds } = await rolling;
      const version = said.includes('finished') ? '0.1.9' : before;
      const isQuiet = (board: SlottedBoard) => board.status('state') === 'idle' && !board.isGuarded;
      await until('both are at their end', 900_000, async () => boards.every(isQuiet));
      await ordered.runs(version, 2);
      await bothPerceive();
      for (const board of boards) board.expectKept(board.slot);
      return { seconds, cut: boards.indexOf(victim), runs: version, started: started() };
    },
  );
}

try {
  keys.make();
  keys.sign('models/street-int8', 1);
  fleet.claim(join(place, 'claim.token'), 2);
  for (const port of ports) {
    keys.anchor(join(seedOf(port), 'goshawk/root.json'));
    copyFileSync(join(place, 'claim.token'), join(seedOf(port), 'goshawk/claim.token'));
  }
  for (const board of boards) board.on();
  const began = await step('both enrol and say which system they run', async () => {
    await bothPerceive();
    await ordered.runs('0.1.0', 2);
    return undefined;
  });
  if (began)
    for (const [part, updates] of Object.entries({ good, bad, cut }))
      if ([undefined, part].includes(only)) await updates();
} finally {
  for (const board of boards) await board.off();
  for (const board of boards) board.close();
  fleet.close();
}
process.exitCode = steps.close();
