/*
 * Whole boards in QEMU, in a network of its own (run-apart.ts makes it) with broker and controller on its loopback.
 *
 *   whole.ts IMAGE UPDATE kvm|emulate everyday|bad-input [architecture]
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Board, boardFolder, hostAddress } from './board.ts';
import { cardWith, updatesDisk } from './cards.ts';
import { Fleet } from './fleet.ts';
import { until } from './guest.ts';
import type { Architecture } from './hardware.ts';
import { startNamesAndTime } from './names-and-time.ts';
import { work } from './places.ts';
import { momentOf } from './recording.ts';
import { type Found, Steps } from './steps.ts';

const [image = '', update = '', way = 'kvm', what = 'everyday', architecture = 'amd64'] =
  process.argv.slice(2);
const emulate = way === 'emulate';
const files = { image, update };
const steps = new Steps();

/** Ends with what the board said, where a step fails. */
async function step(board: Board, name: string, action: () => Promise<Found | undefined>): Promise<boolean> {
  const done = await steps.step(name, action);
  if (!done) console.log((await board.told()).replace(/^/gm, '    | '));
  return done;
}

/** The device, once it is online. */
async function online(fleet: Fleet, board: Board) {
  return until('online', board.limit(120_000), async () =>
    (await fleet.devices()).find((device) => device.online),
  );
}

/** From a card with a claim to a member of the fleet, in one step with its times. */
async function member(fleet: Fleet, board: Board): Promise<Found> {
  const userSpace = await board.up();
  const perceiving = await board.perceives();
  const device = await online(fleet, board);
  const isOnline = board.seconds;
  if (!device.groups.includes('flashed')) throw new Error(JSON.stringify(device));
  return { device: device.id, userSpace, perceiving, online: isOnline };
}

async function everyday(): Promise<void> {
  const fleet = await Fleet.start(join(work, 'fleet'), hostAddress);
  const claim = join(work, 'claim.token');
  fleet.claim(claim);
  const record = join(work, 'everyday.log');
  const board = new Board({
    folder: boardFolder(work, 'everyday'),
    card: cardWith(image, 'everyday', claim),
    emulate,
    architecture: architecture as Architecture,
    record,
    ...(architecture === 'amd64' ? { extra: updatesDisk(files) } : {}),
  });
  // Moments of the recording, for cuts.ts.
  const moments: Record<string, number> = {};
  const moment = (name: string) => {
    moments[name] = momentOf(record);
    writeFileSync(`${record}.moments`, JSON.stringify(moments));
  };
  try {
    const flashed = await step(
      board,
      'board: first boot, perceiving, enrolled with its claim, approved by rule, online by its certificate',
      () => member(fleet, board),
    );
    if (!flashed) return;
    moment('online');
    await step(board, 'board: the loader knows that slot A is good, and no unit failed', async () => {
      const confirmed = await board.confirmed('A');
      const failed = await board.machine.must('systemctl --failed --no-legend --plain');
      if (failed.trim() !== '') throw new Error(failed);
      return { confirmed, startup: await board.machine.must('systemd-analyze time | head -n 1') };
    });
    moment('confirmed');
    // In software it would take longer than all the rest.
    if (!emulate)
      await step(board, 'board: goshawk selftest in the sandbox of the service, nothing fails', async () => {
        const selftest = '/usr/lib/goshawk-agent/bin/as-service goshawk selftest --time 300ms';
        await board.machine.must(
          `${selftest} >/run/selftest || { cat /run/selftest; false; }`,
          board.limit(600_000),
        );
        return undefined;
      });
    if (architecture !== 'amd64') return;
    await step(board, 'board: a damaged update is refused', async () => {
      const said = await board.install('damaged').then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (said === undefined) throw new Error('it was installed');
      return { slots: await board.slots(), said: said.slice(-120) };
    });
    moment('update');
    const updated = await step(board, 'board: a good update, then slot B', async () => {
      const began = board.seconds;
      await board.install('good');
      const installed = board.seconds;
      moment('installed');
      await board.reboot();
      const confirmed = await board.confirmed('B');
      return {
        install: installed - began,
        confirmed: confirmed - installed,
        slots: await board.slots(),
        device: (await online(fleet, board)).id,
      };
    });
    if (!updated) return;
    moment('updated');
    await step(board, 'board: an update whose agent cannot start, then slot B again by itself', async () => {
      await board.install('bad');
      const installed = board.seconds;
      moment('bad-installed');
      await board.reboot();
      await until('it came back', board.limit(300_000), async () =>
        /get-current B\nget-primary B\nget-trial none/.test(await board.slots()),
      );
      const back = board.seconds;
      const tried = [...board.machine.console.matchAll(/starting slot ([AB])/g)].map(([, slot]) => slot);
      if (!/BA+B$/.test(tried.join(''))) throw new Error(`started: ${tried.join('')}`);
      await board.confirmed('B');
      return { back: back - installed, perceiving: board.seconds - installed, started: tried.join('') };
    });
    moment('came-back');
  } finally {
    await board.cut();
    fleet.close();
  }
}

/** What can be wrong where a board is put up. */
async function badInput(): Promise<void> {
  const fleet = await Fleet.start(join(work, 'fleet'), hostAddress);
  const claim = join(work, 'claim.token');
  fleet.claim(claim);
  const start = (name: string, clock?: string) =>
    new Board({
      folder: boardFolder(work, name),
      card: cardWith(image, name, claim),
      emulate,
      architecture: architecture as Architecture,
      ...(clock === undefined ? {} : { clock }),
    });
  const first = start('no-network', '1970-01-01T00:00:00');
  try {
    await first.machine.cable('off');
    await step(first, 'board: no network and a clock at 1970: it perceives', async () => {
      const perceiving = await first.perceives();
      if ((await fleet.devices()).length > 0) throw new Error('there was a network');
      const year = (await first.machine.must('date +%Y')).trim();
      if (Number(year) < 2025) throw new Error(`it is ${year}`);
      return { perceiving, year };
    });
    await step(first, 'board: the cable is put in: it learns the time, enrols and is online', async () => {
      await first.machine.cable('on');
      const since = first.seconds;
      const { id } = await online(fleet, first);
      return { device: id, seconds: first.seconds - since };
    });
    await step(first, 'board: the data partition is full: it goes on, and starts with it', async () => {
      await first.machine.sh(
        'dd if=/dev/zero of=/var/filler bs=1M; dd if=/dev/zero of=/var/filler-2 bs=4k; sync',
        first.limit(120_000),
      );
      const full = await first.machine.must('df /var | tail -n 1');
      await first.perceives();
      await first.reboot();
      await first.confirmed('A');
      return { full: full.replace(/ +/g, ' ').trim() };
    });
  } finally {
    await first.cut();
  }
  const second = start('used-up');
  try {
    await step(second, 'board: a claim that is used up: it perceives, and is not let in', async () => {
      const perceiving = await second.perceives();
      await until('it was refused', second.limit(60_000), async () =>
        /Not enrolled yet/.test(
          await second.machine.must('journalctl -b -u goshawk-agent --no-pager -o cat'),
        ),
      );
      const known = (await fleet.devices()).length;
      if (known !== 1) throw new Error(`${known} devices are known`);
      return { perceiving };
    });
  } finally {
    await second.cut();
    fleet.close();
    for (const name of ['no-network', 'used-up']) rmSync(join(work, `${name}.disk`), { force: true });
  }
}

const stopNamesAndTime = startNamesAndTime(hostAddress);
if (what === 'bad-input') await badInput();
else await everyday();
stopNamesAndTime();
process.exitCode = steps.close();
