import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Board,
  boards,
  environmentBlock,
  firstSlots,
  raucManifest,
  raucSystem,
} from '../../src/image/index.ts';
import { until } from './guest.ts';
import { projectRoot, work } from './places.ts';
import { must, sh } from './ram-disk.ts';
import type { Steps } from './steps.ts';

/*
 * RAUC with a board's own settings and the script that knows the slots, on this machine's kernel: slots are loop devices, the
 * EFI system partition is a folder. Bundles are of RAUC's plain form, because the form that a board takes (verity) needs a
 * device mapper.
 */

const place = join(work, 'rauc');
const bytes = 128 * 2 ** 20;

function makeKey(name: string): void {
  must(
    `cd ${place} && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ${name}.key -out ${name}.pem -days 10 -subj /CN=${name} -addext keyUsage=digitalSignature`,
  );
}

function makeBundle(name: string, board: Board, key: string): void {
  const folder = join(place, name);
  mkdirSync(folder);
  must(`cp ${join(place, 'root.img')} ${folder}`);
  writeFileSync(
    join(folder, 'manifest.raucm'),
    raucManifest(board, '9.9.9', 'root.img').replace('format=verity', 'format=plain'),
  );
  must(
    `cd ${place} && rauc bundle --cert=${key}.pem --key=${key}.key --keyring=${key}.pem ${folder} ${name}.raucb`,
  );
}

function prepare(): void {
  rmSync(place, { recursive: true, force: true });
  for (const folder of ['esp/EFI/goshawk', 'state', 'mnt'])
    mkdirSync(join(place, folder), { recursive: true });
  const script = readFileSync(join(projectRoot, 'deploy/image/root/usr/lib/goshawk-image/slots'), 'utf8')
    .replace('folder=/run/goshawk-image/esp', `folder=${place}/esp`)
    .replaceAll('/run/goshawk-image/slots.lock', join(place, 'lock'))
    .replace(/^ {2}(mount -t vfat|trap) .*$/gm, '');
  writeFileSync(join(place, 'slots'), script);
  chmodSync(join(place, 'slots'), 0o755);
  const [own, other] = boards;
  if (own === undefined || other === undefined) throw new Error('there are no two boards');
  writeFileSync(
    join(place, 'system.conf'),
    raucSystem(own)
      .replaceAll('/dev/goshawk/goshawk-', `${place}/dev-`)
      .replace('bundle-formats=-plain\n', '')
      .replace('/etc/rauc/keyring.pem', `${place}/own.pem`)
      .replace('/usr/lib/goshawk-image/slots', `${place}/slots`)
      .replace('/var/lib/rauc', `${place}/state`)
      .replace('/run/rauc', `${place}/mnt`),
  );
  must(`head -c ${bytes} /dev/urandom >${place}/root.img`);
  makeKey('own');
  makeKey('stranger');
  makeBundle('good', own, 'own');
  makeBundle('other-board', other, 'own');
  makeBundle('unknown-signer', own, 'stranger');
}

const slots = (...args: readonly string[]) => must(`${place}/slots ${args.join(' ')}`);

/** RAUC's service and, through it, commands; on a bus of their own. */
class Rauc {
  readonly #bus: ChildProcess;
  readonly #address: Promise<string>;

  constructor() {
    this.#bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#address = new Promise((resolve) =>
      this.#bus.stdout?.once('data', (text: Buffer) => resolve(text.toString().trim())),
    );
  }

  async service(): Promise<ChildProcess> {
    const env = {
      ...process.env,
      DBUS_STARTER_BUS_TYPE: 'session',
      DBUS_SESSION_BUS_ADDRESS: await this.#address,
    };
    const service = spawn('rauc', ['-c', join(place, 'system.conf'), '--override-boot-slot=A', 'service'], {
      stdio: 'ignore',
      env,
    });
    await until('RAUC answers', 20_000, async () => (await this.command('status')).status === 0);
    return service;
  }

  async command(
    ...args: readonly string[]
  ): Promise<{ readonly status: number | null; readonly text: string }> {
    return sh(
      `DBUS_STARTER_BUS_TYPE=session DBUS_SESSION_BUS_ADDRESS='${await this.#address}' rauc ${args.join(' ')} 2>&1`,
    );
  }

  start(...args: readonly string[]): Promise<ChildProcess> {
    return this.#address.then((address) =>
      spawn('rauc', args, {
        stdio: 'ignore',
        env: { ...process.env, DBUS_STARTER_BUS_TYPE: 'session', DBUS_SESSION_BUS_ADDRESS: address },
      }),
    );
  }

  close(): void {
    this.#bus.kill();
  }
}

/** Slots as a board has them after its first boot: A runs, B is empty. */
function freshSlots(): () => void {
  writeFileSync(join(place, 'esp/EFI/goshawk/slots.env'), environmentBlock(firstSlots));
  const loops = ['a', 'b'].map((name) => {
    rmSync(join(place, `${name}.img`), { force: true });
    must(`truncate --size=${2 * bytes} ${place}/${name}.img`);
    const loop = must(`losetup --find --show ${place}/${name}.img`);
    must(`ln -sf ${loop} ${place}/dev-root-${name}`);
    return loop;
  });
  return () => {
    for (const loop of loops) must(`losetup --detach ${loop}`);
    spawnSync('umount', [join(place, 'mnt/bundle')], { stdio: 'ignore' });
  };
}

const isWhole = () => sh(`sync; cmp --bytes=${bytes} ${place}/root.img ${place}/b.img`).status === 0;

export async function updateSteps(steps: Steps): Promise<void> {
  prepare();
  const rauc = new Rauc();
  const free = freshSlots();
  const service = await rauc.service();
  try {
    for (const [name, reason] of [
      ['other-board', 'Compatible mismatch'],
      ['unknown-signer', 'signature verification failed'],
    ] as const) {
      await steps.step(`RAUC: an update from ${name} is refused, and no slot is touched`, async () => {
        const { status, text } = await rauc.command('install', join(place, `${name}.raucb`));
        if (status === 0 || !text.includes(reason)) throw new Error(text);
        if (slots('get-primary') !== 'A' || slots('get-trial') !== 'none')
          throw new Error('the slots were changed');
        return undefined;
      });
    }
    await steps.step('RAUC: a good update lies in slot B, which is first and a trial', async () => {
      const { status, text } = await rauc.command('install', join(place, 'good.raucb'));
      if (status !== 0) throw new Error(text);
      if (!isWhole()) throw new Error('slot B is not the update');
      if (slots('get-primary') !== 'A' || slots('get-trial') !== 'none' || slots('get-state', 'B') !== 'bad')
        throw new Error('a slot that is written can be started already');
      const active = await rauc.command('status', 'mark-active', 'other');
      if (active.status !== 0) throw new Error(active.text);
      if (slots('get-primary') !== 'B' || slots('get-trial') !== 'B')
        throw new Error('the order of the slots is the old one');
      return undefined;
    });
  } finally {
    service.kill();
    rauc.close();
    free();
  }
}

/** How long an update takes that nobody cuts off. */
async function installMs(): Promise<number> {
  const rauc = new Rauc();
  const free = freshSlots();
  const service = await rauc.service();
  const began = performance.now();
  const { status, text } = await rauc.command('install', join(place, 'good.raucb'));
  service.kill();
  rauc.close();
  free();
  if (status !== 0) throw new Error(text);
  return Math.ceil(performance.now() - began);
}

/** Ends RAUC at random moments of an update: the board starts the old slot, or a whole new one. */
export async function updateCuts(steps: Steps, count: number): Promise<void> {
  prepare();
  const wholeMs = await installMs();
  for (let index = 0; index < count; index += 1) {
    const afterMs = Math.round(((index + Math.random()) / count) * wholeMs);
    await steps.step(`RAUC: cut after ${afterMs} of ${wholeMs} ms of an update`, async () => {
      const rauc = new Rauc();
      const free = freshSlots();
      const service = await rauc.service();
      const client = await rauc.start('install', join(place, 'good.raucb'));
      await sleep(afterMs);
      service.kill('SIGKILL');
      client.kill('SIGKILL');
      rauc.close();
      await sleep(100);
      try {
        const primary = slots('get-primary');
        const whole = isWhole();
        if (primary === 'B' && !whole) throw new Error('slot B would be started, and is not whole');
        if (primary === 'A' && slots('get-state', 'A') !== 'good')
          throw new Error('slot A cannot be started');
        return { starts: primary, updateIsWhole: whole };
      } finally {
        free();
      }
    });
  }
}
