/*
 * The root file system of an image in a container: everything of a board but its boot loader, kernel and disk, at the speed
 * of this machine. Runs in a network of its own (main.ts makes it), with broker and controller on the same loopback, and
 * prints one line of JSON for each step.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './guest.ts';
import { projectRoot, work } from './places.ts';
import { Steps } from './steps.ts';

const root = join(work, 'root-generic-amd64');
const place = join(work, 'container');
const state = join(place, 'var');
const seed = join(place, 'seed');

/** The system of a board, as PID 1 of a container. */
class Board {
  static #count = 0;
  readonly #nspawn: ChildProcess;
  readonly #ended: Promise<void>;

  constructor() {
    const kept = join(state, 'lib/goshawk-image/machine-id');
    // On a board the initial RAM disk does this.
    const identity = existsSync(kept)
      ? [`--bind-ro=${kept}:/etc/machine-id`, `--uuid=${readFileSync(kept, 'utf8').trim()}`]
      : [];
    this.#nspawn = spawn(
      'systemd-nspawn',
      [
        ...[
          '--quiet',
          '--keep-unit',
          '--register=no',
          '--console=pipe',
          `--machine=goshawk-image-${++Board.#count}`,
          '--read-only',
        ],
        ...['--resolv-conf=off', '--timezone=off', '--link-journal=no', `--directory=${root}`],
        ...[`--bind=${state}:/var`, `--bind-ro=${seed}:/run/goshawk-image/seed`, ...identity, '--boot'],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [this.#nspawn.stdout, this.#nspawn.stderr])
      stream?.on('data', (chunk: Buffer) => appendFileSync(join(place, 'console.log'), chunk));
    this.#ended = new Promise((resolve) => this.#nspawn.on('exit', () => resolve()));
  }

  /** Everything in it ends at once. */
  async cut(): Promise<void> {
    this.#nspawn.kill('SIGKILL');
    await this.#ended;
    // The container's PID 1 goes with its namespace; what it had mounted as well.
    for (const pid of leaders()) spawnSync('kill', ['-9', pid]);
    await until('the container is gone', 20_000, async () => leaders().length === 0 && !(await answers()));
  }

  sh(command: string): { readonly status: number | null; readonly text: string } {
    const [pid] = leaders();
    if (pid === undefined) throw new Error('The container does not run.');
    const result = spawnSync(
      'nsenter',
      ['--target', pid, '--mount', '--pid', '--uts', '--ipc', 'sh', '-c', command],
      {
        encoding: 'utf8',
        timeout: 30_000,
      },
    );
    return { status: result.status, text: `${result.stdout}${result.stderr}`.trim() };
  }
}

/** PID 1 of our container, as this namespace of processes numbers it. */
function leaders(): readonly string[] {
  return spawnSync('pgrep', ['-f', '^/usr/lib/systemd/systemd$|^/sbin/init$'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((pid) => pid !== '' && pid !== '1');
}

async function frames(): Promise<number> {
  const answer = await fetch('http://127.0.0.1:9464/metrics', { signal: AbortSignal.timeout(2_000) });
  return [...(await answer.text()).matchAll(/^goshawk_frames_processed_total\S* (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

const answers = () =>
  frames().then(
    () => true,
    () => false,
  );
const perceives = () => until('the agent perceives', 120_000, async () => (await frames()) > 5);
const done = (): { readonly device: string } =>
  JSON.parse(readFileSync(join(state, 'lib/goshawk-image/done'), 'utf8'));

function fresh(): void {
  rmSync(state, { recursive: true, force: true });
  rmSync(seed, { recursive: true, force: true });
  mkdirSync(state, { recursive: true });
  mkdirSync(join(seed, 'goshawk'), { recursive: true });
}

function startFleet(): () => void {
  const folder = join(place, 'controller');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'mosquitto.conf'), 'listener 1883 127.0.0.1\nallow_anonymous true\n');
  writeFileSync(
    join(folder, 'controller.json'),
    JSON.stringify({
      dataDir: join(folder, 'data'),
      broker: { url: 'mqtt://127.0.0.1:1883' },
      http: { host: '127.0.0.1', port: 8080 },
    }),
  );
  const started = [
    spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' }),
    spawn(
      process.execPath,
      [join(projectRoot, 'dist/src/cli/main.js'), 'controller', '--config', join(folder, 'controller.json')],
      { stdio: ['ignore', openSync(join(folder, 'log'), 'w'), 'inherit'] },
    ),
  ];
  return () => {
    for (const process of started) process.kill();
  };
}

async function devices(): Promise<readonly { readonly id: string; readonly online: boolean }[]> {
  const token = readFileSync(join(place, 'controller/data/admin.token'), 'utf8').trim();
  const answer = await fetch('http://127.0.0.1:8080/api/v1/devices', {
    headers: { authorization: `Bearer ${token}` },
  });
  const body = (await answer.json()) as {
    readonly devices?: readonly { readonly id: string; readonly online: boolean }[];
  };
  return body.devices ?? [];
}

async function everyday(steps: Steps): Promise<void> {
  fresh();
  const stop = startFleet();
  let board = new Board();
  try {
    let first = '';
    await steps.step('container: first boot, perceiving with the preloaded model', async () => {
      await perceives();
      first = done().device;
      return { device: first };
    });
    await steps.step('container: the device is online in the controller', async () => {
      await until('online', 60_000, async () =>
        (await devices()).some(({ id, online }) => id === first && online),
      );
      return undefined;
    });
    await steps.step(
      'container: root is read-only, nothing failed, the agent is the image’s model',
      async () => {
        if (board.sh('touch /usr/x').status === 0) throw new Error('root can be written to');
        const failed = board.sh('systemctl --failed --no-legend --plain').text;
        if (failed !== '') throw new Error(failed);
        const { model } = JSON.parse(readFileSync(join(state, 'lib/goshawk-image/agent.json'), 'utf8')) as {
          model: string;
        };
        if (model !== '/usr/lib/goshawk-image/model') throw new Error(model);
        return undefined;
      },
    );
    await board.cut();
    await steps.step('container: after a cut it is the same device, and perceives', async () => {
      board = new Board();
      await perceives();
      if (done().device !== first) throw new Error(`${first} became ${done().device}`);
      return undefined;
    });
  } finally {
    await board.cut();
    stop();
  }
}

/** A data partition of 200 MB, and not a byte left on it. */
async function full(steps: Steps): Promise<void> {
  fresh();
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200M,mode=755', 'tmpfs', state]);
  let board = new Board();
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
      board = new Board();
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
      const cut = new Board();
      await sleep(afterMs);
      await cut.cut();
      const made =
        ['machine-id', 'agent.json', 'done']
          .filter((name) => existsSync(join(state, 'lib/goshawk-image', name)))
          .join('+') || 'nothing';
      reached.set(made, (reached.get(made) ?? 0) + 1);
      const next = new Board();
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
  await full(steps);
}
process.exitCode = steps.close();
