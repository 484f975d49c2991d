/*
 * The root file system of an image in a container: everything of a board but its boot loader, kernel and disk, at the speed
 * of this machine. Runs in a network of its own (run-apart.ts makes it), with broker and controller on the same loopback, and
 * prints one line of JSON for each step.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fleet } from './fleet.ts';
import { until } from './guest.ts';
import { loginStep } from './login.ts';
import { Container, frames, perceives } from './nspawn.ts';
import { work } from './places.ts';
import { selftestIn } from './root.ts';
import { Steps } from './steps.ts';

const root = join(work, 'root-generic-amd64');
const place = join(work, 'container');
const state = join(place, 'var');
const seed = join(place, 'seed');
const folders = { root, state, seed, log: join(place, 'console.log') };

const done = (): { readonly device: string; readonly enrols: boolean } =>
  JSON.parse(readFileSync(join(state, 'lib/goshawk-image/done'), 'utf8'));

function fresh(): void {
  rmSync(state, { recursive: true, force: true });
  rmSync(seed, { recursive: true, force: true });
  mkdirSync(state, { recursive: true });
  mkdirSync(join(seed, 'goshawk'), { recursive: true });
}

/** From a card with a claim to a member of the fleet. */
async function everyday(steps: Steps): Promise<void> {
  fresh();
  const fleet = await Fleet.start(join(place, 'fleet'));
  fleet.claim(join(seed, 'goshawk/claim.token'));
  const began = performance.now();
  let board = new Container(folders);
  try {
    await steps.step('container: first boot, perceiving with the preloaded model', async () => {
      await perceives();
      if (!done().enrols) throw new Error('it does not know its claim');
      return undefined;
    });
    let first = '';
    await steps.step(
      'container: enrolled with its claim, approved by rule, online by its certificate',
      async () => {
        const device = await until('online', 120_000, async () =>
          (await fleet.devices()).find(({ online }) => online),
        );
        if (!device.groups.includes('flashed')) throw new Error(JSON.stringify(device));
        first = device.id;
        return { device: first, secondsFromPower: Math.round((performance.now() - began) / 100) / 10 };
      },
    );
    await steps.step('container: root is read-only, nothing failed, the model is the image’s', async () => {
      if (board.sh('touch /usr/x').status === 0) throw new Error('root can be written to');
      const failed = board.sh('systemctl --failed --no-legend --plain').text;
      if (failed !== '') throw new Error(failed);
      const settings = JSON.parse(readFileSync(join(state, 'lib/goshawk-image/agent.json'), 'utf8'));
      if (settings.model !== '/usr/lib/goshawk-image/model')
        throw new Error(`the settings of the board name the model ${settings.model}`);
      return undefined;
    });
    await loginStep(steps, state);
    await steps.step(
      'container: the user of the agent may not choose a slot or install through RAUC',
      async () => {
        const as = 'setpriv --reuid goshawk --regid goshawk --clear-groups';
        const call = 'busctl call de.pengutronix.rauc / de.pengutronix.rauc.Installer Mark ss good booted';
        const { status, text } = board.sh(`${as} ${call}`);
        if (status === 0 || !text.includes('Access denied')) throw new Error(text);
        return undefined;
      },
    );
    await steps.step('container: goshawk selftest in the sandbox of the service, nothing fails', async () =>
      selftestIn((...command) => board.run(`/usr/lib/goshawk-agent/bin/as-service ${command.join(' ')}`)),
    );
    await board.cut();
    await steps.step(
      'container: after a cut it is the same device, perceives, and is online again',
      async () => {
        await until('it is missed', 60_000, async () =>
          (await fleet.devices()).every(({ online }) => !online),
        );
        board = new Container(folders);
        await perceives();
        const back = await until('online', 60_000, async () =>
          (await fleet.devices()).find(({ online }) => online),
        );
        const all = await fleet.devices();
        if (back.id !== first || all.length !== 1) throw new Error(`${first} became ${JSON.stringify(all)}`);
        return undefined;
      },
    );
  } finally {
    await board.cut();
    fleet.close();
  }
}

/** Nobody answers at the first boot, and a claim lets one device in. */
async function claims(steps: Steps): Promise<void> {
  fresh();
  const fleet = await Fleet.start(join(place, 'fleet'));
  const claim = join(seed, 'goshawk/claim.token');
  fleet.claim(claim);
  const text = readFileSync(claim);
  await fleet.gone();
  let board = new Container(folders);
  try {
    await steps.step(
      'container: no controller at the first boot: it perceives, and enrols later',
      async () => {
        await perceives();
        await fleet.back();
        const began = performance.now();
        await until('online', 300_000, async () => (await fleet.devices()).some(({ online }) => online));
        return { secondsSinceItAnswers: Math.round((performance.now() - began) / 100) / 10 };
      },
    );
    await board.cut();
    fresh();
    writeFileSync(claim, text);
    board = new Container(folders);
    await steps.step('container: a claim that is used up: it perceives, and is not let in', async () => {
      await perceives();
      const said = await until('it was refused', 60_000, async () =>
        board
          .sh('journalctl -u goshawk-agent --no-pager -o cat')
          .text.split('\n')
          .find((line) => line.includes('Not enrolled yet')),
      );
      const known = await fleet.devices();
      if (known.length !== 1) throw new Error(JSON.stringify(known));
      return { said: /"reason":"([^"]*)"/.exec(said)?.[1] ?? said.slice(0, 200) };
    });
  } finally {
    await board.cut();
    fleet.close();
  }
}

/** A data partition of 200 MB, and not a byte left on it. */
async function full(steps: Steps): Promise<void> {
  fresh();
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200M,mode=755', 'tmpfs', state]);
  let board = new Container(folders);
  try {
    await steps.step(
      'container: without a broker, the data partition fills up while it perceives',
      async () => {
        await perceives();
        const { status } = spawnSync('dd', ['if=/dev/zero', `of=${join(state, 'filler')}`, 'bs=64k'], {
          stdio: 'ignore',
        });
        if (status === 0) throw new Error('it did not fill up');
        const before = await frames();
        await until('more frames', 60_000, async () => (await frames()) > before + 30);
        return { framesSince: (await frames()) - before };
      },
    );
    await board.cut();
    await steps.step('container: it starts with a full data partition, and perceives', async () => {
      // What the journal gave back is filled as well.
      spawnSync('dd', ['if=/dev/zero', `of=${join(state, 'filler-2')}`, 'bs=4k'], { stdio: 'ignore' });
      board = new Container(folders);
      await perceives();
      return undefined;
    });
  } finally {
    await board.cut();
    spawnSync('umount', [state]);
  }
}

/** Ends everything at random moments of the first boot; the boot after it has to come up as if nothing had been. */
async function cuts(steps: Steps, count: number): Promise<void> {
  const latestMs = 12_000;
  const reached = new Map<string, number>();
  for (let index = 0; index < count; index += 1) {
    const afterMs = Math.round(((index + Math.random()) / count) * latestMs);
    await steps.step(`container: cut after ${afterMs} ms of the first boot`, async () => {
      fresh();
      const cut = new Container(folders);
      await sleep(afterMs);
      await cut.cut();
      const made =
        ['machine-id', 'agent.json', 'done']
          .filter((name) => existsSync(join(state, 'lib/goshawk-image', name)))
          .join('+') || 'nothing';
      reached.set(made, (reached.get(made) ?? 0) + 1);
      const next = new Container(folders);
      try {
        await perceives();
        return { made, device: done().device };
      } finally {
        await next.cut();
      }
    });
  }
  console.log(`    what a cut found: ${JSON.stringify(Object.fromEntries(reached))}`);
}

const steps = new Steps();
const count = Number(process.argv[2] ?? 0);
if (count > 0) await cuts(steps, count);
else {
  await everyday(steps);
  await claims(steps);
  await full(steps);
}
process.exitCode = steps.close();
